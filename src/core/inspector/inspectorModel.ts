import * as v from "valibot";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { FieldChange } from "../../protocol/event.ts";
import {
  type EventAction,
  type EventDetail,
  type EventSelection,
  type FeedState,
  type FetchedRecord,
  type ForwardingState,
  type HostMessage,
  type PageMessage,
  type PageRemedy,
  type Query,
  type Sort,
  pageMessageSchema,
} from "../../protocol/inspector.ts";
import { type KnownNames, completeFilter } from "../filter/completion.ts";
import type { EventFilter } from "../filter/eventFilter.ts";
import { type FilterProblem, parseFilter } from "../filter/parseFilter.ts";
import type { BodySlice } from "./detail/bodySlice.ts";
import type { TokenVerifier } from "../events/verification.ts";
import { type InspectedHistory, InspectedList } from "./inspectedList.ts";
import { ListNews } from "./listNews.ts";
import { type SavedFilters, suggestName } from "./savedFilters.ts";

/** What the page asks for and only the editor can do. Each reports its own failures. */
export interface InspectorDelegate {
  openDocument(id: number): void;
  /** Asks where to save the value of a parameter of a form, and does. */
  saveParameter(id: number, index: number): void;
  copy(text: string): void;
  changeSandboxRecords(): void;
  /** Carries out what the page offers about a problem. */
  remedy(remedy: PageRemedy): void;
  /** Runs the command that stands for an action. */
  act(action: EventAction, eventIds: readonly number[]): void;
  /** Sends, or gives up, the events that wait for a word. */
  releaseHeld(what: "send" | "discard"): void;
  /** Asks for the name under which to keep a filter; undefined: not at all. */
  nameFilter(suggestion: string): Promise<string | undefined>;
  fetchRecord(id: number, recordId: string): Promise<RecordAnswer>;
}

/** A record as the CRM has it now, and what changed in it as far as can be told with that. */
export interface RecordAnswer {
  readonly record: FetchedRecord;
  readonly changes: readonly FieldChange[];
}

export interface InspectorOptions {
  readonly history: InspectedHistory & { names(): KnownNames };
  readonly tokens: TokenVerifier & { readonly onDidChange: Event<unknown> };
  /** Gives undefined when the event is not kept any more. */
  readonly detailOf: (id: number) => Promise<EventDetail | undefined>;
  /** Gives a part of an event's body, or undefined when the event is not kept any more. */
  readonly bodySlice: (id: number, from: number, as: "plain" | "sent") => Promise<BodySlice | undefined>;
  readonly savedFilters: SavedFilters;
  readonly delegate: InspectorDelegate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How events are coming in before the first {@link InspectorModel.setFeed}. Default: off. */
  readonly feed?: FeedState;
}

/** One page that shows the list: a panel, an editor tab. */
export interface AttachedPage extends Disposable {
  /** Takes a message of the page, as it came over the wire. */
  receive(raw: unknown): void;
  /** Puts the keyboard into the filter, once the page listens. */
  focusFilter(): void;
  /** The page went out of sight, and with it all that it held: it hears nothing until it says again that it is ready. */
  hide(): void;
}

interface Page {
  readonly post: (message: HostMessage) => void;
  /** The page said that it listens. */
  ready: boolean;
  /** What to tell it once it does. */
  pendingReveal?: number | undefined;
  pendingFocus?: boolean;
}

/** The host's side of the inspector protocol: answers any number of pages, and holds no events itself. */
export class InspectorModel implements Disposable {
  readonly #options: InspectorOptions;
  readonly #history: InspectorOptions["history"];
  readonly #delegate: InspectorDelegate;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #store = new DisposableStore();
  readonly #list: InspectedList;
  readonly #news: ListNews;
  readonly #pages = new Set<Page>();
  #feed: FeedState;
  #forwarding: ForwardingState | undefined;
  #text = "";
  #filter: EventFilter = [];
  #problem: FilterProblem | undefined;
  #sort: Sort | undefined;
  #selectedIds: readonly number[] = [];

