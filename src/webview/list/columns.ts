import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Sort } from "../../protocol/inspector.ts";

export type SortColumn = Sort["column"];

/** The columns of the list, in order. The name is also the class of a column's cells. */
export const columnNames = [
  "pinned",
  "status",
  "time",
  "operation",
  "module",
  "record",
  "fields",
  "source",
  "handler",
  "latency",
  "size",
] as const;
export type ColumnName = (typeof columnNames)[number];

export interface Column {
  readonly name: ColumnName;
  /** Widths in CSS pixels: as it is without a person's word, and what it needs to be of use. */
  readonly width: number;
  readonly least: number;
  /** Its share of the room that is left over; 0 for a column that does not grow. */
  readonly grow: number;
  /**
   * How it gives way where there is not enough room: first what each can spare; then words whole, since half a word is of
   * less use than the icon before it; last the digits of ids.
   */
  readonly yields: "spare" | "word" | "last";
  /** Columns with the lowest rank are left out first when there is not enough room for all. */
  readonly rank: number;
  /** The sort that a click on its heading asks for; undefined where the list cannot be sorted by it. */
  readonly sort: SortColumn | undefined;
}

/** The columns that tell what a handler made of an event. */
export const ofHandler: readonly ColumnName[] = ["handler", "latency"];

/** Narrower than this, in CSS pixels, a column of icon and word shows its icon alone. */
export const wordWidth = 62;

/** The columns in order. The record is the one thing that the list is never without. */
export const columns: readonly Column[] = [
  { name: "pinned", width: 22, least: 22, grow: 0, yields: "spare", rank: 4, sort: undefined },
  { name: "status", width: 116, least: 26, grow: 0, yields: "word", rank: 9, sort: undefined },
  { name: "time", width: 92, least: 76, grow: 0, yields: "spare", rank: 7, sort: "time" },
  { name: "operation", width: 88, least: 26, grow: 0, yields: "word", rank: 8, sort: "operation" },
  { name: "module", width: 96, least: 64, grow: 1, yields: "spare", rank: 10, sort: "module" },
  { name: "record", width: 174, least: 104, grow: 1, yields: "last", rank: 11, sort: "record" },
  { name: "fields", width: 150, least: 90, grow: 3, yields: "spare", rank: 5, sort: undefined },
  { name: "source", width: 88, least: 80, grow: 0, yields: "spare", rank: 2, sort: "source" },
  { name: "handler", width: 136, least: 108, grow: 0, yields: "spare", rank: 6, sort: "handler" },
  { name: "latency", width: 72, least: 64, grow: 0, yields: "spare", rank: 3, sort: "latency" },
  { name: "size", width: 68, least: 62, grow: 0, yields: "spare", rank: 1, sort: "size" },
];

/** A column's place among all, hidden ones counted in: the first is 1. */
export function columnIndex(name: ColumnName): number {
  return columnNames.indexOf(name) + 1;
}

/** What stands above a column, and is its name in the menu. */
export function columnTitle(name: ColumnName): string {
  switch (name) {
    case "pinned":
      return l10n.t("Pinned");
    case "status":
      return l10n.t("Sender");
    case "time":
      return l10n.t("Time");
    case "operation":
      return l10n.t("Operation");
    case "module":
      return l10n.t("Module");
    case "record":
      return l10n.t("Record");
    case "fields":
      return l10n.t("Changed fields");
    case "source":
      return l10n.t("Source");
    case "handler":
      return l10n.t("Handler");
    case "latency":
      return l10n.t("Latency");
    case "size":
      return l10n.t("Size");
    default:
      return assertNever(name);
  }
}
