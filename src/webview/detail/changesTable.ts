import { element } from "../page/dom.ts";
import { formatCount } from "../text/format.ts";
import { visibleLine } from "../text/visibleText.ts";
import type { EventBody } from "./eventBody.ts";
import { type FieldChange, fieldChanges } from "./fieldChanges.ts";
import { note } from "./note.ts";

/** Longer values are cut; the tree has them in full. In characters. */
const longestValue = 300;

/** More lines than this are left to the tree. */
const mostLines = 500;

/** The changed fields and, where the notification has them, their new values; undefined when it names none. */
export function changesTable(body: EventBody): HTMLElement | undefined {
  const changes = body.json.ok ? fieldChanges(body.json.value) : [];
  if (changes.length === 0) return undefined;
  const hasSeveralRecords = new Set(changes.map(change => change.recordId)).size > 1;
  const hasValues = changes.some(change => change.value !== undefined);
  const titles = [...(hasSeveralRecords ? ["Record"] : []), "Field", ...(hasValues ? ["New value"] : [])];
  const head = element("tr", {}, ...titles.map(title => element("th", { attributes: { scope: "col" } }, title)));
  const lines = changes.slice(0, mostLines).map(change => line(change, hasSeveralRecords, hasValues));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines));
  return element("section", { className: "changes" }, element("h3", {}, "Changed fields"), table, rest(changes.length));
}

function line(change: FieldChange, withRecord: boolean, withValue: boolean): HTMLElement {
  const record = withRecord ? [element("td", { className: "id" }, visibleLine(change.recordId))] : [];
  const value = withValue ? [element("td", { className: "value" }, shorten(change.value ?? "not told"))] : [];
  return element("tr", {}, ...record, element("td", {}, visibleLine(change.field)), ...value);
}

function shorten(value: string): string {
  const shown = visibleLine(value);
  return shown.length <= longestValue ? shown : `${shown.slice(0, longestValue)}…`;
}

function rest(count: number): HTMLElement | undefined {
  return count <= mostLines ? undefined : note(`${formatCount(count - mostLines, "more field")} in the tree.`);
}
