import {
  type OffsetRanges,
  contains,
  moveRanges,
  rangeBetween,
  rangesOf,
  withRange,
  withoutOffset,
} from "./offsetRanges.ts";

/**
 * Which rows are chosen. `lead` is the row that the keyboard is on, which need not be chosen; `anchor` is where an
 * extended choice begins.
 */
export interface Selection {
  readonly ranges: OffsetRanges;
  readonly lead: number | undefined;
  readonly anchor: number | undefined;
}

export type SelectionEvent =
  /** This row and no other. */
  | { readonly kind: "only"; readonly offset: number }
  /** This row too, or no longer. */
  | { readonly kind: "toggled"; readonly offset: number }
  /** All rows from the anchor up to this one, and no others; `added` keeps the others. */
  | { readonly kind: "extended"; readonly offset: number; readonly added: boolean }
  /** The keyboard is on this row, and the choice stays. */
  | { readonly kind: "moved"; readonly offset: number }
  | { readonly kind: "all"; readonly total: number }
  | { readonly kind: "cleared" };

export const nothingSelected: Selection = { ranges: [], lead: undefined, anchor: undefined };

export function nextSelection(selection: Selection, event: SelectionEvent): Selection {
  switch (event.kind) {
    case "only":
      return { ranges: [[event.offset, event.offset]], lead: event.offset, anchor: event.offset };
    case "toggled":
      return toggled(selection, event.offset);
    case "extended":
      return extended(selection, event.offset, event.added);
    case "moved":
      return { ...selection, lead: event.offset, anchor: event.offset };
    case "all":
      return event.total === 0 ? nothingSelected : { ...selection, ranges: [[0, event.total - 1]] };
    case "cleared":
      return nothingSelected;
  }
}

function toggled({ ranges }: Selection, offset: number): Selection {
  const next = contains(ranges, offset) ? withoutOffset(ranges, offset) : withRange(ranges, [offset, offset]);
  return { ranges: next, lead: offset, anchor: offset };
}

function extended({ ranges, lead, anchor }: Selection, offset: number, added: boolean): Selection {
  const from = anchor ?? lead ?? offset;
  return { ranges: withRange(added ? ranges : [], rangeBetween(from, offset)), lead: offset, anchor: from };
}

/** The selection in a list whose rows all moved by so many offsets. */
export function movedSelection({ ranges, lead, anchor }: Selection, by: number, total: number): Selection {
  const inside = (offset: number | undefined): number | undefined =>
    offset === undefined || offset + by < 0 || offset + by >= total ? undefined : offset + by;
  return { ranges: moveRanges(ranges, by, total), lead: inside(lead), anchor: inside(anchor) };
}

/** The selection of these offsets, the first of which the keyboard is on. */
export function selectionOf(offsets: readonly number[]): Selection {
  const [lead] = offsets;
  return { ranges: rangesOf(offsets), lead, anchor: lead };
}
