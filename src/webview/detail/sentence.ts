import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { type EventContent, recordCount, toOperation } from "../../protocol/event.ts";
import type { EventDetail } from "../../protocol/inspector.ts";
import { formatNumber } from "../text/format.ts";
import { moduleName, recordName } from "../text/recordName.ts";
import { listInWords, otherOperation, summarize } from "../text/rowText.ts";
import { visibleLine } from "../text/visibleText.ts";

type Notification = EventContent & { kind: "notification" };

/** The event in one plain sentence: `Deal 575… was edited by Asha: Stage changed.` */
export function sentenceOf({ row, actor }: Pick<EventDetail, "row" | "actor">): string {
  const { content } = row;
  if (content.kind === "other" && content.summary !== undefined)
    return l10n.t("{0}: {1}.", summarize(content), visibleLine(content.summary));
  if (content.kind !== "notification" || actor === undefined) return l10n.t("{0}.", summarize(content));
  const who = visibleLine(actor);
  return recordCount(content) === 1 ? sentenceOfOne(content, who) : sentenceOfMany(content, who);
}

function sentenceOfOne(content: Notification, who: string): string {
  const { module, recordIds, changedFields } = content;
  const operation = toOperation(content.operation);
  const record = recordName(module);
  const id = visibleLine(recordIds.join());
  switch (operation) {
    case "create":
      return l10n.t("{0} {1} was created by {2}.", record, id, who);
    case "delete":
      return l10n.t("{0} {1} was deleted by {2}.", record, id, who);
    case "edit":
      return changedFields.length === 0
        ? l10n.t("{0} {1} was edited by {2}.", record, id, who)
        : l10n.t("{0} {1} was edited by {2}: {3} changed.", record, id, who, fieldsInWords(content));
    case undefined:
      return l10n.t("{0} {1}: operation {2} by {3}.", record, id, otherOperation(content.operation), who);
    default:
      return assertNever(operation);
  }
}

function sentenceOfMany(content: Notification, who: string): string {
  const { module, changedFields } = content;
  const operation = toOperation(content.operation);
  const count = formatNumber(recordCount(content));
  const name = moduleName(module);
  switch (operation) {
    case "create":
      return l10n.t("{0} records in {1} were created by {2}.", count, name, who);
    case "delete":
      return l10n.t("{0} records in {1} were deleted by {2}.", count, name, who);
    case "edit":
      return changedFields.length === 0
        ? l10n.t("{0} records in {1} were edited by {2}.", count, name, who)
        : l10n.t("{0} records in {1} were edited by {2}: {3} changed.", count, name, who, fieldsInWords(content));
    case undefined:
      return l10n.t("{0} records in {1}: operation {2} by {3}.", count, name, otherOperation(content.operation), who);
    default:
      return assertNever(operation);
  }
}

function fieldsInWords({ changedFields, moreFields }: Notification): string {
  return listInWords(changedFields.map(visibleLine), moreFields);
}
