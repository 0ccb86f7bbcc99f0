import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { EventRow, EventSelection, HostMessage } from "../../protocol/inspector.ts";
import { element, setAttribute } from "../page/dom.ts";
import type { TimeForm } from "./cellContent.ts";
import { type ColumnChoice, type ColumnUse, type PlacedColumn, layOutColumns, plainUse } from "./columnLayout.ts";
import { type ColumnName, columnNames, wordWidth } from "./columns.ts";
import { eventContext } from "./eventContext.ts";
import { type FollowEvent, type FollowState, nextFollowState } from "./follow.ts";
import { ListHeading, type ListHeadingOptions, headingId } from "./listHeading.ts";
import { ListInput } from "./listInput.ts";
import type { ListPlace, SelectionAction } from "./listKeys.ts";
import { contains, countOffsets } from "./offsetRanges.ts";
import type { RowRange, RowStore } from "./rowStore.ts";
import { type RowFrame, type RowMarks, type RowSlot, rowElementId } from "./rowView.ts";
import { RowViews } from "./rowViews.ts";
import {
  type Selection,
  type SelectionEvent,
  movedSelection,
  nextSelection,
  nothingSelected,
  selectionOf,
} from "./selection.ts";
import { type SortChoice, isByArrival } from "./sorting.ts";
import {
  type Viewport,
  drawnRange,
  firstInView,
  isAtEnd,
  rowsBelow,
  scrollHeight,
  scrollToEnd,
  scrollToShow,
  scrollToTop,
} from "./windowing.ts";

/** The height of a row in CSS pixels; eventList.css says the same. */
const rowHeight = 22;

/** What eventList.css leaves free at both ends of a row, in CSS pixels. */
const rowPadding = 28;

/** An event on show in the detail pane, and where the list has it. */
export interface ShownEvent {
  readonly id: number;
  readonly offset: number;
}

export interface EventListOptions {
  readonly store: RowStore;
  readonly clock: Clock;
  readonly follow: FollowState;
  readonly columns: ColumnChoice;
  readonly times: TimeForm;
  readonly heading: Omit<ListHeadingOptions, "onLeave">;
  /** Fetches rows that are in view and not known. */
  readonly request: (ranges: readonly RowRange[]) => void;
  /** The event to show beside the list, or that there is none. */
  readonly onShow: (shown: ShownEvent | undefined) => void;
  /** Other rows are chosen than before; `isUrgent` when something is about to be done with them. */
  readonly onSelect: (isUrgent: boolean) => void;
  readonly onAct: (action: SelectionAction) => void;
  /** The person wants to go on to the event's detail. */
  readonly onOpen: () => void;
  /** The view moved, or following began or paused. */
  readonly onChange: () => void;
}

type Snapshot = HostMessage & { readonly type: "snapshot" };

/** The list of events: a grid that draws only the rows in view, and follows the newest until the person moves. */
export class EventList {
  readonly element: HTMLElement;
  readonly #options: EventListOptions;
  readonly #canvas = element("div", { className: "canvas", attributes: { role: "rowgroup" } });
  /** What scrolls is the grid itself, so that the keyboard is on what scrolls; the heading stands outside and is its own. */
  readonly #scroller = element("div", { className: "scroller", attributes: gridAttributes() }, this.#canvas);
  readonly #heading: ListHeading;
  readonly #views = new RowViews(this.#canvas, rowHeight);
  #columns: ColumnChoice;
  /** What the columns were laid out for. */
  #use: ColumnUse = plainUse;
  #placed: readonly PlacedColumn[] = [];
  #shownColumns: readonly ColumnName[] = [];
  #times: TimeForm;
  #sort: SortChoice;
  #follow: FollowState;
  #selection: Selection = nothingSelected;
  #shown: ShownEvent | undefined;
  /** The event of the row that the keyboard is on is to be shown as soon as it is known. */
  #isAwaited = false;
  #isDrawPlanned = false;
  /** The scroller's measures as they were last read: reading them while drawing would cost a layout each time. */
  #size = { width: 0, height: 0 };
  #scrollTop = 0;
  /** Where the list itself scrolled to, to tell that from the person's scrolling. */
  #ownScrollTop = 0;
  #drawnHeight = 0;
  #drawnTotal = -1;

