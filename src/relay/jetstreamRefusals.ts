import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";

/** What a server says to a message whose predecessor is not the newest, or not the newest that is on its way. */
const wrongSequenceCodes: readonly number[] = [
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
];

const passingCodes: readonly number[] = [
  ...wrongSequenceCodes,
  10008, // JetStream is temporarily unavailable
  10009, // not the leader
];

/** Whether JetStream has said that the newest message of the subject is another than the one to follow. */
export function isWrongSequence(error: unknown): boolean {
  return error instanceof JetStreamApiError && wrongSequenceCodes.includes(error.code);
}

/** Whether JetStream has said that it does not do this, and would say so again: it is full, or the message too large. */
export function isRefusal(error: unknown): boolean {
  return error instanceof JetStreamApiError && !passingCodes.includes(error.code);
}
