/** What the relay and the door of a public address answer alike, to senders and programs: in English. */
export const refusals = {
  unknownPath: { status: 404, code: "UNKNOWN_PATH", message: "There is nothing at this address." },
  notReady: { status: 503, code: "NOT_READY", message: "The relay is not ready." },
} as const;
