import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { element } from "../page/dom.ts";
import { formatNumber } from "../text/format.ts";
import { visibleText } from "../text/visibleText.ts";
import { type Matches, segmentsOf } from "./matches.ts";
import { runInSteps } from "./steps.ts";
import { TextRows } from "./textRows.ts";
import { VirtualRows } from "./virtualRows.ts";

export interface TextViewOptions {
  readonly text: string;
  /** The accessible name. */
  readonly label: string;
  readonly wrap: boolean;
  readonly clock: Clock;
}

/** A row that is not wrapped still ends somewhere: the layout of millions of characters in one line stalls the page. */
const longestRow = 2_000;

const leastColumns = 20;

/** A place of the text that is to be in the middle of the view, or at its beginning. */
interface Wanted {
  readonly position: number;
  readonly where: "amid" | "first";
}

/** A text of any length, with the numbers of its lines; only what is in view is laid out. */
export class TextView implements Disposable {
  readonly #options: TextViewOptions;
  readonly #rows: VirtualRows;
  readonly #resized = new ResizeObserver(() => this.#wrapAnew());
  #cut: TextRows | undefined;
  #columns = 0;
  #wrap: boolean;
  #matches: Matches | undefined;
  #cutting: Disposable | undefined;
  #isCutting = false;
  /** What to bring into view once the rows are known. */
  #wanted: Wanted | undefined;

  constructor(options: TextViewOptions) {
    this.#options = options;
    this.#wrap = options.wrap;
    const attributes = { role: "group", "aria-label": options.label };
    this.#rows = new VirtualRows({ className: "text", attributes, draw: index => this.#rowView(index) });
    this.#resized.observe(this.#rows.element);
    this.#wrapAnew();
  }

  get element(): HTMLElement {
    return this.#rows.element;
  }

  get text(): string {
    return this.#options.text;
  }

  get place(): number {
    return this.#inView()?.position ?? 0;
  }

  setWrap(wrap: boolean): void {
    this.#wrap = wrap;
    this.#wrapAnew();
  }

  showMatches(matches: Matches | undefined): void {
    this.#matches = matches;
    this.#rows.redraw();
    const position = matches?.positions[matches.current];
    if (position !== undefined) this.reveal(position);
  }

  /** Marks one place and brings it into view. */
  markPlace(position: number): void {
    this.showMatches({ positions: [position], length: 1, current: 0 });
  }

  reveal(position: number): void {
    // Rows that are being cut take the place of those on show, and have it elsewhere.
    if (this.#isCutting) this.#wanted = { position, where: "amid" };
    if (this.#cut !== undefined) this.#rows.showAmid(this.#cut.rowAt(position));
  }

  focus(): void {
    this.element.focus();
  }

  dispose(): void {
    this.#cutting?.dispose();
    this.#resized.disconnect();
  }

  /** Cuts the text into rows that fit the width, unless they do already. */
  #wrapAnew(): void {
    const columns = this.#wrap ? this.#columnsInView() : longestRow;
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.#wanted ??= this.#inView();
    this.#cutting?.dispose();
    this.#isCutting = true;
    const { text, clock } = this.#options;
    this.#cutting = runInSteps(TextRows.read(text, columns), clock, rows => this.#show(rows));
  }

  #show(rows: TextRows): void {
    this.#isCutting = false;
    this.#cut = rows;
    this.element.style.setProperty("--digits", String(formatNumber(rows.lineCount).length));
    this.#rows.reset(rows.count);
    if (this.#wanted?.where === "amid") this.#rows.showAmid(rows.rowAt(this.#wanted.position));
    else if (this.#wanted !== undefined) this.#rows.showFirst(rows.rowAt(this.#wanted.position));
    this.#wanted = undefined;
  }

  /**
   * What the person is looking at, is to see when the rows are others, and searches from: the match that they are at, or
   * the first row.
   */
  #inView(): Wanted | undefined {
    if (this.#cut === undefined) return undefined;
    const first = this.#rows.first;
    const match = this.#matches?.positions[this.#matches.current];
    const row = match === undefined ? -1 : this.#cut.rowAt(match);
    // A page is a row less than what is in view, and the last row may be in view in part.
    const isInView = row >= first && row <= first + this.#rows.pageLength + 1;
    if (match !== undefined && isInView) return { position: match, where: "amid" };
    return { position: this.#cut.row(first).from, where: "first" };
  }

  #columnsInView(): number {
    const width = this.element.clientWidth;
    if (width === 0) return longestRow;
    const gutter = 8 * characterWidth();
    return Math.min(longestRow, Math.max(leastColumns, Math.floor((width - gutter) / characterWidth())));
  }

  #rowView(index: number): HTMLElement {
    const row = this.#cut?.row(index);
    if (row === undefined) return element("div", { className: "text-row" });
    const number = row.line === undefined ? "" : formatNumber(row.line);
    const segments = segmentsOf(this.text, row.from, row.to, this.#matches);
    const parts = segments.map(({ text, mark }) =>
      mark === undefined ? visibleText(text) : element("mark", { className: mark }, visibleText(text)),
    );
    const gutter = element("span", { className: "number", attributes: { "aria-hidden": "true" } }, number);
    return element("div", { className: "text-row" }, gutter, element("span", { className: "code" }, ...parts));
  }
}

/** The width of one character of the editor's font, in CSS pixels. */
function characterWidth(): number {
  const style = getComputedStyle(document.body);
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return 8;
  const size = style.getPropertyValue("--vscode-editor-font-size") || "12px";
  context.font = `${size} ${style.getPropertyValue("--vscode-editor-font-family") || "monospace"}`;
  return context.measureText("0").width;
}
