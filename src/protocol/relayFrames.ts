import * as v from "valibot";
import { type Allocate, allocateBytes, setUint64 } from "../base/bytes.ts";
import { type Result, fail, succeed } from "../base/result.ts";

/**
 * What relay and editor say on the stream (docs/relay-protocol.md). Control frames are JSON text messages; events are
 * binary messages. The relay speaks first: `hello`, then any `gap`, then events from the sequence after the one that
 * the editor asked to resume from, `live` once when it has caught up, and events as they come.
 */
export type RelayFrame = HelloFrame | GapFrame | LiveFrame | GoodbyeFrame;

const sequence = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const helloSchema = v.object({
  type: v.literal("hello"),
  channel: v.string(),
  /** The oldest event still kept, and the newest; `newest` is `oldest - 1` when nothing is kept. */
  oldest: sequence,
  newest: sequence,
  /** How many events may be unacknowledged before the relay waits. */
  window: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** Each side pings this often; one that was silent for twice as long is taken for dead. */
  heartbeatInterval: milliseconds,
});

/** Events `from` to `to` (inclusive) are gone: `retention` dropped them, or the relay's log was `reset` or lost. */
const gapSchema = v.object({
  type: v.literal("gap"),
  from: sequence,
  to: sequence,
  reason: v.picklist(["retention", "reset"]),
});

/** Everything kept so far has been sent; what follows is new. */
const liveSchema = v.object({ type: v.literal("live"), newest: sequence });

/** The relay is about to close in good order; come back after `retryAfter` milliseconds. */
const goodbyeSchema = v.object({
  type: v.literal("goodbye"),
  reason: v.picklist(["restart", "slow-reader", "channel-deleted"]),
  retryAfter: milliseconds,
});

export type HelloFrame = v.InferOutput<typeof helloSchema>;
export type GapFrame = v.InferOutput<typeof gapSchema>;
export type LiveFrame = v.InferOutput<typeof liveSchema>;
export type GoodbyeFrame = v.InferOutput<typeof goodbyeSchema>;

const relayFrameSchema = v.variant("type", [helloSchema, gapSchema, liveSchema, goodbyeSchema]);

/** Everything up to and including `sequence` is stored by the editor. Cumulative: it replaces all earlier ones. */
const ackSchema = v.object({ type: v.literal("ack"), sequence });
export type AckFrame = v.InferOutput<typeof ackSchema>;

/** What the editor says on the stream. */
export type EditorFrame = AckFrame;

export function parseRelayFrame(text: string): Result<RelayFrame, string> {
  return parseFrame(relayFrameSchema, text);
}

export function parseEditorFrame(text: string): Result<EditorFrame, string> {
  return parseFrame(ackSchema, text);
}

const namedFrameSchema = v.object({ type: v.string() });

/** Whether an editor says something that only a later version knows: to be ignored, not to be taken for a fault. */
export function isLaterEditorFrame(text: string): boolean {
  const frame = parseFrame(namedFrameSchema, text);
  return frame.ok && frame.value.type !== ackSchema.entries.type.literal;
}

function parseFrame<T>(schema: v.GenericSchema<unknown, T>, text: string): Result<T, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail("control frame: not JSON");
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? succeed(parsed.output) : fail(`control frame: ${v.summarize(parsed.issues)}`);
}

/** How the payload of an event frame is to be read: a captured request in the clear, or sealed (see sealing.ts). */
export type PayloadScheme = 0 | 1;
export const plainPayload: PayloadScheme = 0;
export const sealedPayload: PayloadScheme = 1;

/** An event on the wire: the payload is an encoded captured request (see capturedRequest.ts), in the form `scheme` says. */
export interface EventFrame {
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly scheme: number;
  readonly payload: Uint8Array;
}

const eventKind = 1;
const eventHeaderBytes = 18;

/**
 * One byte kind (1), one byte scheme, sequence and receivedAt as big-endian unsigned 64-bit, then the payload. All of what
 * `allocate` gives is written.
 */
export function encodeEventFrame(frame: EventFrame, allocate: Allocate = allocateBytes): Uint8Array {
  const bytes = allocate(eventHeaderBytes + frame.payload.byteLength);
  bytes[0] = eventKind;
  bytes[1] = frame.scheme;
  setUint64(bytes, 2, frame.sequence);
  setUint64(bytes, 10, frame.receivedAt);
  bytes.set(frame.payload, eventHeaderBytes);
  return bytes;
}

/** The reverse of {@link encodeEventFrame}. The payload is a view, not a copy. */
export function decodeEventFrame(bytes: Uint8Array): Result<EventFrame, string> {
  if (bytes.byteLength < eventHeaderBytes) return fail("event frame: too short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== eventKind) return fail(`event frame: unknown kind ${view.getUint8(0)}`);
  const frame = {
    scheme: view.getUint8(1),
    sequence: Number(view.getBigUint64(2)),
    receivedAt: Number(view.getBigUint64(10)),
    payload: bytes.subarray(eventHeaderBytes),
  };
  const whole = Number.isSafeInteger(frame.sequence) && Number.isSafeInteger(frame.receivedAt);
  return whole ? succeed(frame) : fail("event frame: number out of range");
}
