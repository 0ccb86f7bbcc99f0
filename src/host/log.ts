import * as vscode from "vscode";
import type { Logger } from "../base/logger.ts";
import type { KnownSecrets, Redaction } from "../core/events/redaction.ts";

/**
 * The extension's output channel as a {@link Logger}; the level is the one the user sets for the channel. Secrets are left
 * out of what is written, wherever they stand.
 */
export function createLog(secrets: KnownSecrets): {
  readonly channel: vscode.LogOutputChannel;
  readonly logger: Logger;
} {
  const channel = vscode.window.createOutputChannel("Zoho CRM Notifications", { log: true });
  const open = new Opening(secrets);
  const logger: Logger = {
    debug: message => {
      if (channel.logLevel <= vscode.LogLevel.Debug) open.write(message, text => channel.debug(text));
    },
    info: message => open.write(message, text => channel.info(text)),
    warn: message => open.write(message, text => channel.warn(text)),
    error: message => open.write(message, text => channel.error(text)),
  };
  return { channel, logger };
}

/** Leaves secrets out of messages. What finds them is loaded with the first; others wait for it in their order. */
class Opening {
  readonly #secrets: KnownSecrets;
  #loading: Promise<typeof Redaction> | undefined;
  #loaded: typeof Redaction | undefined;

  constructor(secrets: KnownSecrets) {
    this.#secrets = secrets;
  }

  write(message: string, write: (text: string) => void): void {
    if (this.#loaded !== undefined) write(new this.#loaded(this.#secrets()).marked(message));
    else void this.#load().then(loaded => write(new loaded(this.#secrets()).marked(message)));
  }

  async #load(): Promise<typeof Redaction> {
    this.#loading ??= import("../core/events/redaction.ts").then(module => module.Redaction);
    return (this.#loaded = await this.#loading);
  }
}
