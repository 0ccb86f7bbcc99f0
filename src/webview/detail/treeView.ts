import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import type { JsonNode, JsonSource } from "../../base/jsonSource.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { type Child, button, element, icon, setAttribute } from "../page/dom.ts";
import { formatNumber } from "../text/format.ts";
import { visibleLine } from "../text/visibleText.ts";
import type { Matches } from "./matches.ts";
import { runInSteps } from "./steps.ts";
import { type TreeAction, treeAction } from "./treeKeys.ts";
import { type TreeLine, TreeModel, pathOf } from "./treeModel.ts";
import { VirtualRows } from "./virtualRows.ts";

export interface TreeViewOptions {
  readonly source: JsonSource;
  readonly clock: Clock;
  /** The accessible name. */
  readonly label: string;
  /** Told the text to copy. */
  readonly copy: (text: string) => void;
  /** Shows a long value in full. */
  readonly showWhole: (label: string, text: string) => void;
  /** What to say beside a value, such as that it differs. */
  readonly remarkOn?: (node: JsonNode) => Remark | undefined;
}

/** What is said beside a value; `isNews` makes it stand out. */
export interface Remark {
  readonly text: string;
  readonly isNews: boolean;
}

/** Longer values are cut, in characters. */
const longestValue = 300;

/** Deeper lines are indented no further: the depth is told by a number. */
const deepestIndent = 24;

/** Ids of lines have to be told apart on the page. */
let trees = 0;

/** A JSON text as a tree that opens level by level. */
export class TreeView implements Disposable {
  readonly #options: TreeViewOptions;
  readonly #model: TreeModel;
  readonly #rows: VirtualRows;
  readonly #id = `tree-${++trees}`;
  #active = 0;
  /** Where in the text the match is that the person is at. */
  #match: number | undefined;
  #laying: Disposable | undefined;

  constructor(options: TreeViewOptions) {
    this.#options = options;
    this.#model = new TreeModel(options.source);
    const attributes = { role: "tree", "aria-label": options.label };
    this.#rows = new VirtualRows({ className: "tree", attributes, draw: row => this.#lineView(row) });
    this.element.addEventListener("keydown", event => this.#onKey(event));
    this.element.addEventListener("click", event => this.#onClick(event));
    this.#layOut();
  }

  get element(): HTMLElement {
    return this.#rows.element;
  }

  focus(): void {
    this.element.focus();
  }

  /** The match or the value that the person is at, while it is in view, or else the first value in view. */
  get place(): number {
    const { source } = this.#options;
    const { first, pageLength } = this.#rows;
    // A page is a row less than what is in view, and the last row may be in view in part.
    const isInView = this.element.hidden || (this.#active >= first && this.#active <= first + pageLength + 1);
    const node = this.#model.line(isInView ? this.#active : first)?.node ?? source.root;
    const isAtMatch = isInView && this.#match !== undefined && source.nodeAt(this.#match) === node;
    return isAtMatch ? (this.#match ?? 0) : source.placeOf(node);
  }

  /** Opens what the current match is in, and goes to it. */
  showMatches(matches: Matches | undefined): void {
    this.#match = matches?.positions[matches.current];
    if (this.#match !== undefined) this.reveal(this.#options.source.nodeAt(this.#match));
  }

  reveal(node: JsonNode): void {
    this.#model.reveal(node);
    this.#layOut(() => this.#goTo(this.#model.rowOf(node) ?? 0, "amid"));
  }

  dispose(): void {
    this.#laying?.dispose();
  }

  #layOut(done?: () => void): void {
    this.#laying?.dispose();
    this.#laying = runInSteps(this.#model.layOut(), this.#options.clock, () => {
      this.#rows.reset(this.#model.length);
      this.#markActive();
      done?.();
    });
  }

  #goTo(row: number, where: "near" | "amid" = "near"): void {
    this.#rows.elementAt(this.#active)?.classList.remove("active");
    this.#active = row;
    if (where === "near") this.#rows.show(row);
    else this.#rows.showAmid(row);
    this.#markActive();
  }

  #markActive(): void {
    const line = this.#rows.elementAt(this.#active);
    line?.classList.add("active");
    setAttribute(this.element, "aria-activedescendant", line?.id);
  }

