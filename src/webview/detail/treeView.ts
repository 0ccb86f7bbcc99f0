import { type Copy, copyButton } from "../page/copyButton.ts";
import { type Child, button, element, icon } from "../page/dom.ts";
import { formatCount } from "../text/format.ts";
import { visibleLine, visibleText } from "../text/visibleText.ts";
import type { JsonSource } from "../../base/jsonSource.ts";
import { type TreeAction, treeAction } from "./treeKeys.ts";
import { type TreeLine, TreeModel, type TreeMore, type TreeValue } from "./treeModel.ts";

/** Longer strings are cut until asked for, in characters. */
const longestString = 300;

/** A JSON text as a tree that opens level by level. */
export class TreeView {
  readonly element: HTMLElement;
  readonly #source: JsonSource;
  readonly #copy: Copy;
  readonly #model: TreeModel;
  readonly #whole = new Set<string>();
  #lines: readonly TreeLine[] = [];
  #focused = "";

  constructor(source: JsonSource, copy: Copy) {
    this.#source = source;
    this.#copy = copy;
    this.#model = new TreeModel(source);
    this.element = element("div", { className: "tree", attributes: { role: "tree", "aria-label": "Body as a tree" } });
    this.element.addEventListener("keydown", event => this.#onKey(event));
    this.element.addEventListener("click", event => this.#onClick(event));
    this.#draw();
  }

  #draw(): void {
    this.#lines = this.#model.lines();
    if (!this.#lines.some(line => line.path === this.#focused)) this.#focused = this.#lines[0]?.path ?? "";
    const hadFocus = this.element.contains(document.activeElement);
    this.element.replaceChildren(...this.#lines.map(line => this.#lineView(line)));
    if (hadFocus) this.#focusedElement()?.focus();
  }

  #lineView(line: TreeLine): HTMLElement {
    const made = line.kind === "value" ? this.#valueView(line) : moreView(line);
    made.dataset["path"] = line.path;
    made.tabIndex = line.path === this.#focused ? 0 : -1;
    made.style.setProperty("--depth", String(line.depth - 1));
    return made;
  }

  #valueView(line: TreeValue): HTMLElement {
    const holds = line.size !== undefined && line.size > 0;
    const attributes = {
      role: "treeitem",
      "aria-level": String(line.depth),
      "aria-posinset": String(line.position),
      "aria-setsize": String(line.siblings),
      ...(holds ? { "aria-expanded": String(line.isExpanded) } : {}),
    };
    const twisty = holds ? icon(line.isExpanded ? "chevron-down" : "chevron-right", "twisty") : spacer();
    return element("div", { className: "line", attributes }, twisty, labelView(line), ...this.#valueParts(line));
  }

  #valueParts(line: TreeValue): Child[] {
    const copy = copyButton(`value of ${visibleLine(line.label)}`, () => this.#source.textOf(line.node), this.#copy);
    copy.tabIndex = -1;
    if (line.node.kind === "object" || line.node.kind === "array") return [sizeView(line), copy];
    return [...this.#scalarParts(line), copy];
  }

  #scalarParts(line: TreeValue): Child[] {
    const literal = visibleText(this.#source.literal(line.node));
    const className = `value ${line.node.kind}`;
    if (literal.length <= longestString || this.#whole.has(line.path)) return [element("span", { className }, literal)];
    const label = `Show all ${formatCount(literal.length - 2, "character")}`;
    const more = button({ text: label, label, className: "inline", onClick: () => this.#showWhole(line.path) });
    more.tabIndex = -1;
    return [element("span", { className }, `${literal.slice(0, longestString)}… `, more)];
  }

  #showWhole(path: string): void {
    this.#whole.add(path);
    this.#draw();
  }

  #onClick(event: MouseEvent): void {
    if (!(event.target instanceof Element) || event.target.closest("button") !== null) return;
    const path = event.target.closest<HTMLElement>("[data-path]")?.dataset["path"];
    if (path === undefined || document.getSelection()?.isCollapsed === false) return;
    this.#focus(path);
    if (this.#isText(path)) return;
    this.#activate(path);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target instanceof HTMLButtonElement) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "c") this.#copyFocused();
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const action = treeAction(event.key, this.#lines, this.#focused);
    if (action === undefined) return;
    event.preventDefault();
    this.#perform(action);
  }

  #perform(action: TreeAction): void {
    switch (action.kind) {
      case "focus":
        this.#focus(action.path);
        break;
      case "activate":
        this.#activate(action.path);
        break;
      case "expand":
        this.#model.expand(action.path);
        this.#draw();
        break;
      case "collapse":
        this.#model.collapse(action.path);
        this.#draw();
        break;
    }
  }

  /** Opens or closes a value, shows a long string whole, or draws more of a long value. */
  #activate(path: string): void {
    const line = this.#lines.find(other => other.path === path);
    if (line?.kind === "more") this.#model.showMore(path);
    else if (this.#isText(path)) this.#whole.add(path);
    else this.#model.toggle(path);
    this.#draw();
  }

  #isText(path: string): boolean {
    const line = this.#lines.find(other => other.path === path);
    return line?.kind === "value" && line.size === undefined;
  }

  #focus(path: string): void {
    const before = this.#focusedElement();
    if (before !== undefined) before.tabIndex = -1;
    this.#focused = path;
    const now = this.#focusedElement();
    if (now === undefined) return;
    now.tabIndex = 0;
    now.focus();
  }

  #focusedElement(): HTMLElement | undefined {
    const index = this.#lines.findIndex(line => line.path === this.#focused);
    const found = this.element.children[index];
    return found instanceof HTMLElement ? found : undefined;
  }

  #copyFocused(): void {
    const line = this.#lines.find(other => other.path === this.#focused);
    const isSelecting = document.getSelection()?.isCollapsed === false;
    if (!isSelecting && line?.kind === "value") this.#copy(this.#source.textOf(line.node));
  }
}

function spacer(): HTMLElement {
  return element("span", { className: "twisty" });
}

function labelView({ label, isIndex }: TreeValue): HTMLElement | undefined {
  if (label === "" && !isIndex) return undefined;
  return element("span", { className: isIndex ? "key index" : "key" }, visibleLine(label));
}

function sizeView({ node, size = 0 }: TreeValue): HTMLElement {
  const [open, close, noun] = node.kind === "object" ? ["{", "}", "field"] : ["[", "]", "item"];
  const text = size === 0 ? `${open}${close}` : `${open}${formatCount(size, noun)}${close}`;
  return element("span", { className: "size" }, text);
}

function moreView(line: TreeMore): HTMLElement {
  const attributes = { role: "treeitem", "aria-level": String(line.depth) };
  return element(
    "div",
    { className: "line more", attributes },
    spacer(),
    `${formatCount(line.remaining, "more item")}…`,
  );
}
