import * as l10n from "@vscode/l10n";
import { type Clock, minute, second, sleep } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import type { DeletedRecord, RecordList, RecordRead } from "../../zoho/records.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { Recovery } from "../history/recoveredLog.ts";
import type { TokenVerifier } from "../events/verification.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import { steadyClaim } from "../windows/steadyClaim.ts";
import { type DeliveredHistory, deliveredSince } from "./deliveredChanges.ts";
import { type MissedChange, type MissedWindow, missedChanges } from "./missedChanges.ts";
import { type Counts, type ModuleReport, type RecoveryReport, noChanges } from "./recoveryReport.ts";
import { reportSentence } from "./reportText.ts";
import { type RequestedTime, earliest, inCrmTime, rounding } from "./requestedTime.ts";
import type { WatchedModule } from "./watched.ts";

/** What to look for: what a channel watches, and since when and until when its deliveries may be missing. */
export interface RecoveryRequest extends RequestedTime {
  readonly connectionId: string;
  readonly channelId: string;
  readonly watched: readonly WatchedModule[];
}

/** Told while records are read. */
export interface RecoveryProgress {
  readonly module: string;
  /** How many records were read of it so far. */
  readonly records: number;
}

export interface RecoveryOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RecoveryProgress) => void;
}

export interface RecoveryHistory extends DeliveredHistory {
  recover(connectionId: string, recoveries: readonly Recovery[]): (number | undefined)[];
}

export interface RecoveryServiceOptions {
  readonly clients: { for(connectionId: string): Pick<ZohoApi, "modifiedRecords" | "deletedRecords" | "fields"> };
  readonly history: RecoveryHistory;
  /** Tells what Zoho delivered from what others posted. */
  readonly tokens: TokenVerifier;
  /** Keeps two windows from looking for the same at once. */
  readonly claims: Pick<Claims, "take">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long to wait for deliveries of the last seconds that may be under way, in milliseconds. Default: 3 seconds. */
  readonly settle?: number;
}

const defaultSettle = 3 * second;

/** A change so shortly before the end of the window may have a delivery that is under way. */
const lateEnd = 10 * second;

/** Clocks differ by seconds: reading from so much earlier on saves reading all pages twice. */
const usualDifference = 5 * second;

/** A window that crashed while it looked stops the others for so long at most. */
const claimTime = 2 * minute;

/** Finds in the CRM what a channel missed, and adds it to the history. Looking twice adds nothing. */
export class RecoveryService {
  readonly #options: RecoveryServiceOptions;

  constructor(options: RecoveryServiceOptions) {
    this.#options = options;
  }

  /**
   * Looks through the request's time. Modules that this user may not read are reported and passed over; what keeps all
   * of them from being read is a failure.
   */
  async recover(request: RecoveryRequest, options: RecoveryOptions = {}): Promise<Result<RecoveryReport, Problem>> {
    const { claims, logger } = this.#options;
    const taken = claims.take(`recovery/${request.connectionId}/${request.channelId}`, claimTime);
    if (taken === undefined) return fail(underWayProblem());
    const claim = steadyClaim(taken, logger);
    try {
      const outcome = await this.#recoverModules(request, options, claim);
      if (outcome.ok) logger.debug(reportSentence(outcome.value));
      return outcome;
    } finally {
      claim.dispose();
    }
  }

