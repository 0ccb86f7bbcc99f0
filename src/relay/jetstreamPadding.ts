import type { MsgHdrs } from "@nats-io/transport-node";

/**
 * What a stored message and a stream's `max_bytes` are multiples of, in bytes.
 *
 * Servers before 2.10.5 decide by headers and data whether a message has room in its stream, and then count with it what
 * they store around these. One that fits only without that costs the oldest message its place, of whichever channel. It
 * is less than this unit, so of messages and streams in whole units none fits only without it.
 */
export const storedUnit = 128;

/** Around a message: its lengths, sequence, time, and checksum. The subject comes to it. */
const aroundBytes = 4 + 2 + 4 + 8 + 8 + 8;
const paddingName = "Zcn-Padding";
const [opening, separator, lineEnd] = ["NATS/1.0", ": ", "\r\n"];

/** Adds a line to the headers of a message, so that what the server counts for it comes in whole units. */
export function pad(subject: string, lines: MsgHdrs, data: Uint8Array): void {
  lines.set(paddingName, "");
  const bytes = aroundBytes + subject.length + encodedLength(lines) + data.byteLength;
  lines.set(paddingName, "0".repeat(storedUnit - (bytes % storedUnit)));
}

/** Of headers in ASCII. */
function encodedLength(lines: MsgHdrs): number {
  let length = opening.length + 2 * lineEnd.length;
  for (const [name, values] of lines) {
    for (const value of values) length += lineEnd.length + name.length + separator.length + value.length;
  }
  return length;
}
