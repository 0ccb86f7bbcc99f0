/** What a key does in the list of events. */
export type ListAction =
  { readonly kind: "select"; readonly offset: number } | { readonly kind: "open" } | { readonly kind: "close" };

export interface ListPlace {
  readonly total: number;
  /** The row that is selected, or undefined when none is. */
  readonly selected: number | undefined;
  /** How many whole rows are in view. */
  readonly pageLength: number;
  /** The first row in view: where the keyboard begins when nothing is selected. */
  readonly firstInView: number;
}

/** The action for a key, or undefined when the key means nothing here. Without a selection, the first key makes one. */
export function listAction(key: string, place: ListPlace): ListAction | undefined {
  if (key === "Escape") return { kind: "close" };
  if (key === "Enter") return place.selected === undefined ? undefined : { kind: "open" };
  const target = targetOf(key, place);
  if (target === undefined || place.total === 0) return undefined;
  return { kind: "select", offset: Math.max(0, Math.min(target, place.total - 1)) };
}

function targetOf(key: string, { total, selected, pageLength, firstInView }: ListPlace): number | undefined {
  switch (key) {
    case "Home":
      return 0;
    case "End":
      return total - 1;
    case "ArrowDown":
      return selected === undefined ? firstInView : selected + 1;
    case "ArrowUp":
      return selected === undefined ? total - 1 : selected - 1;
    case "PageDown":
      return (selected ?? firstInView) + Math.max(1, pageLength - 1);
    case "PageUp":
      return (selected ?? firstInView + pageLength) - Math.max(1, pageLength - 1);
    default:
      return undefined;
  }
}
