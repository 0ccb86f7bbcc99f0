/** What a call needs: a group with an optional part (`modules.leads`, `settings.fields`) and an operation. */
export interface RequiredScope {
  /** Default ZohoCRM. */
  readonly product?: "ZohoSearch";
  readonly group: "modules" | "settings" | "users" | "org" | "notifications" | "mass_update" | "securesearch";
  readonly part?: string;
  readonly operation: "READ" | "CREATE" | "UPDATE" | "DELETE";
}

const scopePattern = /^(?:ZohoCRM|ZohoSearch)\.[A-Za-z_]+(\.[A-Za-z_]+)*\.?[A-Za-z_]*$/;

/** The scopes of a comma-separated (or space-separated) list; undefined when one of them is none that the sandbox knows. */
export function parseScopes(text: string): readonly string[] | undefined {
  const scopes = text.split(/[\s,]+/).filter(scope => scope !== "");
  const known = scopes.every(scope => scopePattern.test(scope) || scope === "AaaServer.profile.READ");
  return known && scopes.length > 0 ? scopes : undefined;
}

/** Whether one of the granted scopes covers what a call needs. Letter case does not count. */
export function scopesAllow(granted: readonly string[], required: RequiredScope): boolean {
  return granted.some(scope => scopeAllows(scope.toUpperCase().split("."), required));
}

/** `ZohoCRM.group.OPERATION` covers every part of the group; `ZohoCRM.group.part.OPERATION` covers that part. */
function scopeAllows([product, group, ...rest]: readonly string[], required: RequiredScope): boolean {
  if (product !== (required.product ?? "ZohoCRM").toUpperCase() || group !== required.group.toUpperCase()) return false;
  const operation = rest.at(-1) ?? "";
  const part = rest.length > 1 ? rest[0] : undefined;
  if (part !== undefined && part !== "ALL" && part !== required.part?.toUpperCase()) return false;
  return operationCovers(operation, required.operation);
}

function operationCovers(granted: string, required: RequiredScope["operation"]): boolean {
  if (granted === "ALL" || granted === required) return true;
  return granted === "WRITE" && required !== "READ";
}

/** What `POST /sandbox/self-client-code` grants unless it is asked for other scopes. */
export const fullScopes: readonly string[] = [
  "ZohoCRM.notifications.ALL",
  "ZohoCRM.modules.ALL",
  "ZohoCRM.settings.ALL",
  "ZohoCRM.users.READ",
  "ZohoCRM.org.READ",
  "ZohoCRM.mass_update.ALL",
  "ZohoSearch.securesearch.READ",
];
