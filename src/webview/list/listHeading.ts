import * as l10n from "@vscode/l10n";
import { element, icon, setAttribute } from "../page/dom.ts";
import type { PlacedColumn } from "./columnLayout.ts";
import { type Column, type ColumnName, type SortColumn, columnIndex, columnTitle, columns } from "./columns.ts";
import { type SortChoice, ariaSort } from "./sorting.ts";

export interface ListHeadingOptions {
  readonly onSort: (column: SortColumn) => void;
  /** A person gives a column a width in CSS pixels, or (undefined) leaves it to the list. */
  readonly onResize: (name: ColumnName, width: number | undefined) => void;
  /** The person asks for the menu of columns there. */
  readonly onMenu: (place: HTMLElement | { readonly x: number; readonly y: number }) => void;
  /** The person wants to go on to the rows. */
  readonly onLeave: () => void;
}

export const headingId = "event-columns";

/** How much wider or narrower one press of a key makes a column, in CSS pixels. */
const step = 10;

/** The line of column titles above the rows: sorts, resizes, and has the menu of columns. One stop for the Tab key. */
export class ListHeading {
  readonly element: HTMLElement;
  readonly #options: ListHeadingOptions;
  readonly #row = element("div", { className: "row", attributes: { role: "row", "aria-rowindex": "1" } });
  readonly #titles = new Map<ColumnName, HTMLElement>();
  #columns: readonly PlacedColumn[] = [];
  #sort: SortChoice;

  constructor(options: ListHeadingOptions) {
    this.#options = options;
    this.element = element("div", { className: "heading", attributes: { role: "rowgroup", id: headingId } }, this.#row);
    this.element.addEventListener("contextmenu", event => this.#onContextMenu(event));
    this.#row.addEventListener("keydown", event => this.#onKey(event));
  }

  show(placed: readonly PlacedColumn[], sort: SortChoice): void {
    const isOther = placed.map(({ name }) => name).join() !== this.#columns.map(({ name }) => name).join();
    this.#columns = placed;
    if (isOther) this.#fill();
    if (isOther || sort !== this.#sort) this.#showSort(sort);
  }

  #fill(): void {
    const focused = this.#focused();
    this.#titles.clear();
    for (const { name } of this.#columns) this.#titles.set(name, this.#title(name));
    this.#row.replaceChildren(...this.#titles.values());
    const stop = this.#titles.get(focused ?? "record") ?? this.#titles.values().next().value;
    if (stop !== undefined) stop.tabIndex = 0;
    if (focused !== undefined) stop?.focus();
  }

  #title(name: ColumnName): HTMLElement {
    const title = columnTitle(name);
    const attributes = { role: "columnheader", tabindex: "-1", "aria-colindex": String(columnIndex(name)) };
    const text = name === "pinned" ? icon("pinned") : undefined;
    const label = element("span", { className: text === undefined ? "text" : "visually-hidden" }, title);
    const made = element("div", { className: `cell ${name}`, attributes }, text, label, icon("blank", "order"));
    made.dataset["column"] = name;
    made.title = hintOf(name);
    made.addEventListener("click", () => this.#onClick(name));
    if (name !== "pinned") made.append(this.#resizer(name));
    return made;
  }

  #resizer(name: ColumnName): HTMLElement {
    const made = element("span", { className: "resizer", attributes: { "aria-hidden": "true" } });
    made.addEventListener("pointerdown", event => this.#onDrag(event, made, name));
    made.addEventListener("click", event => event.stopPropagation());
    made.addEventListener("dblclick", () => this.#options.onResize(name, undefined));
    return made;
  }

  #showSort(sort: SortChoice): void {
    this.#sort = sort;
    for (const [name, title] of this.#titles) {
      const order = ariaSort(sort, columnOf(name)?.sort);
      setAttribute(title, "aria-sort", order);
      const glyph = order === undefined ? "blank" : order === "ascending" ? "arrow-small-up" : "arrow-small-down";
      const shown = title.querySelector(".order");
      if (shown !== null) shown.className = `codicon codicon-${glyph} order`;
    }
  }

  #onClick(name: ColumnName): void {
    this.#focus(name);
    const sort = columnOf(name)?.sort;
    if (sort !== undefined) this.#options.onSort(sort);
  }

  #onDrag(event: PointerEvent, resizer: HTMLElement, name: ColumnName): void {
    if (event.button !== 0) return;
    event.preventDefault();
    resizer.setPointerCapture(event.pointerId);
    const start = this.#widthOf(name) - event.clientX;
    const listening = new AbortController();
    const { signal } = listening;
    resizer.addEventListener("pointermove", move => this.#options.onResize(name, start + move.clientX), { signal });
    resizer.addEventListener("lostpointercapture", () => listening.abort(), { signal });
  }

  #onContextMenu(event: MouseEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const focused = this.#focused();
    const byKey = event.button !== 2 && focused !== undefined;
    const title = byKey ? this.#titles.get(focused) : undefined;
    this.#options.onMenu(title ?? { x: event.clientX, y: event.clientY });
  }

  #onKey(event: KeyboardEvent): void {
    const name = this.#focused();
    if (name === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!this.#act(event.key, event.shiftKey, name)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #act(key: string, shift: boolean, name: ColumnName): boolean {
    switch (key) {
      case "ArrowLeft":
      case "ArrowRight":
        this.#onArrow(key === "ArrowLeft" ? -1 : 1, shift, name);
        return true;
      case "Home":
      case "End":
        this.#focus((key === "Home" ? this.#columns[0] : this.#columns.at(-1))?.name);
        return true;
      case "Enter":
      case " ":
        this.#onClick(name);
        return true;
      case "ArrowDown":
      case "Escape":
        this.#options.onLeave();
        return true;
      default:
        return false;
    }
  }

  #onArrow(direction: -1 | 1, shift: boolean, name: ColumnName): void {
    if (shift && name !== "pinned") this.#options.onResize(name, this.#widthOf(name) + direction * step);
    else this.#focus(this.#columns[this.#columns.findIndex(column => column.name === name) + direction]?.name);
  }

  #widthOf(name: ColumnName): number {
    return this.#columns.find(column => column.name === name)?.width ?? 0;
  }

  #focused(): ColumnName | undefined {
    const focused = document.activeElement;
    return this.#columns.find(({ name }) => this.#titles.get(name) === focused)?.name;
  }

  #focus(name: ColumnName | undefined): void {
    const target = name === undefined ? undefined : this.#titles.get(name);
    if (target === undefined) return;
    for (const title of this.#titles.values()) title.tabIndex = title === target ? 0 : -1;
    target.focus();
  }
}

function columnOf(name: ColumnName): Column | undefined {
  return columns.find(column => column.name === name);
}

function hintOf(name: ColumnName): string {
  const title = columnTitle(name);
  return columnOf(name)?.sort === undefined
    ? l10n.t("{0}. Shift and arrow keys change the width.", title)
    : l10n.t("{0}. Click or press Enter to sort; Shift and arrow keys change the width.", title);
}
