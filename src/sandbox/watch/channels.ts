import { Collection } from "../state/collection.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { Storage } from "../state/storage.ts";
import { type Channel, channelSchema } from "./channel.ts";

/** The channels of all users. What expired stays until its owner subscribes anew, but is no channel any more. */
export class Channels {
  readonly #clock: MovableClock;
  readonly #channels: Collection<Channel>;

  constructor(clock: MovableClock, storage: Storage) {
    this.#clock = clock;
    this.#channels = new Collection("channels", storage, channelSchema);
  }

  /** Every channel, expired ones too, in order of creation. */
  all(): readonly Channel[] {
    return [...this.#channels.values()];
  }

  ofUser(userId: string): readonly Channel[] {
    return this.all().filter(channel => channel.userId === userId);
  }

  /** The user's channel of that id, unless it has expired. */
  live(userId: string, channelId: string): Channel | undefined {
    const channel = this.#channels.get(key(userId, channelId));
    return channel !== undefined && !this.isExpired(channel) ? channel : undefined;
  }

  isExpired({ expiresAt }: Channel): boolean {
    return expiresAt <= this.#clock.now();
  }

  put(channel: Channel): void {
    this.#channels.put(key(channel.userId, channel.channelId), channel);
  }

  delete({ userId, channelId }: Channel): void {
    this.#channels.delete(key(userId, channelId));
  }
}

function key(userId: string, channelId: string): string {
  return `${userId}/${channelId}`;
}
