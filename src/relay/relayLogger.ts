/** Details of a log line. Never a payload, a key, or a channel id: that is the address that events are sent to. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Where the relay writes what happened, for its operator. */
export interface RelayLogger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const silentRelayLogger: RelayLogger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Writes one line of JSON for each message, to standard error when the relay runs as a program. */
export function jsonLogger(write: (line: string) => void, now: () => number): RelayLogger {
  const log =
    (level: string) =>
    (message: string, fields?: LogFields): void =>
      write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields })}\n`);
  return { info: log("info"), warn: log("warn"), error: log("error") };
}
