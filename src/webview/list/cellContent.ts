import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { EventContent } from "../../protocol/event.ts";
import type { EventRow } from "../../protocol/inspector.ts";
import {
  formatAbsoluteTime,
  formatAge,
  formatAgo,
  formatBytes,
  formatClockTime,
  formatDuration,
  formatNumber,
} from "../text/format.ts";
import { describeHandling, handlingBadge } from "../text/handlingText.ts";
import { type Badge, describeGap, operationBadge, statusBadge } from "../text/rowText.ts";
import { nameSource, sourceOf } from "../text/sourceText.ts";
import { visibleLine } from "../text/visibleText.ts";
import type { ColumnName } from "./columns.ts";

/** What a cell shows. */
export interface CellContent {
  readonly text: string;
  /** Stands before the text, which says the same, or the title does. */
  readonly icon?: string;
  readonly tone?: Badge["tone"];
  /** Stands behind the text and is not cut off where the text is. */
  readonly more?: string;
  /** What the pointer is told; by default the text. */
  readonly title?: string;
}

/** How times are shown. */
export type TimeForm = "relative" | "absolute";

const nothing: CellContent = { text: "" };

/** The content of one cell of a row that has one cell for each column. */
export function cellContent(column: ColumnName, row: EventRow, now: number, times: TimeForm): CellContent {
  switch (column) {
    case "pinned":
      return row.pinned === true ? { icon: "pinned", text: l10n.t("Pinned") } : nothing;
    case "status":
      return ofBadge(statusBadge(row.content));
    case "time":
      return timeContent(row.receivedAt, now, times);
    case "operation":
      return operationContent(row.content);
    case "module":
      return moduleContent(row.content);
    case "record":
      return recordContent(row.content);
    case "fields":
      return fieldsContent(row.content, now);
    case "source":
      return { text: nameSource(sourceOf(row)) };
    case "handler":
      return handlerContent(row);
    case "latency":
      return latencyContent(row);
    case "size":
      return row.content.kind === "gap" ? nothing : { text: formatBytes(row.bytes) };
    default:
      return assertNever(column);
  }
}

/** What a row says in one cell in place of operation, module, record and fields; undefined for one that has these. */
export function sentenceOf(content: EventContent): string | undefined {
  if (content.kind === "gap") return describeGap(content);
  return content.kind === "unreadable" ? visibleLine(content.problem) : undefined;
}

function ofBadge({ icon, word, tone }: Badge): CellContent {
  return { icon, text: word, tone };
}

/** The form that is not shown is the one that the pointer is told. */
function timeContent(at: number, now: number, times: TimeForm): CellContent {
  return times === "relative"
    ? { text: formatAge(at, now), title: l10n.t("{0} ({1})", formatAbsoluteTime(at), formatAgo(at, now)) }
    : { text: formatClockTime(at, now), title: l10n.t("{0} ({1})", formatAbsoluteTime(at), formatAgo(at, now)) };
}

function operationContent(content: EventContent): CellContent {
  if (content.kind === "notification" || content.kind === "recovered") {
    return ofBadge(operationBadge(content.operation));
  }
  return content.kind === "other" ? { icon: "arrow-down", text: visibleLine(content.method), tone: "quiet" } : nothing;
}

function moduleContent(content: EventContent): CellContent {
  if (content.kind !== "notification" && content.kind !== "recovered") return nothing;
  return content.module === undefined
    ? { text: "–", title: l10n.t("The event names no module") }
    : { text: visibleLine(content.module) };
}

function recordContent(content: EventContent): CellContent {
  switch (content.kind) {
    case "notification":
      return markUnread(recordsContent(content.recordIds, content.moreRecords), content.unread);
    case "recovered":
      return recordsContent([content.recordId]);
    case "other":
      return { text: visibleLine(content.path) };
    case "unreadable":
    case "gap":
      return nothing;
    default:
      return assertNever(content);
  }
}

/** Beside the record, which every width has: its id may be what was not read. */
function markUnread(cell: CellContent, unread: readonly string[] = []): CellContent {
  if (unread.length === 0) return cell;
  const parts = unread.map(visibleLine).join(", ");
  const title = l10n.t("{0}. Not readable in this event: {1}", cell.title ?? cell.text, parts);
  return { ...cell, icon: "warning", tone: "warning", title };
}

function recordsContent([first, ...others]: readonly string[], beyond = 0): CellContent {
  if (first === undefined) return { text: "–", title: l10n.t("The event names no record") };
  const text = visibleLine(first);
  const count = others.length + beyond;
  if (count === 0) return { text };
  const title = l10n.t("{0} and {1} more", text, formatNumber(count));
  return { text, more: l10n.t("+{0}", formatNumber(count)), title };
}

function fieldsContent(content: EventContent, now: number): CellContent {
  switch (content.kind) {
    case "notification":
      return fieldNames(content);
    case "recovered":
      return { text: changeInWords(content, now) };
    case "other":
      return { text: visibleLine(content.summary ?? content.contentType) };
    case "unreadable":
    case "gap":
      return nothing;
    default:
      return assertNever(content);
  }
}

function fieldNames({ changedFields, moreFields = 0 }: EventContent & { kind: "notification" }): CellContent {
  const text = visibleLine(changedFields.join(", "));
  return { text: moreFields === 0 ? text : l10n.t("{0} and {1} more", text, formatNumber(moreFields)) };
}

/** When it happened stands where a delivery names the changed fields, which nobody knows. */
function changeInWords({ changedAt, changedBy }: EventContent & { kind: "recovered" }, now: number): string {
  const time = formatClockTime(changedAt, now).replace(/\.\d+$/, "");
  return changedBy === undefined
    ? l10n.t("not delivered; changed {0}", time)
    : l10n.t("not delivered; changed {0} by {1}", time, visibleLine(changedBy));
}

function handlerContent({ handling }: EventRow): CellContent {
  return handling === undefined ? nothing : { ...ofBadge(handlingBadge(handling)), title: describeHandling(handling) };
}

function latencyContent({ handling }: EventRow): CellContent {
  return handling?.milliseconds === undefined ? nothing : { text: formatDuration(handling.milliseconds) };
}
