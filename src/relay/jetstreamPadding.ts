import type { MsgHdrs } from "@nats-io/transport-node";

/**
 * What a stored message and a stream's `max_bytes` are multiples of, in bytes.
 *
 * Servers before 2.10.5 decide by headers and data whether a message has room in its stream, and then count with it what
 * they store around these. One that fits only without that costs the oldest message its place, of whichever channel. It
 * is less than this unit, so of messages and streams in whole units none fits only without it.
 */
export const storedUnit = 128;

/**
 * Room in which a channel's end fits, and no other message, by any server's way of counting. So a full stream that is
 * given just this has it for the end, however many senders wait for room.
 */
export const endRoom = 5 * storedUnit;
const leastMessage = endRoom + storedUnit;

/** Around a message: its lengths, sequence, time, and checksum. The subject comes to it. */
const aroundBytes = 4 + 2 + 4 + 8 + 8 + 8;
const paddingName = "Zcn-Padding";
const [opening, separator, lineEnd] = ["NATS/1.0", ": ", "\r\n"];

/** Adds a line to the headers of an event's message, so that what the server counts for it comes in whole units. */
export function pad(subject: string, lines: MsgHdrs, data: Uint8Array): void {
  padTo(leastMessage, subject, lines, data);
}

/** The same for a channel's end, which is to be as small as it can. */
export function padEnd(subject: string, lines: MsgHdrs): void {
  padTo(0, subject, lines, new Uint8Array());
}

function padTo(least: number, subject: string, lines: MsgHdrs, data: Uint8Array): void {
  lines.set(paddingName, "");
  const bytes = aroundBytes + subject.length + encodedLength(lines) + data.byteLength;
  const whole = Math.floor(bytes / storedUnit + 1) * storedUnit;
  lines.set(paddingName, "0".repeat(Math.max(least, whole) - bytes));
}

/** Of headers in ASCII. */
function encodedLength(lines: MsgHdrs): number {
  let length = opening.length + 2 * lineEnd.length;
  for (const [name, values] of lines) {
    for (const value of values) length += lineEnd.length + name.length + separator.length + value.length;
  }
  return length;
}
