import * as v from "valibot";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore, type Event, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import {
  type FeedState,
  type HostMessage,
  type InspectorFilter,
  type PageMessage,
  pageMessageSchema,
} from "../../protocol/inspector.ts";
import type { StoredEvent } from "../history/storedEvent.ts";
import { type TokenVerifier, presentDetail } from "./eventPresenter.ts";
import { type InspectedHistory, InspectedList } from "./inspectedList.ts";

/** What the page asks for and only the editor can do. */
export interface InspectorDelegate {
  openDocument(id: number): void;
  copy(text: string): void;
  changeSandboxRecords(): void;
}

export interface InspectorOptions {
  readonly history: InspectedHistory;
  readonly tokens: TokenVerifier & { readonly onDidChange: Event<unknown> };
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
}

/** How long to gather what arrived before telling the pages, in milliseconds: less than a person notices. */
const batchDelay = 50;

interface Page {
  readonly post: (message: HostMessage) => void;
  /** The page said that it listens. */
  ready: boolean;
  /** What to reveal once it does. */
  pendingReveal?: number | undefined;
}

/** The host's side of the inspector protocol: answers any number of pages, and holds no events itself. */
export class InspectorModel implements Disposable {
  readonly #history: InspectedHistory;
  readonly #tokens: TokenVerifier;
  readonly #delegate: InspectorDelegate;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #list: InspectedList;
  readonly #store = new DisposableStore();
  readonly #pages = new Set<Page>();
  #feed: FeedState;
  #filter: InspectorFilter | undefined;
  /** The past has changed, or nobody was looking: the next page that looks gets a new generation. */
  #isOutdated = true;
  #batch: Disposable | undefined;

  constructor(options: InspectorOptions) {
    this.#history = options.history;
    this.#tokens = options.tokens;
    this.#delegate = options.delegate;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#feed = options.feed ?? { kind: "off" };
    this.#list = new InspectedList(this.#history, this.#tokens);
    this.#store.add(this.#history.onDidAppend(events => this.#append(events)));
    this.#store.add(this.#history.onDidReset(() => this.#outdate()));
    this.#store.add(options.tokens.onDidChange(() => this.#outdate()));
    this.#store.add(toDisposable(() => this.#batch?.dispose()));
  }

  /** The filter that all pages show. */
  get filter(): InspectorFilter | undefined {
    return this.#filter;
  }

  /** Joins a page; `post` sends it a message. Nothing is sent before the page says that it is ready. */
  attach(post: (message: HostMessage) => void): AttachedPage {
    const page: Page = { post, ready: false };
    this.#pages.add(page);
    return {
      receive: raw => this.#receive(page, raw),
      dispose: () => void this.#pages.delete(page),
    };
  }

  /** Shows only the events of one subscription, or all. */
  setFilter(filter?: InspectorFilter): void {
    this.#filter = filter;
    this.#isOutdated = true;
    this.#sendNews();
  }

  /** Selects an event in every page, dropping a filter that hides it. One that is not kept any more is ignored. */
  reveal(id: number): void {
    if (this.#history.get(id) === undefined) return;
    if (this.#history.offsetOf(id, this.#filter) === undefined) this.setFilter(undefined);
    for (const page of this.#pages) this.#revealIn(page, id);
  }

  /** Says how events are coming in. */
  setFeed(feed: FeedState): void {
    this.#feed = feed;
    this.#broadcast({ type: "feed", feed });
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
        page.post(this.#answerDetail(message));
        break;
      case "clearFilter":
        this.setFilter(undefined);
        break;
      case "openDocument":
        this.#delegate.openDocument(message.id);
        break;
      case "copy":
        this.#delegate.copy(message.text);
        break;
      case "changeSandboxRecords":
        this.#delegate.changeSandboxRecords();
        break;
      // Spoken by no page yet.
      case "setFilter":
      case "setSort":
      case "complete":
      case "saveFilter":
      case "forgetFilter":
      case "fetchRecord":
      case "getBody":
      case "remedy":
      case "act":
      case "selected":
      case "held":
        break;
      default:
        assertNever(message);
    }
  }

  #welcome(page: Page): void {
    if (this.#readyPages().length > 0) this.#sendNews();
    page.ready = true;
    if (this.#isOutdated) this.#sendNews();
    else this.#attempt(() => page.post({ ...this.#list.snapshot(), feed: this.#feed }));
    const id = page.pendingReveal;
    page.pendingReveal = undefined;
    if (id !== undefined) this.#revealIn(page, id);
  }

  #revealIn(page: Page, id: number): void {
    if (!page.ready) {
      page.pendingReveal = id;
      return;
    }
    this.#sendNews();
    const offset = this.#history.offsetOf(id, this.#filter);
    if (offset !== undefined) page.post({ type: "reveal", id, offset });
  }

  /** A page of a list that is no more, and one that cannot be read, is answered without rows. */
  #answerPage({ request, generation, offset, limit }: PageMessage & { type: "getPage" }): HostMessage {
    const isCurrent = generation === this.#list.generation && !this.#isOutdated;
    const rows = isCurrent ? this.#attempt(() => this.#list.rowsAt(offset, limit)) : undefined;
    return { type: "page", request, generation, offset, rows: rows ?? [] };
  }

  #answerDetail({ request, id }: PageMessage & { type: "getDetail" }): HostMessage {
    const event = this.#attempt(() => this.#history.get(id));
    if (event === undefined) return { type: "detail", request };
    return { type: "detail", request, detail: presentDetail(event, this.#tokens) };
  }

  #append(events: readonly StoredEvent[]): void {
    if (this.#isOutdated) return;
    if (this.#readyPages().length === 0) return void (this.#isOutdated = true);
    this.#list.append(events);
    this.#sendNewsSoon();
  }

  #outdate(): void {
    this.#isOutdated = true;
    this.#sendNewsSoon();
  }

  #sendNewsSoon(): void {
    this.#batch ??= this.#clock.after(batchDelay, () => this.#sendNews());
  }

  /** Tells the pages at once what they do not know yet: what was appended, or the list anew. */
  #sendNews(): void {
    this.#batch?.dispose();
    this.#batch = undefined;
    if (this.#readyPages().length === 0) return;
    if (this.#isOutdated) this.#sendSnapshot();
    else this.#sendAppended();
  }

  #sendSnapshot(): void {
    const snapshot = this.#attempt(() => this.#list.restart(this.#filter));
    if (snapshot === undefined) return;
    this.#isOutdated = false;
    this.#broadcast({ ...snapshot, feed: this.#feed });
  }

  #sendAppended(): void {
    const appended = this.#list.takeAppended();
    if (appended !== undefined) this.#broadcast(appended);
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
      this.#logger.error(`The event history could not be read: ${describeCauses(error)}`);
      return undefined;
    }
  }
}
