import * as v from "valibot";
import { assertNever } from "../../base/assertNever.ts";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { relayPaths, relaySubprotocol } from "../../protocol/relayApi.ts";
import {
  type AckFrame,
  type EventFrame,
  type GapFrame,
  type GoodbyeFrame,
  type HelloFrame,
  type RelayFrame,
  decodeEventFrame,
  parseRelayFrame,
} from "../../protocol/relayFrames.ts";
import { offlineReason } from "../../zoho/networkProblem.ts";
import type { EventSink } from "../events/capture.ts";
import { EventIntake, type IntakeFailure } from "./eventIntake.ts";
import { FramesInOrder } from "./framesInOrder.ts";
import type { RelayChannel } from "./relayChannel.ts";
import type { LossReason, StreamEnding } from "./relayProblems.ts";
import type { OpenRelaySocket, RelaySocket, SocketEnding } from "./relaySocket.ts";
import { type ChannelKeys, type Opened, Unsealer } from "./unsealer.ts";
import { answeredEnding } from "./upgradeAnswer.ts";

export interface RelayStreamOptions {
  readonly channel: RelayChannel;
  readonly keys: ChannelKeys;
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly openSocket: OpenRelaySocket;
}

/** What a stream tells the session. `ended` is the last call and comes once. */
export interface RelayStreamListener {
  /** The relay answered, or events came in: so many are still to come before the stream is live. */
  behind(count: number): void;
  live(): void;
  ended(ending: StreamEnding): void;
}

/** From the start of the connection to the relay's hello. */
const connectDeadline = 10 * second;
/**
 * After something was stored nothing is read for so many milliseconds: what comes meanwhile shares one read of the socket
 * and one transaction. The more there was, the longer. Where a read brought as many bytes as this, more is waiting.
 */
const shortestRest = 16;
const longestRest = 64;
const fullRead = 60 * 1024;
/** Heartbeat intervals without a sign of life after which the relay is taken for dead. */
const silentBeats = 2;

/** One connection to the relay, from opening to its end: events into the sink, acks back, heartbeats. Never reconnects. */
export class RelayStream implements Disposable {
  readonly #channel: RelayChannel;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #intake: EventIntake;
  readonly #inOrder: FramesInOrder;
  readonly #listener: RelayStreamListener;
  readonly #socket: RelaySocket;
  readonly #owned = new DisposableStore();
  readonly #connectTimer: Disposable;
  #hello: HelloFrame | undefined;
  #acked: number;
  #live = false;
  #flushPlanned = false;
  #rest: Disposable | undefined;
  #bytesRead = 0;
  #toldOfUnreadable = false;
  #unansweredBeats = 0;

  /** Throws what the sink throws when asked for its last sequence. */
  constructor(options: RelayStreamOptions, listener: RelayStreamListener) {
    const { channel, keys, sink, clock, logger, openSocket } = options;
    this.#channel = channel;
    this.#clock = clock;
    this.#logger = logger;
    this.#intake = new EventIntake(sink);
    this.#inOrder = this.#owned.add(this.#orderFrames(new Unsealer(channel.channel, keys)));
    this.#acked = this.#intake.last;
    this.#listener = listener;
    this.#connectTimer = this.#owned.add(clock.after(connectDeadline, () => this.#lose("no-answer")));
    this.#socket = openSocket(
      { url: streamUrl(channel, this.#acked), protocol: relaySubprotocol, bearer: channel.readKey },
      {
        text: text => this.#whileOpen(() => this.#onText(text)),
        binary: bytes => this.#whileOpen(() => this.#onBinary(bytes)),
        heard: () => this.#onHeard(),
        ended: ending => this.#finish(toStreamEnding(ending)),
      },
    );
  }

  /** Lets go without a word. What was gathered and not stored yet stays at the relay. */
  dispose(): void {
    if (this.#owned.isDisposed) return;
    this.#owned.dispose();
    this.#rest?.dispose();
    this.#socket.terminate();
  }

  #orderFrames(unsealer: Unsealer): FramesInOrder {
    return new FramesInOrder(unsealer, {
      event: (frame, opened) => this.#onEvent(frame, opened),
      control: frame => (frame.type === "gap" ? this.#onGap(frame) : this.#onLive()),
      failed: cause => this.#lose("keys-unreadable", cause),
    });
  }

  #whileOpen(action: () => void): void {
    if (this.#owned.isDisposed) return;
    this.#onHeard();
    action();
  }

  #onHeard(): void {
    this.#unansweredBeats = 0;
  }

  #onText(text: string): void {
    const frame = parseRelayFrame(text);
    if (frame.ok) this.#onFrame(frame.value);
    else if (!isOfLaterVersion(text)) this.#lose("protocol", frame.error);
  }

  #onFrame(frame: RelayFrame): void {
    if (frame.type === "goodbye") this.#onGoodbye(frame);
    else if (frame.type === "hello") this.#onHello(frame);
    else if (this.#hello === undefined) this.#lose("protocol", "hello was not first");
    else this.#inOrder.control(frame);
  }

