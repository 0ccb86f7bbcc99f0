import * as l10n from "@vscode/l10n";
import { type Copy, copyButton } from "../page/copyButton.ts";
import { type Child, element } from "../page/dom.ts";
import { formatAbsoluteTime, formatClockTime } from "../text/format.ts";
import { visibleLine } from "../text/visibleText.ts";

/** A fact with its name. */
export interface Property {
  readonly name: string;
  readonly value: readonly Child[];
}

export function propertyList(list: readonly Property[]): HTMLElement {
  const lines = list.flatMap(({ name, value }) => [element("dt", {}, name), element("dd", {}, ...value)]);
  return element("dl", { className: "properties" }, ...lines);
}

/** An id with a button that copies it; `what` says what it is the id of. */
export function copyable(id: string, what: string, copy: Copy): HTMLElement {
  const shown = visibleLine(id);
  const label = l10n.t("{0} {1}", what, shown);
  return element(
    "span",
    { className: "copyable" },
    code(shown),
    copyButton(label, () => id, copy),
  );
}

export function code(text: string): HTMLElement {
  return element("code", {}, visibleLine(text));
}

/** A time in full, and after it what to make of it. */
export function instant(at: number, remark?: string): HTMLElement {
  const said = remark === undefined ? undefined : element("span", { className: "remark" }, remark);
  return element("span", { className: "instant" }, timeView(at), said);
}

/** The time of day, and in full when the pointer rests on it. */
export function shortInstant(at: number, now: number): HTMLElement {
  const attributes = { datetime: isoTime(at), title: formatAbsoluteTime(at) };
  return element("time", { attributes }, formatClockTime(at, now));
}

function timeView(at: number): HTMLElement {
  return element("time", { attributes: { datetime: isoTime(at) } }, formatAbsoluteTime(at));
}

/** Clocks of strangers may say anything; what no calendar has is left as its number. */
function isoTime(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}
