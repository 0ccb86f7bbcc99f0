/**
 * The thread that owns the relay's database, so that no commit holds up the event loop. This file is its program: of
 * the sources it is the file itself, of a bundle the bundle, whose own program then keeps still (see main.ts).
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { assertNever } from "../base/assertNever.ts";
import { systemClock } from "../base/clock.ts";
import { DataDirectoryInUseError } from "./eventLog.ts";
import { EventSealer } from "./eventSealer.ts";
import {
  type PackedEvents,
  type ReadOutcome,
  type StoreRead,
  type StoreReply,
  type StoreRequest,
  type StoreThreadData,
  type StoreWrite,
  packEvents,
  unpackAppends,
} from "./sqliteMessages.ts";
import { type ContentKeys, contentKeysFor, sealAppends } from "./sqliteSealing.ts";
import { SqliteStore, type StoreAppend } from "./sqliteStore.ts";

/** What to start a Worker with. */
export const storeThreadProgram = new URL(import.meta.url);

if (parentPort !== null && isStoreThreadData(workerData)) serve(parentPort, workerData);

type Work = Extract<StoreRequest, { kind: "work" }>;

interface Served {
  readonly store: SqliteStore;
  readonly sealer: EventSealer;
  readonly reply: (message: StoreReply, transfer?: readonly ArrayBuffer[]) => void;
}

function serve(port: MessagePort, { directory, retention }: StoreThreadData): void {
  const reply: Served["reply"] = (message, transfer = []) => port.postMessage(message, [...transfer]);
  try {
    const store = new SqliteStore(directory, retention, systemClock);
    const served = { store, sealer: new EventSealer(systemClock), reply };
    port.on("message", (request: StoreRequest) => {
      if (request.kind === "work") work(served, request);
      else end(served, port);
    });
    reply({ kind: "opened" });
  } catch (cause) {
    reply({ kind: "not-opened", inUse: cause instanceof DataDirectoryInUseError, cause });
  }
}

function end({ store, sealer }: Served, port: MessagePort): void {
  sealer.dispose();
  store.close();
  port.close();
}

/** Waits only for content keys that are yet to be made. The next work comes when this has been answered. */
function work(served: Served, request: Work): void {
  const appends = unpackAppends(request.appends);
  const keys = findKeys(served, appends);
  if (keys instanceof Promise) void keys.then(made => finish(served, request, appends, made));
  else finish(served, request, appends, keys);
}

function findKeys({ store, sealer }: Served, appends: readonly StoreAppend[]): KeysFound | Promise<KeysFound> {
  try {
    return contentKeysFor(appends, channel => store.publicKeyOf(channel), sealer);
  } catch (cause) {
    return { cause };
  }
}

type KeysFound = ContentKeys | { readonly cause: unknown };

function finish(served: Served, request: Work, appends: readonly StoreAppend[], keys: KeysFound): void {
  const written = write(served, request, appends, keys);
  served.reply(written, written.kind === "written" ? [written.sealed.bytes.buffer] : []);
  if (request.reads.length > 0) answerReads(served, request.reads);
  if (written.kind === "written") prepareKeys(served.sealer, request.writes);
  served.store.tidy();
}

/** Makes the content keys that the first events to a new public key will want, so that these need not wait. */
function prepareKeys(sealer: EventSealer, writes: readonly StoreWrite[]): void {
  for (const call of writes) {
    if (call.kind === "setPublicKey") void sealer.prepare(call.channel, call.publicKey);
    else if (call.kind === "createChannel" && call.record.publicKey !== undefined) {
      void sealer.prepare(call.record.channel, call.record.publicKey);
    }
  }
}

function write({ store, sealer }: Served, { writes }: Work, appends: readonly StoreAppend[], keys: KeysFound): Written {
  if ("cause" in keys) return { kind: "not-written", cause: keys.cause };
  try {
    const { appends: kept, sealed } = sealAppends(appends, keys, sealer);
    if (kept.length === 0 && writes.length === 0) return { kind: "written", sequences: [], sealed, answers: [] };
    return store.transaction(() => {
      const sequences = store.append(kept);
      return { kind: "written", sequences, sealed, answers: writes.map(call => answerWrite(store, call)) };
    });
  } catch (cause) {
    return { kind: "not-written", cause };
  }
}

type Written = Extract<StoreReply, { kind: "written" | "not-written" }>;

function answerReads({ store, reply }: Served, reads: readonly StoreRead[]): void {
  const packed: PackedEvents[] = [];
  const answers = reads.map(read => answerRead(store, read, packed));
  reply(
    { kind: "read", answers },
    packed.map(events => events.bytes.buffer),
  );
}

function answerWrite(store: SqliteStore, call: StoreWrite): unknown {
  switch (call.kind) {
    case "createChannel":
      store.createChannel(call.record);
      return undefined;
    case "setPublicKey":
      return store.setPublicKey(call.channel, call.publicKey);
    case "setAnswer":
      return store.setAnswer(call.channel, call.answer);
    case "changeAccess":
      return store.changeAccess(call.channel, call.change);
    case "deleteChannel":
      return store.deleteChannel(call.channel, call.after);
    case "eraseDeleted":
      return store.eraseDeleted(call.limit);
    case "skipTo":
      store.skipTo(call.channel, call.sequence);
      return undefined;
    case "removeOldest":
      return store.removeOldest(call.time, call.limit);
    case "passTime":
      store.passTime(call.time);
      return undefined;
    case "probe":
      store.probe();
      return undefined;
    default:
      return assertNever(call);
  }
}

function answerRead(store: SqliteStore, call: StoreRead, packed: PackedEvents[]): ReadOutcome {
  try {
    return { answer: read(store, call, packed) };
  } catch (cause) {
    return { cause };
  }
}

function read(store: SqliteStore, call: StoreRead, packed: PackedEvents[]): unknown {
  switch (call.kind) {
    case "hasRoom":
      return store.hasRoom();
    case "lastSeen":
      return store.lastSeen();
    case "findChannel":
      return store.findChannel(call.channel);
    case "bounds":
      return store.bounds(call.channel);
    case "read": {
      const events = packEvents(store.read(call.channel, call.after, call.limit));
      packed.push(events);
      return events;
    }
    case "emptyLog":
      store.emptyLog();
      return undefined;
    default:
      return assertNever(call);
  }
}

function isStoreThreadData(data: unknown): data is StoreThreadData {
  return typeof data === "object" && data !== null && "role" in data && data.role === "sqlite-store";
}
