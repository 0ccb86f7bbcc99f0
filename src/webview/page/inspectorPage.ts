import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { FeedState, ForwardingState, PageRemedy, Query } from "../../protocol/inspector.ts";
import { DetailPane } from "../detail/detailPane.ts";
import { FilterBox } from "../filter/filterBox.ts";
import { SavedFilters } from "../filter/savedFilters.ts";
import { SplitView } from "../layout/splitView.ts";
import type { TimeForm } from "../list/cellContent.ts";
import { type ColumnChoice, withWidth, withoutWidth } from "../list/columnLayout.ts";
import { columnMenu } from "../list/columnMenu.ts";
import type { ColumnName } from "../list/columns.ts";
import { EventList, type ShownEvent } from "../list/eventList.ts";
import { following } from "../list/follow.ts";
import type { SelectionAction } from "../list/listKeys.ts";
import { type Counts, countInWords, sortedInWords } from "../list/listText.ts";
import { type RowRange, RowStore } from "../list/rowStore.ts";
import { isByArrival, sortAfterClick } from "../list/sorting.ts";
import { Banner } from "./banner.ts";
import { DetailLoader } from "./detailLoader.ts";
import { element } from "./dom.ts";
import { EmptyState } from "./emptyState.ts";
import { feedBadge } from "./feedText.ts";
import { HeldBanner } from "./heldBanner.ts";
import { type HostConnection, type HostNews, answerDeadline } from "./hostConnection.ts";
import { KeptView, type StateKeeper } from "./keptView.ts";
import { KeysHelp } from "./keysHelp.ts";
import { LiveRegion } from "./liveRegion.ts";
import { Menu, type MenuItem } from "./menu.ts";
import { MenuButton } from "./menuButton.ts";
import { NewEventsButton } from "./newEventsButton.ts";
import { askedBy } from "./selectionActions.ts";
import { Toolbar } from "./toolbar.ts";
import type { ViewState } from "./viewState.ts";

type News<Type extends HostNews["type"]> = HostNews & { readonly type: Type };

/** How long changes of the choice are gathered before the host is told, in milliseconds. */
const selectionDelay = 100;

/** How often times that are relative to now are drawn again, in milliseconds. */
const tickInterval = 1_000;

/** How long to wait for an event that the host wants shown before a filter comes back that may hide it, in milliseconds. */
const restoreDelay = 50;

/** The inspector page: a projection of what the host says, with the person's view of it. */
export class InspectorPage {
  readonly element: HTMLElement;
  readonly #host: HostConnection;
  readonly #clock: Clock;
  readonly #view: KeptView;
  readonly #rows = new RowStore();
  readonly #list: EventList;
  readonly #detail: DetailPane;
  readonly #loader: DetailLoader;
  readonly #split: SplitView;
  readonly #filter: FilterBox;
  readonly #savedFilters: SavedFilters;
  readonly #toolbar: Toolbar;
  readonly #columnMenu: Menu;
  readonly #banner: Banner;
  readonly #held: HeldBanner;
  readonly #help = new KeysHelp();
  readonly #empty = new EmptyState();
  readonly #newEvents: NewEventsButton;
  readonly #live: LiveRegion;
  #feed: FeedState = { kind: "off" };
  #query: Query = { filter: "", saved: [] };
  #kept: number | undefined;
  #hasSnapshot = false;
  #telling: Disposable | undefined;
  #restoring: Disposable | undefined;

