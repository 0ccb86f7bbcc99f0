import * as l10n from "@vscode/l10n";
import type { Clock } from "../../base/clock.ts";
import { type JsonNode, JsonSource } from "../../base/jsonSource.ts";
import type { FieldChange } from "../../protocol/event.ts";
import type { FetchedRecord, PageRemedy } from "../../protocol/inspector.ts";
import { button, element } from "../page/dom.ts";
import { formatAbsoluteTime } from "../text/format.ts";
import { visibleLine } from "../text/visibleText.ts";
import { JsonTree } from "./jsonTree.ts";
import { note } from "./note.ts";
import { isSameValue } from "./sameValue.ts";
import type { Remark } from "./treeView.ts";

export interface RecordViewOptions {
  readonly record: FetchedRecord;
  readonly changes: readonly FieldChange[];
  readonly clock: Clock;
  readonly copy: (text: string) => void;
  readonly again: () => void;
  readonly remedy: (remedy: PageRemedy) => void;
}

/** A record as the CRM had it when a person asked, or in a sentence why it did not come, with what to do. */
export function recordView(options: RecordViewOptions): HTMLElement {
  const { record } = options;
  if (record.kind === "problem") return problemView(options, record);
  const source = JsonSource.parse(record.json);
  if (!source.ok) return note(l10n.t("The record cannot be read."), "error");
  const heading = l10n.t("Record as it was on {0}", formatAbsoluteTime(record.fetchedAt));
  const label = l10n.t("Record {0} as it was fetched", visibleLine(record.recordId));
  const remarkOn = remarksOn(source.value, options.changes);
  const { clock, copy } = options;
  const tree = new JsonTree({ source: source.value, text: record.json, label, clock, copy, remarkOn });
  return element("section", { className: "fetched" }, element("h4", {}, heading), tree.element);
}

function problemView(
  { again, remedy }: RecordViewOptions,
  { problem, remedy: offered }: FetchedRecord & { kind: "problem" },
): HTMLElement {
  if (offered === undefined) return note(visibleLine(problem), "warning");
  const onClick = offered === "retry" ? again : (): void => remedy(offered);
  const title = remedyTitle(offered);
  return note(visibleLine(problem), "warning", button({ text: title, label: title, className: "inline", onClick }));
}

function remedyTitle(remedy: PageRemedy): string {
  switch (remedy) {
    case "retry":
      return l10n.t("Try Again");
    case "sign-in":
      return l10n.t("Sign In");
    case "start-sandbox":
      return l10n.t("Start Sandbox");
    case "open-log":
      return l10n.t("Show Log");
    case "get-address":
      return l10n.t("Get a Public Address");
    case "create-subscription":
      return l10n.t("New Subscription");
    case "configure-relay":
      return l10n.t("Relay Actions");
    case "reconnect-relay":
      return l10n.t("Reconnect");
  }
}

/** Says which fields of the record are not as the event has them. */
function remarksOn(source: JsonSource, changes: readonly FieldChange[]): (node: JsonNode) => Remark | undefined {
  const told = new Map(
    changes.map(({ field, after, afterBasis }) => [field, afterBasis === "event" ? after : undefined]),
  );
  return node => {
    const field = source.parentOf(node) === source.root ? source.keyOf(node) : undefined;
    if (field === undefined || !told.has(field)) return undefined;
    const after = told.get(field);
    if (after === undefined) return { text: l10n.t("changed by this event"), isNews: false };
    return isSameValue(after, source.literal(node))
      ? { text: l10n.t("as in the event"), isNews: false }
      : { text: l10n.t("differs from the event"), isNews: true };
  };
}
