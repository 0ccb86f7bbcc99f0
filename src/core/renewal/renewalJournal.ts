import { type Clock, day } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Problem } from "../../base/problem.ts";
import { problemKind } from "../../zoho/problem.ts";
import { partlyKnownCode } from "../subscriptions/channelProblems.ts";
import type { SteadyNotes } from "../windows/steadyNotes.ts";
import type { KeptChannels } from "./keptChannels.ts";
import type { Attempt } from "./renewalPass.ts";
import { needsPerson, retryAt } from "./renewalPlan.ts";
import type { RenewalRecord, RenewalRecords } from "./renewalRecords.ts";
import type { RenewalTrouble } from "./renewalStatus.ts";

/** A channel that has less than this to live and cannot be renewed is worth a word, whatever the reason. */
const urgent = day;

/** When to try again what no trying helps: it is listed again before, or nobody missed it. */
const hopeless = 30 * day;

export interface RenewalJournalOptions {
  readonly records: RenewalRecords;
  readonly kept: KeptChannels;
  readonly notes: SteadyNotes;
  /** Zoho's time at a connection: what is remembered of channels goes by it, as expiries do. */
  readonly nowAt: (connectionId: string) => number;
  readonly clock: Pick<Clock, "now">;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/** Writes down what became of renewals: in the records, in the log, and once for each cause for the person. */
export class RenewalJournal {
  readonly #options: RenewalJournalOptions;

  constructor(options: RenewalJournalOptions) {
    this.#options = options;
  }

  /** Writes the attempts down; gives what the person has to be told, if that is news. */
  write(connectionId: string, attempts: readonly Attempt[]): RenewalTrouble | undefined {
    // Requests take their time: a person may have stopped a channel in another window since.
    const { records } = this.#options;
    records.reload();
    const after = attempts.map((attempt): [string, RenewalRecord] => {
      return [attempt.kept.channel.channelId, this.#afterAttempt(connectionId, attempt)];
    });
    records.setAll(connectionId, new Map(after));
    const now = this.#options.nowAt(connectionId);
    const [worst] = attempts.filter(attempt => isTrouble(attempt, now));
    if (worst === undefined || worst.outcome.ok) {
      if (attempts.some(({ outcome }) => outcome.ok)) this.#tell(connectionId, undefined);
      return undefined;
    }
    const problem = worst.outcome.error;
    if (!this.#tell(connectionId, problem.code)) return undefined;
    const alike = attempts.filter(({ outcome }) => !outcome.ok && outcome.error.code === problem.code);
    return { connectionId, channelIds: alike.map(({ kept }) => kept.channel.channelId), problem };
  }

  /** The cause is gone, such as with a new sign-in: what failed is tried at once, and a failure is news again. */
  forgetFailures(connectionId: string): void {
    const { kept, records } = this.#options;
    records.reload();
    const after = kept.of(connectionId).map(({ channel, record }): [string, RenewalRecord] => {
      return [channel.channelId, withoutFailure(record)];
    });
    records.setAll(connectionId, new Map(after));
    this.#tell(connectionId, undefined);
  }

  /** What is to be remembered of the channel from now on; the log has what became of it. */
  #afterAttempt(connectionId: string, { kept: { channel }, recreated, outcome }: Attempt): RenewalRecord {
    const { records, nowAt, logger } = this.#options;
    const { channelId } = channel;
    const now = nowAt(connectionId);
    const before = records.get(connectionId, channelId);
    if (outcome.ok) {
      const expiresAt = outcome.value;
      logger.info(`renewal: channel ${channelId} ${recreated ? "made again" : "renewed"} until ${iso(expiresAt)}`);
      return { ...withoutFailure(before), expiresAt, grantedAt: now, renewedAt: now };
    }
    const failed = this.#failed(before, { now, left: channel.expiresAt - now }, outcome.error);
    const next = failed.retryAt === undefined ? "" : `; next attempt at ${iso(failed.retryAt)}`;
    logger.warn(
      `renewal: channel ${channelId} could not be ${recreated ? "made again" : "renewed"}${next}: ${outcome.error.code}: ${outcome.error.message}`,
    );
    return failed;
  }

  #failed(before: RenewalRecord, { now, left }: { now: number; left: number }, problem: Problem): RenewalRecord {
    const { random, clock } = this.#options;
    const kind = problemKind(problem);
    const failures = before.failures + 1;
    const { code, message, remedy } = problem;
    const soon = retryAt(now, left, failures, { kind, wait: waitOf(problem, clock) }, random);
    const at = code === partlyKnownCode ? now + hopeless : soon;
    return { ...before, failures, retryAt: at, problem: { kind, code, message, remedy } };
  }

  /** Notes for all windows which problem the person knows of; true where that is another than before. */
  #tell(connectionId: string, code: string | undefined): boolean {
    const { notes } = this.#options;
    const key = `renewal/trouble/${connectionId}`;
    if (notes.get(key) === code) return false;
    notes.change(new Map([[key, code]]));
    return true;
  }
}

function isTrouble({ kept, outcome }: Attempt, now: number): boolean {
  if (outcome.ok) return false;
  return needsPerson(problemKind(outcome.error)) || kept.channel.expiresAt - now < urgent;
}

function withoutFailure(record: RenewalRecord): RenewalRecord {
  const { problem: _problem, retryAt: _retryAt, askAgainAt: _askAgainAt, ...rest } = record;
  return { ...rest, failures: 0 };
}

/** How long a throttle asks to wait, in milliseconds: problems have their instants by this machine's clock. */
function waitOf(problem: Problem, clock: Pick<Clock, "now">): number {
  return "retryAt" in problem && typeof problem.retryAt === "number" ? problem.retryAt - clock.now() : 0;
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
