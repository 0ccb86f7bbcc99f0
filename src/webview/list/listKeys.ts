import type { SelectionEvent } from "./selection.ts";

/** What a key does in the list of events. */
export type ListAction =
  { readonly kind: "select"; readonly event: SelectionEvent } | { readonly kind: "open" | "close" | SelectionAction };

/** What a person does with the chosen events by a key. */
export type SelectionAction = "delete" | "pin" | "replay" | "edit" | "compare";

/** A key as it was pressed. `modified` is Ctrl, or Command on a Mac. */
export interface PressedKey {
  readonly key: string;
  readonly shift: boolean;
  readonly modified: boolean;
  readonly alt: boolean;
}

export interface ListPlace {
  readonly total: number;
  /** The row that the keyboard is on, or undefined when it is on none. */
  readonly lead: number | undefined;
  /** How many whole rows are in view. */
  readonly pageLength: number;
  /** The first row in view: where the keyboard begins when it is on no row. */
  readonly firstInView: number;
}

const letters: Readonly<Record<string, SelectionAction>> = {
  Delete: "delete",
  Backspace: "delete",
  p: "pin",
  r: "replay",
  e: "edit",
  c: "compare",
};

/** The action for a key, or undefined when the key means nothing here. */
export function listAction(pressed: PressedKey, place: ListPlace): ListAction | undefined {
  if (pressed.alt) return undefined;
  const target = targetOf(pressed.key, place);
  if (target !== undefined && place.total > 0) {
    return { kind: "select", event: moveTo(Math.max(0, Math.min(target, place.total - 1)), pressed) };
  }
  return pressed.modified ? withModifier(pressed, place) : withoutModifier(pressed, place);
}

function moveTo(offset: number, { shift, modified }: PressedKey): SelectionEvent {
  if (shift) return { kind: "extended", offset, added: modified };
  return { kind: modified ? "moved" : "only", offset };
}

function withModifier({ key, shift }: PressedKey, { total, lead }: ListPlace): ListAction | undefined {
  if (shift) return undefined;
  switch (key.toLowerCase()) {
    case "a":
      return { kind: "select", event: { kind: "all", total } };
    case " ":
      return lead === undefined ? undefined : { kind: "select", event: { kind: "toggled", offset: lead } };
    default:
      return undefined;
  }
}

function withoutModifier({ key, shift }: PressedKey, { lead }: ListPlace): ListAction | undefined {
  if (key === "Escape") return { kind: "close" };
  if (lead !== undefined && key === "Enter") return { kind: "open" };
  if (lead !== undefined && key === " ") {
    return { kind: "select", event: shift ? { kind: "extended", offset: lead, added: false } : only(lead) };
  }
  // Letters mean the same with Caps Lock on.
  const name = key.length === 1 && !shift ? key.toLowerCase() : key;
  const kind = Object.hasOwn(letters, name) ? letters[name] : undefined;
  return kind === undefined ? undefined : { kind };
}

function only(offset: number): SelectionEvent {
  return { kind: "only", offset };
}

function targetOf(key: string, { total, lead, pageLength, firstInView }: ListPlace): number | undefined {
  switch (key) {
    case "Home":
      return 0;
    case "End":
      return total - 1;
    case "ArrowDown":
      return lead === undefined ? firstInView : lead + 1;
    case "ArrowUp":
      return lead === undefined ? total - 1 : lead - 1;
    case "PageDown":
      return (lead ?? firstInView) + Math.max(1, pageLength - 1);
    case "PageUp":
      return (lead ?? firstInView + pageLength) - Math.max(1, pageLength - 1);
    default:
      return undefined;
  }
}
