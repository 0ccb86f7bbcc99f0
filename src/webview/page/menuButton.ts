import { button, setAttribute } from "./dom.ts";
import { Menu, type MenuItem } from "./menu.ts";

export interface MenuButtonOptions {
  readonly icon: string;
  /** The name of the button and of its menu. */
  readonly label: string;
  readonly className?: string;
  /** Asked whenever the menu is drawn. */
  readonly items: () => readonly MenuItem[];
  readonly onOpen?: () => void;
}

/** A button that opens a menu, by a click or by the arrow keys up and down. */
export class MenuButton {
  readonly element: HTMLButtonElement;
  readonly #options: MenuButtonOptions;
  readonly #menu: Menu;
  /** A click beside a menu closes it before the button hears of the click: on the button it is not to open it again. */
  #wasOpen = false;

  constructor(options: MenuButtonOptions) {
    this.#options = options;
    this.element = button({ ...options, onClick: () => this.#onClick() });
    this.element.setAttribute("aria-haspopup", "menu");
    this.element.addEventListener("pointerdown", () => (this.#wasOpen = this.#menu.isOpen));
    this.element.addEventListener("keydown", event => this.#onKey(event));
    this.#menu = new Menu(options.label, {
      items: options.items,
      home: () => this.element.parentElement ?? document.body,
      onToggle: isOpen => this.#showOpen(isOpen),
    });
    this.#showOpen(false);
  }

  /** Draws an open menu anew: other items have become known. */
  refresh(): void {
    this.#menu.refresh();
  }

  #open(at: "first" | "last"): void {
    this.#menu.open(this.element, at);
    this.#options.onOpen?.();
  }

  #onClick(): void {
    if (!this.#wasOpen) this.#open("first");
    this.#wasOpen = false;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    this.#open(event.key === "ArrowDown" ? "first" : "last");
    event.preventDefault();
    event.stopPropagation();
  }

  #showOpen(isOpen: boolean): void {
    setAttribute(this.element, "aria-expanded", String(isOpen));
  }
}
