import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { JsonFault, JsonFaultKind } from "../../base/jsonScanner.ts";
import { formatNumber } from "../text/format.ts";

/** Why a text is not JSON, and at which line and column. */
export function describeFault({ kind, position }: JsonFault, text: string): string {
  const { line, column } = placeOf(text, position);
  return l10n.t("{0} at line {1}, column {2}", reasonOf(kind), formatNumber(line), formatNumber(column));
}

const lineFeed = 0x0a;

/** Line and column of a character, both counted from 1. */
export function placeOf(text: string, position: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = 0; at < position; at++) {
    if (text.charCodeAt(at) !== lineFeed) continue;
    line++;
    start = at + 1;
  }
  return { line, column: position - start + 1 };
}

function reasonOf(kind: JsonFaultKind): string {
  switch (kind) {
    case "end":
      return l10n.t("The text ends too early");
    case "character":
      return l10n.t("Unexpected character");
    case "string-end":
      return l10n.t("A string has no end");
    case "string-control":
      return l10n.t("Unescaped control character in a string");
    case "escape":
      return l10n.t("Unknown escape in a string");
    case "number":
      return l10n.t("Malformed number or word");
    case "key":
      return l10n.t("A key in double quotes was expected");
    case "colon":
      return l10n.t("A colon was expected");
    case "comma":
      return l10n.t("A comma or the end of the list was expected");
    case "rest":
      return l10n.t("More text after the end of the JSON");
    default:
      return assertNever(kind);
  }
}
