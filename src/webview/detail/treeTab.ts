import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import type { JsonSource } from "../../base/jsonSource.ts";
import type { Result } from "../../base/result.ts";
import { element } from "../page/dom.ts";
import type { EventBody, NoTree } from "./eventBody.ts";
import { describeFault } from "./jsonFault.ts";
import { JsonTree } from "./jsonTree.ts";
import { note } from "./note.ts";
import type { TabContent } from "./tabContent.ts";

export interface TreeTabOptions {
  readonly body: EventBody;
  readonly clock: Clock;
  readonly copy: (text: string) => void;
  /** Says that only a part is here, where that is so. */
  readonly cutNote: HTMLElement | undefined;
  /** The tree has come, or why there is none. */
  readonly onRead: () => void;
}

/** The body as a tree of JSON values, or why there is none. */
export function treeTab(options: TreeTabOptions): TabContent {
  const { body, clock } = options;
  const made = element("div", { className: "tree-tab" }, note(l10n.t("Reading the body…"), "loading"));
  let tree: JsonTree | undefined;
  const show = (json: Result<JsonSource, NoTree>): void => {
    tree = json.ok ? treeOf(json.value, options) : undefined;
    made.replaceChildren(tree?.element ?? reasonView(json, options));
    options.onRead();
  };
  const reading = body.readJson(clock, show);
  const dispose = (): void => {
    reading?.dispose();
    tree?.dispose();
  };
  return { element: made, fills: true, searchable: () => tree, dispose };
}

function treeOf(source: JsonSource, { body, clock, copy }: TreeTabOptions): JsonTree {
  return new JsonTree({ source, text: body.text, label: l10n.t("Body as a tree"), clock, copy });
}

function reasonView(json: Result<JsonSource, NoTree>, { body, cutNote }: TreeTabOptions): HTMLElement {
  if (json.ok) return element("div", {});
  return json.error.kind === "cut" && cutNote !== undefined ? cutNote : note(reasonOf(json.error, body.text));
}

function reasonOf(reason: NoTree, text: string): string {
  switch (reason.kind) {
    case "empty":
      return l10n.t("The request had no body.");
    case "binary":
      return l10n.t("The body is not text, so it has no tree. The raw tab shows its bytes.");
    case "cut":
      return l10n.t("Only the first part of the body is here, so it has no tree.");
    case "not-json":
      return l10n.t(
        "The body is not JSON. {0}. The raw tab shows it as it was sent.",
        describeFault(reason.fault, text),
      );
    default:
      return assertNever(reason);
  }
}
