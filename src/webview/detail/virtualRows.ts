import { element } from "../page/dom.ts";
import { type Viewport, drawnRange, firstInView, scrollHeight, scrollToShow, scrollToTop } from "../list/windowing.ts";

export interface VirtualRowsOptions {
  readonly className: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly draw: (index: number) => HTMLElement;
}

/** Any number of rows of one height, of which those in view are drawn. */
export class VirtualRows {
  /** Scrolls, and takes the keyboard. */
  readonly element: HTMLElement;
  readonly rowHeight = rowHeightOf(document.body);
  readonly #options: VirtualRowsOptions;
  readonly #canvas = element("div", { className: "canvas", attributes: { role: "presentation" } });
  readonly #drawn = new Map<number, HTMLElement>();
  readonly #resized = new ResizeObserver(() => this.#draw());
  #count = 0;

  constructor(options: VirtualRowsOptions) {
    this.#options = options;
    const attributes = { tabindex: "0", ...options.attributes };
    this.element = element("div", { className: `rows ${options.className}`, attributes }, this.#canvas);
    this.element.style.setProperty("--row-height", `${this.rowHeight}px`);
    this.element.addEventListener("scroll", () => this.#draw(), { passive: true });
    this.#resized.observe(this.element);
  }

  /** How many rows fit into the view. */
  get pageLength(): number {
    return Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 1);
  }

  /** Shows `count` rows, each drawn anew. */
  reset(count: number): void {
    this.#count = count;
    this.element.style.setProperty("--rows", String(Math.min(count, 1_000)));
    this.#canvas.style.setProperty("height", `${scrollHeight(this.#viewport())}px`);
    this.redraw();
  }

  redraw(): void {
    for (const row of this.#drawn.values()) row.remove();
    this.#drawn.clear();
    this.#draw();
  }

  /** Brings a row into view. */
  show(index: number): void {
    const target = scrollToShow(index, this.#viewport());
    if (target !== this.element.scrollTop) this.element.scrollTop = target;
    this.#draw();
  }

  /** Brings a row into the middle of the view, if it is not in view. */
  showAmid(index: number): void {
    const half = Math.floor(this.pageLength / 2);
    const { scrollTop } = this.element;
    this.show(index);
    if (this.element.scrollTop === scrollTop) return;
    this.show(Math.max(0, index - half));
    this.show(Math.min(this.#count - 1, index + half));
  }

  /** The first row in view. */
  get first(): number {
    return firstInView(this.#viewport());
  }

  /** Scrolls so that a row is the first in view. */
  showFirst(index: number): void {
    this.element.scrollTop = scrollToTop(index, this.#viewport());
    this.#draw();
  }

  elementAt(index: number): HTMLElement | undefined {
    return this.#drawn.get(index);
  }

  /** Rows that stay are not touched, so that what is selected in them stays selected. */
  #draw(): void {
    const { first, end, top } = drawnRange(this.#viewport());
    for (const [index, row] of this.#drawn) {
      if (index >= first && index < end) continue;
      row.remove();
      this.#drawn.delete(index);
    }
    // Backwards, so that each row finds the one that it comes before: readers go by the order in the page.
    for (let index = end - 1; index >= first; index--) {
      this.#rowAt(index).style.setProperty("transform", `translateY(${top + (index - first) * this.rowHeight}px)`);
    }
  }

  #rowAt(index: number): HTMLElement {
    const known = this.#drawn.get(index);
    if (known !== undefined) return known;
    const made = this.#options.draw(index);
    made.dataset["row"] = String(index);
    this.#drawn.set(index, made);
    this.#canvas.insertBefore(made, this.#drawn.get(index + 1) ?? null);
    return made;
  }

  #viewport(): Viewport {
    const { clientHeight: height, scrollTop } = this.element;
    return { total: this.#count, rowHeight: this.rowHeight, height, scrollTop };
  }
}

/** Text of the editor's own size, with some air. */
function rowHeightOf(target: Element): number {
  const size = Number.parseFloat(getComputedStyle(target).getPropertyValue("--vscode-editor-font-size"));
  return Math.max(20, Math.round((Number.isNaN(size) ? 12 : size) * 1.5));
}
