import type { Clock } from "../../base/clock.ts";
import { element, setAttribute } from "../page/dom.ts";
import { columns } from "./columns.ts";
import { type FollowEvent, type FollowState, nextFollowState } from "./follow.ts";
import { listAction } from "./listKeys.ts";
import { listHeading } from "./listHeading.ts";
import type { RowRange, RowStore } from "./rowStore.ts";
import { type RowSlot, RowView, rowElementId } from "./rowView.ts";
import {
  type Viewport,
  drawnRange,
  firstInView,
  isAtEnd,
  scrollHeight,
  scrollToEnd,
  scrollToShow,
  scrollToTop,
} from "./windowing.ts";

/** The height of a row in CSS pixels; inspector.css says the same. */
const rowHeight = 22;

/** A row chosen by the person: the event, and where the list has it. */
export interface Selection {
  readonly id: number;
  readonly offset: number;
}

export interface EventListOptions {
  readonly store: RowStore;
  readonly clock: Clock;
  readonly follow: FollowState;
  /** Fetches rows that are in view and not known. */
  readonly request: (ranges: readonly RowRange[]) => void;
  readonly onSelect: (selection: Selection | undefined) => void;
  /** The person wants to go on to the selected event's detail. */
  readonly onOpen: () => void;
  /** The view moved, or following began or paused. */
  readonly onChange: () => void;
}

/** The list of events: a grid that draws only the rows in view, and follows the newest until the person moves. */
export class EventList {
  readonly element: HTMLElement;
  readonly #options: EventListOptions;
  readonly #canvas = element("div", { className: "canvas", attributes: { role: "rowgroup" } });
  readonly #scroller: HTMLElement;
  readonly #views = new Map<number, RowView>();
  #follow: FollowState;
  #selected: Selection | undefined;
  /** The row that the keyboard moved to and whose event is not known yet. */
  #awaited: number | undefined;
  #isDrawPlanned = false;
  /** Where the list itself scrolled to, to tell that from the person's scrolling. */
  #ownScrollTop = 0;
  #drawnHeight = 0;

  constructor(options: EventListOptions) {
    this.#options = options;
    this.#follow = options.follow;
    this.#scroller = element(
      "div",
      { className: "scroller", attributes: { role: "presentation", tabindex: "-1" } },
      this.#canvas,
    );
    this.element = element("div", { className: "list", attributes: gridAttributes }, listHeading(), this.#scroller);
    this.element.addEventListener("keydown", event => this.#onKey(event));
    this.#canvas.addEventListener("click", event => this.#onClick(event));
    this.#scroller.addEventListener("scroll", () => this.#onScroll());
    new ResizeObserver(() => this.draw()).observe(this.#scroller);
  }

  get follow(): FollowState {
    return this.#follow;
  }

  get selected(): Selection | undefined {
    return this.#selected;
  }

  /** The first row in view. */
  get firstOffset(): number {
    return firstInView(this.#viewport());
  }

  focus(): void {
    this.element.focus();
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

  /** The store took in new rows at the end. */
  appended(count: number): void {
    this.#setFollow({ kind: "appended", count });
    this.draw();
  }

  /** The store began another generation in which known rows moved by `moved`, or which holds none of them. */
  replaced(moved: number | undefined): void {
    if (this.#selected !== undefined) this.#selected = this.#findAgain(this.#selected, moved ?? 0);
    if (moved !== undefined && this.#follow.kind === "paused") this.#scrollBy(moved);
    else this.#setFollow({ kind: "replaced" });
    this.draw();
  }

  /** Keeps the newest row in view from now on. */
  resume(): void {
    this.#setFollow({ kind: "resumed" });
    this.draw();
  }

  pause(): void {
    this.#setFollow({ kind: "paused" });
  }

  /** Marks a row as chosen, without telling. */
  setSelected(selection: Selection | undefined): void {
    this.#selected = selection;
    this.#awaited = undefined;
    this.draw();
  }

  /** Chooses a row and brings it to the middle of the view. */
  reveal(selection: Selection): void {
    this.#drawHeight();
    const viewport = this.#viewport();
    const rowsAbove = Math.floor(viewport.height / rowHeight / 2);
    this.#select(selection);
    this.#scrollTo(scrollToTop(Math.max(0, selection.offset - rowsAbove), viewport));
  }

  /** Scrolls so that the row at `offset` is the first in view. */
  scrollToOffset(offset: number): void {
    this.#drawHeight();
    this.#scrollTo(scrollToTop(offset, this.#viewport()));
  }

  #viewport(): Viewport {
    const { clientHeight, scrollTop } = this.#scroller;
    return { total: this.#options.store.total, rowHeight, height: clientHeight, scrollTop };
  }

  #drawHeight(): void {
    const total = this.#options.store.total;
    this.#canvas.style.setProperty("height", `${scrollHeight({ total, rowHeight })}px`);
    setAttribute(this.element, "aria-rowcount", String(total + 1));
  }

  #drawNow(): void {
    this.#drawHeight();
    if (this.#follow.kind === "following") this.#scrollTo(scrollToEnd(this.#viewport()));
    const viewport = this.#viewport();
    this.#drawnHeight = viewport.height;
    if (viewport.height === 0) return;
    const { first, end, top } = drawnRange(viewport);
    this.#settleAwaited();
    this.#drawRows(first, end, top);
    this.#options.store.trimAround(first);
    const missing = this.#options.store.request(first, end);
    if (missing.length > 0) this.#options.request(missing);
  }

  #drawRows(first: number, end: number, top: number): void {
    const spare = this.#takeViewsOutside(first, end);
    for (const view of spare) view.element.remove();
    const now = this.#options.clock.now();
    for (let offset = first; offset < end; offset++) {
      const view = this.#views.get(offset) ?? spare.pop() ?? new RowView();
      this.#views.set(offset, view);
      this.#place(view, offset - first);
      view.show(offset, this.#slotAt(offset), this.#isSelected(offset), now);
      view.element.style.setProperty("transform", `translateY(${top + (offset - first) * rowHeight}px)`);
    }
    this.#drawActive();
  }

  #takeViewsOutside(first: number, end: number): RowView[] {
    const spare: RowView[] = [];
    for (const [offset, view] of this.#views) {
      if (offset >= first && offset < end) continue;
      this.#views.delete(offset);
      spare.push(view);
    }
    return spare;
  }

  /** Keeps the rows in order for those who read the page by its elements. */
  #place(view: RowView, index: number): void {
    const there = this.#canvas.children.item(index);
    if (there !== view.element) this.#canvas.insertBefore(view.element, there);
  }

  #slotAt(offset: number): RowSlot {
    const { store } = this.#options;
    const row = store.at(offset);
    if (row !== undefined) return { kind: "row", row };
    if (store.gapAt(offset) === "loading") return { kind: "loading" };
    return {
      kind: "failed",
      retry: () => {
        store.retry(offset);
        this.draw();
      },
    };
  }

  #isSelected(offset: number): boolean {
    if (this.#awaited !== undefined) return this.#awaited === offset;
    const row = this.#options.store.at(offset);
    return row !== undefined && row.id === this.#selected?.id;
  }

  /** Tells assistive technology which row the keyboard is on, as long as that row is drawn. */
  #drawActive(): void {
    const offset = this.#awaited ?? this.#selected?.offset;
    const isDrawn = offset !== undefined && this.#views.has(offset);
    setAttribute(this.element, "aria-activedescendant", isDrawn ? rowElementId(offset) : undefined);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target !== this.element || event.altKey || event.ctrlKey || event.metaKey) return;
    const viewport = this.#viewport();
    const action = listAction(event.key, {
      total: viewport.total,
      selected: this.#awaited ?? this.#selected?.offset,
      pageLength: Math.floor(viewport.height / rowHeight),
      firstInView: firstInView(viewport),
    });
    if (action === undefined) return;
    event.preventDefault();
    if (action.kind === "select") this.#selectOffset(action.offset);
    else if (action.kind === "open") this.#options.onOpen();
    else this.#select(undefined);
  }

