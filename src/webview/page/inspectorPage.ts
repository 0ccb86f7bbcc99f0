import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { FeedState, InspectorFilter } from "../../protocol/inspector.ts";
import type { Fetched } from "../detail/changesTab.ts";
import { DetailPane } from "../detail/detailPane.ts";
import { SplitView } from "../layout/splitView.ts";
import { EventList, type Selection } from "../list/eventList.ts";
import { following } from "../list/follow.ts";
import { type RowRange, RowStore } from "../list/rowStore.ts";
import { Banner } from "./banner.ts";
import { element } from "./dom.ts";
import { EmptyState } from "./emptyState.ts";
import { feedBadge } from "./feedText.ts";
import { type HostConnection, type HostNews, answerDeadline } from "./hostConnection.ts";
import { LiveRegion } from "./liveRegion.ts";
import { NewEventsButton } from "./newEventsButton.ts";
import { Toolbar } from "./toolbar.ts";
import { type ViewState, parseViewState } from "./viewState.ts";

/** What VS Code keeps for the page while it is reloaded or hidden. */
export interface StateKeeper {
  getState(): unknown;
  setState(state: ViewState): void;
}

type News<Type extends HostNews["type"]> = HostNews & { readonly type: Type };

/** How long changes of the view are gathered before they are kept, in milliseconds. */
const keepDelay = 200;

/** An answer that takes longer than this, in milliseconds, is announced: until then the last event stays on show. */
const lateAfter = 300;

/** The inspector page: a projection of what the host says, with the person's view of it. */
export class InspectorPage {
  readonly element: HTMLElement;
  readonly #host: HostConnection;
  readonly #clock: Clock;
  readonly #keeper: StateKeeper;
  readonly #rows = new RowStore();
  readonly #list: EventList;
  readonly #detail: DetailPane;
  readonly #split: SplitView;
  readonly #toolbar: Toolbar;
  readonly #banner = new Banner();
  readonly #empty = new EmptyState();
  readonly #newEvents: NewEventsButton;
  readonly #live: LiveRegion;
  #state: ViewState;
  #feed: FeedState = { kind: "off" };
  #filter: InspectorFilter | undefined;
  #hasSnapshot = false;
  #keeping: Disposable | undefined;

