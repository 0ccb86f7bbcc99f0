import * as l10n from "@vscode/l10n";
import type { EventRow } from "../../protocol/inspector.ts";
import { button, element, setAttribute } from "../page/dom.ts";
import { type TimeForm, cellContent, sentenceOf } from "./cellContent.ts";
import { CellView } from "./cellView.ts";
import type { ColumnName } from "./columns.ts";

/** What stands at one offset of the list. */
export type RowSlot =
  | { readonly kind: "row"; readonly row: EventRow }
  | { readonly kind: "loading" }
  /** It did not come; the row has a button to ask for it again. */
  | { readonly kind: "failed" };

/** What all rows have in common while they are drawn. */
export interface RowFrame {
  /** Another array for each other set of columns. */
  readonly columns: readonly ColumnName[];
  readonly times: TimeForm;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface RowMarks {
  readonly isSelected: boolean;
  /** The keyboard is on this row. */
  readonly isLead: boolean;
}

/** The columns in whose place some rows have a sentence. */
const sentenceColumns: readonly ColumnName[] = ["operation", "module", "record", "fields"];

type Shape = "cells" | "sentence" | "failed";

interface PlacedCell {
  readonly name: ColumnName | "sentence";
  readonly view: CellView;
}

/** One line of the list, which shows another offset when its own leaves the view. */
export class RowView {
  readonly element = element("div", { attributes: { role: "row" } });
  #shape: Shape | undefined;
  #columns: readonly ColumnName[] = [];
  #cells: readonly PlacedCell[] = [];
  #times: TimeForm | undefined;
  #row: EventRow | undefined;
  #offset = -1;
  #isLead = false;
  #top = Number.NaN;

  /** `offset` is the row's place in the list. */
  show(offset: number, slot: RowSlot, marks: RowMarks, frame: RowFrame): void {
    this.#showOffset(offset, marks.isLead);
    this.#showMarks(slot, offset, marks);
    const shape = shapeOf(slot);
    const row = slot.kind === "row" ? slot.row : undefined;
    const isOther = shape !== this.#shape || frame.columns !== this.#columns;
    if (isOther) this.#reshape(shape, frame.columns);
    const isSame = !isOther && row === this.#row && frame.times === this.#times;
    this.#row = row;
    this.#times = frame.times;
    if (isSame) this.tick(frame);
    else for (const cell of this.#cells) this.#fill(cell, frame);
  }

  /** Puts the row so many CSS pixels below the top of the scrolled area. */
  moveTo(top: number): void {
    if (top === this.#top) return;
    this.#top = top;
    this.element.style.setProperty("transform", `translateY(${top}px)`);
  }

  /** Shows what changes with time alone. */
  tick(frame: RowFrame): void {
    for (const cell of this.#cells) if (cell.name === "time") this.#fill(cell, frame);
  }

  #fill({ name, view }: PlacedCell, { now, times }: RowFrame): void {
    const row = this.#row;
    if (row === undefined) view.show(name === this.#loadingColumn() ? { text: l10n.t("Loading…") } : emptyCell);
    else if (name === "sentence") view.show({ text: sentenceOf(row.content) ?? "" });
    else view.show(cellContent(name, row, now, times));
  }

  /** The heading is row 1 for assistive technology; only the row that the keyboard is on is spoken of by its id. */
  #showOffset(offset: number, isLead: boolean): void {
    if (offset === this.#offset && isLead === this.#isLead) return;
    if (offset !== this.#offset) setAttribute(this.element, "aria-rowindex", String(offset + rowsAbove));
    if (isLead || this.#isLead) setAttribute(this.element, "id", isLead ? rowElementId(offset) : undefined);
    this.#offset = offset;
    this.#isLead = isLead;
  }

  #showMarks(slot: RowSlot, offset: number, { isSelected, isLead }: RowMarks): void {
    const kind = slot.kind === "row" ? slot.row.content.kind : slot.kind;
    const stripes = offset % 2 === 1 ? " odd" : "";
    const marks = `${isSelected ? " selected" : ""}${isLead ? " lead" : ""}`;
    const className = `row kind-${kind}${stripes}${marks}`;
    if (this.element.className === className) return;
    this.element.className = className;
    setAttribute(this.element, "aria-selected", String(isSelected));
  }

  #loadingColumn(): ColumnName | undefined {
    return this.#columns.includes("record") ? "record" : this.#columns[0];
  }

  #reshape(shape: Shape, columns: readonly ColumnName[]): void {
    this.#shape = shape;
    this.#columns = columns;
    this.#cells = shape === "failed" ? [] : cellsFor(shape, columns);
    const cells = shape === "failed" ? [failedCell(columns)] : this.#cells.map(({ view }) => view.element);
    this.element.replaceChildren(...cells);
  }
}

/** `aria-rowindex` counts from 1 and counts the heading in. */
const rowsAbove = 2;

const emptyCell = { text: "" };

export function rowElementId(offset: number): string {
  return `row-${offset}`;
}

/** The offset of the row that an element is, or is within. */
export function offsetOf(target: Element): number | undefined {
  const index = target.closest("[role=row]")?.getAttribute("aria-rowindex") ?? undefined;
  return index === undefined ? undefined : Number(index) - rowsAbove;
}

/** Whether an element is, or is within, the button of a row that asks for it again. */
export function isRetry(target: Element): boolean {
  return target.closest(`.${retryClass}`) !== null;
}

const retryClass = "retry";

/** A row that is on its way has cells: those of the row that stood there, or that are filled in a moment. */
function shapeOf(slot: RowSlot): Shape {
  if (slot.kind !== "row") return slot.kind === "failed" ? "failed" : "cells";
  return sentenceOf(slot.row.content) === undefined ? "cells" : "sentence";
}

function cellsFor(shape: "cells" | "sentence", columns: readonly ColumnName[]): PlacedCell[] {
  const replaced = shape === "cells" ? [] : columns.filter(name => sentenceColumns.includes(name));
  return columns.flatMap((name): PlacedCell[] => {
    const place = replaced.indexOf(name);
    if (place === -1) return [{ name, view: new CellView(name, name, 1) }];
    return place === 0 ? [{ name: "sentence", view: new CellView("sentence", name, replaced.length) }] : [];
  });
}

/** A row that did not come has one cell for all columns. */
function failedCell(columns: readonly ColumnName[]): HTMLElement {
  const attributes = { role: "gridcell", "aria-colindex": "1", "aria-colspan": String(columns.length) };
  return element(
    "div",
    { className: "cell state", attributes },
    l10n.t("These events could not be read."),
    retryButton(),
  );
}

/** The list hears its clicks: rows show other offsets as the list scrolls. */
function retryButton(): HTMLButtonElement {
  const label = l10n.t("Read these events again");
  const className = `inline ${retryClass}`;
  return button({ text: l10n.t("Retry"), label, className, onClick: () => undefined });
}
