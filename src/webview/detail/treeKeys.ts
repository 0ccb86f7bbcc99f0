import type { TreeModel } from "./treeModel.ts";

/** What a key does in the tree, to the line at a row. */
export type TreeAction =
  | { readonly kind: "focus"; readonly row: number }
  | { readonly kind: "expand"; readonly row: number }
  | { readonly kind: "collapse"; readonly row: number }
  | { readonly kind: "activate"; readonly row: number };

/** The action for a key on the line at `row`, as trees have them everywhere; undefined when the key means nothing. */
export function treeAction(key: string, model: TreeModel, row: number, pageLength: number): TreeAction | undefined {
  switch (key) {
    case "ArrowRight":
      return stepIn(model, row);
    case "ArrowLeft":
      return stepOut(model, row);
    case "Enter":
    case " ":
      return { kind: "activate", row };
    default:
      return focus(model, rowAfter(key, model, row, pageLength));
  }
}

function rowAfter(key: string, { length }: TreeModel, row: number, pageLength: number): number {
  switch (key) {
    case "ArrowDown":
      return row + 1;
    case "ArrowUp":
      return row - 1;
    case "PageDown":
      return Math.min(length - 1, row + pageLength);
    case "PageUp":
      return Math.max(0, row - pageLength);
    case "Home":
      return 0;
    case "End":
      return length - 1;
    default:
      return -1;
  }
}

function focus(model: TreeModel, row: number): TreeAction | undefined {
  return row < 0 || row >= model.length ? undefined : { kind: "focus", row };
}

function stepIn(model: TreeModel, row: number): TreeAction | undefined {
  const line = model.line(row);
  if (line?.size === undefined || line.size === 0) return undefined;
  return line.isExpanded ? focus(model, row + 1) : { kind: "expand", row };
}

function stepOut(model: TreeModel, row: number): TreeAction | undefined {
  const line = model.line(row);
  if (line?.isExpanded === true) return { kind: "collapse", row };
  for (let above = row - 1; above >= 0; above--) {
    if ((model.line(above)?.depth ?? 0) < (line?.depth ?? 0)) return { kind: "focus", row: above };
  }
  return undefined;
}
