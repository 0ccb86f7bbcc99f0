import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { button, element } from "../page/dom.ts";
import { formatNumber } from "../text/format.ts";
import { runInSteps } from "./steps.ts";
import type { Searchable } from "./tabContent.ts";
import { findAll, firstMatchFrom, mostMatches } from "./textSearch.ts";

/** How long to wait for the next key before a search begins, in milliseconds. */
const typingDelay = 120;

/** Finds text in the body: a box with the number of matches, and the way to the next and the one before. */
export class FindBar {
  readonly element: HTMLElement;
  readonly #clock: Clock;
  readonly #input = element("input", {
    attributes: {
      type: "text",
      spellcheck: "false",
      "aria-label": l10n.t("Find in the body"),
      placeholder: l10n.t("Find"),
    },
  });
  readonly #status = element("span", { className: "found", attributes: { role: "status" } });
  #target: Searchable | undefined;
  #matches: readonly number[] = [];
  #current = 0;
  #searching: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.element = element(
      "div",
      { className: "find", attributes: { role: "search" } },
      this.#input,
      this.#status,
      button({ icon: "arrow-up", label: l10n.t("Previous match (Shift+Enter)"), onClick: () => this.#move(-1) }),
      button({ icon: "arrow-down", label: l10n.t("Next match (Enter)"), onClick: () => this.#move(1) }),
      button({ icon: "close", label: l10n.t("Close the search (Escape)"), onClick: () => this.close() }),
    );
    this.element.hidden = true;
    this.#input.addEventListener("input", () => this.#searchSoon());
    this.element.addEventListener("keydown", event => this.#onKey(event));
  }

  /** Searches in `target` from now on. */
  open(target: Searchable): void {
    this.#target = target;
    this.element.hidden = false;
    this.#input.focus();
    this.#input.select();
    this.#search();
  }

  /**
   * Another content has come in the place of the one that was searched; without one there is nothing to search. The same
   * text shown in another way goes on at the match that the person was at.
   */
  retarget(target: Searchable | undefined): void {
    if (this.element.hidden) return;
    const place = target?.text === this.#target?.text ? this.#matches[this.#current] : undefined;
    this.#target = target;
    if (target === undefined) this.#hide();
    else this.#search(place);
  }

  close(): void {
    const target = this.#target;
    this.#hide();
    target?.showMatches(undefined);
    target?.focus();
  }

  #hide(): void {
    this.#searching?.dispose();
    this.element.hidden = true;
    this.#target = undefined;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && event.target === this.#input) this.#move(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #searchSoon(): void {
    this.#searching?.dispose();
    this.#searching = this.#clock.after(typingDelay, () => this.#search());
  }

  /** Goes to the first match from where the person is, or from `place`. */
  #search(place = this.#target?.place ?? 0): void {
    this.#searching?.dispose();
    const work = findAll(this.#target?.text ?? "", this.#input.value);
    this.#searching = runInSteps(work, this.#clock, matches => {
      this.#matches = matches;
      this.#current = firstMatchFrom(matches, place) ?? 0;
      this.#show();
    });
  }

  #move(by: number): void {
    const count = this.#matches.length;
    if (count === 0) return;
    this.#current = (this.#current + by + count) % count;
    this.#show();
  }

  #show(): void {
    const length = this.#input.value.length;
    this.#status.textContent = statusOf(length, this.#current, this.#matches.length);
    const found = length === 0 ? undefined : { positions: this.#matches, length, current: this.#current };
    this.#target?.showMatches(found);
  }
}

function statusOf(queryLength: number, current: number, count: number): string {
  if (queryLength === 0) return "";
  if (count === 0) return l10n.t("No match");
  const total = count === mostMatches ? `${formatNumber(count)}+` : formatNumber(count);
  return l10n.t("{0} of {1}", formatNumber(current + 1), total);
}
