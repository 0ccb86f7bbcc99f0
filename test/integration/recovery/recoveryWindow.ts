import { recreate as recreateOne } from "../../unit/core/subscriptions/oneChannel.ts";
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { day } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { EventSink } from "../../../src/core/events/capture.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { StoredRecovery } from "../../../src/core/events/storedEvent.ts";
import { AutomaticRecovery } from "../../../src/core/recovery/automaticRecovery.ts";
import { channelsHere } from "../../../src/core/recovery/channelsHere.ts";
import type { RecoveryReport } from "../../../src/core/recovery/recoveryReport.ts";
import { RecoveryService } from "../../../src/core/recovery/recoveryService.ts";
import { watchedModules } from "../../../src/core/recovery/watched.ts";
import type { CreatedChannel } from "../../../src/core/subscriptions/subscriptionService.ts";
import { encodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { type RawAnswer, RawZoho, at, itemsOf } from "../../support/rawZoho.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { signedIn } from "../zoho/editorWindow.ts";

/** Takes the place of relay and tunnel: every POST is stored in the history, but for those that it is told to lose. */
interface Inbox {
  readonly url: string;
  /** While it is true, deliveries are answered and dropped. */
  loses: boolean;
  /** What recovery waits for before it compares with what was delivered. */
  caughtUp: Promise<void>;
  /** The sequence of the last delivery that came, stored or lost. */
  sequence: number;
}

/** Where the deliveries of the inbox are stored. */
export function sinkOf(history: EventHistory): EventSink {
  return history.sinkFor("https://relay.example.com", "channel");
}

async function openInbox(test: TestContext, history: EventHistory, now: () => number): Promise<Inbox> {
  const sink = sinkOf(history);
  const inbox = { url: "", loses: false, caughtUp: Promise.resolve(), sequence: 0 };
  const server = createServer((request, response) => {
    void buffer(request).then(body => {
      const payload = encodeCapturedRequest({ method: "POST", path: "", query: "", headers: [], body });
      inbox.sequence++;
      if (!inbox.loses) sink.store([{ sequence: inbox.sequence, receivedAt: now(), payload }]);
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  inbox.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/in`;
  return inbox;
}

/** A person who changes records of the sandbox, over plain HTTP. Signs in anew each time: much time passes in between. */
export class CrmPerson {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Creates so many records, a hundred with each call, and gives their ids. */
  async create(module: string, count: number): Promise<string[]> {
    const zoho = await RawZoho.signIn(this.#url);
    const ids: string[] = [];
    while (ids.length < count) {
      const record = module === "Accounts" ? { Account_Name: "Example" } : { Last_Name: "Vance" };
      const data = Array.from({ length: Math.min(100, count - ids.length) }, () => record);
      ids.push(...idsOf(await zoho.call("POST", module, { data })));
    }
    return ids;
  }

  async edit(module: string, ids: readonly string[], phone: string): Promise<void> {
    const zoho = await RawZoho.signIn(this.#url);
    for (let start = 0; start < ids.length; start += 100) {
      const data = ids.slice(start, start + 100).map(id => ({ id, Phone: phone }));
      idsOf(await zoho.call("PUT", module, { data }));
    }
  }

  async delete(module: string, ids: readonly string[]): Promise<void> {
    const zoho = await RawZoho.signIn(this.#url);
    for (let start = 0; start < ids.length; start += 100) {
      idsOf(await zoho.call("DELETE", `${module}?ids=${ids.slice(start, start + 100).join(",")}`));
    }
  }
}

function idsOf(answer: RawAnswer): string[] {
  return itemsOf(answer, "data").map(item => {
    if (at(item, "code") !== "SUCCESS") throw new Error(`The sandbox refused: ${answer.text}`);
    return String(at(item, "details", "id"));
  });
}

/** A window of the editor with everything that recovery needs, and a channel of Leads that lives for a week. */
export async function openRecoveryWindow(test: TestContext, modules: readonly string[] = ["Leads"]) {
  const window = await signedIn(test);
  const { clock, clients, service, store, id, sandbox, agreement, tokenBook } = window;
  const folder = temporaryFolder(test);
  const history = EventHistory.open(`${folder}/events.sqlite`, { clock, logger: silentLogger });
  test.after(() => history.close());
  const { claims, notes, lapses: pending } = agreement;
  const inbox = await openInbox(test, history, () => clock.now());
  const recovery = new RecoveryService({
    ...{ clients, history, tokens: tokenBook, claims, clock },
    ...{ logger: silentLogger, settle: 0 },
  });
  const openAutomatic = (): AutomaticRecovery => {
    const automatic = new AutomaticRecovery({
      ...{ recovery, history, notes, pending, clock, logger: silentLogger },
      channelsHere: async ids =>
        channelsHere({ connections: store, subscriptions: service }, { addresses: [inbox.url], formerPaths: [] }, ids),
      hasConnection: connectionId => store.get(connectionId) !== undefined,
      whenCaughtUp: async () => inbox.caughtUp,
    });
    test.after(() => automatic.dispose());
    return automatic;
  };
  const automatic = openAutomatic();
  const channel = valueOf(
    await service.create(id, {
      modules: modules.map(module => ({ module, operations: ["all"] as const })),
      expiresInMs: 7 * day,
      notifyUrl: inbox.url,
      returnAffectedFieldValues: false,
      notifyOnRelatedAction: false,
    }),
  );
  const person = new CrmPerson(sandbox.url);
  return { ...window, history, claims, notes, inbox, recovery, automatic, openAutomatic, channel, person };
}

export type RecoveryWindow = Awaited<ReturnType<typeof openRecoveryWindow>>;

/** The next report that recovery makes by itself. */
export async function nextReport(automatic: AutomaticRecovery): Promise<RecoveryReport> {
  const { promise, resolve, reject } = Promise.withResolvers<RecoveryReport>();
  automatic.onDidFinish(resolve);
  automatic.onDidFail(problem => reject(new Error(problem.code)));
  return promise;
}

/** Makes the channel again, as it has expired, and gives what recovery then reports. */
export async function recreate(window: RecoveryWindow): Promise<RecoveryReport> {
  const report = nextReport(window.automatic);
  valueOf(await recreateOne(window.service, window.id, window.channel.channelId));
  return report;
}

/** What the history shows as recovered, oldest entry first. */
export function recoveredRows({ history }: RecoveryWindow): StoredRecovery[] {
  return history
    .select()
    .page(0, history.count())
    .filter(event => event.kind === "recovered");
}

/** `create 123…` for each recovered row, sorted. */
export function recoveredWords(window: RecoveryWindow): string[] {
  return recoveredRows(window)
    .map(({ operation, recordId }) => `${operation} ${recordId}`)
    .sort();
}

/** The same words for what a test knows to have happened. */
export function words(operation: "create" | "edit" | "delete", ids: readonly string[]): string[] {
  return ids.map(id => `${operation} ${id}`);
}

/** A request to look through a time for what the channel watches. */
export function requestFor({ id, channel }: RecoveryWindow & { channel: CreatedChannel }, from: number, to: number) {
  const watched = watchedModules(channel.subscriptions);
  return { connectionId: id, channelId: channel.channelId, watched, from, to };
}
