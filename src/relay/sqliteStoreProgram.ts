/**
 * The thread that owns the relay's database, so that no commit holds up the event loop. This file is its program: of
 * the sources it is the file itself, of a bundle the bundle, whose own program then keeps still (see main.ts).
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { assertNever } from "../base/assertNever.ts";
import { systemClock } from "../base/clock.ts";
import { DataDirectoryInUseError } from "./eventLog.ts";
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
import { SqliteStore } from "./sqliteStore.ts";

/** What to start a Worker with. */
export const storeThreadProgram = new URL(import.meta.url);

if (parentPort !== null && isStoreThreadData(workerData)) serve(parentPort, workerData);

function serve(port: MessagePort, { directory, retention }: StoreThreadData): void {
  const reply = (message: StoreReply, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, [...transfer]);
  try {
    const store = new SqliteStore(directory, retention, systemClock);
    port.on("message", (request: StoreRequest) => {
      if (request.kind === "work") work(store, request, reply);
      else end(store, port);
    });
    reply({ kind: "opened" });
  } catch (cause) {
    reply({ kind: "not-opened", inUse: cause instanceof DataDirectoryInUseError, cause });
  }
}

function end(store: SqliteStore, port: MessagePort): void {
  store.close();
  port.close();
}

type Reply = (message: StoreReply, transfer?: readonly ArrayBuffer[]) => void;

function work(store: SqliteStore, request: Extract<StoreRequest, { kind: "work" }>, reply: Reply): void {
  reply(write(store, request));
  if (request.reads.length > 0) answerReads(store, request.reads, reply);
  store.tidy();
}

function answerReads(store: SqliteStore, reads: readonly StoreRead[], reply: Reply): void {
  const packed: PackedEvents[] = [];
  const answers = reads.map(read => answerRead(store, read, packed));
  reply(
    { kind: "read", answers },
    packed.map(events => events.bytes.buffer),
  );
}

function write(store: SqliteStore, { appends, writes }: Extract<StoreRequest, { kind: "work" }>): StoreReply {
  if (appends.channels.length === 0 && writes.length === 0) return { kind: "written", sequences: [], answers: [] };
  try {
    return store.transaction(() => {
      const sequences = store.append(unpackAppends(appends));
      return { kind: "written", sequences, answers: writes.map(call => answerWrite(store, call)) };
    });
  } catch (cause) {
    return { kind: "not-written", cause };
  }
}

function answerWrite(store: SqliteStore, call: StoreWrite): unknown {
  switch (call.kind) {
    case "createChannel":
      store.createChannel(call.record);
      return undefined;
    case "setPublicKey":
      return store.setPublicKey(call.channel, call.publicKey);
    case "deleteChannel":
      return store.deleteChannel(call.channel);
    case "skipTo":
      store.skipTo(call.channel, call.sequence);
      return undefined;
    case "removeOldest":
      return store.removeOldest(call.before, call.limit);
    case "probe":
      store.probe();
      return undefined;
    default:
      return assertNever(call);
  }
}

function answerRead(store: SqliteStore, call: StoreRead, packed: PackedEvents[]): ReadOutcome {
  try {
    if (call.kind === "findChannel") return { answer: store.findChannel(call.channel) };
    if (call.kind === "bounds") return { answer: store.bounds(call.channel) };
    const events = packEvents(store.read(call.channel, call.after, call.limit));
    packed.push(events);
    return { answer: events };
  } catch (cause) {
    return { cause };
  }
}

function isStoreThreadData(data: unknown): data is StoreThreadData {
  return typeof data === "object" && data !== null && "role" in data && data.role === "sqlite-store";
}
