import * as l10n from "@vscode/l10n";
import { requiredScopes } from "../../../zoho/scopes.ts";
import { type Finding, broken, ok } from "../finding.ts";

/** The sign-in covers what this extension does. */
export function checkScopes(granted: readonly string[], required: readonly string[] = requiredScopes): Finding {
  const missing = missingScopes(granted, required);
  if (missing.length === 0) return ok(l10n.t("The sign-in has the {0} permissions that are needed.", required.length));
  const [first, ...others] = missing;
  return others.length === 0
    ? broken(l10n.t("The sign-in lacks the permission {0}. Sign in again and grant it.", first ?? ""), "sign-in")
    : broken(
        l10n.t("The sign-in lacks the permissions {0}. Sign in again and grant them.", missing.join(", ")),
        "sign-in",
      );
}

/** Those of `required` that none of `granted` covers. Letter case does not count. */
export function missingScopes(granted: readonly string[], required: readonly string[]): string[] {
  return required.filter(scope => !granted.some(each => covers(partsOf(each), partsOf(scope))));
}

interface ScopeParts {
  /** Such as `ZOHOCRM.SETTINGS.FIELDS`. */
  readonly area: string;
  readonly operation: string;
}

function partsOf(scope: string): ScopeParts {
  const upper = scope.toUpperCase();
  const dot = upper.lastIndexOf(".");
  return { area: upper.slice(0, dot), operation: upper.slice(dot + 1) };
}

/** `ZohoCRM.settings.ALL` covers every part of the settings; WRITE covers every operation that changes something. */
function covers(granted: ScopeParts, required: ScopeParts): boolean {
  const area = required.area === granted.area || required.area.startsWith(`${granted.area}.`);
  const anyPart = granted.area.endsWith(".ALL") && required.area.startsWith(granted.area.slice(0, -"ALL".length));
  return (area || anyPart) && coversOperation(granted.operation, required.operation);
}

function coversOperation(granted: string, required: string): boolean {
  if (granted === "ALL" || granted === required) return true;
  return granted === "WRITE" && ["CREATE", "UPDATE", "DELETE"].includes(required);
}
