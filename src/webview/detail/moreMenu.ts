import { button, element, icon, setAttribute } from "../page/dom.ts";
import { indexAfterKey } from "./menuKeys.ts";

export interface MenuItem {
  readonly icon: string;
  readonly title: string;
  readonly run: () => void;
}

/** A button that opens a menu; arrow keys and first letters move in it, Escape and a click elsewhere close it. */
export class MoreMenu {
  readonly element: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #menu: HTMLElement;
  readonly #items: HTMLButtonElement[] = [];

  constructor(label: string, items: readonly MenuItem[]) {
    this.#button = button({ icon: "ellipsis", label, onClick: () => this.#toggle() });
    this.#button.setAttribute("aria-haspopup", "menu");
    this.#menu = element("div", { className: "menu", attributes: { role: "menu", "aria-label": label } });
    for (const item of items) this.#items.push(this.#itemView(item));
    this.#menu.append(...this.#items);
    this.element = element("div", { className: "more-menu" }, this.#button, this.#menu);
    this.element.addEventListener("keydown", event => this.#onKey(event));
    this.element.addEventListener("focusout", event => this.#onFocusOut(event));
    this.#show(false);
  }

  get #isOpen(): boolean {
    return !this.#menu.hidden;
  }

  #itemView({ icon: glyph, title, run }: MenuItem): HTMLButtonElement {
    const attributes = { type: "button", role: "menuitem", tabindex: "-1" };
    const onClick = (): void => {
      this.#close();
      run();
    };
    return element("button", { className: "menu-item", attributes, onClick }, icon(glyph), element("span", {}, title));
  }

  #toggle(): void {
    this.#show(!this.#isOpen);
    if (this.#isOpen) this.#items[0]?.focus();
  }

  #close(): void {
    this.#show(false);
    this.#button.focus();
  }

  #show(isOpen: boolean): void {
    this.#menu.hidden = !isOpen;
    setAttribute(this.#button, "aria-expanded", String(isOpen));
  }

  #onFocusOut(event: FocusEvent): void {
    if (!(event.relatedTarget instanceof Node) || !this.element.contains(event.relatedTarget)) this.#show(false);
  }

  #onKey(event: KeyboardEvent): void {
    const isHandled = this.#isOpen ? this.#onMenuKey(event.key) : this.#onButtonKey(event.key);
    if (!isHandled) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #onButtonKey(key: string): boolean {
    if (key !== "ArrowDown" && key !== "ArrowUp") return false;
    this.#show(true);
    this.#items.at(key === "ArrowDown" ? 0 : -1)?.focus();
    return true;
  }

  #onMenuKey(key: string): boolean {
    if (key === "Escape") {
      this.#close();
      return true;
    }
    const at = this.#items.findIndex(item => item === document.activeElement);
    const target =
      this.#items[
        indexAfterKey(
          key,
          at,
          this.#items.map(item => item.textContent),
        )
      ];
    target?.focus();
    return target !== undefined;
  }
}
