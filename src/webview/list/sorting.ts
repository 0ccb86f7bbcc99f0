import type { Sort } from "../../protocol/inspector.ts";
import type { SortColumn } from "./columns.ts";

/** Without a sort the list is in order of arrival: by time, oldest first. */
export type SortChoice = Sort | undefined;

/** The sort after a click on a column's heading: ascending, descending, and back to the order of arrival. */
export function sortAfterClick(sort: SortChoice, column: SortColumn): SortChoice {
  if (column === "time") return isByArrival(sort) ? { column, descending: true } : undefined;
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? undefined : { column, descending: true };
}

/** Whether new events come in at the end of the list. */
export function isByArrival(sort: SortChoice): boolean {
  return sort === undefined || (sort.column === "time" && !sort.descending);
}

/** What a column's heading says of the order, in the words of `aria-sort`. */
export function ariaSort(sort: SortChoice, column: SortColumn | undefined): "ascending" | "descending" | undefined {
  const shown: Sort = sort ?? { column: "time", descending: false };
  if (shown.column !== column) return undefined;
  return shown.descending ? "descending" : "ascending";
}
