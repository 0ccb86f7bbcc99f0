import { type MsgHdrs, headers } from "@nats-io/transport-node";
import type { LoggedEvent, NewEvent } from "./eventLog.ts";

/**
 * What one stored message says of itself, in its header: it holds the events of a channel from `first` on, `count` of
 * them. With `count` 0 it only says which sequence comes next, after numbers were skipped, or that none does.
 */
export interface BatchHead {
  readonly first: number;
  readonly count: number;
  /** The stream's sequence of the message before it on the channel, 0 for the first. */
  readonly previous: number;
  /** Made by its writer, who tells by it whether the message it finds is its own. */
  readonly id: string;
  /** Bytes of all events of the channel up to its end, also of those that are removed. */
  readonly bytes: number;
  /** How many of the numbers before `first` were never given to an event. */
  readonly skipped: number;
  /** When the newest event came in. Milliseconds since 1970. */
  readonly receivedAt: number;
  /** True where nothing may follow, because the channel is being deleted. */
  readonly isEnd: boolean;
}

/** A message as it lies in the stream. `sequence` is the stream's, over all channels of the shard. */
export interface StoredBatch extends BatchHead {
  readonly sequence: number;
  readonly data: Uint8Array;
}

const headerName = "Zcn-Batch";
/** Only where numbers were skipped; without it none were. */
const skippedName = "Zcn-Skipped";
/** Only of a channel's end. */
const endName = "Zcn-End";
const pattern = /^1 (\d+) (\d+) (\d+) (\d+) ([A-Za-z0-9_-]+) (\d+)$/;
/** Before each event: the length of its payload, when it came in, and its scheme. */
const prefixBytes = 4 + 8 + 1;

/** The channel's next sequence once the batch is there. */
export function nextAfter({ first, count }: Pick<BatchHead, "first" | "count">): number {
  return first + count;
}

export function encodeHead({ first, count, previous, bytes, skipped, id, receivedAt, isEnd }: BatchHead): MsgHdrs {
  const lines = headers();
  lines.set(headerName, `1 ${first} ${count} ${previous} ${bytes} ${id} ${receivedAt}`);
  if (skipped > 0) lines.set(skippedName, String(skipped));
  if (isEnd) lines.set(endName, "1");
  return lines;
}

/** Whether the message was written by a relay. */
export function isBatch(lines: MsgHdrs | undefined): boolean {
  return pattern.test(lines?.get(headerName) ?? "");
}

/** Throws when the message was not written by a relay. */
export function decodeHead(lines: MsgHdrs | undefined): BatchHead {
  const match = pattern.exec(lines?.get(headerName) ?? "");
  if (match === null) throw new Error("The stream holds a message that no relay has written");
  const [, first, count, previous, bytes, id = "", receivedAt] = match;
  return {
    first: Number(first),
    count: Number(count),
    previous: Number(previous),
    bytes: Number(bytes),
    skipped: Number(lines?.get(skippedName) ?? ""),
    id,
    receivedAt: Number(receivedAt),
    isEnd: lines?.get(endName) === "1",
  };
}

/** How many bytes an event takes in a batch. */
export function encodedBytes(event: NewEvent): number {
  return prefixBytes + event.payload.byteLength;
}

export function encodeEvents(events: readonly NewEvent[]): Uint8Array {
  const data = Buffer.allocUnsafe(events.reduce((total, event) => total + encodedBytes(event), 0));
  let offset = 0;
  for (const { payload, receivedAt, scheme } of events) {
    data.writeUInt32BE(payload.byteLength, offset);
    data.writeBigUInt64BE(BigInt(receivedAt), offset + 4);
    data.writeUInt8(scheme, offset + 12);
    data.set(payload, offset + prefixBytes);
    offset += prefixBytes + payload.byteLength;
  }
  return data;
}

/** The events of a batch, with the sequences that they have in their channel. */
export function decodeEvents({ first, count }: BatchHead, data: Uint8Array): LoggedEvent[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const events: LoggedEvent[] = [];
  let offset = 0;
  for (let index = 0; index < count; index++) {
    const start = offset + prefixBytes;
    const end = start + view.getUint32(offset);
    if (end > data.byteLength) throw new Error("A stored batch is cut off");
    const receivedAt = Number(view.getBigUint64(offset + 4));
    const scheme = view.getUint8(offset + 12);
    events.push({ sequence: first + index, receivedAt, scheme, payload: data.subarray(start, end) });
    offset = end;
  }
  return events;
}