  constructor(host: HostConnection, clock: Clock, keeper: StateKeeper) {
    this.#host = host;
    this.#clock = clock;
    this.#view = new KeptView(keeper, clock);
    this.#live = new LiveRegion(clock);
    this.#list = this.#makeList();
    this.#columnMenu = new Menu(l10n.t("Columns"), { items: () => this.#columnItems() });
    this.#loader = this.#makeLoader();
    this.#detail = this.#makeDetail();
    this.#newEvents = new NewEventsButton(() => this.#followAgain());
    this.#split = this.#makeSplit();
    this.#filter = this.#makeFilter();
    this.#savedFilters = this.#makeSavedFilters();
    this.#banner = new Banner(remedy => host.remedy(remedy));
    this.#held = new HeldBanner(what => host.held(what));
    this.#toolbar = new Toolbar({
      filter: [this.#filter.element, this.#savedFilters.element],
      onToggleFollow: () => this.#toggleFollow(),
      onHelp: () => this.#help.open(),
    });
    const parts = [this.#toolbar, this.#banner, this.#held, this.#split, this.#live, this.#help];
    this.element = element("main", { className: "inspector" }, ...parts.map(part => part.element));
    this.#toolbar.element.after(this.#filter.problem);
    this.element.addEventListener("keydown", event => this.#onKey(event));
    this.#showFollow();
    host.onNews(news => this.#receive(news));
  }

  /** Asks the host for the list, and says so when it does not come. */
  start(): void {
    this.#ask();
    this.#tickLater();
  }

  /** The person came to the page by key or command: the keyboard is on the list, unless it was left elsewhere. */
  takeFocus(): void {
    if (document.activeElement === null || document.activeElement === document.body) this.#list.focus();
  }

  #ask(): void {
    this.#empty.show({ kind: "loading" });
    this.#host.ready();
    this.#clock.after(answerDeadline, () => {
      if (!this.#hasSnapshot) this.#empty.show({ kind: "failed", retry: () => this.#ask() });
    });
  }

