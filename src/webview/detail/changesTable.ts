import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import type { FieldChange } from "../../protocol/event.ts";
import { type Child, button, element, icon } from "../page/dom.ts";
import { formatAbsoluteTime, formatClockTime, formatNumber } from "../text/format.ts";
import { visibleLine } from "../text/visibleText.ts";
import { note } from "./note.ts";
import { isSameValue } from "./sameValue.ts";
import { valueView } from "./valueView.ts";

export interface ChangesTableOptions {
  readonly clock: Clock;
  readonly revealEvent: (id: number) => void;
}

/** More lines than this are left to the tree. */
const mostLines = 500;

/** Fields with their values before and after, and how each is known; with the present one where it was fetched. */
export function changesTable(changes: readonly FieldChange[], options: ChangesTableOptions): HTMLElement {
  const hasNow = changes.some(change => change.now !== undefined);
  const titles = [l10n.t("Field"), l10n.t("Before"), l10n.t("After"), ...(hasNow ? [l10n.t("Now")] : [])];
  const head = element("tr", {}, ...titles.map(title => element("th", { attributes: { scope: "col" } }, title)));
  const lines = changes.slice(0, mostLines).map(change => line(change, hasNow, options));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines));
  return element("div", {}, table, rest(changes.length), unknownNote(changes));
}

function line(change: FieldChange, hasNow: boolean, options: ChangesTableOptions): HTMLElement {
  return element(
    "tr",
    {},
    element("th", { attributes: { scope: "row" } }, visibleLine(change.field)),
    element("td", {}, ...beforeView(change, options)),
    element("td", {}, ...afterView(change)),
    hasNow ? element("td", {}, ...nowView(change)) : undefined,
  );
}

function beforeView(change: FieldChange, { clock, revealEvent }: ChangesTableOptions): Child[] {
  const { before, basis, earlierId, beforeAt } = change;
  const value = before === undefined ? undefined : valueView(before);
  const at = beforeAt === undefined ? "" : formatClockTime(beforeAt, clock.now());
  switch (basis) {
    case "event":
      return value === undefined ? [unknown(l10n.t("none: the record is new"))] : [value];
    case "earlier-event":
      if (earlierId === undefined) return [value];
      return [value, earlierLink(at, beforeAt, () => revealEvent(earlierId))];
    case "fetched":
      return [value, remark(l10n.t("fetched {0}", at))];
    case "none":
      return [unknown(l10n.t("not known"))];
    default:
      return assertNever(basis);
  }
}

function earlierLink(at: string, beforeAt: number | undefined, onClick: () => void): HTMLElement {
  const label =
    beforeAt === undefined
      ? l10n.t("Go to the earlier event that told this value")
      : l10n.t("Go to the earlier event that told this value, of {0}", formatAbsoluteTime(beforeAt));
  return button({ text: l10n.t("event of {0}", at), label, className: "inline basis", onClick });
}

function afterView({ after, afterBasis }: FieldChange): Child[] {
  if (after === undefined) return [unknown(l10n.t("not sent"))];
  return afterBasis === "fetched"
    ? [valueView(after), remark(l10n.t("from the record as fetched"))]
    : [valueView(after)];
}

function nowView({ after, now }: FieldChange): Child[] {
  if (now === undefined) return [unknown(l10n.t("no such field"))];
  if (after === undefined || isSameValue(after, now)) return [valueView(now)];
  return [valueView(now), element("span", { className: "differs" }, icon("diff"), l10n.t("changed since"))];
}

function unknown(text: string): HTMLElement {
  return element("span", { className: "unknown" }, text);
}

function remark(text: string): HTMLElement {
  return element("span", { className: "remark basis" }, text);
}

function rest(count: number): HTMLElement | undefined {
  if (count <= mostLines) return undefined;
  return note(l10n.t("{0} more fields are in the tree.", formatNumber(count - mostLines)));
}

function unknownNote(changes: readonly FieldChange[]): HTMLElement | undefined {
  const unsent = changes.filter(change => change.afterBasis === "none" && change.now === undefined);
  if (unsent.length > 0 && unsent.length === changes.length)
    return note(l10n.t("Zoho did not send the new values: the subscription does not ask for them. Fetch the record."));
  if (unsent.length > 0) return note(l10n.t("Zoho did not send every new value. Fetch the record to see the others."));
  if (changes.some(change => change.basis === "none"))
    return note(l10n.t("Zoho sends no values of before, and no earlier event that is kept here tells them."));
  return undefined;
}
