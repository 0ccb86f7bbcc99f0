import type { JsonNode, JsonSource } from "../../base/jsonSource.ts";
import { lowerBound } from "./textSearch.ts";

/** One line of the tree as it is drawn; depth counts from 1. */
export interface TreeLine {
  readonly node: JsonNode;
  readonly depth: number;
  /** The key, or the index in an array; empty for the outermost value. */
  readonly label: string;
  readonly isIndex: boolean;
  /** How many entries it holds; undefined for a value that holds none by its kind. */
  readonly size: number | undefined;
  readonly isExpanded: boolean;
  /** Its place among its siblings, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
}

/** Opened from the start, beside the outermost value: what it holds directly, if that makes no more lines than this. */
const mostOpened = 500;

/** How many lines are laid out in one piece. */
const pieceLines = 2_000;

/**
 * Which parts of a JSON text are open, and the lines that this makes: those of the outermost value's entries. What is
 * opened and closed shows with the next {@link TreeModel.layOut}.
 */
export class TreeModel {
  readonly #source: JsonSource;
  readonly #expanded: Set<JsonNode>;
  #lines: Lines = { nodes: [], depths: [], positions: [] };

  /** Opens the values given; without them what a reader wants to see first. */
  constructor(source: JsonSource, expanded?: Iterable<JsonNode>) {
    this.#source = source;
    this.#expanded = new Set(expanded ?? firstOpened(source));
  }

  get length(): number {
    return this.#lines.nodes.length;
  }

  line(row: number): TreeLine | undefined {
    const node = this.#lines.nodes[row];
    if (node === undefined) return undefined;
    const parent = this.#source.parentOf(node);
    const position = this.#lines.positions[row] ?? 1;
    const isIndex = parent !== undefined && this.#source.kindOf(parent) === "array";
    const label = isIndex ? String(position - 1) : (this.#source.keyOf(node) ?? "");
    const siblings = parent === undefined ? 1 : this.#source.countOf(parent);
    const size = sizeOf(this.#source, node);
    const isExpanded = size !== undefined && size > 0 && this.#expanded.has(node);
    return { node, depth: this.#lines.depths[row] ?? 1, label, isIndex, size, isExpanded, position, siblings };
  }

  /** The row of a value that is shown. */
  rowOf(node: JsonNode): number | undefined {
    const row = lowerBound(this.#lines.nodes, node);
    return this.#lines.nodes[row] === node ? row : undefined;
  }

  expand(node: JsonNode): void {
    this.#expanded.add(node);
  }

  collapse(node: JsonNode): void {
    this.#expanded.delete(node);
  }

  toggle(node: JsonNode): void {
    if (!this.#expanded.delete(node)) this.#expanded.add(node);
  }

  /** Opens all that the value is in. */
  reveal(node: JsonNode): void {
    for (let each = this.#source.parentOf(node); each !== undefined; each = this.#source.parentOf(each))
      this.#expanded.add(each);
  }

  /** Makes the lines anew, in pieces: there may be millions. Until that is done, there are those of before. */
  *layOut(): Generator<undefined, void> {
    const { root } = this.#source;
    const lines: Lines = { nodes: [], depths: [], positions: [] };
    if (this.#source.countOf(root) > 0) yield* this.#walk(root, lines);
    else addLine(lines, root, 1, 1);
    this.#lines = lines;
  }

  /** Values are numbered as they begin, so what is open follows in order, and what is closed is one step. */
  *#walk(root: JsonNode, lines: Lines): Generator<undefined, void> {
    const open: { readonly end: JsonNode; position: number }[] = [{ end: this.#source.after(root), position: 0 }];
    let node = root + 1;
    for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
      if (node >= inside.end) {
        open.pop();
        continue;
      }
      addLine(lines, node, open.length, ++inside.position);
      const isOpen = this.#expanded.has(node) && this.#source.countOf(node) > 0;
      if (isOpen) open.push({ end: this.#source.after(node), position: 0 });
      node = isOpen ? node + 1 : this.#source.after(node);
      if (lines.nodes.length % pieceLines === 0) yield undefined;
    }
  }
}

/** The lines, by what each of them is about, how deep it is, and its place among its siblings. */
interface Lines {
  readonly nodes: JsonNode[];
  readonly depths: number[];
  readonly positions: number[];
}

function addLine({ nodes, depths, positions }: Lines, node: JsonNode, depth: number, position: number): void {
  nodes.push(node);
  depths.push(depth);
  positions.push(position);
}

/** How many entries a value holds; undefined where it holds none by its kind. */
function sizeOf(source: JsonSource, node: JsonNode): number | undefined {
  const kind = source.kindOf(node);
  return kind === "object" || kind === "array" ? source.countOf(node) : undefined;
}

function firstOpened(source: JsonSource): JsonNode[] {
  const opened = [source.root];
  let lines = source.countOf(source.root);
  if (lines > mostOpened) return opened;
  for (const child of source.children(source.root)) {
    lines += source.countOf(child);
    if (lines <= mostOpened) opened.push(child);
  }
  return opened;
}

/** How programs write the way to a value: `affected_values[0].values.Stage`, `["odd key"]`; empty for the outermost. */
export function pathOf(source: JsonSource, node: JsonNode): string {
  const steps: string[] = [];
  for (let each = node, parent = source.parentOf(each); parent !== undefined; parent = source.parentOf(each)) {
    steps.push(stepOf(source, each, parent));
    each = parent;
  }
  return steps.reverse().join("").replace(/^\./, "");
}

function stepOf(source: JsonSource, node: JsonNode, parent: JsonNode): string {
  const key = source.keyOf(node);
  if (key !== undefined) return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  let index = 0;
  for (const sibling of source.children(parent)) {
    if (sibling === node) break;
    index++;
  }
  return `[${index}]`;
}