  #tickLater(): void {
    this.#clock.after(tickInterval, () => {
      if (!document.hidden) this.#list.tick();
      this.#tickLater();
    });
  }

  #makeList(): EventList {
    return new EventList({
      store: this.#rows,
      clock: this.#clock,
      follow: this.#view.state.following ? following : { kind: "paused", unseen: 0 },
      columns: this.#view.state.columns,
      times: this.#view.state.times,
      heading: {
        onSort: column => this.#host.setSort(sortAfterClick(this.#query.sort, column)),
        onResize: (name, width) => this.#resizeColumn(name, width),
        onMenu: place => this.#columnMenu.open(place),
      },
      request: ranges => ranges.forEach(range => void this.#fetch(range)),
      onShow: shown => this.#show(shown),
      onSelect: isUrgent => this.#tellSelection(isUrgent),
      onAct: action => this.#act(action),
      onOpen: () => this.#detail.focus(),
      onChange: () => this.#onListChange(),
    });
  }

  #columnItems(): readonly MenuItem[] {
    return columnMenu({
      chosen: () => this.#view.state,
      onColumns: columns => this.#setColumns(columns),
      onTimes: times => this.#setTimes(times),
    });
  }

  #makeLoader(): DetailLoader {
    return new DetailLoader({
      host: this.#host,
      clock: this.#clock,
      wanted: () => this.#list.shown?.id,
      shown: () => this.#detail.shownId,
      show: state => this.#detail.show(state),
    });
  }

  #makeDetail(): DetailPane {
    return new DetailPane({
      tab: this.#view.state.tab,
      clock: this.#clock,
      copy: text => this.#copy(text),
      onTab: tab => this.#view.change({ tab }),
      say: sentence => this.#live.say(sentence),
      act: (action, id) => this.#host.act(action, { ids: [id] }),
      openDocument: id => this.#host.openDocument(id),
      fetchRecord: async (id, recordId) => this.#loader.fetchRecord(id, recordId),
      getBody: (id, as) => async from => this.#host.getBody(id, from, as),
      saveParameter: (id, index) => this.#host.saveParameter(id, index),
      revealEvent: id => this.#host.revealEvent(id),
      remedy: remedy => this.#host.remedy(remedy),
      onClose: () => this.#close(),
      onLeave: () => this.#list.focus(),
    });
  }

  #makeSplit(): SplitView {
    const { shares } = this.#view.state;
    const columns = new MenuButton({
      icon: "kebab-vertical",
      label: l10n.t("Columns"),
      className: "columns-button",
      items: () => this.#columnItems(),
    });
    const floating = [columns.element, this.#empty.element, this.#newEvents.element];
    const first = element("div", { className: "list-side" }, this.#list.element, ...floating);
    return new SplitView({
      first,
      second: this.#detail.element,
      shares,
      onChange: moved => this.#view.change({ shares: moved }),
    });
  }

  #makeFilter(): FilterBox {
    return new FilterBox({
      clock: this.#clock,
      history: this.#view.state.filterHistory,
      apply: filter => this.#host.setFilter(filter),
      complete: async (text, cursor) => this.#host.complete(text, cursor),
      onHistory: history => this.#view.change({ filterHistory: [...history] }),
      onLeave: () => this.#list.focus(),
    });
  }

  #makeSavedFilters(): SavedFilters {
    return new SavedFilters({
      apply: filter => this.#filter.set(filter),
      save: () => this.#host.saveFilter(this.#filter.text),
      forget: name => this.#host.forgetFilter(name),
      ask: () => this.#host.askQuery(),
      typed: () => this.#filter.text,
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
      case "updated":
        this.#update(news);
        break;
      case "query":
        this.#showQuery(news.query);
        break;
      case "feed":
        this.#showFeed(news.feed);
        break;
      case "forwarding":
        this.#showForwarding(news.forwarding);
        break;
      case "reveal":
        this.#restoring?.dispose();
        this.#list.reveal({ id: news.id, offset: news.offset });
        break;
      case "focusFilter":
        this.#filter.focus();
        break;
    }
  }

  #replace(news: News<"snapshot">): void {
    const { query } = news;
    const isSame = this.#hasSnapshot && isSameList(query, this.#query);
    const isFirst = !this.#hasSnapshot;
    this.#hasSnapshot = true;
    this.#kept = news.kept;
    this.#showQuery(query);
    this.#list.replace(news, isSame);
    if (isFirst) this.#restore();
    if (isFirst) this.#askForQuery(this.#view.askedAfter(news));
    else this.#loader.refresh();
    if (!isFirst && !isSame) this.#beginList(news.total);
    else if (news.total === 0) this.#list.resume();
    this.#showTotal();
    this.#showFeed(news.feed);
    if (news.forwarding !== undefined) this.#showForwarding(news.forwarding);
  }

  /** The list is another one: a person who looks at it begins where it begins, which is with the newest by arrival. */
  #beginList(total: number): void {
    if (isByArrival(this.#query.sort)) this.#list.resume();
    else this.#list.scrollToOffset(0);
    const order = isByArrival(this.#query.sort) ? "" : sortedInWords(this.#query.sort);
    this.#live.say([countInWords(this.#counts(total)), order].filter(part => part !== "").join(". "));
  }

  #append(news: News<"appended">): void {
    if (news.generation !== this.#rows.generation) return;
    this.#kept = news.kept ?? this.#kept;
    const count = this.#rows.append(news.total, news.rows);
    this.#list.appended(count);
    this.#live.arrived(count, news.rows.at(-1));
    this.#showTotal();
  }

  #update(news: News<"updated">): void {
    if (news.generation !== this.#rows.generation) return;
    if (this.#rows.update(news.rows)) this.#list.draw();
    const { shown } = this.#list;
    if (shown !== undefined && news.rows.some(({ row }) => row.id === shown.id)) this.#loader.refreshSoon();
  }

  /** The view as it was before the page was reloaded. */
  #restore(): void {
    const { selected, firstOffset } = this.#view.state;
    if (this.#list.follow.kind === "paused") this.#list.scrollToOffset(firstOffset);
    if (selected === undefined) return;
    this.#list.setShown(selected);
    this.#showDetail(selected.id);
  }

  #askForQuery({ filter, sort }: Pick<ViewState, "filter" | "sort">): void {
    if (filter === "" && sort === undefined) return;
    this.#restoring = this.#clock.after(restoreDelay, () => {
      if (filter !== "") this.#host.setFilter(filter);
      if (sort !== undefined) this.#host.setSort(sort);
    });
  }

  async #fetch(range: RowRange): Promise<void> {
    const { generation } = this.#rows;
    const answer = await this.#host.getPage(generation, range.offset, range.limit);
    if (generation !== this.#rows.generation) return;
    if (answer.ok) this.#rows.fill(range, answer.value);
    else this.#rows.fail(range);
    this.#list.draw();
  }

  #show(shown: ShownEvent | undefined): void {
    this.#view.change({ selected: shown });
    if (shown === undefined) this.#hideDetail();
    else this.#showDetail(shown.id);
  }

  /** What is shown next is another event, of which nothing is known yet. */
  #hideDetail(): void {
    this.#split.showSecond(false);
    this.#detail.show({ kind: "loading" });
  }

  #showDetail(id: number): void {
    this.#split.showSecond(true);
    void this.#loader.load(id);
  }

  #close(): void {
    this.#list.setShown(undefined);
    this.#show(undefined);
    this.#list.focus();
  }

  /** The host knows which events are chosen before it is asked to do something with them. */
  #tellSelection(isUrgent: boolean): void {
    this.#telling?.dispose();
    const tell = (): void => this.#host.selected(this.#list.selection);
    if (isUrgent) tell();
    else this.#telling = this.#clock.after(selectionDelay, tell);
  }

  #act(key: SelectionAction): void {
    const asked = askedBy(key, this.#list.selectedCount, this.#list.selectedRows);
    if (asked.kind === "refused") this.#live.say(asked.sentence);
    else this.#host.act(asked.action, this.#list.selection);
  }

  #onKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement;
    const isFind = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f";
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping;
    if (isFind || (isPlain && event.key === "/")) this.#filter.focus();
    else if (isPlain && event.key === "?") this.#help.open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #toggleFollow(): void {
    if (this.#list.follow.kind === "following") this.#list.pause();
    else this.#followAgain();
  }

  /** There is a newest event only in the order of arrival; the list follows once it is in it. */
  #followAgain(): void {
    if (isByArrival(this.#query.sort)) this.#list.resume();
    else this.#host.setSort(undefined);
  }

  #resizeColumn(name: ColumnName, width: number | undefined): void {
    const { columns } = this.#view.state;
    this.#setColumns(width === undefined ? withoutWidth(columns, name) : withWidth(columns, name, width));
  }

  #setColumns({ hidden, widths }: ColumnChoice): void {
    this.#view.change({ columns: { hidden: [...hidden], widths } });
    this.#list.setColumns(this.#view.state.columns);
  }

  #setTimes(times: TimeForm): void {
    this.#view.change({ times });
    this.#list.setTimes(times);
  }

  #copy(text: string): void {
    this.#host.copy(text);
    this.#live.say(l10n.t("Copied"));
  }

  #onListChange(): void {
    this.#showFollow();
    this.#view.change({ following: this.#list.follow.kind === "following", firstOffset: this.#list.firstOffset });
  }

  #showFollow(): void {
    this.#toolbar.showFollow(this.#list.follow);
    this.#newEvents.show(this.#list.follow);
  }

  #showQuery(query: Query): void {
    this.#query = query;
    this.#filter.show(query);
    this.#savedFilters.show(query.saved);
    this.#toolbar.showSort(query.sort);
    this.#list.setSort(query.sort);
    this.#view.change({ filter: query.filter, sort: query.sort });
  }

  #counts(total: number): Counts {
    return { total, kept: this.#kept, isFiltered: this.#query.filter.trim() !== "" };
  }

  #showTotal(): void {
    this.#toolbar.showCount(this.#counts(this.#rows.total));
    this.#showEmpty();
  }

  #showFeed(feed: FeedState): void {
    if (feed.kind !== this.#feed.kind) {
      const { word } = feedBadge(feed);
      this.#live.say(feed.problem === undefined ? l10n.t("{0}.", word) : l10n.t("{0}. {1}", word, feed.problem));
    }
    this.#feed = feed;
    this.#toolbar.showFeed(feed);
    this.#banner.show(feed);
    this.#showEmpty();
  }

  #showForwarding(forwarding: ForwardingState): void {
    this.#toolbar.showForwarding(forwarding);
    this.#held.show(forwarding);
  }

  #showEmpty(): void {
    if (!this.#hasSnapshot) return;
    const clearFilter = this.#counts(0).isFiltered ? (): void => this.#filter.set("") : undefined;
    const canPlay = this.#feed.sandbox === true && this.#feed.kind === "live";
    const changeRecords = canPlay ? (): void => this.#host.changeSandboxRecords() : undefined;
    const remedy = (which: PageRemedy): void => this.#host.remedy(which);
    const reason = { kind: "empty", feed: this.#feed, clearFilter, changeRecords, remedy } as const;
    this.#empty.show(this.#rows.total > 0 ? undefined : reason);
  }
}

function isSameList(one: Query, other: Query): boolean {
  return (
    one.filter === other.filter &&
    one.sort?.column === other.sort?.column &&
    one.sort?.descending === other.sort?.descending
  );
}
