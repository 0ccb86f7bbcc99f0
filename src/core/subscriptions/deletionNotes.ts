import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import type { ChannelReading } from "./channel.ts";
import { turnLife } from "./channelTurns.ts";
import { hasAllOf } from "./ownedReading.ts";
import type { ChannelOwnership } from "./ownership.ts";

export interface DeletionNotesOptions {
  readonly notes: Pick<SharedNotes, "get" | "keys" | "setAll" | "deleteAll">;
  readonly ownership: Pick<ChannelOwnership, "get" | "kept" | "isLoaded" | "load" | "forgetDetails">;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
}

const prefix = "subscription/deleted/";

/**
 * Notes, for all windows and over restarts, which of our channels a person is deleting: a row for each, written before
 * Zoho is asked, that goes once the vault knows of it. The vault may take that much later, or never in this window, and
 * what the vault still has would be made again. Never throws: what cannot be noted is deleted all the same.
 */
export class DeletionNotes {
  readonly #options: DeletionNotesOptions;

  constructor(options: DeletionNotesOptions) {
    this.#options = options;
  }

  begin(connectionId: string, channelIds: readonly string[]): void {
    const { notes, ownership, clock } = this.#options;
    const ours = channelIds.filter(id => ownership.get(id) !== undefined || !ownership.isLoaded);
    if (ours.length === 0) return;
    const now = String(clock.now());
    this.#orLog(() => notes.setAll(new Map(ours.map(id => [keyOf(connectionId, id), now]))));
  }

  /** These are there all the same. */
  withdraw(connectionId: string, channelIds: readonly string[]): void {
    if (channelIds.length === 0) return;
    this.#orLog(() => this.#options.notes.deleteAll(channelIds.map(id => keyOf(connectionId, id))));
  }

  /**
   * Has what was deleted forgotten where a reading proves that it is gone, and takes back the notes of what it lists: that
   * was not deleted, or is there again. `askedAt`: when Zoho was asked, in milliseconds since 1970; `concerns`: of which
   * channels.
   */
  async follow(
    connectionId: string,
    reading: ChannelReading,
    askedAt: number,
    concerns: (channelId: string) => boolean,
  ): Promise<void> {
    const noted = this.#noted(connectionId).filter(({ channelId }) => concerns(channelId));
    if (noted.length === 0) return;
    const listed = new Set(reading.channels.map(({ channelId }) => channelId));
    const gone = noted.filter(({ channelId }) => !listed.has(channelId) && hasAllOf(reading, channelId));
    if (gone.length > 0) await this.#options.ownership.forgetDetails(gone.map(({ channelId }) => channelId));
    const back = noted.filter(({ channelId, at }) => listed.has(channelId) && isSettled(at, askedAt));
    this.withdraw(
      connectionId,
      back.map(({ channelId }) => channelId),
    );
    this.clear(connectionId);
  }

  /** Forgets what the vault knows by now, once it says so itself: what this window has heard may be old. */
  clear(connectionId: string): void {
    if (this.#noted(connectionId).length > 0) void this.#clear(connectionId);
  }

  async #clear(connectionId: string): Promise<void> {
    const { ownership } = this.#options;
    await ownership.load();
    if (!ownership.isLoaded) return;
    const known = this.#noted(connectionId).filter(
      ({ channelId }) => ownership.kept(channelId)?.lastKnown === undefined,
    );
    this.withdraw(
      connectionId,
      known.map(({ channelId }) => channelId),
    );
  }

  #noted(connectionId: string): readonly { readonly channelId: string; readonly at: number }[] {
    const { notes } = this.#options;
    const start = keyOf(connectionId, "");
    const noted = this.#orLog(() =>
      notes.keys(start).map(key => ({ channelId: key.slice(start.length), at: Number(notes.get(key)) })),
    );
    return noted ?? [];
  }

  #orLog<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#options.logger.warn(`deletions: ${describeCauses(error)}`);
      return undefined;
    }
  }
}

/** Whoever deletes has its turn for so long: before, the channel may be listed and the request still be on its way. */
function isSettled(at: number, askedAt: number): boolean {
  return Math.abs(askedAt - at) > turnLife;
}

function keyOf(connectionId: string, channelId: string): string {
  return `${prefix}${connectionId}/${channelId}`;
}