  constructor(options: InspectorOptions) {
    this.#options = options;
    this.#history = options.history;
    this.#delegate = options.delegate;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#feed = options.feed ?? { kind: "off" };
    this.#list = new InspectedList(this.#history, options.tokens);
    this.#news = this.#store.add(
      new ListNews({
        ...{ history: this.#history, list: this.#list, clock: this.#clock },
        attempt: read => this.#attempt(read),
        shown: () => ({ filter: this.#filter, sort: this.#sort }),
        isHeard: () => this.#readyPages().length > 0,
        tellAnew: list => this.#broadcast(this.#dress(list)),
        tell: change => this.#broadcast(change.type === "appended" ? { ...change, ...this.#kept() } : change),
      }),
    );
    this.#store.add(options.tokens.onDidChange(() => this.#news.outdateSoon()));
  }

  /** The filter as it was typed, in all pages. */
  get filter(): string {
    return this.#text;
  }

  /** The events that are chosen in the page where that was done last. */
  get selectedIds(): readonly number[] {
    return this.#selectedIds;
  }

  /** Joins a page; `post` sends it a message. Nothing is sent before the page says that it is ready. */
  attach(post: (message: HostMessage) => void): AttachedPage {
    const page: Page = { post, ready: false };
    this.#pages.add(page);
    return {
      receive: raw => this.#receive(page, raw),
      focusFilter: () => this.#focusFilter(page),
      hide: () => void (page.ready = false),
      dispose: () => void this.#pages.delete(page),
    };
  }

  /** Shows what the filter asks for; where something is wrong with it, the pages say so and show what they showed. */
  setFilter(text: string): void {
    const parsed = parseFilter(text, this.#clock);
    this.#text = text;
    this.#problem = parsed.ok ? undefined : parsed.error;
    if (!parsed.ok) {
      this.#sendQuery();
      return;
    }
    this.#filter = parsed.value;
    this.#news.outdate();
  }

  /** Selects an event in every page, dropping a filter that hides it. One that is not kept any more is ignored. */
  reveal(id: number): void {
    if (this.#history.get(id) === undefined) return;
    for (const page of this.#pages) this.#revealIn(page, id);
  }

  /** Says how events are coming in. */
  setFeed(feed: FeedState): void {
    this.#feed = feed;
    this.#broadcast({ type: "feed", feed });
  }

  /** Says whether and where events are sent on. */
  setForwarding(forwarding: ForwardingState): void {
    this.#forwarding = forwarding;
    this.#broadcast({ type: "forwarding", forwarding });
  }

  dispose(): void {
    this.#store.dispose();
    this.#pages.clear();
  }

  #receive(page: Page, raw: unknown): void {
    const parsed = v.safeParse(pageMessageSchema, raw);
    if (!parsed.success) {
      this.#logger.warn(`The inspector page sent a message of no known form: ${v.summarize(parsed.issues)}`);
    } else if (this.#pages.has(page)) {
      this.#handle(page, parsed.output);
    }
  }

  #handle(page: Page, message: PageMessage): void {
    switch (message.type) {
      case "ready":
        this.#welcome(page);
        break;
      case "getPage":
        page.post(this.#answerPage(message));
        break;
      case "getDetail":
        void this.#answerDetail(page, message);
        break;
      case "complete":
        page.post(this.#answerCompletion(message));
        break;
      case "fetchRecord":
        void this.#answerRecord(page, message);
        break;
      case "setFilter":
        this.setFilter(message.text);
        break;
      case "setSort":
        this.#setSort(message.sort);
        break;
      case "getQuery":
        page.post({ type: "query", query: this.#query() });
        break;
      case "saveFilter":
        void this.#saveFilter(message.filter);
        break;
      case "forgetFilter":
        this.#changeSaved(saved => saved.forget(message.name));
        break;
      case "selected":
        this.#selectedIds = this.#idsOf(message.selection);
        break;
      case "getBody":
        void this.#answerBody(page, message);
        break;
      case "revealEvent":
        this.#attempt(() => this.reveal(message.id));
        break;
      default:
        this.#delegateMessage(message);
    }
  }

  #delegateMessage(
    message: PageMessage & {
      type: "act" | "held" | "openDocument" | "saveParameter" | "copy" | "remedy" | "changeSandboxRecords";
    },
  ): void {
    switch (message.type) {
      case "act":
        this.#delegate.act(message.action, this.#idsOf(message.selection));
        break;
      case "held":
        this.#delegate.releaseHeld(message.what);
        break;
      case "openDocument":
        this.#delegate.openDocument(message.id);
        break;
      case "saveParameter":
        this.#delegate.saveParameter(message.id, message.index);
        break;
      case "copy":
        this.#delegate.copy(message.text);
        break;
      case "remedy":
        this.#delegate.remedy(message.remedy);
        break;
      case "changeSandboxRecords":
        this.#delegate.changeSandboxRecords();
        break;
      default:
        assertNever(message);
    }
  }

  #welcome(page: Page): void {
    if (this.#readyPages().length > 0) this.#news.tellNow();
    page.ready = true;
    if (this.#news.isOutdated) this.#news.tellNow();
    else this.#attempt(() => page.post(this.#dress(this.#list.snapshot())));
    const { pendingReveal: id, pendingFocus } = page;
    page.pendingReveal = undefined;
    page.pendingFocus = false;
    if (id !== undefined) this.#revealIn(page, id);
    if (pendingFocus === true) this.#focusFilter(page);
  }

  #revealIn(page: Page, id: number): void {
    if (!page.ready) {
      page.pendingReveal = id;
      return;
    }
    this.#news.tellNow();
    if (this.#list.offsetOf(id) === undefined) this.setFilter("");
    const offset = this.#list.offsetOf(id);
    if (offset !== undefined) page.post({ type: "reveal", id, offset });
  }

  #focusFilter(page: Page): void {
    if (page.ready) page.post({ type: "focusFilter" });
    else page.pendingFocus = true;
  }

  /** A page of a list that is no more, and one that cannot be read, is answered without rows. */
  #answerPage({ request, generation, offset, limit }: PageMessage & { type: "getPage" }): HostMessage {
    const rows = this.#isCurrent(generation) ? this.#attempt(() => this.#list.rowsAt(offset, limit)) : undefined;
    return { type: "page", request, generation, offset, rows: rows ?? [] };
  }

  async #answerDetail(page: Page, { request, id }: PageMessage & { type: "getDetail" }): Promise<void> {
    const detail = await this.#orNothing(this.#options.detailOf(id));
    this.#answer(page, detail === undefined ? { type: "detail", request } : { type: "detail", request, detail });
  }

  async #answerBody(page: Page, { request, id, from, as }: PageMessage & { type: "getBody" }): Promise<void> {
    const slice = await this.#orNothing(this.#options.bodySlice(id, from, as));
    const none = { type: "body", request, from, next: from } as const;
    this.#answer(page, slice === undefined ? none : { type: "body", request, ...slice });
  }

  #answerCompletion({ request, text, cursor }: PageMessage & { type: "complete" }): HostMessage {
    const none: KnownNames = { module: [], field: [], channel: [], operation: [] };
    const known = this.#attempt(() => this.#history.names()) ?? none;
    const { from, to, options } = completeFilter(text, cursor, known);
    return { type: "completions", request, from, to, options: [...options] };
  }

  async #answerRecord(page: Page, { request, id, recordId }: PageMessage & { type: "fetchRecord" }): Promise<void> {
    const { record, changes } = await this.#delegate.fetchRecord(id, recordId);
    this.#answer(page, { type: "record", request, record, changes: [...changes] });
  }

  #setSort(sort: Sort | undefined): void {
    this.#sort = sort;
    this.#news.outdate();
  }

