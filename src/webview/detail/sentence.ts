import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { EventDetail, RowContent } from "../../protocol/inspector.ts";
import { formatNumber } from "../text/format.ts";
import { recordName } from "../text/recordName.ts";
import { listInWords, summarize } from "../text/rowText.ts";
import { visibleLine } from "../text/visibleText.ts";

type Notification = RowContent & { kind: "notification" };

/** The event in one plain sentence: `Deal 575… was edited by Asha: Stage changed.` */
export function sentenceOf({ row, actor }: Pick<EventDetail, "row" | "actor">): string {
  const { content } = row;
  if (content.kind === "other" && content.summary !== undefined)
    return l10n.t("{0}: {1}.", summarize(content), visibleLine(content.summary));
  if (content.kind !== "notification" || actor === undefined) return l10n.t("{0}.", summarize(content));
  const who = visibleLine(actor);
  return content.recordIds.length === 1 ? sentenceOfOne(content, who) : sentenceOfMany(content, who);
}

function sentenceOfOne({ operation, module, recordIds, changedFields }: Notification, who: string): string {
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
        : l10n.t("{0} {1} was edited by {2}: {3} changed.", record, id, who, fieldsInWords(changedFields));
    default:
      return assertNever(operation);
  }
}

function sentenceOfMany({ operation, module, recordIds, changedFields }: Notification, who: string): string {
  const count = formatNumber(recordIds.length);
  const name = visibleLine(module);
  switch (operation) {
    case "create":
      return l10n.t("{0} records in {1} were created by {2}.", count, name, who);
    case "delete":
      return l10n.t("{0} records in {1} were deleted by {2}.", count, name, who);
    case "edit":
      return changedFields.length === 0
        ? l10n.t("{0} records in {1} were edited by {2}.", count, name, who)
        : l10n.t("{0} records in {1} were edited by {2}: {3} changed.", count, name, who, fieldsInWords(changedFields));
    default:
      return assertNever(operation);
  }
}

function fieldsInWords(fields: readonly string[]): string {
  return listInWords(fields.map(visibleLine));
}
