import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Result } from "../../base/result.ts";
import type { Query } from "../../protocol/inspector.ts";
import { button, element, icon, setAttribute } from "../page/dom.ts";
import type { Completions } from "../page/hostConnection.ts";
import { remember } from "./filterHistory.ts";
import { SuggestionList, suggestionListId } from "./suggestionList.ts";
import { type Suggestion, suggest } from "./suggestions.ts";

/** How long after the last key the filter is applied, in milliseconds. */
export const typingDelay = 150;

/** How long after the last key the host is asked what could follow, in milliseconds. */
const completionDelay = 60;

/** The host says every filter back; after this long, in milliseconds, one that it did not is taken for lost. */
const echoDeadline = 2_000;

/** More than the protocol takes is not typed. */
const longest = "2000";

const problemId = "filter-problem";

export interface FilterBoxOptions {
  readonly clock: Clock;
  readonly history: readonly string[];
  readonly apply: (filter: string) => void;
  readonly complete: (text: string, cursor: number) => Promise<Result<Completions, unknown>>;
  readonly onHistory: (history: readonly string[]) => void;
  /** The person wants to go back to the list. */
  readonly onLeave: () => void;
}

/**
 * Where the filter is typed: a combobox that completes, marks what is wrong and remembers. The list follows the typing;
 * its text is the one truth about which events are shown.
 */
export class FilterBox {
  readonly element: HTMLElement;
  /** What is wrong with the filter, for a place below the box. */
  readonly problem = element("div", { className: "filter-problem", attributes: { id: problemId, role: "status" } });
  readonly #options: FilterBoxOptions;
  readonly #input: HTMLInputElement;
  readonly #marks = element("div", { className: "marks", attributes: { "aria-hidden": "true" } });
  readonly #clear: HTMLButtonElement;
  readonly #list: SuggestionList;
  #history: readonly string[];
  #query: Query = { filter: "", saved: [] };
  #typing: Disposable | undefined;
  #asking: Disposable | undefined;
  /** What the host was told and did not say back yet. */
  #unheard: { readonly text: string; readonly deadline: Disposable } | undefined;
  #lastAsked = 0;

