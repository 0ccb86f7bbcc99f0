import { element, setAttribute } from "../page/dom.ts";

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly title: string;
}

/** A row of tabs of which one is chosen; arrow keys move along it. The panel they belong to has the id `panelId`. */
export class TabStrip<Name extends string> {
  readonly element: HTMLElement;
  readonly #buttons = new Map<Name, HTMLButtonElement>();
  readonly #onChoose: (name: Name) => void;
  #chosen: Name;

  constructor(tabs: readonly Tab<Name>[], chosen: Name, panelId: string, onChoose: (name: Name) => void) {
    this.#onChoose = onChoose;
    this.#chosen = chosen;
    for (const tab of tabs) this.#buttons.set(tab.name, this.#buttonOf(tab, panelId));
    const attributes = { role: "tablist", "aria-label": "Parts of the event" };
    this.element = element("div", { className: "tabs", attributes }, ...this.#buttons.values());
    this.element.addEventListener("keydown", event => this.#onKey(event));
    this.#draw();
  }

  get chosen(): Name {
    return this.#chosen;
  }

  focus(): void {
    this.#buttons.get(this.#chosen)?.focus();
  }

  /** The id of the chosen tab's button, which names the panel. */
  get chosenId(): string {
    return tabId(this.#chosen);
  }

  #buttonOf({ name, title }: Tab<Name>, panelId: string): HTMLButtonElement {
    const attributes = { type: "button", role: "tab", id: tabId(name), "aria-controls": panelId };
    return element("button", { className: "tab", attributes, onClick: () => this.#choose(name) }, title);
  }

  #choose(name: Name): void {
    this.#chosen = name;
    this.#draw();
    this.#onChoose(name);
  }

  #draw(): void {
    for (const [name, button] of this.#buttons) {
      const isChosen = name === this.#chosen;
      setAttribute(button, "aria-selected", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
    }
  }

  #onKey(event: KeyboardEvent): void {
    const names = [...this.#buttons.keys()];
    const target = names[indexAfterKey(event.key, names.indexOf(this.#chosen), names.length)];
    if (target === undefined || target === this.#chosen) return;
    event.preventDefault();
    this.#choose(target);
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
