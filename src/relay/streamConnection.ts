import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { type RelayFrame, encodeEventFrame, isLaterEditorFrame, parseEditorFrame } from "../protocol/relayFrames.ts";
import type { Disposable } from "../base/lifecycle.ts";
import { utf8Decode } from "../base/bytes.ts";
import { allocate } from "./allocate.ts";
import type { ChannelWatcher, EventLog, LoggedEvent, SequenceBounds } from "./eventLog.ts";
import type { SendQueue, SendRoom } from "./sendRoom.ts";

/** Codes with which the relay closes a stream (docs/relay-protocol.md). */
export const closeCodes = {
  protocolError: 1002,
  unsupportedData: 1003,
  storageFailed: 1011,
  restart: 1012,
  keyReplaced: 4401,
  channelDeleted: 4404,
} as const;

export interface StreamOptions {
  /** Sequences past the last acknowledged one that may be sent. */
  readonly window: number;
  /** Milliseconds. */
  readonly heartbeatInterval: number;
}

/** What all connections share. */
export interface StreamConnectionOptions extends StreamOptions {
  /** Whether the key with this hash still reads the channel. Does not reject. */
  readonly isAdmitted: (channel: string, keyHash: Uint8Array) => Promise<boolean>;
}

/** What is sent at once: so much, or one event. */
const readLimit = { events: 256, bytes: 256 * 1024 };
/** Heartbeats without a sign of life, after which a peer is dead: two whole intervals have passed in silence. */
const silentBeats = 2;

/** The editor's end of a stream, and from where on it reads. */
export interface StreamPeer {
  readonly socket: WebSocket;
  readonly raw: Socket;
  readonly channel: string;
  /** What the editor's limits go by. */
  readonly address: string;
  /** Of the key that the editor has shown. */
  readonly keyHash: Uint8Array;
  /** The last sequence that the editor has. */
  readonly after: number;
}

/**
 * One editor on one channel. Keeps a cursor into the log and no queue: events are read when the window and the socket
 * have room, and commits only say that there may be more. A connection that has caught up takes the committed events
 * themselves and spares the read. It lasts for days with nothing to do, so it keeps little: it is the channel's watcher
 * itself, and what is the same for all is shared.
 */
export class StreamConnection implements ChannelWatcher {
  readonly #socket: WebSocket;
  readonly #raw: Socket;
  readonly #log: EventLog;
  readonly #channel: string;
  readonly #keyHash: Uint8Array;
  readonly #options: StreamConnectionOptions;
  readonly #watch: Disposable;
  readonly #queue: SendQueue;
  #cursor: number;
  #acked: number;
  #live = false;
  #pumping = false;
  /** Whether the log may hold more than the pump has seen: then room in the window or the socket is worth a read. */
  #mayHaveMore = true;
  #unansweredBeats = 0;

  constructor(
    { socket, raw, channel, address, keyHash, after }: StreamPeer,
    log: EventLog,
    room: SendRoom,
    options: StreamConnectionOptions,
  ) {
    this.#socket = socket;
    this.#raw = raw;
    this.#log = log;
    this.#channel = channel;
    this.#keyHash = keyHash;
    this.#options = options;
    this.#cursor = after;
    this.#acked = after;
    this.#queue = room.open(channel, address, () => this.#goOn());
    this.#watch = log.watch(channel, this);
    this.#listen();
  }

  /** Greets the editor, says what it cannot have any more, and begins to send. `bounds` are the log's as of now. */
  begin(bounds: SequenceBounds): void {
    const { window, heartbeatInterval } = this.#options;
    this.#say({ type: "hello", channel: this.#channel, ...bounds, window, heartbeatInterval });
    if (this.#cursor > bounds.newest) {
      this.#say({ type: "gap", from: bounds.newest + 1, to: this.#cursor, reason: "reset" });
    }
    this.#wake();
  }

  /**
   * Pings, and drops a peer that has shown no sign of life, or none of reading: whoever only pings can still leave all
   * that it is sent to wait here. To be called once per heartbeat interval.
   */
  beat(): void {
    const isStuck = this.#queue.beat();
    if (isStuck || this.#unansweredBeats >= silentBeats) this.#socket.terminate();
    else if (this.#isOpen()) this.#socket.ping();
    this.#unansweredBeats += 1;
  }

  /** Tells the editor why and for how long, then closes. */
  leave(reason: "restart" | "channel-deleted", retryAfter: number, code: number): void {
    if (!this.#isOpen()) return;
    this.#say({ type: "goodbye", reason, retryAfter });
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  appended(events: readonly LoggedEvent[]): void {
    const [first] = events;
    const follows = first?.sequence === this.#cursor + 1;
    const fits = events.length <= this.#room() && isOneRead(events) && this.#canWrite();
    const direct = this.#live && !this.#pumping && !this.#mayHaveMore && follows && fits;
    if (direct) this.#sendAll(events);
    else this.#wake();
  }

  accessChanged(): void {
    void this.#lookAtKey();
  }

  deleted(): void {
    this.leave("channel-deleted", 0, closeCodes.channelDeleted);
  }

  /** The editor comes back and is told why there is nothing for it. */
  async #lookAtKey(): Promise<void> {
    const admitted = await this.#options.isAdmitted(this.#channel, this.#keyHash);
    if (!admitted && this.#isOpen()) this.#socket.close(closeCodes.keyReplaced);
  }

  #listen(): void {
    const heard = (): void => void (this.#unansweredBeats = 0);
    this.#socket.on("ping", heard).on("pong", heard);
    this.#socket.on("message", (data, isBinary) => {
      heard();
      if (isBinary || !(data instanceof Buffer)) this.#socket.close(closeCodes.unsupportedData);
      else this.#onFrame(utf8Decode(data));
    });
    this.#socket.on("close", () => {
      this.#watch.dispose();
      this.#queue.close();
    });
  }

