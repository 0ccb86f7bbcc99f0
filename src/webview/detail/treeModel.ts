import type { JsonNode, JsonSource } from "../../base/jsonSource.ts";

/** One line of the tree as it is drawn. `path` names it for good; depth counts from 1. */
export type TreeLine = TreeValue | TreeMore;

export interface TreeValue {
  readonly kind: "value";
  readonly path: string;
  readonly depth: number;
  readonly label: string;
  readonly isIndex: boolean;
  readonly node: JsonNode;
  /** How many entries it holds; undefined for a value that holds none by its kind. */
  readonly size: number | undefined;
  readonly isExpanded: boolean;
  /** Its place among its siblings, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
}

/** Stands for the entries of a long value that are not drawn yet. */
export interface TreeMore {
  readonly kind: "more";
  readonly path: string;
  readonly depth: number;
  readonly remaining: number;
}

/** How many entries of one value are drawn at first, and how many more each time. */
export const entriesAtOnce = 200;

/** Which parts of a JSON text are open, and the lines that this makes. */
export class TreeModel {
  readonly #source: JsonSource;
  readonly #expanded: Set<string>;
  readonly #shown = new Map<string, number>();

  /** Opens the paths given; without them the root and what it holds directly. */
  constructor(source: JsonSource, expanded?: readonly string[]) {
    this.#source = source;
    this.#expanded = new Set(expanded ?? ["$", ...childPaths(source, source.root)]);
  }

  get expanded(): readonly string[] {
    return [...this.#expanded];
  }

  expand(path: string): void {
    this.#expanded.add(path);
  }

  collapse(path: string): void {
    this.#expanded.delete(path);
  }

  toggle(path: string): void {
    if (!this.#expanded.delete(path)) this.#expanded.add(path);
  }

  /** Draws more of a long value: `path` is that of its {@link TreeMore} line. */
  showMore(path: string): void {
    const parent = path.slice(0, -more.length);
    this.#shown.set(parent, this.#shownOf(parent) + entriesAtOnce);
  }

  /** The root's entries when it has any, else the root itself. */
  lines(): TreeLine[] {
    const { root } = this.#source;
    const size = this.#sizeOf(root);
    if (size === undefined || size === 0) return [this.#lineOf(root, "$", "", false, 1, 1, 1)];
    return [...this.#linesIn(root, "$", 1)];
  }

  *#linesIn(node: JsonNode, path: string, depth: number): Generator<TreeLine> {
    const entries = this.#source.entries(node);
    const shown = this.#shownOf(path);
    for (const [index, entry] of entries.slice(0, shown).entries()) {
      const own = childPath(path, index);
      const line = this.#lineOf(entry.node, own, entry.label, entry.isIndex, depth, index + 1, entries.length);
      yield line;
      if (line.isExpanded) yield* this.#linesIn(entry.node, own, depth + 1);
    }
    const remaining = entries.length - shown;
    if (remaining > 0) yield { kind: "more", path: path + more, depth, remaining };
  }

  #lineOf(
    node: JsonNode,
    path: string,
    label: string,
    isIndex: boolean,
    depth: number,
    position: number,
    siblings: number,
  ): TreeValue {
    const size = this.#sizeOf(node);
    const isExpanded = size !== undefined && size > 0 && this.#expanded.has(path);
    return { kind: "value", path, depth, label, isIndex, node, size, isExpanded, position, siblings };
  }

  #sizeOf(node: JsonNode): number | undefined {
    return node.kind === "object" || node.kind === "array" ? this.#source.entries(node).length : undefined;
  }

  #shownOf(path: string): number {
    return this.#shown.get(path) ?? entriesAtOnce;
  }
}

const more = "/+";

/** Places are told by index, so that repeated and peculiar keys are told apart. */
function childPath(path: string, index: number): string {
  return `${path}/${index}`;
}

function childPaths(source: JsonSource, node: JsonNode): string[] {
  return source.entries(node).map((_entry, index) => childPath("$", index));
}
