import * as l10n from "@vscode/l10n";
import { JsonSource } from "../../base/jsonSource.ts";
import { element } from "../page/dom.ts";
import { formatNumber } from "../text/format.ts";
import { visibleLine, visibleText } from "../text/visibleText.ts";

/** Longer values are folded, in characters. */
const longestInline = 100;

/** Of an unfolded value, so many characters are shown; the tree has it in full. */
const longestUnfolded = 20_000;

/** A value as JSON text: a long one folded, what points to another record by the name of that. */
export function valueView(json: string): HTMLElement {
  const name = nameOf(json);
  if (name === undefined && json.length <= longestInline)
    return element("code", { className: "value" }, visibleLine(json));
  const beginning = name ?? json;
  const shown = `${visibleLine(beginning.slice(0, longestInline))}${beginning.length > longestInline ? "…" : ""}`;
  const whole = element("pre", { className: "value" }, visibleText(json.slice(0, longestUnfolded)), cut(json));
  return element("details", { className: "folded" }, element("summary", {}, element("code", {}, shown)), whole);
}

function cut(json: string): string {
  const rest = json.length - longestUnfolded;
  return rest <= 0 ? "" : `\n${l10n.t("… {0} more characters", formatNumber(rest))}`;
}

/** What a lookup, such as an owner, points to: `{"name":"Asha","id":"675…"}`. */
function nameOf(json: string): string | undefined {
  if (!json.startsWith("{") || json.length > longestUnfolded) return undefined;
  const source = JsonSource.parse(json);
  if (!source.ok || source.value.member(0, "id") === undefined) return undefined;
  const name = source.value.member(0, "name");
  return name !== undefined && source.value.kindOf(name) === "string" ? source.value.textOf(name) : undefined;
}