  constructor(options: FilterBoxOptions) {
    this.#options = options;
    this.#history = options.history;
    this.#list = new SuggestionList(suggestion => this.#take(suggestion));
    this.#input = element("input", { attributes: inputAttributes() });
    this.#clear = button({
      icon: "close",
      label: l10n.t("Remove the filter"),
      className: "clear",
      onClick: () => this.#empty(),
    });
    const field = element("div", { className: "field" }, this.#marks, this.#input);
    this.element = element("div", { className: "filter-box" }, icon("filter"), field, this.#clear, this.#list.element);
    this.problem.hidden = true;
    this.#clear.hidden = true;
    this.#listen();
  }

  /** The text as it stands in the box. */
  get text(): string {
    return this.#input.value;
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  /** Shows what the host filters by, unless the person has typed on since. */
  show(query: Query): void {
    if (this.#isAhead(query.filter)) return;
    this.#query = query;
    if (this.#input.value !== query.filter) this.#input.value = query.filter;
    this.#clear.hidden = query.filter === "";
    this.#showProblem();
  }

  /** Applies a filter as if it had been typed. */
  set(filter: string): void {
    this.#input.value = filter;
    this.#onText();
    this.#applyNow();
  }

  #listen(): void {
    this.#input.addEventListener("input", () => {
      this.#onText();
      this.#askSoon();
    });
    this.#input.addEventListener("keydown", event => this.#onKey(event));
    this.#input.addEventListener("scroll", () => this.#alignMarks());
    this.#input.addEventListener("blur", () => {
      this.#closeList();
      this.#remember();
    });
  }

  #isAhead(filter: string): boolean {
    if (this.#typing !== undefined) return true;
    if (this.#unheard === undefined) return false;
    if (this.#unheard.text !== filter) return true;
    this.#unheard.deadline.dispose();
    this.#unheard = undefined;
    return false;
  }

  #onText(): void {
    this.#clear.hidden = this.#input.value === "";
    // What was wrong with another text is not said of this one.
    this.#marks.replaceChildren();
    this.#typing?.dispose();
    this.#typing = this.#options.clock.after(typingDelay, () => this.#applyNow());
  }

  #applyNow(): void {
    this.#typing?.dispose();
    this.#typing = undefined;
    const text = this.#input.value;
    this.#unheard?.deadline.dispose();
    const deadline = this.#options.clock.after(echoDeadline, () => (this.#unheard = undefined));
    this.#unheard = { text, deadline };
    this.#options.apply(text);
  }

  #empty(): void {
    this.#closeList();
    this.set("");
    this.#input.focus();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || !this.#act(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #act(event: KeyboardEvent): boolean {
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        this.#move(event.key === "ArrowDown" ? 1 : -1);
        return true;
      case "Enter":
        this.#enter();
        return true;
      case "Tab":
        return !event.shiftKey && this.#takeByTab();
      case "Escape":
        this.#escape();
        return true;
      default:
        return false;
    }
  }

  #move(direction: 1 | -1): void {
    if (!this.#list.isOpen) return void this.#ask();
    this.#list.move(direction);
    setAttribute(this.#input, "aria-activedescendant", this.#list.activeId);
  }

  #enter(): void {
    const { active } = this.#list;
    if (active !== undefined) {
      this.#take(active);
      return;
    }
    this.#closeList();
    this.#applyNow();
    this.#remember();
  }

  /** With nothing typed or nothing to offer, Tab leaves the box as everywhere. */
  #takeByTab(): boolean {
    const { active, first } = this.#list;
    const taken = active ?? (this.#input.value.trim() === "" ? undefined : first);
    if (taken === undefined) return false;
    this.#take(taken);
    return true;
  }

  #escape(): void {
    if (this.#list.isOpen) this.#closeList();
    else if (this.#input.value !== "") this.#empty();
    else this.#options.onLeave();
  }

  #take({ kind, text, cursor }: Suggestion): void {
    this.#input.value = text;
    this.#input.setSelectionRange(cursor, cursor);
    this.#onText();
    this.#closeList();
    if (kind === "earlier") this.#applyNow();
    else void this.#ask();
  }

  #askSoon(): void {
    this.#asking?.dispose();
    this.#asking = this.#options.clock.after(completionDelay, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const asked = ++this.#lastAsked;
    const text = this.#input.value;
    const completions = await this.#options.complete(text, this.#input.selectionStart ?? text.length);
    const isLate = asked !== this.#lastAsked || text !== this.#input.value || document.activeElement !== this.#input;
    if (isLate || !completions.ok) return;
    this.#list.show(suggest(text, completions.value, this.#history), this.element);
    this.#showExpanded();
  }

  #closeList(): void {
    this.#asking?.dispose();
    this.#lastAsked++;
    this.#list.close();
    this.#showExpanded();
  }

  #showExpanded(): void {
    setAttribute(this.#input, "aria-expanded", String(this.#list.isOpen));
    setAttribute(this.#input, "aria-activedescendant", this.#list.activeId);
    if (this.#query.problem !== undefined) this.#showProblem();
  }

  #remember(): void {
    if (this.#query.problem !== undefined && this.#query.filter === this.#input.value) return;
    const history = remember(this.#history, this.#input.value);
    if (history === this.#history) return;
    this.#history = history;
    this.#options.onHistory(history);
  }

  /** Says nothing new while the text is ahead of the host: what it said last may still hold. */
  #showProblem(): void {
    const { filter } = this.#query;
    if (filter !== this.#input.value) return;
    const problem = this.#isBeingCompleted() ? undefined : this.#query.problem;
    this.problem.hidden = problem === undefined;
    this.problem.textContent = problem?.message ?? "";
    setAttribute(this.#input, "aria-invalid", problem === undefined ? undefined : "true");
    setAttribute(this.#input, "aria-describedby", problem === undefined ? undefined : problemId);
    this.#marks.replaceChildren(...(problem === undefined ? [] : marked(filter, problem.from, problem.to)));
    this.#alignMarks();
  }

  /** What is wrong where the person is typing is not finished for as long as there is something to go on with. */
  #isBeingCompleted(): boolean {
    const { problem } = this.#query;
    const cursor = this.#input.selectionStart ?? 0;
    return this.#list.isOpen && problem !== undefined && problem.from <= cursor && cursor <= problem.to;
  }

  #alignMarks(): void {
    this.#marks.style.setProperty("transform", `translateX(${-this.#input.scrollLeft}px)`);
  }
}

/** The text once more, unseen, with a line below what is wrong. */
function marked(text: string, from: number, to: number): (string | HTMLElement)[] {
  return [text.slice(0, from), element("span", { className: "wrong" }, text.slice(from, to)), text.slice(to)];
}

function inputAttributes(): Record<string, string> {
  return {
    type: "text",
    role: "combobox",
    "aria-label": l10n.t("Filter events"),
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": suggestionListId,
    placeholder: l10n.t("Filter (e.g. module:Deals -token:bad)"),
    maxlength: longest,
    autocomplete: "off",
    spellcheck: "false",
  };
}