  constructor(options: EventListOptions) {
    this.#options = options;
    this.#follow = options.follow;
    this.#columns = options.columns;
    this.#times = options.times;
    this.#heading = new ListHeading({ ...options.heading, onLeave: () => this.focus() });
    const parts = [this.#heading.element, this.#scroller];
    this.element = element("div", { className: "list" }, ...parts);
    this.#makeInput().listen(this.#scroller, this.#canvas);
    this.#scroller.addEventListener("scroll", () => this.#onScroll());
    new ResizeObserver(() => this.#onResize()).observe(this.#scroller);
  }

  get follow(): FollowState {
    return this.#follow;
  }

  get shown(): ShownEvent | undefined {
    return this.#shown;
  }

  /** The first row in view. */
  get firstOffset(): number {
    return firstInView(this.#viewport());
  }

  /** How many rows are chosen. */
  get selectedCount(): number {
    return countOffsets(this.#selection.ranges);
  }

  /** Those of the chosen rows that the page knows. */
  get selectedRows(): readonly EventRow[] {
    return this.#options.store.rowsIn(this.#selection.ranges);
  }

  /** The chosen rows as the host is told of them: by their ids where all are known, else as runs of the list. */
  get selection(): EventSelection {
    const { store } = this.#options;
    const rows = this.selectedRows;
    if (rows.length === this.selectedCount) return { ids: rows.map(({ id }) => id) };
    const ranges = this.#selection.ranges.map(([first, last]): [number, number] => [first, last]);
    return { generation: store.generation, ranges };
  }

  focus(): void {
    this.#scroller.focus();
  }

  /** Draws what the store holds now, at the next frame. */
  draw(): void {
    if (this.#isDrawPlanned) return;
    this.#isDrawPlanned = true;
    requestAnimationFrame(() => {
      this.#isDrawPlanned = false;
      this.#drawNow();
    });
  }

  /** Shows what changes with time alone. */
  tick(): void {
    this.#views.tick(this.#frame());
  }

  setColumns(columns: ColumnChoice): void {
    this.#columns = columns;
    this.#layOut();
  }

  setTimes(times: TimeForm): void {
    this.#times = times;
    this.draw();
  }

  /** The order that the list is in. Out of the order of arrival there is no newest row to follow. */
  setSort(sort: SortChoice): void {
    this.#sort = sort;
    this.#heading.show(this.#placed, sort);
    if (!isByArrival(sort)) this.pause();
  }

  /** The store took in new rows at the end. */
  appended(count: number): void {
    // What there is room for is seen.
    this.#setFollow({ kind: "appended", count: Math.min(count, rowsBelow(this.#viewport())) });
    this.draw();
  }

  /** Has the store begin another generation: of the same list with another past (`isSame`), or of another list. */
  replace(snapshot: Snapshot, isSame: boolean): void {
    const { store } = this.#options;
    const ids = this.selectedRows.map(({ id }) => id);
    const { generation, total, offset, rows } = snapshot;
    const moved = store.replace(generation, total, offset, rows, this.firstOffset);
    const keepsPlace = isSame && moved !== undefined;
    this.#selection = keepsPlace ? movedSelection(this.#selection, moved, total) : this.#findAgain(ids);
    if (this.#shown !== undefined) this.#shown = this.#findShown(this.#shown, keepsPlace ? moved : undefined);
    if (keepsPlace && this.#follow.kind === "paused") this.#scrollBy(moved);
    else this.#setFollow({ kind: "replaced" });
    this.#options.onSelect(false);
    this.draw();
  }

  /** Keeps the newest row in view from now on. */
  resume(): void {
    if (!isByArrival(this.#sort)) return;
    this.#setFollow({ kind: "resumed" });
    this.draw();
  }

  pause(): void {
    this.#setFollow({ kind: "paused" });
  }

  /** Marks a row as chosen and on show, without telling; without one, none. */
  setShown(shown: ShownEvent | undefined): void {
    this.#shown = shown;
    this.#isAwaited = false;
    this.#selection = shown === undefined || shown.offset < 0 ? nothingSelected : selectionOf([shown.offset]);
    this.#options.onSelect(false);
    this.draw();
  }

  /** Chooses a row and brings it to the middle of the view. */
  reveal(shown: ShownEvent): void {
    this.#drawHeight();
    const viewport = this.#viewport();
    const rowsAbove = Math.floor(viewport.height / rowHeight / 2);
    this.setShown(shown);
    this.#setFollow({ kind: "selected" });
    this.#options.onShow(shown);
    this.#scrollTo(scrollToTop(Math.max(0, shown.offset - rowsAbove), viewport));
  }

  /** Scrolls so that the row at `offset` is the first in view. */
  scrollToOffset(offset: number): void {
    this.#drawHeight();
    this.#scrollTo(scrollToTop(offset, this.#viewport()));
  }

  #viewport(): Viewport {
    const { height } = this.#size;
    return { total: this.#options.store.total, rowHeight, height, scrollTop: this.#scrollTop };
  }

  #frame(): RowFrame {
    return { columns: this.#shownColumns, times: this.#times, now: this.#options.clock.now() };
  }

  #onResize(): void {
    const { clientWidth: width, clientHeight: height } = this.#scroller;
    const isOtherWidth = width !== this.#size.width;
    this.#size = { width, height };
    if (isOtherWidth) this.#layOut();
    this.draw();
  }

  #layOut(): void {
    if (this.#size.width === 0) return;
    this.#use = this.#options.store.use;
    this.#placed = layOutColumns(this.#columns, this.#size.width - rowPadding, this.#use);
    const names = this.#placed.map(({ name }) => name);
    if (names.join() !== this.#shownColumns.join()) this.#shownColumns = names;
    const template = this.#placed.map(({ width }) => `${width}px`).join(" ");
    this.element.style.setProperty("--columns", template);
    for (const name of columnNames) {
      const isBare = this.#placed.some(column => column.name === name && column.width < wordWidth);
      this.element.classList.toggle(`bare-${name}`, isBare);
    }
    this.#heading.show(this.#placed, this.#sort);
    this.draw();
  }

  #drawHeight(): void {
    const total = this.#options.store.total;
    if (total === this.#drawnTotal) return;
    this.#drawnTotal = total;
    this.#canvas.style.setProperty("height", `${scrollHeight({ total, rowHeight })}px`);
    setAttribute(this.#scroller, "aria-rowcount", String(total + 1));
    // A list that became shorter may have moved the view.
    this.#scrollTop = this.#scroller.scrollTop;
  }

  #drawNow(): void {
    const { store } = this.#options;
    if (store.use !== this.#use) this.#layOut();
    this.#drawHeight();
    if (this.#follow.kind === "following") this.#scrollTo(scrollToEnd(this.#viewport()));
    const viewport = this.#viewport();
    this.#drawnHeight = viewport.height;
    if (viewport.height === 0 || this.#shownColumns.length === 0) return;
    const range = drawnRange(viewport);
    this.#settleLead();
    this.#views.draw(
      range,
      { slotAt: offset => this.#slotAt(offset), marksAt: offset => this.#marksAt(offset) },
      this.#frame(),
    );
    this.#drawActive();
    store.trimAround(range.first);
    const missing = store.request(range.first, range.end);
    if (missing.length > 0) this.#options.request(missing);
  }

  #slotAt(offset: number): RowSlot {
    const { store } = this.#options;
    const row = store.at(offset);
    return row === undefined ? { kind: store.gapAt(offset) } : { kind: "row", row };
  }

  #marksAt(offset: number): RowMarks {
    const { ranges, lead } = this.#selection;
    return { isSelected: contains(ranges, offset), isLead: lead === offset };
  }

  /** Tells assistive technology which row the keyboard is on, as long as that row is drawn. */
  #drawActive(): void {
    const { lead } = this.#selection;
    const isDrawn = lead !== undefined && this.#views.at(lead) !== undefined;
    setAttribute(this.#scroller, "aria-activedescendant", isDrawn ? rowElementId(lead) : undefined);
  }

  #makeInput(): ListInput {
    const { onOpen, onAct, onSelect } = this.#options;
    const list = {
      place: () => this.#place(),
      selectedCount: () => this.selectedCount,
      isChosen: (offset: number) => contains(this.#selection.ranges, offset),
      rowAt: (offset: number) => this.#views.at(offset)?.element,
      context: () => eventContext(this.selectedCount, this.selectedRows),
      focus: () => this.focus(),
      choose: (event: SelectionEvent) => this.#choose(event),
      retry: (offset: number) => this.#retry(offset),
      onOpen,
      onAct,
      onMenu: () => onSelect(true),
    };
    return new ListInput(list);
  }

  #place(): ListPlace {
    const viewport = this.#viewport();
    return {
      total: viewport.total,
      lead: this.#selection.lead,
      pageLength: Math.floor(viewport.height / rowHeight),
      firstInView: firstInView(viewport),
    };
  }

  #retry(offset: number): void {
    this.#options.store.retry(offset);
    this.draw();
  }

  #choose(event: SelectionEvent): void {
    this.#selection = nextSelection(this.#selection, event);
    const { lead, ranges } = this.#selection;
    if (event.kind === "cleared") this.#show(undefined);
    else this.#setFollow({ kind: "selected" });
    if (lead !== undefined && event.kind !== "all") this.#scrollTo(scrollToShow(lead, this.#viewport()));
    this.#isAwaited = lead !== undefined && event.kind !== "moved" && contains(ranges, lead);
    this.#settleLead();
    this.#options.onSelect(false);
    this.draw();
  }

  /** Shows the event that the keyboard is on once it is known; another may have taken its place in the list. */
  #settleLead(): void {
    const { lead } = this.#selection;
    const row = lead === undefined ? undefined : this.#options.store.at(lead);
    if (row === undefined || lead === undefined) return;
    if (this.#isAwaited) {
      this.#isAwaited = false;
      this.#show({ id: row.id, offset: lead });
    } else if (lead === this.#shown?.offset && row.id !== this.#shown.id) {
      this.#selection = this.#findAgain([this.#shown.id]);
      this.#shown = this.#findShown(this.#shown, undefined);
    }
  }

  #show(shown: ShownEvent | undefined): void {
    if (shown?.id === this.#shown?.id && shown !== undefined) return;
    this.#shown = shown;
    this.#options.onShow(shown);
  }

  #findAgain(ids: readonly number[]): Selection {
    const offsets = ids.map(id => this.#options.store.offsetOf(id));
    return selectionOf(offsets.filter(offset => offset !== undefined));
  }

  /** An event that the list does not have any more, or not where it is known, is on show all the same. */
  #findShown({ id, offset }: ShownEvent, moved: number | undefined): ShownEvent {
    return { id, offset: this.#options.store.offsetOf(id) ?? (moved === undefined ? -1 : offset + moved) };
  }

  #onScroll(): void {
    this.#scrollTop = this.#scroller.scrollTop;
    const viewport = this.#viewport();
    const isOwn = Math.abs(viewport.scrollTop - this.#ownScrollTop) < 2;
    const isResize = viewport.height !== this.#drawnHeight;
    if (!isOwn && !isResize) {
      this.#ownScrollTop = Number.NaN;
      this.#setFollow({ kind: "scrolled", atEnd: isByArrival(this.#sort) && isAtEnd(viewport) });
    }
    this.draw();
    this.#options.onChange();
  }

  #scrollTo(top: number): void {
    if (Math.abs(this.#scrollTop - top) < 1) return;
    this.#scroller.scrollTop = top;
    this.#scrollTop = this.#scroller.scrollTop;
    this.#ownScrollTop = this.#scrollTop;
  }

  #scrollBy(rows: number): void {
    const first = this.firstOffset;
    this.#drawHeight();
    this.#scrollTo(scrollToTop(Math.max(0, first + rows), this.#viewport()));
  }

  #setFollow(event: FollowEvent): void {
    const next = nextFollowState(this.#follow, event);
    if (next === this.#follow) return;
    this.#follow = next;
    this.#options.onChange();
  }
}

function gridAttributes(): Record<string, string> {
  return {
    role: "grid",
    tabindex: "0",
    "aria-label": l10n.t("Events"),
    "aria-colcount": String(columnNames.length),
    "aria-rowcount": "1",
    "aria-multiselectable": "true",
    "aria-owns": headingId,
  };
}
