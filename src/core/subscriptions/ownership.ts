import type { Event } from "../../base/lifecycle.ts";
import { Emitter } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretVault } from "../connections/connection.ts";

/** A channel that this editor made. Kept after its end, so that late deliveries still verify. */
export interface OwnedChannel {
  readonly channelId: string;
  readonly connectionId: string;
  readonly token: string;
}

/** Remembers in the vault which channels this editor made, and with which tokens. */
export class ChannelOwnership {
  readonly #changed = new Emitter<void>();
  constructor(_vault: SecretVault, _logger: Logger) {}
  readonly onDidChange: Event<void> = this.#changed.event;
  async load(): Promise<void> {
    await Promise.reject(new Error("Being written"));
  }
  list(): readonly OwnedChannel[] {
    return [];
  }
  get(_channelId: string): OwnedChannel | undefined {
    return undefined;
  }
  async add(_channel: OwnedChannel): Promise<void> {
    await Promise.reject(new Error("Being written"));
  }
  dispose(): void {
    this.#changed.dispose();
  }
}
