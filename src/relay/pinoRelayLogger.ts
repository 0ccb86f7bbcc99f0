import { type DestinationStream, pino } from "pino";
import { channelFingerprint } from "./channelKeys.ts";
import type { LogFields, RelayLogger } from "./relayLogger.ts";

/** How much is logged: everything from this level on. */
export const logLevels = ["info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that have no business in a log. Nothing writes them; should it ever, the log has a mark in their place. */
const secretFields = ["authorization", "body", "createKey", "headers", "key", "payload", "query", "readKey"];

/** One line of JSON per message, to standard error and without a thread of its own: a relay logs little. */
export function pinoRelayLogger(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: process.stderr.fd, sync: true }),
): RelayLogger {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      redact: { paths: secretFields, censor: "[removed]" },
      serializers: { channel: fingerprintOf },
    },
    destination,
  );
  return {
    info: (message, fields: LogFields = {}) => logger.info(fields, message),
    warn: (message, fields: LogFields = {}) => logger.warn(fields, message),
    error: (message, fields: LogFields = {}) => logger.error(fields, message),
  };
}

/** What stands for a channel in the log; a channel's address that was passed by mistake becomes its fingerprint. */
function fingerprintOf(channel: unknown): string {
  const text = String(channel);
  return /^[0-9a-f]{12}$/.test(text) ? text : channelFingerprint(text);
}