  async #recoverModules(
    request: RecoveryRequest,
    options: RecoveryOptions,
    claim: Claim,
  ): Promise<Result<RecoveryReport, Problem>> {
    const modules: ModuleReport[] = [];
    let window: MissedWindow = { from: request.from, to: request.to };
    let firstId: number | undefined;
    for (const watched of request.watched) {
      const onPage = (records: number): void => {
        claim.extend(claimTime);
        options.onProgress?.({ module: watched.module, records });
      };
      const outcome = await this.#recoverModule(request, watched, { signal: options.signal, onPage });
      if (!outcome.ok && concernsAll(outcome.error)) return outcome;
      if (outcome.ok) ({ window } = outcome.value);
      if (outcome.ok) firstId ??= outcome.value.firstId;
      modules.push(outcome.ok ? outcome.value.report : failedModule(watched, outcome.error));
    }
    const [problem] = modules.flatMap(each => each.problem ?? []);
    if (problem !== undefined && modules.every(each => each.problem !== undefined)) return fail(problem);
    const { connectionId, channelId } = request;
    return succeed({ connectionId, channelId, window, modules, ...(firstId === undefined ? {} : { firstId }) });
  }

  async #recoverModule(
    request: RecoveryRequest,
    watched: WatchedModule,
    reading: Reading,
  ): Promise<Result<ModuleOutcome, ZohoProblem>> {
    const lists = await this.#readLists(request, watched, reading);
    if (!lists.ok) return lists;
    const { window, complete } = lists.value;
    const changes = await this.#compare(request.channelId, watched, lists.value, reading.signal);
    const recoveries = changes.map(change => toRecovery(request.channelId, watched.module, change));
    const ids = this.#options.history.recover(request.connectionId, recoveries);
    const added = changes.filter((_change, index) => ids[index] !== undefined);
    const { module, hasCondition } = watched;
    const known = changes.length - added.length;
    const report = { module, recovered: countsOf(added), known, complete, hasCondition };
    const firstId = ids.find(id => id !== undefined);
    return succeed({ report, window, ...(firstId === undefined ? {} : { firstId }) });
  }

  /** What was deleted is read last: a record that goes meanwhile is then in one of the lists at least. */
  async #readLists(
    request: RecoveryRequest,
    { module, operations }: WatchedModule,
    reading: Reading,
  ): Promise<Result<ModuleLists, ZohoProblem>> {
    const client = this.#options.clients.for(request.connectionId);
    const fields = await this.#fieldsOf(request.connectionId, module, reading);
    const readModified = async (since: number): Promise<Result<RecordList<RecordRead>, ZohoProblem>> =>
      client.modifiedRecords(module, { ...reading, since, fields });
    const since = earliest(request) - rounding - usualDifference;
    const first = await readModified(since);
    if (!first.ok) return first;
    const window = inCrmTime(request, first.value.serverAhead);
    const modified = window.from < since ? await readModified(window.from) : first;
    if (!modified.ok) return modified;
    const deleted = operations.includes("delete")
      ? await client.deletedRecords(module, { ...reading, since: window.from })
      : succeed(noneDeleted);
    if (!deleted.ok) return deleted;
    const complete = modified.value.complete && deleted.value.complete;
    return succeed({ window, complete, modified: modified.value.records, deleted: deleted.value.records });
  }

  /** Without metadata there are still the times and users of each change. */
  async #fieldsOf(connectionId: string, module: string, { signal }: Reading): Promise<string[]> {
    const fields = await this.#options.clients.for(connectionId).fields(module, { signal });
    if (!fields.ok) return [];
    return fields.value.items.filter(({ dataType }) => !listless.has(dataType)).map(({ apiName }) => apiName);
  }

  /** Compares with what was delivered; once more after a moment where deliveries may still be under way. */
  async #compare(
    channelId: string,
    { module, operations }: WatchedModule,
    lists: ModuleLists,
    signal: AbortSignal | undefined,
  ): Promise<MissedChange[]> {
    const { clock, settle = defaultSettle } = this.#options;
    const compare = async (): Promise<MissedChange[]> => {
      const delivered = await deliveredSince(this.#options, { channelId, module }, lists.window.from);
      return missedChanges({ ...lists, watched: new Set(operations), delivered });
    };
    const changes = await compare();
    if (settle === 0 || !changes.some(({ changedAt }) => changedAt > lists.window.to - lateEnd)) return changes;
    await sleep(clock, settle, signal);
    return compare();
  }
}

interface Reading {
  readonly signal: AbortSignal | undefined;
  readonly onPage: (records: number) => void;
}

interface ModuleLists {
  readonly window: MissedWindow;
  readonly modified: readonly RecordRead[];
  readonly deleted: readonly DeletedRecord[];
  readonly complete: boolean;
}

interface ModuleOutcome {
  readonly report: ModuleReport;
  readonly window: MissedWindow;
  readonly firstId?: number;
}

const noneDeleted: Pick<RecordList<DeletedRecord>, "records" | "complete"> = { records: [], complete: true };

/** Types of fields that list calls do not give. */
const listless: ReadonlySet<string> = new Set([
  "subform",
  "multiselectlookup",
  "multiuserlookup",
  "fileupload",
  "imageupload",
  "consent_lookup",
  "profileimage",
]);

/** What would be the same for every module. */
function concernsAll({ kind }: ZohoProblem): boolean {
  return ["cancelled", "offline", "signed-out", "throttled", "server", "unreadable"].includes(kind);
}

function failedModule({ module, hasCondition }: WatchedModule, problem: Problem): ModuleReport {
  return { module, recovered: noChanges, known: 0, complete: true, hasCondition, problem };
}

function countsOf(changes: readonly MissedChange[]): Counts {
  const count = (wanted: string): number => changes.filter(({ operation }) => operation === wanted).length;
  return { create: count("create"), edit: count("edit"), delete: count("delete") };
}

function toRecovery(channelId: string, module: string, change: MissedChange): Recovery {
  const { operation, recordId, changedAt, changedBy, name, origin, values } = change;
  return { channelId, module, operation, recordId, changedAt, payload: { changedBy, name, origin, record: values } };
}

function underWayProblem(): Problem {
  return {
    code: "RECOVERY_UNDER_WAY",
    message: l10n.t("The missed changes of this subscription are being looked for already, here or in another window."),
    remedy: "none",
  };
}