  constructor(host: HostConnection, clock: Clock, keeper: StateKeeper) {
    this.#host = host;
    this.#clock = clock;
    this.#keeper = keeper;
    this.#state = parseViewState(keeper.getState());
    this.#live = new LiveRegion(clock);
    this.#list = this.#makeList();
    this.#detail = this.#makeDetail();
    this.#newEvents = new NewEventsButton(() => this.#list.resume());
    this.#split = this.#makeSplit();
    this.#toolbar = new Toolbar({
      onClearFilter: () => host.clearFilter(),
      onToggleFollow: () => this.#toggleFollow(),
    });
    const parts = [this.#toolbar, this.#banner, this.#split, this.#live].map(part => part.element);
    this.element = element("main", { className: "inspector" }, ...parts);
    this.#showFollow();
    host.onNews(news => this.#receive(news));
  }

  /** Asks the host for the list, and says so when it does not come. */
  start(): void {
    this.#empty.show({ kind: "loading" });
    this.#host.ready();
    this.#clock.after(answerDeadline, () => {
      if (!this.#hasSnapshot) this.#empty.show({ kind: "failed", retry: () => this.start() });
    });
  }

  /** The person came to the page by key or command: the keyboard is on the list, unless it was left elsewhere. */
  takeFocus(): void {
    if (document.activeElement === null || document.activeElement === document.body) this.#list.focus();
  }

  #makeList(): EventList {
    return new EventList({
      store: this.#rows,
      clock: this.#clock,
      follow: this.#state.following ? following : { kind: "paused", unseen: 0 },
      request: ranges => ranges.forEach(range => void this.#fetch(range)),
      onSelect: selection => this.#select(selection),
      onOpen: () => this.#detail.focus(),
      onChange: () => this.#onListChange(),
    });
  }

  #makeDetail(): DetailPane {
    return new DetailPane({
      tab: this.#state.tab,
      clock: this.#clock,
      copy: text => this.#copy(text),
      onTab: tab => this.#keep({ tab }),
      say: sentence => this.#live.say(sentence),
      act: (action, id) => this.#host.act(action, { ids: [id] }),
      openDocument: id => this.#host.openDocument(id),
      fetchRecord: async (id, recordId) => this.#fetchRecord(id, recordId),
      getBody: id => async from => this.#host.getBody(id, from),
      revealEvent: id => this.#host.revealEvent(id),
      remedy: remedy => this.#host.remedy(remedy),
      onClose: () => this.#close(),
      onLeave: () => this.#list.focus(),
    });
  }

  #makeSplit(): SplitView {
    const { shares } = this.#state;
    const floating = [this.#empty.element, this.#newEvents.element];
    const first = element("div", { className: "list-side" }, this.#list.element, ...floating);
    return new SplitView({
      first,
      second: this.#detail.element,
      shares,
      onChange: moved => this.#keep({ shares: moved }),
    });
  }

  #receive(news: HostNews): void {
    switch (news.type) {
      case "snapshot":
        this.#replace(news);
        break;
      case "appended":
        this.#append(news);
        break;
      case "feed":
        this.#showFeed(news.feed);
        break;
      case "reveal":
        this.#list.reveal({ id: news.id, offset: news.offset });
        break;
      // Said by no host yet.
      case "updated":
      case "query":
      case "forwarding":
      case "focusFilter":
        break;
    }
  }

  #replace(news: News<"snapshot">): void {
    const isOther = this.#hasSnapshot && !isSameFilter(news.filter, this.#filter);
    const moved = this.#rows.replace(news.generation, news.total, news.offset, news.rows);
    this.#filter = news.filter;
    this.#list.replaced(moved);
    if (isOther || news.total === 0) this.#list.resume();
    if (!this.#hasSnapshot) this.#restore();
    else if (this.#list.selected !== undefined) void this.#showDetail(this.#list.selected.id);
    this.#hasSnapshot = true;
    this.#toolbar.showFilter(news.filter);
    this.#showTotal();
    this.#showFeed(news.feed);
  }

  #append(news: News<"appended">): void {
    if (news.generation !== this.#rows.generation) return;
    const count = this.#rows.append(news.total, news.rows);
    this.#list.appended(count);
    this.#live.arrived(count, news.rows.at(-1));
    this.#showTotal();
  }

  /** The view as it was before the page was reloaded. */
  #restore(): void {
    const { selected, firstOffset } = this.#state;
    if (this.#list.follow.kind === "paused") this.#list.scrollToOffset(firstOffset);
    if (selected === undefined) return;
    this.#list.setSelected(selected);
    void this.#showDetail(selected.id);
  }

  async #fetch(range: RowRange): Promise<void> {
    const { generation } = this.#rows;
    const answer = await this.#host.getPage(generation, range.offset, range.limit);
    if (generation !== this.#rows.generation) return;
    if (answer.ok) this.#rows.fill(range, answer.value);
    else this.#rows.fail(range);
    this.#list.draw();
  }

  #select(selection: Selection | undefined): void {
    this.#keep({ selected: selection });
    if (selection === undefined) this.#split.showSecond(false);
    else void this.#showDetail(selection.id);
  }

  async #showDetail(id: number): Promise<void> {
    this.#split.showSecond(true);
    const late = this.#clock.after(lateAfter, () => this.#detail.show({ kind: "loading" }));
    const answer = await this.#host.getDetail(id);
    late.dispose();
    if (this.#list.selected?.id !== id) return;
    if (!answer.ok) this.#detail.show({ kind: "failed", retry: () => void this.#showDetail(id) });
    else if (answer.value === undefined) this.#detail.show({ kind: "gone" });
    else this.#detail.show({ kind: "shown", detail: answer.value });
  }

  async #fetchRecord(id: number, recordId: string): Promise<Fetched> {
    const answer = await this.#host.fetchRecord(id, recordId);
    if (answer.ok) return answer.value;
    const problem = l10n.t("The editor did not answer.");
    return { record: { kind: "problem", recordId, problem, remedy: "retry" }, changes: [] };
  }

  #close(): void {
    this.#list.setSelected(undefined);
    this.#select(undefined);
    this.#list.focus();
  }

  #toggleFollow(): void {
    if (this.#list.follow.kind === "following") this.#list.pause();
    else this.#list.resume();
  }

  #copy(text: string): void {
    this.#host.copy(text);
    this.#live.say("Copied");
  }

  #onListChange(): void {
    this.#showFollow();
    this.#keep({ following: this.#list.follow.kind === "following", firstOffset: this.#list.firstOffset });
  }

  #showFollow(): void {
    this.#toolbar.showFollow(this.#list.follow);
    this.#newEvents.show(this.#list.follow);
  }

  #showTotal(): void {
    this.#toolbar.showCount(this.#rows.total);
    this.#showEmpty();
  }

  #showFeed(feed: FeedState): void {
    if (feed.kind !== this.#feed.kind) this.#live.say(`${feedBadge(feed).word}. ${feed.problem ?? ""}`);
    this.#feed = feed;
    this.#toolbar.showFeed(feed);
    this.#banner.show(feed);
    this.#showEmpty();
  }

  #showEmpty(): void {
    if (!this.#hasSnapshot) return;
    const clearFilter = this.#filter === undefined ? undefined : (): void => this.#host.clearFilter();
    const canPlay = this.#feed.sandbox === true && this.#feed.kind === "live";
    const changeRecords = canPlay ? (): void => this.#host.changeSandboxRecords() : undefined;
    const reason = { kind: "empty", feed: this.#feed, clearFilter, changeRecords } as const;
    this.#empty.show(this.#rows.total > 0 ? undefined : reason);
  }

  #keep(change: Partial<{ -readonly [Key in keyof ViewState]: ViewState[Key] | undefined }>): void {
    this.#state = parseViewState({ ...this.#state, ...change });
    this.#keeping ??= this.#clock.after(keepDelay, () => {
      this.#keeping = undefined;
      this.#keeper.setState(this.#state);
    });
  }
}

function isSameFilter(one: InspectorFilter | undefined, other: InspectorFilter | undefined): boolean {
  return one?.channelId === other?.channelId && one?.module === other?.module;
}
