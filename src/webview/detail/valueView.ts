import * as l10n from "@vscode/l10n";
import { element } from "../page/dom.ts";
import { formatNumber } from "../text/format.ts";
import { visibleLine, visibleText } from "../text/visibleText.ts";

/** Longer values are folded, in characters. */
const longestInline = 100;

/** Of an unfolded value, so many characters are shown; the tree has it in full. */
const longestUnfolded = 20_000;

/** A value as JSON text; a long one folded. */
export function valueView(json: string): HTMLElement {
  if (json.length <= longestInline) return element("code", { className: "value" }, visibleLine(json));
  const beginning = `${visibleLine(json.slice(0, longestInline))}…`;
  const rest = json.length - longestUnfolded;
  const cut = rest > 0 ? `\n${l10n.t("… {0} more characters", formatNumber(rest))}` : "";
  const whole = element("pre", { className: "value" }, visibleText(json.slice(0, longestUnfolded)) + cut);
  return element("details", { className: "folded" }, element("summary", {}, element("code", {}, beginning)), whole);
}
