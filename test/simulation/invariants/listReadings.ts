import type { HttpRequest } from "../../../src/zoho/httpTransport.ts";
import type { Caller, ListedPage } from "../world/playedWatchApi.ts";
import type { Timeline } from "../world/timeline.ts";

/** Channels, each with when Zoho listed it: true time. */
export type Listed = ReadonlyMap<string, number>;

/**
 * Knows which lists a window has read so that it can rely on them. A list of which a page is missing may hide anything.
 * So may one of several pages that is read once, as entries move between pages: where the window at once begins with the
 * first page again, what counts is the reading that it ends with.
 */
export class ListReadings {
  readonly #timeline: Timeline;
  readonly #didRely: (by: Caller, listed: Listed) => void;
  /** What a window has read of a list whose end it has not. */
  readonly #begun = new Map<string, Map<string, number>>();
  /** Lists of several pages whose end a window has had this moment. */
  readonly #ended = new Map<string, Listed>();

  constructor(timeline: Timeline, didRely: (by: Caller, listed: Listed) => void) {
    this.#timeline = timeline;
    this.#didRely = didRely;
  }

  didSend({ window }: Caller, { method, url }: HttpRequest): void {
    if (method === "GET" && new URL(url).searchParams.get("page") === "1") this.#ended.delete(window);
  }

  didRead(by: Caller, { channelIds, page, isLast }: ListedPage, servedAt: number): void {
    const { window } = by;
    const begun = (page === 1 ? undefined : this.#begun.get(window)) ?? new Map<string, number>();
    for (const channelId of channelIds) begun.set(channelId, servedAt);
    this.#begun.set(window, begun);
    if (!isLast) return;
    this.#begun.delete(window);
    if (page === 1) this.#didRely(by, begun);
    else this.#relyUnlessReadAgain(by, begun);
  }

  #relyUnlessReadAgain(by: Caller, listed: Listed): void {
    this.#ended.set(by.window, listed);
    this.#timeline.after(0, () => {
      if (this.#ended.get(by.window) !== listed) return;
      this.#ended.delete(by.window);
      this.#didRely(by, listed);
    });
  }
}
