import { button, element, icon, setAttribute } from "./dom.ts";
import { indexAfterKey } from "./menuKeys.ts";

export type MenuItem =
  | {
      readonly kind: "action";
      readonly label: string;
      readonly icon?: string;
      /** Stands beside the label, quieter. */
      readonly remark?: string;
      readonly run: () => void;
      /** A second thing to do with the item, by a button of its own or the Delete key. */
      readonly aside?: { readonly icon: string; readonly label: string; readonly run: () => void };
    }
  /** The menu stays open: people choose several. */
  | { readonly kind: "check" | "radio"; readonly label: string; readonly isOn: boolean; readonly run: () => void }
  | { readonly kind: "separator" }
  | { readonly kind: "title"; readonly label: string };

/** Where a menu opens: below an element, or at a point of the page. */
export type MenuPlace = HTMLElement | { readonly x: number; readonly y: number };

export interface MenuOptions {
  /** Asked whenever the menu is drawn. */
  readonly items: () => readonly MenuItem[];
  /** Where in the page it belongs while it is open. Default: to the page. */
  readonly home?: () => HTMLElement;
  readonly onToggle?: (isOpen: boolean) => void;
}

/**
 * A menu that opens over the page: arrow keys, Home, End and first letters move in it, Enter and Space choose. It closes
 * with a choice, with Escape or Tab, or with a click beside it, and gives the keyboard back to what had it before.
 */
export class Menu {
  readonly #element = element("div", { className: "popup-menu", attributes: { role: "menu", popover: "auto" } });
  readonly #options: MenuOptions;
  #items: readonly MenuItem[] = [];

  constructor(label: string, options: MenuOptions) {
    this.#options = options;
    this.#element.setAttribute("aria-label", label);
    this.#element.addEventListener("keydown", event => this.#onKey(event));
    this.#element.addEventListener("toggle", event => {
      if (event.newState === "closed") this.#element.remove();
      this.#options.onToggle?.(event.newState === "open");
    });
  }

  get isOpen(): boolean {
    return this.#element.isConnected;
  }

  /** The keyboard is on the first item then, or on the last. */
  open(place: MenuPlace, at: "first" | "last" = "first"): void {
    (this.#options.home?.() ?? document.body).append(this.#element);
    this.#draw();
    this.#element.showPopover();
    this.#moveTo(place);
    this.#focusItem(at === "first" ? 0 : this.#itemViews().length - 1);
  }

  /** Draws an open menu anew: other items have become known. */
  refresh(): void {
    if (!this.isOpen) return;
    const index = this.#focusedIndex();
    this.#draw();
    this.#focusItem(Math.min(index, this.#itemViews().length - 1));
  }

  #draw(): void {
    this.#items = this.#options.items();
    this.#element.replaceChildren(...this.#items.map(item => this.#itemView(item)));
  }

  #moveTo(place: MenuPlace): void {
    const box = place instanceof HTMLElement ? place.getBoundingClientRect() : undefined;
    const { x, y } =
      place instanceof HTMLElement ? { x: place.getBoundingClientRect().left, y: box?.bottom ?? 0 } : place;
    const { offsetWidth, offsetHeight } = this.#element;
    const left = Math.max(0, Math.min(x, document.documentElement.clientWidth - offsetWidth));
    const top = Math.max(0, Math.min(y, document.documentElement.clientHeight - offsetHeight));
    this.#element.style.setProperty("left", `${left}px`);
    this.#element.style.setProperty("top", `${top}px`);
  }

  #itemView(item: MenuItem): HTMLElement {
    if (item.kind === "separator") return element("div", { className: "separator", attributes: { role: "separator" } });
    if (item.kind === "title")
      return element("div", { className: "title", attributes: { role: "presentation" } }, item.label);
    const made = element("div", { className: "item", attributes: { role: rolesOf[item.kind], tabindex: "-1" } });
    made.append(icon(glyphOf(item)), element("span", { className: "label" }, item.label));
    if (item.kind === "action") this.#addExtras(made, item);
    else setAttribute(made, "aria-checked", String(item.isOn));
    made.addEventListener("click", () => this.#run(item));
    return made;
  }

  #addExtras(made: HTMLElement, { remark, aside }: MenuItem & { kind: "action" }): void {
    if (remark !== undefined) made.append(element("span", { className: "remark" }, remark));
    if (aside === undefined) return;
    const extra = button({ icon: aside.icon, label: aside.label, onClick: () => undefined });
    extra.tabIndex = -1;
    extra.addEventListener("click", event => {
      event.stopPropagation();
      this.#runAside(aside.run);
    });
    made.append(extra);
  }

  #run(item: MenuItem & { kind: "action" | "check" | "radio" }): void {
    if (item.kind === "action") {
      this.#element.hidePopover();
      item.run();
      return;
    }
    item.run();
    this.refresh();
  }

  #runAside(run: () => void): void {
    this.#element.hidePopover();
    run();
  }

  #onKey(event: KeyboardEvent): void {
    const views = this.#itemViews();
    const index = this.#focusedIndex();
    const target = indexAfterKey(event.key, index, views.map(labelOf));
    if (target !== undefined) this.#focusItem(target);
    else if (event.key === "Enter" || event.key === " ") views[index]?.click();
    else if (event.key === "Delete") this.#asideOf(views[index])?.run();
    else if (event.key === "Tab" || event.key === "Escape") this.#element.hidePopover();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #asideOf(view: HTMLElement | undefined): { readonly run: () => void } | undefined {
    const item = this.#items[[...this.#element.children].findIndex(child => child === view)];
    const aside = item?.kind === "action" ? item.aside : undefined;
    return aside === undefined ? undefined : { run: () => this.#runAside(aside.run) };
  }

  #itemViews(): HTMLElement[] {
    return [...this.#element.querySelectorAll<HTMLElement>(":scope > .item")];
  }

  #focusedIndex(): number {
    return this.#itemViews().findIndex(view => view === document.activeElement);
  }

  #focusItem(index: number): void {
    this.#itemViews()[index]?.focus();
  }
}

const rolesOf = { action: "menuitem", check: "menuitemcheckbox", radio: "menuitemradio" } as const;

function glyphOf(item: MenuItem & { kind: "action" | "check" | "radio" }): string {
  if (item.kind === "action") return item.icon ?? "blank";
  return item.isOn ? "check" : "blank";
}

function labelOf(view: HTMLElement): string {
  return view.querySelector(".label")?.textContent ?? "";
}
