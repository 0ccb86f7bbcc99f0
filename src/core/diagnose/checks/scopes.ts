import { requiredScopes } from "../../../zoho/scopes.ts";
import { type Finding, broken, ok } from "../finding.ts";

/** The sign-in covers what this extension does. */
export function checkScopes(granted: readonly string[], required: readonly string[] = requiredScopes): Finding {
  const missing = missingScopes(granted, required);
  if (missing.length === 0) return ok(`The sign-in has the ${required.length} permissions that are needed.`);
  const [first, ...others] = missing;
  return others.length === 0
    ? broken(`The sign-in lacks the permission ${first ?? ""}. Sign in again and grant it.`, "sign-in")
    : broken(`The sign-in lacks the permissions ${missing.join(", ")}. Sign in again and grant them.`, "sign-in");
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