  #onFrame(text: string): void {
    const frame = parseEditorFrame(text);
    if (!frame.ok) this.#refuseFrame(text);
    else if (frame.value.sequence > this.#cursor) this.#socket.close(closeCodes.protocolError, "ack of the future");
    else this.#onAck(frame.value.sequence);
  }

  #refuseFrame(text: string): void {
    if (!isLaterEditorFrame(text)) this.#socket.close(closeCodes.protocolError, "malformed frame");
  }

  #onAck(sequence: number): void {
    if (sequence <= this.#acked) return;
    this.#acked = sequence;
    this.#goOn();
  }

  #wake(): void {
    this.#mayHaveMore = true;
    this.#goOn();
  }

  #goOn(): void {
    if (this.#pumping || !this.#mayHaveMore) return;
    this.#pumping = true;
    this.#pump().catch(() => this.#socket.close(closeCodes.storageFailed, "the log could not be read"));
  }

  async #pump(): Promise<void> {
    try {
      while (this.#mayHaveMore && this.#room() > 0 && this.#canWrite()) {
        this.#mayHaveMore = false;
        if (await this.#advance()) this.#mayHaveMore = true;
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** Sends what one read gives. False when there is nothing more. */
  async #advance(): Promise<boolean> {
    const events = await this.#read();
    const [first] = events;
    if (first === undefined) return this.#atEnd();
    if (first.sequence > this.#cursor + 1) {
      // The gap has to be acknowledged like an event, so what follows may be beyond the window by now.
      this.#announceGap(first.sequence - 1);
      return true;
    }
    this.#sendAll(events);
    return true;
  }

  async #read(): Promise<readonly LoggedEvent[]> {
    const giveBack = this.#queue.reserve(readLimit.bytes);
    try {
      const limit = { ...readLimit, events: Math.min(readLimit.events, this.#room()) };
      return await this.#log.read(this.#channel, this.#cursor, limit);
    } finally {
      giveBack();
    }
  }

  async #atEnd(): Promise<boolean> {
    const bounds = await this.#log.bounds(this.#channel);
    if (bounds === undefined) {
      this.deleted();
      return false;
    }
    if (bounds.newest > this.#cursor) return this.#skipMissing(bounds.newest);
    if (!this.#live) this.#say({ type: "live", newest: bounds.newest });
    this.#live = true;
    return false;
  }

  /** Events up to `newest` were accepted, and a read gave none: either they came in between, or they are gone. */
  async #skipMissing(newest: number): Promise<boolean> {
    const events = await this.#log.read(this.#channel, this.#cursor, { events: 1, bytes: 1 });
    if (events.length === 0) this.#announceGap(newest);
    return true;
  }

  #announceGap(to: number): void {
    this.#say({ type: "gap", from: this.#cursor + 1, to, reason: "retention" });
    this.#cursor = to;
  }

  /** All in one write to the system, which costs more than everything else here. */
  #sendAll(events: readonly LoggedEvent[]): void {
    const last = events.at(-1);
    const taken = this.#queue.add(sizeOf(events), events.length);
    this.#raw.cork();
    for (const event of events) {
      this.#cursor = event.sequence;
      const frame = encodeEventFrame(event, allocate);
      if (event === last) this.#socket.send(frame, () => this.#onTaken(taken));
      else this.#socket.send(frame);
    }
    this.#raw.uncork();
  }

  #onTaken(taken: () => void): void {
    taken();
    this.#goOn();
  }

  #say(frame: RelayFrame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  #room(): number {
    return this.#acked + this.#options.window - this.#cursor;
  }

  #canWrite(): boolean {
    return this.#isOpen() && this.#queue.hasRoom();
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }
}

/** Whether a read of the log could have given these: commits of many large events are read in turns. */
function isOneRead(events: readonly LoggedEvent[]): boolean {
  return events.length === 1 || (events.length <= readLimit.events && sizeOf(events) <= readLimit.bytes);
}

function sizeOf(events: readonly LoggedEvent[]): number {
  return events.reduce((sum, { payload }) => sum + payload.byteLength, 0);
}
