import { button, element, icon, setAttribute } from "./dom.ts";

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

/** A menu that opens over the page, and closes with a choice, with Escape or with a click beside it. */
export class Menu {
  readonly #element = element("div", { className: "popup-menu", attributes: { role: "menu", popover: "auto" } });
  readonly #itemsOf: () => readonly MenuItem[];
  #items: readonly MenuItem[] = [];

  /** The items are asked for whenever the menu is drawn. */
  constructor(label: string, itemsOf: () => readonly MenuItem[]) {
    this.#itemsOf = itemsOf;
    this.#element.setAttribute("aria-label", label);
    this.#element.addEventListener("keydown", event => this.#onKey(event));
    this.#element.addEventListener("toggle", event => {
      if (event.newState === "closed") this.#element.remove();
    });
  }

  open(place: MenuPlace): void {
    document.body.append(this.#element);
    this.#draw();
    this.#element.showPopover();
    this.#moveTo(place);
    this.#focusItem(0);
  }

  #draw(): void {
    this.#items = this.#itemsOf();
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
    const index = this.#focusedIndex();
    item.run();
    this.#draw();
    this.#focusItem(index);
  }

  #runAside(run: () => void): void {
    this.#element.hidePopover();
    run();
  }

  #onKey(event: KeyboardEvent): void {
    const views = this.#itemViews();
    const index = this.#focusedIndex();
    const target = targetOf(event.key, index, views);
    if (target !== undefined) this.#focusItem(target);
    else if (event.key === "Enter" || event.key === " ") views[index]?.click();
    else if (event.key === "Delete") this.#asideOf(views[index])?.run();
    else if (event.key === "Tab") this.#element.hidePopover();
    else return;
    event.preventDefault();
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

/** The item that a key goes to: by arrows around, to both ends, or to the next that begins with the letter. */
function targetOf(key: string, index: number, views: readonly HTMLElement[]): number | undefined {
  const count = views.length;
  if (count === 0) return undefined;
  switch (key) {
    case "ArrowDown":
      return (index + 1) % count;
    case "ArrowUp":
      return (index - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return key.length === 1 && key !== " " ? nextBeginningWith(key, index, views) : undefined;
  }
}

function nextBeginningWith(letter: string, index: number, views: readonly HTMLElement[]): number | undefined {
  const order = views.map((_view, step) => (index + 1 + step) % views.length);
  return order.find(at => labelOf(views[at]).startsWith(letter.toLowerCase()));
}

function labelOf(view: HTMLElement | undefined): string {
  return (view?.querySelector(".label")?.textContent ?? "").toLowerCase();
}
