import type { TreeLine } from "./treeModel.ts";

/** What a key does in the tree. */
export type TreeAction =
  | { readonly kind: "focus"; readonly path: string }
  | { readonly kind: "expand"; readonly path: string }
  | { readonly kind: "collapse"; readonly path: string }
  | { readonly kind: "activate"; readonly path: string };

/** The action for a key on the line `path`, as trees have them everywhere; undefined when the key means nothing. */
export function treeAction(key: string, lines: readonly TreeLine[], path: string): TreeAction | undefined {
  const index = lines.findIndex(line => line.path === path);
  const line = lines[index];
  if (line === undefined) return undefined;
  switch (key) {
    case "ArrowDown":
      return focus(lines[index + 1]);
    case "ArrowUp":
      return focus(lines[index - 1]);
    case "Home":
      return focus(lines[0]);
    case "End":
      return focus(lines.at(-1));
    case "ArrowRight":
      return stepIn(line, lines[index + 1]);
    case "ArrowLeft":
      return stepOut(line, lines.slice(0, index));
    case "Enter":
    case " ":
      return { kind: "activate", path };
    default:
      return undefined;
  }
}

function focus(line: TreeLine | undefined): TreeAction | undefined {
  return line === undefined ? undefined : { kind: "focus", path: line.path };
}

function stepIn(line: TreeLine, next: TreeLine | undefined): TreeAction | undefined {
  if (line.kind === "more" || line.size === undefined || line.size === 0) return undefined;
  return line.isExpanded ? focus(next) : { kind: "expand", path: line.path };
}

function stepOut(line: TreeLine, before: readonly TreeLine[]): TreeAction | undefined {
  if (line.kind === "value" && line.isExpanded) return { kind: "collapse", path: line.path };
  return focus(before.findLast(other => other.depth < line.depth));
}
