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
