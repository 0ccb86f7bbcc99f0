import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import { type JsonFault, mostValues } from "../../base/jsonScanner.ts";
import { formatNumber } from "../text/format.ts";
import { describeFault } from "./jsonFault.ts";

/** Why a body has no tree. */
export type NoTree =
  | { readonly kind: "empty" }
  | { readonly kind: "binary" }
  | { readonly kind: "cut" }
  | { readonly kind: "too-many" }
  | { readonly kind: "not-json"; readonly fault: JsonFault };

/** The same in sentences, with where the body is to be seen instead. */
export function describeNoTree(reason: NoTree, text: string): string {
  switch (reason.kind) {
    case "empty":
      return l10n.t("The request had no body.");
    case "binary":
      return l10n.t("The body is not text, so it has no tree. The raw tab shows its bytes.");
    case "cut":
      return l10n.t("Only the first part of the body is here, so it has no tree.");
    case "too-many":
      return l10n.t(
        "The body is too large for a tree: it has more than {0} values. The raw tab shows it as it was sent.",
        formatNumber(mostValues),
      );
    case "not-json":
      return /^\s*[[{]/.test(text)
        ? l10n.t("The body is not JSON. {0}. The raw tab shows it as it was sent.", describeFault(reason.fault, text))
        : l10n.t("Only JSON has a tree. The raw tab shows the body as it was sent.");
    default:
      return assertNever(reason);
  }
}
