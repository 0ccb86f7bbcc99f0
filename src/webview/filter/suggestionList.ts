import * as l10n from "@vscode/l10n";
import { element, icon, setAttribute } from "../page/dom.ts";
import { visibleLine } from "../text/visibleText.ts";
import type { Suggestion } from "./suggestions.ts";

export const suggestionListId = "filter-suggestions";

/** The list that opens below the filter box. The keyboard stays in the box; one of the list's options is active. */
export class SuggestionList {
  readonly element: HTMLElement;
  readonly #onTake: (suggestion: Suggestion) => void;
  #suggestions: readonly Suggestion[] = [];
  #active: number | undefined;

  constructor(onTake: (suggestion: Suggestion) => void) {
    this.#onTake = onTake;
    const attributes = {
      role: "listbox",
      id: suggestionListId,
      "aria-label": l10n.t("Suggestions"),
      popover: "manual",
    };
    this.element = element("div", { className: "suggestions", attributes });
    // The box keeps the keyboard.
    this.element.addEventListener("mousedown", event => event.preventDefault());
  }

  get isOpen(): boolean {
    return this.#suggestions.length > 0;
  }

  get active(): Suggestion | undefined {
    return this.#active === undefined ? undefined : this.#suggestions[this.#active];
  }

  get first(): Suggestion | undefined {
    return this.#suggestions[0];
  }

  /** The id of the active option's element. */
  get activeId(): string | undefined {
    return this.#active === undefined ? undefined : optionId(this.#active);
  }

  /** Shows these below the box; none closes the list. */
  show(suggestions: readonly Suggestion[], box: HTMLElement): void {
    this.#suggestions = suggestions;
    this.#active = undefined;
    this.element.replaceChildren(...suggestions.map((suggestion, index) => this.#option(suggestion, index)));
    this.element.togglePopover(suggestions.length > 0);
    if (suggestions.length > 0) this.#moveBelow(box);
  }

  close(): void {
    this.#suggestions = [];
    this.#active = undefined;
    this.element.togglePopover(false);
  }

  /** Makes the next or the previous option the active one, around the ends; between them there is none. */
  move(direction: 1 | -1): void {
    const places = this.#suggestions.length + 1;
    const from = this.#active ?? places - 1;
    const to = (from + direction + places) % places;
    this.#active = to === places - 1 ? undefined : to;
    for (const [index, option] of [...this.element.children].entries()) {
      setAttribute(option, "aria-selected", String(index === this.#active));
      if (index === this.#active) option.scrollIntoView({ block: "nearest" });
    }
  }

  #option(suggestion: Suggestion, index: number): HTMLElement {
    const attributes = { role: "option", id: optionId(index), "aria-selected": "false" };
    const glyph = icon(suggestion.kind === "earlier" ? "history" : "symbol-keyword");
    const label = element("span", { className: "label" }, visibleLine(suggestion.label));
    const made = element("div", { className: "option", attributes }, glyph, label);
    made.addEventListener("click", () => this.#onTake(suggestion));
    return made;
  }

  #moveBelow(box: HTMLElement): void {
    const { left, bottom, width } = box.getBoundingClientRect();
    this.element.style.setProperty("left", `${left}px`);
    this.element.style.setProperty("top", `${bottom}px`);
    this.element.style.setProperty("min-width", `${Math.min(width, 320)}px`);
    const below = document.documentElement.clientHeight - bottom;
    this.element.style.setProperty("max-height", `${Math.max(44, below - 4)}px`);
  }
}

function optionId(index: number): string {
  return `${suggestionListId}-${index}`;
}
