import { element, setAttribute } from "../page/dom.ts";
import type { CellContent } from "./cellContent.ts";
import { type ColumnName, columnIndex } from "./columns.ts";

/** One cell of a drawn row. Its elements stay; what they say is changed only where it differs. */
export class CellView {
  readonly element: HTMLElement;
  readonly #text = document.createTextNode("");
  #icon: HTMLElement | undefined;
  #more: HTMLElement | undefined;
  #shown: CellContent = { text: "" };

  /** A cell from one column on, over as many columns as are on show there. */
  constructor(name: ColumnName | "sentence", from: ColumnName, span: number) {
    const role = name === "record" ? "rowheader" : "gridcell";
    const attributes = { role, "aria-colindex": String(columnIndex(from)) };
    // What tells one record from another is the end of its id: that is what stays when there is little room.
    const whole = name === "record" ? element("bdi", { attributes: { dir: "ltr" } }, this.#text) : this.#text;
    const label = element("span", { className: "text" }, whole);
    this.element = element("div", { className: `cell ${name}`, attributes }, label);
    this.element.addEventListener("mouseenter", () => this.#showTitle(this.#shown.title ?? this.#shown.text));
    this.element.addEventListener("mouseleave", () => this.#showTitle(this.#shown.title));
    if (span === 1) return;
    this.element.setAttribute("aria-colspan", String(span));
    this.element.style.setProperty("grid-column", `span ${span}`);
  }

  show(content: CellContent): void {
    const before = this.#shown;
    this.#shown = content;
    if (content.text !== before.text) this.#text.data = content.text;
    if (content.icon !== before.icon || content.tone !== before.tone) this.#showIcon(content);
    if (content.more !== before.more) this.#showMore(content.more);
    if (content.title !== before.title) this.#showTitle(content.title);
  }

  /** A text that may be cut off is told in full to the pointer alone: setting it for all would cost as much as the rows. */
  #showTitle(title: string | undefined): void {
    setAttribute(this.element, "title", title === "" ? undefined : title);
  }

  #showIcon({ icon = "", tone = "quiet" }: CellContent): void {
    if (this.#icon === undefined) {
      this.#icon = element("span", { attributes: { "aria-hidden": "true" } });
      this.element.prepend(this.#icon);
    }
    this.#icon.hidden = icon === "";
    this.#icon.className = `codicon codicon-${icon} tone-${tone}`;
  }

  #showMore(more: string | undefined): void {
    if (this.#more === undefined) {
      this.#more = element("span", { className: "more" });
      this.element.append(this.#more);
    }
    this.#more.textContent = more ?? "";
  }
}