  #onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-offset]") : null;
    const offset = target?.dataset["offset"];
    if (offset === undefined || (event.target instanceof Element && event.target.closest("button") !== null)) return;
    this.#selectOffset(Number(offset));
    this.focus();
  }

  #selectOffset(offset: number): void {
    const row = this.#options.store.at(offset);
    this.#setFollow({ kind: "selected" });
    this.#scrollTo(scrollToShow(offset, this.#viewport()));
    if (row !== undefined) this.#select({ id: row.id, offset });
    else this.#await(offset);
  }

  /** The event there is not known yet: it is chosen once it is, unless the person has moved on. */
  #await(offset: number): void {
    this.#awaited = offset;
    this.draw();
  }

  #settleAwaited(): void {
    const row = this.#awaited === undefined ? undefined : this.#options.store.at(this.#awaited);
    if (row !== undefined && this.#awaited !== undefined) this.#select({ id: row.id, offset: this.#awaited });
  }

  #select(selection: Selection | undefined): void {
    this.setSelected(selection);
    if (selection !== undefined) this.#setFollow({ kind: "selected" });
    this.#options.onSelect(selection);
  }

  #findAgain(selection: Selection, moved: number): Selection {
    return { id: selection.id, offset: this.#options.store.offsetOf(selection.id) ?? selection.offset + moved };
  }

  #onScroll(): void {
    const viewport = this.#viewport();
    const isOwn = Math.abs(viewport.scrollTop - this.#ownScrollTop) < 2;
    const isResize = viewport.height !== this.#drawnHeight;
    if (!isOwn && !isResize) {
      this.#ownScrollTop = Number.NaN;
      this.#setFollow({ kind: "scrolled", atEnd: isAtEnd(viewport) });
    }
    this.draw();
    this.#options.onChange();
  }

  #scrollTo(top: number): void {
    if (Math.abs(this.#scroller.scrollTop - top) < 1) return;
    this.#ownScrollTop = top;
    this.#scroller.scrollTop = top;
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

const gridAttributes = {
  role: "grid",
  tabindex: "0",
  "aria-label": "Events, oldest first",
  "aria-colcount": String(columns.length),
  "aria-rowcount": "1",
  "aria-multiselectable": "false",
};
