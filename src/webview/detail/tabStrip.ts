import * as l10n from "@vscode/l10n";
import { element, setAttribute } from "../page/dom.ts";

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly title: string;
}

/**
 * A row of tabs of which one is chosen; arrow keys move along it. The panel they belong to has the id `panelId`. Tabs
 * that make no sense for what is on show are left out, and the choice of one of them is kept for when it does.
 */
export class TabStrip<Name extends string> {
  readonly element: HTMLElement;
  readonly #buttons = new Map<Name, HTMLButtonElement>();
  readonly #first: Name;
  readonly #onChoose: (name: Name) => void;
  #wanted: Name;

  constructor(
    tabs: readonly [Tab<Name>, ...Tab<Name>[]],
    chosen: Name,
    panelId: string,
    onChoose: (name: Name) => void,
  ) {
    this.#onChoose = onChoose;
    this.#wanted = chosen;
    this.#first = tabs[0].name;
    for (const tab of tabs) this.#buttons.set(tab.name, this.#buttonOf(tab, panelId));
    const attributes = { role: "tablist", "aria-label": l10n.t("Parts of the event") };
    this.element = element("div", { className: "tabs", attributes }, ...this.#buttons.values());
    this.element.addEventListener("keydown", event => this.#onKey(event));
    this.#draw();
  }

  get chosen(): Name {
    return this.#buttons.get(this.#wanted)?.hidden === false ? this.#wanted : this.#first;
  }

  /** Leaves out all tabs but these and the first. */
  offer(names: readonly Name[]): void {
    for (const [name, button] of this.#buttons) button.hidden = name !== this.#first && !names.includes(name);
    this.#draw();
  }

  /** Chooses a tab as if the person had pressed it. */
  choose(name: Name): void {
    this.#wanted = name;
    this.#draw();
    this.#onChoose(name);
  }

  focus(): void {
    this.#buttons.get(this.chosen)?.focus();
  }

  /** The id of the chosen tab's button, which names the panel. */
  get chosenId(): string {
    return tabId(this.chosen);
  }

  #buttonOf({ name, title }: Tab<Name>, panelId: string): HTMLButtonElement {
    const attributes = { type: "button", role: "tab", id: tabId(name), "aria-controls": panelId };
    return element("button", { className: "tab", attributes, onClick: () => this.choose(name) }, title);
  }

  #draw(): void {
    for (const [name, button] of this.#buttons) {
      const isChosen = name === this.chosen;
      setAttribute(button, "aria-selected", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
    }
  }

  #onKey(event: KeyboardEvent): void {
    const names = [...this.#buttons].filter(([, button]) => !button.hidden).map(([name]) => name);
    const target = names[indexAfterKey(event.key, names.indexOf(this.chosen), names.length)];
    if (target === undefined || target === this.chosen) return;
    event.preventDefault();
    this.choose(target);
    this.focus();
  }
}

function tabId(name: string): string {
  return `tab-${name}`;
}

function indexAfterKey(key: string, index: number, count: number): number {
  if (key === "ArrowRight") return (index + 1) % count;
  if (key === "ArrowLeft") return (index + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : -1;
}
