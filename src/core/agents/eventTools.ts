import { type Clock, second } from "../../base/clock.ts";
import { DisposableStore, type Event, toDisposable } from "../../base/lifecycle.ts";
import { CancelledError } from "../../base/problem.ts";
import type { EventDetail, FeedState } from "../../protocol/inspector.ts";
import type { EventFilter } from "../filter/eventFilter.ts";
import { parseFilter } from "../filter/parseFilter.ts";
import { type ReportOptions, reportEvent } from "./eventReport.ts";
import { ToolError, parseToolInput } from "./toolInputs.ts";
import { untrustedAnswer, visibleJson } from "./untrusted.ts";

/** The kept events by their ids, which rise in the order of arrival. */
export interface EventIndex {
  /** Events that meet the filter and are older than `before`, newest first. */
  idsBefore(filter: EventFilter, before: number, limit: number): readonly number[];
  /** Events that meet the filter and are newer than `after`, oldest first. */
  idsAfter(filter: EventFilter, after: number, limit: number): readonly number[];
  /** The newest event, or 0 when there is none. */
  newestId(): number;
  /** There may be new events. */
  readonly onDidAppend: Event<unknown>;
}

export interface EventToolsOptions {
  readonly index: EventIndex;
  readonly detailOf: (id: number) => EventDetail | undefined;
  /** How events are coming in: whether it is of use to wait. */
  readonly feed: () => FeedState;
  /** Channel tokens that the editor knows, so that they are left out wherever they stand. */
  readonly secrets: () => readonly string[];
  /** A word that was never used before. */
  readonly makeBoundary: () => string;
  readonly clock: Clock;
}

/** An answer that is longer crowds out what else a model has to remember; the rest is on the next page. */
const longestAnswer = 60_000;

/** The tools with which a language model reads events. They change nothing. */
export class EventTools {
  readonly #options: EventToolsOptions;

  constructor(options: EventToolsOptions) {
    this.#options = options;
  }

  /** Events of a filter, newest first, a page at a time; or those of the ids. */
  readEvents(raw: unknown): string {
    const input = parseToolInput("readEvents", raw);
    if (input.ids !== undefined) return this.#answer(input.ids, input.include, input.maxBodyCharacters);
    const filter = this.#parse(input.filter);
    const before = input.before ?? Number.MAX_SAFE_INTEGER;
    const ids = this.#options.index.idsBefore(filter, before, input.limit + 1);
    return this.#answer(ids, input.include, input.maxBodyCharacters, input.limit);
  }

  /**
   * The first events of a filter that are newer than the one named, or than the newest at the time of the call. Gives
   * up after the time allowed, which is no failure; throws CancelledError when `signal` aborts.
   */
  async waitForEvent(raw: unknown, signal: AbortSignal): Promise<string> {
    const input = parseToolInput("waitForEvent", raw);
    const filter = this.#parse(input.filter);
    const after = input.after ?? this.#options.index.newestId();
    const ids = await this.#arrivals(filter, after, input.timeoutSeconds * second, signal);
    if (signal.aborted) throw new CancelledError();
    if (ids.length > 0) return this.#answer(ids, input.include, input.maxBodyCharacters);
    return visibleJson({
      arrived: false,
      waitedSeconds: input.timeoutSeconds,
      hint: "To go on waiting without missing any, call again with after.",
      after,
      connection: this.#options.feed(),
    });
  }

  #parse(text: string): EventFilter {
    const parsed = parseFilter(text, this.#options.clock);
    if (parsed.ok) return parsed.value;
    const { message, from, to } = parsed.error;
    throw new ToolError(`The filter cannot be read at “${text.slice(from, to)}”: ${message}`);
  }

  async #arrivals(
    filter: EventFilter,
    after: number,
    patience: number,
    signal: AbortSignal,
  ): Promise<readonly number[]> {
    const { index, clock } = this.#options;
    const look = (): readonly number[] => index.idsAfter(filter, after, 10);
    const store = new DisposableStore();
    try {
      return await new Promise<readonly number[]>(resolve => {
        const lookAndEnd = (): void => {
          const ids = look();
          if (ids.length > 0) resolve(ids);
        };
        store.add(index.onDidAppend(lookAndEnd));
        store.add(clock.after(patience, () => resolve([])));
        store.add(onAbort(signal, () => resolve([])));
        lookAndEnd();
      });
    } finally {
      store.dispose();
    }
  }

  /** As many of the events as fit; `limit` of them where one more is given to tell that there are more. */
  #answer(
    ids: readonly number[],
    parts: ReportOptions["parts"],
    longestBody: number,
    limit = Number.MAX_SAFE_INTEGER,
  ): string {
    const options = { parts, longestBody, secrets: this.#options.secrets() };
    const events: unknown[] = [];
    let room = longestAnswer;
    let last: number | undefined;
    for (const id of ids.slice(0, limit)) {
      const report = this.#report(id, options);
      room -= visibleJson(report).length;
      if (room < 0 && events.length > 0) break;
      events.push(report);
      last = id;
    }
    const rest = ids.slice(events.length);
    const next =
      rest.length === 0 ? {} : limit < Number.MAX_SAFE_INTEGER ? { next: { before: last } } : { next: { ids: rest } };
    return untrustedAnswer(this.#heading(events.length, next), events, this.#options.makeBoundary());
  }

  #report(id: number, options: ReportOptions): unknown {
    const detail = this.#options.detailOf(id);
    return detail === undefined
      ? { id, kind: "gone", meaning: "This event is not kept any more." }
      : reportEvent(detail, options);
  }

  #heading(count: number, next: object): string {
    const state = {
      events: count,
      newestId: this.#options.index.newestId(),
      connection: this.#options.feed(),
      ...next,
    };
    return visibleJson(state);
  }
}

function onAbort(signal: AbortSignal, action: () => void): { dispose(): void } {
  signal.addEventListener("abort", action);
  if (signal.aborted) action();
  return toDisposable(() => signal.removeEventListener("abort", action));
}
