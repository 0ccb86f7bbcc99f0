import * as vscode from "vscode";
import type { Logger } from "../base/logger.ts";
import { type KnownSecrets, Redaction } from "../core/events/redaction.ts";

/**
 * The extension's output channel as a {@link Logger}; the level is the one the user sets for the channel. Secrets are left
 * out of what is written, wherever they stand.
 */
export function createLog(secrets: KnownSecrets): {
  readonly channel: vscode.LogOutputChannel;
  readonly logger: Logger;
} {
  const channel = vscode.window.createOutputChannel("Zoho CRM Notifications", { log: true });
  const open = (message: string): string => new Redaction(secrets()).marked(message);
  const logger: Logger = {
    debug: message => {
      if (channel.logLevel <= vscode.LogLevel.Debug) channel.debug(open(message));
    },
    info: message => channel.info(open(message)),
    warn: message => channel.warn(open(message)),
    error: message => channel.error(open(message)),
  };
  return { channel, logger };
}
