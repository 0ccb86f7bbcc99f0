import { assertNever } from "../../base/assertNever.ts";
import type { EventRow, Operation, RowContent, Verification } from "../../protocol/inspector.ts";
import { formatCount } from "./format.ts";
import { visibleLine } from "./visibleText.ts";

/** A codicon and the word beside it; `tone` picks a theme colour, which never says anything the word does not. */
export interface Badge {
  readonly icon: string;
  readonly word: string;
  readonly tone: "good" | "bad" | "warning" | "info" | "quiet";
}

/** Whether the sender is verified, or what the row is instead of a notification. */
export function statusBadge(content: RowContent): Badge {
  switch (content.kind) {
    case "notification":
      return verificationBadge(content.verification);
    case "other":
      return content.probe === true
        ? { icon: "beaker", word: "Test", tone: "quiet" }
        : { icon: "globe", word: "Other", tone: "quiet" };
    case "unreadable":
      return { icon: "error", word: "Unreadable", tone: "bad" };
    case "recovered":
      return { icon: "history", word: "Recovered", tone: "info" };
    case "gap":
      return { icon: "debug-disconnect", word: "Gap", tone: "warning" };
    default:
      return assertNever(content);
  }
}

export function verificationBadge(verification: Verification): Badge {
  switch (verification) {
    case "verified":
      return { icon: "verified", word: "Verified", tone: "good" };
    case "mismatch":
      return { icon: "shield", word: "Wrong token", tone: "bad" };
    case "absent":
      return { icon: "circle-slash", word: "No token", tone: "warning" };
    case "unknown":
      return { icon: "question", word: "Unknown", tone: "quiet" };
    default:
      return assertNever(verification);
  }
}

export function operationBadge(operation: Operation): Badge {
  switch (operation) {
    case "create":
      return { icon: "add", word: "Created", tone: "good" };
    case "edit":
      return { icon: "edit", word: "Edited", tone: "info" };
    case "delete":
      return { icon: "trash", word: "Deleted", tone: "bad" };
    default:
      return assertNever(operation);
  }
}

/** Modules whose API name does not tell one record of them. */
const recordNames = new Map([
  ["Activities", "Activity"],
  ["Events", "Meeting"],
]);

/** Standard modules whose singular is the API name without its s. Custom modules are named as their makers chose. */
const regularModules = new Set(
  (
    "Leads Accounts Contacts Deals Campaigns Tasks Cases Calls Solutions Products Vendors Price_Books Quotes " +
    "Sales_Orders Purchase_Orders Invoices Appointments Services"
  ).split(" "),
);

/** What one record of a module is called: `Lead`, `Sales Order`, `Meeting`, `record of Site_Visits`. */
export function recordName(module: string): string {
  const irregular = recordNames.get(module);
  if (irregular !== undefined) return irregular;
  return regularModules.has(module) ? module.slice(0, -1).replace("_", " ") : `record of ${visibleLine(module)}`;
}

/** The row in one sentence: `Lead 675… was edited: Phone and Email changed`. */
export function summarize(content: RowContent): string {
  switch (content.kind) {
    case "notification":
      return summarizeNotification(content);
    case "other":
      if (content.probe === true) return "Test event of Diagnose";
      return `${visibleLine(content.method)} request to ${visibleLine(content.path) || "the ingest address"}`;
    case "unreadable":
      return "An event that could not be read";
    case "recovered":
      return summarizeRecovery(content);
    case "gap":
      return describeGap(content);
    default:
      return assertNever(content);
  }
}

/** `12 events are gone: the relay no longer kept them`. */
export function describeGap(gap: RowContent & { kind: "gap" }): string {
  if (gap.reason === "reset") return "The relay's log was reset or restored: events may be missing here";
  const gone = `${formatCount(gap.count, "event")} ${gap.count === 1 ? "is" : "are"} gone`;
  return `${gone}: the relay no longer kept ${gap.count === 1 ? "it" : "them"}`;
}

const doneWords = { create: "created", edit: "edited", delete: "deleted" } as const;

function summarizeNotification(content: RowContent & { kind: "notification" }): string {
  const { operation, module, recordIds, changedFields } = content;
  const name = recordName(module);
  const done = doneWords[operation];
  const subject =
    recordIds.length === 1
      ? `${capitalized(name)} ${visibleLine(recordIds.join())} was ${done}`
      : `${formatCount(recordIds.length, "record")} in ${visibleLine(module)} were ${done}`;
  return operation === "edit" && changedFields.length > 0
    ? `${subject}: ${listInWords(changedFields.map(visibleLine))} changed`
    : subject;
}

/** `Lead 675… was edited: recovered from the CRM`. */
function summarizeRecovery({ operation, module, recordId, name }: RowContent & { kind: "recovered" }): string {
  const called = name === undefined ? "" : ` (${visibleLine(name)})`;
  const subject = `${capitalized(recordName(module))} ${visibleLine(recordId)}${called}`;
  return `${subject} was ${doneWords[operation]}: recovered from the CRM`;
}

/** `a`, `a and b`, `a, b and 3 more`: at most four names. */
export function listInWords(names: readonly string[]): string {
  if (names.length <= 1) return names.join();
  const shown = names.length <= 4 ? names.slice(0, -1) : names.slice(0, 3);
  const rest = names.length <= 4 ? names.slice(-1).join() : `${names.length - 3} more`;
  return `${shown.join(", ")} and ${rest}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a screen reader or a live region says of a new row. */
export function announce(row: EventRow): string {
  const { content } = row;
  const sentence = summarize(content);
  return content.kind === "notification" ? `${sentence}. ${verificationBadge(content.verification).word}.` : sentence;
}