  async #saveFilter(filter: string): Promise<void> {
    const suggestion = suggestName(filter, this.#saved());
    const name = (await this.#delegate.nameFilter(suggestion))?.trim();
    if (name !== undefined && name !== "") this.#changeSaved(saved => saved.save(name, filter));
  }

  #changeSaved(change: (saved: SavedFilters) => void): void {
    this.#attempt(() => change(this.#options.savedFilters));
    this.#sendQuery();
  }

  #saved(): Query["saved"] {
    return this.#attempt(() => this.#options.savedFilters.list()) ?? [];
  }

  /** Runs of a list that is no more choose nothing. */
  #idsOf(selection: EventSelection): readonly number[] {
    if ("ids" in selection) return selection.ids;
    const { generation, ranges } = selection;
    return ranges.flatMap(([first, last]) => this.#list.idsAt(generation, first, last - first + 1));
  }

  #isCurrent(generation: number): boolean {
    return generation === this.#list.generation && !this.#news.isOutdated;
  }

  /** How many events there are in all, for a list that shows only some; nothing where that cannot be read. */
  #kept(): { readonly kept?: number } {
    const kept = this.#filter.length === 0 ? undefined : this.#attempt(() => this.#history.count());
    return kept === undefined ? {} : { kept };
  }

  #sendQuery(): void {
    this.#broadcast({ type: "query", query: this.#query() });
  }

  /** The list, and what is shown around it. */
  #dress(list: ReturnType<InspectedList["snapshot"]>): HostMessage {
    const snapshot = { ...list, ...this.#kept(), query: this.#query(), feed: this.#feed };
    return this.#forwarding === undefined ? snapshot : { ...snapshot, forwarding: this.#forwarding };
  }

  #query(): Query {
    return {
      filter: this.#text,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
      ...(this.#sort === undefined ? {} : { sort: this.#sort }),
      saved: this.#saved(),
    };
  }

  #broadcast(message: HostMessage): void {
    for (const page of this.#readyPages()) page.post(message);
  }

  #readyPages(): Page[] {
    return [...this.#pages].filter(page => page.ready);
  }

  /** Reading the history fails when its file does. The page then shows that it has no answer, and can ask again. */
  #attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#complain(error);
      return undefined;
    }
  }

  async #orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      this.#complain(error);
      return undefined;
    }
  }

  #complain(error: unknown): void {
    this.#logger.error(`The event history could not be read: ${describeCauses(error)}`);
  }

  /** The page may have been closed while its answer was made. */
  #answer(page: Page, message: HostMessage): void {
    if (this.#pages.has(page)) page.post(message);
  }
}
