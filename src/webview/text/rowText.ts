import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { type EventContent, type Verification, recordCount, toOperation } from "../../protocol/event.ts";
import type { EventRow } from "../../protocol/inspector.ts";
import { formatNumber } from "./format.ts";
import { moduleName, recordName } from "./recordName.ts";
import { visibleLine } from "./visibleText.ts";

/** A codicon and the word beside it; `tone` picks a theme colour, which never says anything the word does not. */
export interface Badge {
  readonly icon: string;
  readonly word: string;
  readonly tone: "good" | "bad" | "warning" | "info" | "quiet";
}

/** Whether the sender is verified, or what the row is instead of a notification. */
export function statusBadge(content: EventContent): Badge {
  switch (content.kind) {
    case "notification":
      return verificationBadge(content.verification);
    case "other":
      return content.probe === true
        ? { icon: "beaker", word: l10n.t("Test"), tone: "quiet" }
        : { icon: "globe", word: l10n.t("Other"), tone: "quiet" };
    case "unreadable":
      return { icon: "error", word: l10n.t("Unreadable"), tone: "bad" };
    case "recovered":
      return { icon: "history", word: l10n.t("Recovered"), tone: "info" };
    case "gap":
      return { icon: "debug-disconnect", word: l10n.t("Gap"), tone: "warning" };
    default:
      return assertNever(content);
  }
}

function verificationBadge(verification: Verification): Badge {
  switch (verification) {
    case "verified":
      return { icon: "verified", word: l10n.t("Verified"), tone: "good" };
    case "mismatch":
      return { icon: "shield", word: l10n.t("Wrong token"), tone: "bad" };
    case "absent":
      return { icon: "circle-slash", word: l10n.t("No token"), tone: "warning" };
    case "unknown":
      return { icon: "question", word: l10n.t("Unknown"), tone: "quiet" };
    default:
      return assertNever(verification);
  }
}

/** `word` as a delivery has it; undefined where it tells none. */
export function operationBadge(word: string | undefined): Badge {
  const operation = toOperation(word);
  switch (operation) {
    case "create":
      return { icon: "add", word: l10n.t("Created"), tone: "good" };
    case "edit":
      return { icon: "edit", word: l10n.t("Edited"), tone: "info" };
    case "delete":
      return { icon: "trash", word: l10n.t("Deleted"), tone: "bad" };
    case undefined:
      return { icon: "symbol-event", word: word === undefined ? "–" : visibleLine(word), tone: "quiet" };
    default:
      return assertNever(operation);
  }
}

/** The row in one sentence: `Lead 675… was edited: Phone and Email changed`. */
export function summarize(content: EventContent): string {
  switch (content.kind) {
    case "notification":
      return summarizeNotification(content);
    case "other":
      return summarizeOther(content);
    case "unreadable":
      return l10n.t("An event that could not be read");
    case "recovered":
      return summarizeRecovery(content);
    case "gap":
      return describeGap(content);
    default:
      return assertNever(content);
  }
}

/** `12 events are gone: the relay no longer kept them`. */
export function describeGap(gap: EventContent & { kind: "gap" }): string {
  if (gap.reason === "reset") return l10n.t("The relay's log was reset or restored: events may be missing here");
  return gap.count === 1
    ? l10n.t("1 event is gone: the relay no longer kept it")
    : l10n.t("{0} events are gone: the relay no longer kept them", formatNumber(gap.count));
}

function summarizeOther(content: EventContent & { kind: "other" }): string {
  if (content.probe === true) return l10n.t("Test event of Diagnose");
  const method = visibleLine(content.method);
  const path = visibleLine(content.path);
  return path === "" ? l10n.t("{0} request to the ingest address", method) : l10n.t("{0} request to {1}", method, path);
}

function summarizeNotification(content: EventContent & { kind: "notification" }): string {
  const { module, recordIds, changedFields, moreFields } = content;
  if (recordCount(content) !== 1) return summarizeMany(content);
  const name = recordName(module);
  const id = visibleLine(recordIds.join());
  const operation = toOperation(content.operation);
  switch (operation) {
    case "create":
      return l10n.t("{0} {1} was created", name, id);
    case "delete":
      return l10n.t("{0} {1} was deleted", name, id);
    case "edit":
      return changedFields.length === 0
        ? l10n.t("{0} {1} was edited", name, id)
        : l10n.t("{0} {1} was edited: {2} changed", name, id, listInWords(changedFields.map(visibleLine), moreFields));
    case undefined:
      return l10n.t("{0} {1}: operation {2}", name, id, otherOperation(content.operation));
    default:
      return assertNever(operation);
  }
}

function summarizeMany(content: EventContent & { kind: "notification" }): string {
  const { module, changedFields, moreFields } = content;
  const count = formatNumber(recordCount(content));
  const name = moduleName(module);
  const operation = toOperation(content.operation);
  switch (operation) {
    case "create":
      return l10n.t("{0} records in {1} were created", count, name);
    case "delete":
      return l10n.t("{0} records in {1} were deleted", count, name);
    case "edit":
      return changedFields.length === 0
        ? l10n.t("{0} records in {1} were edited", count, name)
        : l10n.t(
            "{0} records in {1} were edited: {2} changed",
            count,
            name,
            listInWords(changedFields.map(visibleLine), moreFields),
          );
    case undefined:
      return l10n.t("{0} records in {1}: operation {2}", count, name, otherOperation(content.operation));
    default:
      return assertNever(operation);
  }
}

/** A word of a delivery that subscriptions do not have, as it came. */
export function otherOperation(word: string | undefined): string {
  return word === undefined ? l10n.t("not known") : l10n.t("“{0}”", visibleLine(word));
}

/** `Lead 675… was edited: recovered from the CRM`. */
function summarizeRecovery({ operation, module, recordId, name }: EventContent & { kind: "recovered" }): string {
  const record = recordName(module);
  const id = visibleLine(recordId);
  const subject = name === undefined ? id : l10n.t("{0} ({1})", id, visibleLine(name));
  switch (operation) {
    case "create":
      return l10n.t("{0} {1} was created: recovered from the CRM", record, subject);
    case "edit":
      return l10n.t("{0} {1} was edited: recovered from the CRM", record, subject);
    case "delete":
      return l10n.t("{0} {1} was deleted: recovered from the CRM", record, subject);
    default:
      return assertNever(operation);
  }
}

/** `a`, `a and b`, `a, b and 3 more`: at most four names. */
export function listInWords(names: readonly string[], more = 0): string {
  const count = names.length + more;
  if (count <= 1) return names.join();
  const shown = count <= 4 ? names.slice(0, -1) : names.slice(0, 3);
  return count <= 4
    ? l10n.t("{0} and {1}", shown.join(", "), names.slice(-1).join())
    : l10n.t("{0} and {1} more", shown.join(", "), formatNumber(count - shown.length));
}

/** What a screen reader or a live region says of a new row. */
export function announce(row: EventRow): string {
  const { content } = row;
  const sentence = summarize(content);
  if (content.kind !== "notification") return sentence;
  return l10n.t("{0}. {1}.", sentence, verificationBadge(content.verification).word);
}
