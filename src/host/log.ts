import * as vscode from "vscode";
import type { Logger } from "../base/logger.ts";

/** The extension's output channel as a {@link Logger}; the level is the one the user sets for the channel. */
export function createLog(): { readonly channel: vscode.LogOutputChannel; readonly logger: Logger } {
  const channel = vscode.window.createOutputChannel("Zoho CRM Notifications", { log: true });
  const logger: Logger = {
    debug: message => channel.debug(message),
    info: message => channel.info(message),
    warn: message => channel.warn(message),
    error: message => channel.error(message),
  };
  return { channel, logger };
}