  #lineView(row: number): HTMLElement {
    const line = this.#model.line(row);
    if (line === undefined) return element("div", {});
    const holds = line.size !== undefined && line.size > 0;
    const attributes = {
      role: "treeitem",
      id: `${this.#id}-${row}`,
      "aria-level": String(line.depth),
      "aria-posinset": String(line.position),
      "aria-setsize": String(line.siblings),
      ...(holds ? { "aria-expanded": String(line.isExpanded) } : {}),
    };
    const remark = this.#options.remarkOn?.(line.node);
    const className = [
      "line",
      ...(remark === undefined ? [] : ["remarked"]),
      ...(remark?.isNews === true ? ["differing"] : []),
      ...(row === this.#active ? ["active"] : []),
    ].join(" ");
    const twisty = holds ? icon(line.isExpanded ? "chevron-down" : "chevron-right", "twisty") : spacer();
    const said = remark === undefined ? undefined : element("span", { className: "remark" }, remark.text);
    const parts = [depthView(line), twisty, labelView(line), this.#valueView(line), said, ...this.#buttons(row)];
    const made = element("div", { className, attributes }, ...parts);
    made.style.setProperty("--depth", String(Math.min(line.depth - 1, deepestIndent)));
    return made;
  }

  #valueView({ node, size }: TreeLine): HTMLElement {
    const { source } = this.#options;
    const kind = source.kindOf(node);
    if (size !== undefined) return element("span", { className: "size" }, sizeInWords(kind === "object", size));
    const literal = visibleLine(source.literal(node, longestValue));
    const isCut = source.lengthOf(node) > longestValue;
    return element("span", { className: `value ${kind}` }, isCut ? `${literal}…` : literal);
  }

  #buttons(row: number): Child[] {
    const line = this.#model.line(row);
    if (line === undefined) return [];
    const name = visibleLine(line.label).slice(0, 60);
    const made = [
      button({ icon: "copy", label: l10n.t("Copy value of {0}", name), onClick: () => this.#copyValue(row) }),
      button({ icon: "symbol-key", label: l10n.t("Copy path of {0}", name), onClick: () => this.#copyPath(row) }),
      ...(this.#isLong(line)
        ? [button({ icon: "unfold", label: l10n.t("Show all of {0}", name), onClick: () => this.#activate(row) })]
        : []),
    ];
    for (const each of made) each.tabIndex = -1;
    return made;
  }

  #isLong({ node, size }: TreeLine): boolean {
    return size === undefined && this.#options.source.lengthOf(node) > longestValue;
  }

  #onClick(event: MouseEvent): void {
    if (!(event.target instanceof Element) || event.target.closest("button") !== null) return;
    const row = Number(event.target.closest<HTMLElement>("[data-row]")?.dataset["row"] ?? Number.NaN);
    if (Number.isNaN(row) || document.getSelection()?.isCollapsed === false) return;
    this.#goTo(row);
    if (this.#model.line(row)?.size !== undefined) this.#activate(row);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target instanceof HTMLButtonElement) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c") this.#onCopyKey(event);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const action = treeAction(event.key, this.#model, this.#active, this.#rows.pageLength);
    if (action === undefined) return;
    event.preventDefault();
    this.#perform(action);
  }

  /** The value, or with the shift key the path; what the person selected goes first. */
  #onCopyKey(event: KeyboardEvent): void {
    if (document.getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    if (event.shiftKey) this.#copyPath(this.#active);
    else this.#copyValue(this.#active);
  }

  #copyValue(row: number): void {
    const line = this.#model.line(row);
    if (line !== undefined) this.#options.copy(this.#options.source.textOf(line.node));
  }

  #copyPath(row: number): void {
    const line = this.#model.line(row);
    if (line !== undefined) this.#options.copy(pathOf(this.#options.source, line.node));
  }

  #perform({ kind, row }: TreeAction): void {
    const node = this.#model.line(row)?.node ?? 0;
    switch (kind) {
      case "focus":
        this.#goTo(row);
        break;
      case "activate":
        this.#activate(row);
        break;
      case "expand":
        this.#model.expand(node);
        this.#layOut();
        break;
      case "collapse":
        this.#model.collapse(node);
        this.#layOut();
        break;
      default:
        assertNever(kind);
    }
  }

  /** Opens or closes a value, or shows a long one whole. */
  #activate(row: number): void {
    const line = this.#model.line(row);
    if (line === undefined) return;
    if (this.#isLong(line)) this.#options.showWhole(line.label, this.#options.source.textOf(line.node));
    if (line.size === undefined || line.size === 0) return;
    this.#model.toggle(line.node);
    this.#layOut();
  }
}

function spacer(): HTMLElement {
  return element("span", { className: "twisty" });
}

function depthView({ depth }: TreeLine): HTMLElement | undefined {
  if (depth - 1 <= deepestIndent) return undefined;
  return element("span", { className: "remark" }, l10n.t("level {0}", formatNumber(depth)));
}

function labelView({ label, isIndex }: TreeLine): HTMLElement | undefined {
  if (label === "" && !isIndex) return undefined;
  return element("span", { className: isIndex ? "key index" : "key" }, visibleLine(label.slice(0, longestValue)));
}

function sizeInWords(isObject: boolean, size: number): string {
  if (size === 0) return isObject ? "{}" : "[]";
  const count = formatNumber(size);
  if (isObject) return `{${size === 1 ? l10n.t("1 field") : l10n.t("{0} fields", count)}}`;
  return `[${size === 1 ? l10n.t("1 item") : l10n.t("{0} items", count)}]`;
}