  #onHello(hello: HelloFrame): void {
    if (this.#hello !== undefined || hello.channel !== this.#channel.channel) {
      this.#lose("protocol", "unexpected hello");
      return;
    }
    this.#hello = hello;
    this.#owned.delete(this.#connectTimer);
    this.#beatLater(hello.heartbeatInterval);
    this.#tellBehind();
  }

  #onLive(): void {
    this.#flush();
    if (this.#owned.isDisposed) return;
    this.#live = true;
    this.#listener.live();
  }

  #onGoodbye({ reason, retryAfter }: GoodbyeFrame): void {
    if (reason === "channel-deleted") this.#finish({ kind: "refused", reason: "channel-deleted" });
    else this.#finish({ kind: "sent-away", retryAfter });
  }

  #onBinary(bytes: Uint8Array): void {
    this.#bytesRead += bytes.byteLength;
    if (bytes[0] !== eventKind) return;
    const frame = decodeEventFrame(bytes);
    if (!frame.ok) this.#lose("protocol", frame.error);
    else if (this.#hello === undefined) this.#lose("protocol", "hello was not first");
    else this.#inOrder.event(frame.value);
  }

  #onEvent(frame: EventFrame, opened: Opened): void {
    if (opened !== "unknown-scheme" && opened.unreadable !== undefined && !this.#toldOfUnreadable) {
      this.#toldOfUnreadable = true;
      this.#logger.warn(`relay: event ${frame.sequence} cannot be opened (${opened.unreadable}), and maybe others`);
    }
    this.#take(() => this.#intake.accept(frame, opened, this.#live));
  }

  #onGap(gap: GapFrame): void {
    const { from, to, reason } = gap;
    this.#logger.warn(
      reason === "reset"
        ? `relay: its log was reset or restored; events that it took since may be missing (numbers ${from} to ${to})`
        : `relay: events ${from} to ${to} are not kept there any more`,
    );
    this.#take(() => this.#intake.skip(gap));
  }

  #take(intake: () => ReturnType<EventIntake["accept"]>): void {
    try {
      const taken = intake();
      if (taken.ok) this.#planFlush();
      else this.#end(intakeEnding(taken.error));
    } catch (cause) {
      this.#lose("not-stored", cause);
    }
  }

  /** What one read of the socket brought is stored in one go, and acknowledged by one frame. */
  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    queueMicrotask(() => {
      this.#flushPlanned = false;
      if (!this.#owned.isDisposed) this.#flush();
    });
  }

  #flush(): void {
    try {
      const stored = this.#intake.flush();
      if (stored > this.#acked) this.#acknowledge(stored);
    } catch (cause) {
      this.#lose("not-stored", cause);
    }
  }

  #acknowledge(sequence: number): void {
    const ack: AckFrame = { type: "ack", sequence };
    const count = sequence - this.#acked;
    this.#acked = sequence;
    this.#socket.sendText(JSON.stringify(ack));
    if (!this.#live) this.#tellBehind();
    else if (this.#bytesRead < fullRead) this.#takeRest(shortestRest + count);
    this.#bytesRead = 0;
  }

  #takeRest(length: number): void {
    this.#rest?.dispose();
    this.#socket.pause();
    this.#rest = this.#clock.after(Math.min(length, longestRest), () => this.#socket.resume());
  }

  #tellBehind(): void {
    this.#listener.behind(Math.max(0, (this.#hello?.newest ?? 0) - this.#intake.last));
  }

  #beatLater(interval: number): void {
    const timer = this.#owned.add(
      this.#clock.after(interval, () => {
        this.#owned.delete(timer);
        this.#beat(interval);
      }),
    );
  }

  #beat(interval: number): void {
    if (this.#unansweredBeats >= silentBeats) {
      this.#lose("silent");
      return;
    }
    this.#unansweredBeats += 1;
    this.#socket.ping();
    this.#beatLater(interval);
  }

  #lose(reason: LossReason, cause?: unknown): void {
    this.#end({ kind: "lost", reason, cause });
  }

  /** Ends once what came in is stored: the relay may be without it by the next time. */
  #finish(ending: StreamEnding): void {
    if (!this.#owned.isDisposed) this.#flush();
    this.#end(ending);
  }

  #end(ending: StreamEnding): void {
    if (this.#owned.isDisposed) return;
    this.dispose();
    this.#listener.ended(ending);
  }
}

const eventKind = 1;

function streamUrl({ relayUrl, channel }: RelayChannel, after: number): string {
  return `${relayUrl.replace(/^http/, "ws")}${relayPaths.stream(channel)}?after=${after}`;
}

const namedFrameSchema = v.object({ type: v.string() });
const knownTypes: readonly string[] = ["hello", "gap", "live", "goodbye"] satisfies RelayFrame["type"][];

/** Frames of a type that this version does not know are passed over, so that a later relay can say more. */
function isOfLaterVersion(text: string): boolean {
  try {
    const frame = v.safeParse(namedFrameSchema, JSON.parse(text));
    return frame.success && !knownTypes.includes(frame.output.type);
  } catch {
    return false;
  }
}

function intakeEnding(failure: IntakeFailure): StreamEnding {
  switch (failure) {
    case "unknown-scheme":
      return { kind: "refused", reason: "unknown-scheme" };
    case "out-of-order":
      return { kind: "lost", reason: "protocol", cause: "a sequence was skipped without a gap" };
    default:
      return assertNever(failure);
  }
}

function toStreamEnding(ending: SocketEnding): StreamEnding {
  switch (ending.kind) {
    case "answered":
      return answeredEnding(ending.answer);
    // Also of a channel that was deleted: the relay says so in its goodbye, and to whoever asks again.
    case "closed":
      return { kind: "lost", reason: "closed", cause: `close code ${ending.code}` };
    case "failed":
      return ending.proxy === undefined
        ? { kind: "lost", reason: failureReason(ending.cause), cause: ending.cause }
        : { kind: "lost", reason: "proxy", detail: ending.proxy, cause: ending.cause };
    default:
      return assertNever(ending);
  }
}

/** `cause` begins with the error code. */
function failureReason(cause: string): LossReason {
  const [code = ""] = cause.split(":");
  return offlineReason(code) === "certificate" ? "not-trusted" : "unreachable";
}
