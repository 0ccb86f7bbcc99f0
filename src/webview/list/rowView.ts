import { assertNever } from "../../base/assertNever.ts";
import type { EventRow, RowContent } from "../../protocol/inspector.ts";
import { badgeView } from "../page/badgeView.ts";
import { type Child, button, element, setAttribute } from "../page/dom.ts";
import { formatAbsoluteTime, formatBytes, formatClockTime, formatCount } from "../text/format.ts";
import { describeGap, operationBadge, statusBadge } from "../text/rowText.ts";
import { visibleLine } from "../text/visibleText.ts";
import { type ColumnName, columns } from "./columns.ts";

/** What stands at one offset of the list. */
export type RowSlot =
  | { readonly kind: "row"; readonly row: EventRow }
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly retry: () => void };

/** One line of the list, drawn anew for another offset when its own leaves the view. */
export class RowView {
  readonly element = element("div", { attributes: { role: "row" } });
  #shown: EventRow | RowSlot["kind"] | undefined;

  /** `offset` is the row's place in the list; the heading is row 1 for assistive technology. */
  show(offset: number, slot: RowSlot, isSelected: boolean, now: number): void {
    const row = this.element;
    row.id = rowElementId(offset);
    row.dataset["offset"] = String(offset);
    setAttribute(row, "aria-rowindex", String(offset + 2));
    setAttribute(row, "aria-selected", String(isSelected));
    row.className = classOf(slot, offset, isSelected);
    const content = slot.kind === "row" ? slot.row : slot.kind;
    if (content === this.#shown && slot.kind !== "failed") return;
    this.#shown = content;
    row.replaceChildren(...cellsOf(slot, now));
  }
}

export function rowElementId(offset: number): string {
  return `row-${offset}`;
}

function classOf(slot: RowSlot, offset: number, isSelected: boolean): string {
  const kind = slot.kind === "row" ? `kind-${slot.row.content.kind}` : `kind-${slot.kind}`;
  return `row ${kind}${offset % 2 === 1 ? " odd" : ""}${isSelected ? " selected" : ""}`;
}

function cellsOf(slot: RowSlot, now: number): HTMLElement[] {
  switch (slot.kind) {
    case "row":
      return cellsOfRow(slot.row, now);
    case "loading":
      return [wideCell(1, "Loading…")];
    case "failed":
      return [wideCell(1, "These events could not be read.", retryButton(slot.retry))];
    default:
      return assertNever(slot);
  }
}

function retryButton(retry: () => void): HTMLButtonElement {
  return button({ text: "Retry", label: "Read these events again", className: "inline", onClick: retry });
}

function cellsOfRow(row: EventRow, now: number): HTMLElement[] {
  const badge = statusBadge(row.content);
  const status = cell("status", badgeView(badge));
  status.title = badge.word;
  const time = cell("time", formatClockTime(row.receivedAt, now));
  time.title = formatAbsoluteTime(row.receivedAt);
  return [status, time, ...restOf(row, now)];
}

function restOf(row: EventRow, now: number): HTMLElement[] {
  const { content } = row;
  switch (content.kind) {
    case "notification":
      return [...cellsOfNotification(content), sizeCell(row)];
    case "other":
      return [...cellsOfOther(content), sizeCell(row)];
    case "unreadable":
      return [wideCell(3, visibleLine(content.problem)), sizeCell(row)];
    case "recovered":
      return [...cellsOfRecovery(content, now), sizeCell(row)];
    case "gap":
      return [wideCell(3, describeGap(content))];
    default:
      return assertNever(content);
  }
}

function cellsOfNotification(content: RowContent & { kind: "notification" }): HTMLElement[] {
  const { operation, module, recordIds, changedFields } = content;
  return [
    cell("operation", badgeView(operationBadge(operation))),
    textCell("module", module),
    recordCell(recordIds),
    textCell("fields", changedFields.join(", ")),
  ];
}

/** When it happened stands where a delivery names the changed fields, which nobody knows. */
function cellsOfRecovery(content: RowContent & { kind: "recovered" }, now: number): HTMLElement[] {
  const { operation, module, recordId, changedAt, changedBy } = content;
  const who = changedBy === undefined ? "" : ` by ${changedBy}`;
  return [
    cell("operation", badgeView(operationBadge(operation))),
    textCell("module", module),
    recordCell([recordId]),
    textCell("fields", `not delivered; changed ${formatClockTime(changedAt, now).replace(/\.\d+$/, "")}${who}`),
  ];
}

function recordCell(recordIds: readonly string[]): HTMLElement {
  const [first = "", ...others] = recordIds;
  const more = others.length === 0 ? undefined : element("span", { className: "more" }, ` +${others.length}`);
  const made = cell("record", idView(first), more);
  made.title = recordIds.length === 1 ? visibleLine(first) : formatCount(recordIds.length, "record");
  return made;
}

function idView(id: string): HTMLElement {
  return element("span", { className: "id" }, visibleLine(id));
}

function cellsOfOther(content: RowContent & { kind: "other" }): HTMLElement[] {
  return [
    cell("operation", badgeView({ icon: "arrow-down", word: visibleLine(content.method), tone: "quiet" })),
    textCell("module", ""),
    cell("record", idView(content.path)),
    textCell("fields", content.contentType),
  ];
}

function sizeCell(row: EventRow): HTMLElement {
  return cell("size", formatBytes(row.bytes));
}

function textCell(column: ColumnName, text: string): HTMLElement {
  const shown = visibleLine(text);
  const made = cell(column, shown);
  if (shown !== "") made.title = shown;
  return made;
}

function cell(column: ColumnName, ...children: readonly Child[]): HTMLElement {
  const index = columns.findIndex(({ name }) => name === column) + 1;
  const attributes = { role: "gridcell", "aria-colindex": String(index) };
  return element("div", { className: `cell ${column}`, attributes }, ...children);
}

/** A cell from the `from`th column to the last but the size. */
function wideCell(from: number, ...children: readonly Child[]): HTMLElement {
  const attributes = { role: "gridcell", "aria-colindex": String(from) };
  return element("div", { className: `cell wide from-${from}`, attributes }, ...children);
}
