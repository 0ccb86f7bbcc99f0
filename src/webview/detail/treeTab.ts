import { assertNever } from "../../base/assertNever.ts";
import type { Copy } from "../page/copyButton.ts";
import type { EventBody, NoTree } from "./eventBody.ts";
import { note } from "./note.ts";
import { TreeView } from "./treeView.ts";

/** The body as a tree of JSON values, or why there is none. */
export function treeTab(body: EventBody, copy: Copy): HTMLElement {
  const { json } = body;
  return json.ok ? new TreeView(json.value, copy).element : note(reasonOf(json.error));
}

function reasonOf(reason: NoTree): string {
  switch (reason.kind) {
    case "empty":
      return "The request had no body.";
    case "binary":
      return "The body is not text, so it has no tree. The raw tab shows its bytes.";
    case "cut":
      return "The body is too large for a tree. Open it as a document to read all of it.";
    case "not-json":
      return `The body is not JSON: ${reason.message}. The raw tab shows it as it was sent.`;
    default:
      return assertNever(reason);
  }
}
