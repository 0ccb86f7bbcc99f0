import * as l10n from "@vscode/l10n";
import { countEvents, formatNumber } from "../text/format.ts";
import { columnTitle } from "./columns.ts";
import type { SortChoice } from "./sorting.ts";

/** How many events the list has, and how many there are in all, where that is known. */
export interface Counts {
  readonly total: number;
  readonly kept: number | undefined;
  readonly isFiltered: boolean;
}

/** `1,234 events`, and of a filtered list `12 of 1,234 events`. */
export function countInWords({ total, kept, isFiltered }: Counts): string {
  if (!isFiltered || kept === undefined) return countEvents(total);
  return l10n.t("{0} of {1}", formatNumber(total), countEvents(kept));
}

/** That the list does not follow because of its order. */
export function sortedInWords(sort: SortChoice): string {
  return l10n.t("Sorted by {0}: not following", columnTitle(sort?.column ?? "time").toLowerCase());
}
