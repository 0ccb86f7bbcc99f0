/**
 * The part of the extension host that events go through, composed as `extension.ts` does it, of the checkout in the
 * folder that it is started with. A process of its own, so that its processor time is that of nothing else.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import type * as ClockModule from "../../../src/base/clock.ts";
import type * as LoggerModule from "../../../src/base/logger.ts";
import type * as TokenBookModule from "../../../src/core/events/tokenBook.ts";
import type * as ForwardingModule from "../../../src/core/forwarding/forwarding.ts";
import type * as EventHistoryModule from "../../../src/core/history/eventHistory.ts";
import type * as InspectorModelModule from "../../../src/core/inspector/inspectorModel.ts";
import type * as SavedFiltersModule from "../../../src/core/inspector/savedFilters.ts";
import type * as TunnelModule from "../../../src/core/tunnel/tunnel.ts";
import type * as ClaimsModule from "../../../src/core/windows/claims.ts";
import type * as KeeperModule from "../../../src/core/windows/keeper.ts";
import type * as SharedDatabaseModule from "../../../src/core/windows/sharedDatabase.ts";
import type { HostMessage } from "../../../src/protocol/inspector.ts";
import { deliveredChannels, deliveredToken } from "../../support/manyEvents.ts";
import { MemoryVault } from "../../support/memoryVault.ts";

const taskSchema = v.object({
  relayUrl: v.string(),
  folder: v.string(),
  rule: v.optional(v.object({ url: v.string(), module: v.optional(v.string()) })),
});

/** What the client is to do: take in what a relay has for it, and send it on by a rule, if there is one. */
export type ClientTask = v.InferOutput<typeof taskSchema>;

/** What a client has done so far. */
export interface ClientUsage {
  /** Microseconds of processor time of all its threads. */
  readonly cpu: number;
  /** How many events the inspector's page was told of, in how many messages of how many characters. */
  readonly events: number;
  readonly messages: number;
  readonly characters: number;
}

const [checkout = ""] = process.argv.slice(2);

async function load<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(join(checkout, "src", file)).href)) as T;
}

const { systemClock: clock } = await load<typeof ClockModule>("base/clock.ts");
const { silentLogger: logger } = await load<typeof LoggerModule>("base/logger.ts");
const { TokenBook } = await load<typeof TokenBookModule>("core/events/tokenBook.ts");
const { Forwarding } = await load<typeof ForwardingModule>("core/forwarding/forwarding.ts");
const { EventHistory } = await load<typeof EventHistoryModule>("core/history/eventHistory.ts");
const { InspectorModel } = await load<typeof InspectorModelModule>("core/inspector/inspectorModel.ts");
const { SavedFilters } = await load<typeof SavedFiltersModule>("core/inspector/savedFilters.ts");
const { Tunnel } = await load<typeof TunnelModule>("core/tunnel/tunnel.ts");
const { Claims } = await load<typeof ClaimsModule>("core/windows/claims.ts");
const { SharedNotes } = await load<typeof KeeperModule>("core/windows/keeper.ts");
const { openSharedDatabase } = await load<typeof SharedDatabaseModule>("core/windows/sharedDatabase.ts");

/** A message to the page, as text, and when it was sent: milliseconds. */
export interface SentMessage {
  readonly at: number;
  readonly text: string;
}

/** What the page knows. A message goes to it as the editor sends it: as text. */
const page = { events: 0, messages: 0, characters: 0 };
let sent: SentMessage[] = [];

function post(message: HostMessage): void {
  const text = JSON.stringify(message);
  page.messages++;
  page.characters += text.length;
  sent.push({ at: performance.now(), text });
  if (message.type === "snapshot" || message.type === "appended") page.events = message.total;
}

function nobody(): never {
  throw new Error("There is nobody to ask here.");
}

/** Gives the address to send events to. */
async function open({ relayUrl, folder, rule }: ClientTask): Promise<string> {
  const shared = openSharedDatabase(join(folder, "windows.sqlite"), logger, clock);
  const claims = new Claims(shared.database, clock);
  const notes = new SharedNotes(shared.database);
  const tokens = new TokenBook();
  for (const channel of deliveredChannels) tokens.learn(channel, deliveredToken);
  const history = EventHistory.open(join(folder, "events.sqlite"), {
    ...{ clock, logger, maxEvents: 1_000_000 },
    tokens: () => tokens.known(),
  });
  const tunnel = new Tunnel({
    ...{ clock, logger, random: Math.random, vault: new MemoryVault(), embeddedRelay: nobody },
    settings: () => ({ relayUrl, publicUrl: undefined }),
    sinkFor: (relay, channel) => history.sinkFor(relay, channel),
  });
  const model = new InspectorModel({
    ...{ history, tokens, clock, logger, savedFilters: new SavedFilters(notes) },
    ...{ detailOf: nobody, bodySlice: nobody, delegate: delegate },
  });
  const forwarding = new Forwarding({
    ...{ history, relay: tunnel, tokens, claims, notes, clock, logger, random: Math.random },
    settings: {
      rules: () => (rule === undefined ? [] : [{ ...rule, enabled: true, wrongToken: false }]),
      allowedHosts: () => [],
      timeout: () => 30_000,
      retries: () => ({ tries: 1, backoff: { first: 1_000, longest: 1_000 }, after: "passing" }),
    },
    onDidChangeRules: () => ({ dispose: () => undefined }),
  });
  forwarding.forwarder.onDidChangeState(state => model.setForwarding(state));
  const live = new Promise<void>(resolve => tunnel.onDidChangeState(({ kind }) => kind === "live" && resolve()));
  tunnel.start();
  await live;
  model.attach(post).receive({ type: "ready" });
  return tunnel.address ?? nobody();
}

const delegate = {
  ...{ openDocument: nobody, saveParameter: nobody, copy: nobody, changeSandboxRecords: nobody, remedy: nobody },
  ...{ act: nobody, releaseHeld: nobody, nameFilter: nobody, fetchRecord: nobody },
};

function usage(): ClientUsage {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, ...page };
}

process.on("message", message => {
  if (message === "usage") process.send?.(usage());
  else if (message === "record") process.send?.((sent = []));
  else if (message === "messages") process.send?.(sent);
  else void open(v.parse(taskSchema, message)).then(address => process.send?.(address));
});
process.once("disconnect", () => process.exit());
