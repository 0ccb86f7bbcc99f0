import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import type { JsonSource } from "../../base/jsonSource.ts";
import type { Result } from "../../base/result.ts";
import { element } from "../page/dom.ts";
import type { EventBody } from "./eventBody.ts";
import { JsonTree } from "./jsonTree.ts";
import { type NoTree, describeNoTree } from "./noTree.ts";
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
  return json.error.kind === "cut" && cutNote !== undefined ? cutNote : note(describeNoTree(json.error, body.text));
}
