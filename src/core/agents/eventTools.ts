import { type Clock, second } from "../../base/clock.ts";
import { DisposableStore, type Event, toDisposable } from "../../base/lifecycle.ts";
import { CancelledError } from "../../base/problem.ts";
import type { EventDetail, FeedState } from "../../protocol/inspector.ts";
import type { EventFilter } from "../filter/eventFilter.ts";
import { parseFilter } from "../filter/parseFilter.ts";
import { type KnownSecrets, Redaction } from "../events/redaction.ts";
import { type ReportOptions, reportEvent } from "./eventReport.ts";
import { ToolError } from "./toolError.ts";
import { type ToolInput, parseToolInput } from "./toolInputs.ts";
import { untrustedAnswer, visibleJson } from "./untrusted.ts";

/** Where the events are kept. Ids rise in the order of arrival. */
export interface ReadableEvents {
  select(filter: EventFilter): FilteredEvents;
  newestId(): number;
  /** There may be new events. */
  readonly onDidAppend: Event<unknown>;
}

/** What a filter shows, oldest first; see EventListing. */
export interface FilteredEvents {
  readonly count: number;
  idsAt(offset: number, limit: number): readonly number[];
  extend(): number;
}

export interface EventToolsOptions {
  readonly history: ReadableEvents;
  readonly detailOf: (id: number) => EventDetail | undefined;
  /** How events are coming in: whether it is of use to wait. */
  readonly feed: () => FeedState;
  /** Channel tokens that the editor knows, so that they are left out wherever they stand. */
  readonly secrets: KnownSecrets;
  /** A word that was never used before. */
  readonly makeBoundary: () => string;
  readonly clock: Clock;
}

/** An answer that is longer crowds out what else a model has to remember; the rest is on the next page. */
const longestAnswer = 60_000;

/** Of what arrives at once, the first; the rest is for the next call. */
const mostArrivals = 10;

type AskedParts = Pick<ToolInput<"readEvents">, "include" | "maxBodyCharacters">;

/** The tools with which a language model reads events. They change nothing. */
export class EventTools {
  readonly #options: EventToolsOptions;

  constructor(options: EventToolsOptions) {
    this.#options = options;
  }

  /** Events of a filter, newest first, a page at a time; or those of the ids. */
  readEvents(raw: unknown): string {
    const input = parseToolInput("readEvents", raw);
    if (input.ids !== undefined) return this.#answerThese(input.ids, input);
    const filter = this.#parse(input.filter);
    const before = input.before ?? Number.MAX_SAFE_INTEGER;
    const all = this.#options.history.select(filter);
    const older = all.idsAt(0, all.count).filter(id => id < before);
    const ids = older.slice(-input.limit).reverse();
    const events = this.#reports(ids, input);
    const isAll = events.length === older.length;
    return this.#answer(events, isAll ? undefined : { before: ids[events.length - 1] });
  }

  /**
   * The first events of a filter that are newer than the one named, or than the newest at the time of the call. Gives
   * up after the time allowed, which is no failure; throws CancelledError when `signal` aborts.
   */
  async waitForEvent(raw: unknown, signal: AbortSignal): Promise<string> {
    const input = parseToolInput("waitForEvent", raw);
    const filter = this.#parse(input.filter);
    const after = input.after ?? this.#options.history.newestId();
    const ids = await this.#arrivals(filter, after, input.timeoutSeconds * second, signal);
    if (signal.aborted) throw new CancelledError();
    if (ids.length > 0) return this.#answerThese(ids, input);
    return visibleJson({
      arrived: false,
      waitedSeconds: input.timeoutSeconds,
      hint: "To go on waiting without missing any, call again with after.",
      after,
      connection: this.#connection(),
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
    const { history, clock } = this.#options;
    const found = history.select(filter);
    const newer = (): number[] => found.idsAt(0, found.count).filter(id => id > after);
    const store = new DisposableStore();
    try {
      return await new Promise<readonly number[]>(resolve => {
        const settle = (ids: readonly number[]): void => {
          if (ids.length > 0) resolve(ids.slice(0, mostArrivals));
        };
        store.add(history.onDidAppend(() => settle(found.extend() > 0 ? newer() : [])));
        store.add(clock.after(patience, () => resolve([])));
        store.add(onAbort(signal, () => resolve([])));
        settle(newer());
      });
    } finally {
      store.dispose();
    }
  }

  #answerThese(ids: readonly number[], asked: AskedParts): string {
    const events = this.#reports(ids, asked);
    const rest = ids.slice(events.length);
    return this.#answer(events, rest.length === 0 ? undefined : { ids: rest });
  }

  #answer(events: readonly unknown[], next: object | undefined): string {
    const { history, makeBoundary } = this.#options;
    const more = next === undefined ? {} : { next };
    const heading = { events: events.length, newestId: history.newestId(), connection: this.#connection(), ...more };
    return untrustedAnswer(visibleJson(heading), events, makeBoundary());
  }

  #connection(): FeedState {
    const { feed, secrets } = this.#options;
    return new Redaction(secrets()).deep(feed());
  }

  /** Those of the events that fit into an answer, at least one. */
  #reports(ids: readonly number[], { include: parts, maxBodyCharacters: longestBody }: AskedParts): unknown[] {
    const options = { parts, longestBody, secrets: this.#options.secrets() };
    const events: unknown[] = [];
    let room = longestAnswer;
    for (const id of ids) {
      const report = this.#report(id, options);
      room -= visibleJson(report).length;
      if (room < 0 && events.length > 0) break;
      events.push(report);
    }
    return events;
  }

  #report(id: number, options: ReportOptions): unknown {
    const detail = this.#options.detailOf(id);
    return detail === undefined
      ? { id, kind: "gone", meaning: "This event is not kept any more." }
      : reportEvent(detail, options);
  }
}

function onAbort(signal: AbortSignal, action: () => void): { dispose(): void } {
  signal.addEventListener("abort", action);
  if (signal.aborted) action();
  return toDisposable(() => signal.removeEventListener("abort", action));
}
