import type { Answer } from "../http/answer.ts";
import type { RequiredScope } from "../oauth/scopes.ts";
import { refusals } from "./apiError.ts";
import type { User } from "./users.ts";

const permissions = { READ: "View", CREATE: "Create", UPDATE: "Edit", DELETE: "Delete" } as const;

/** What users' profiles let them do with a module's records, beside what their token covers. */
export function isPermitted(user: User, operation: RequiredScope["operation"], module: string): boolean {
  return !user.hiddenModules.includes(module) && (operation !== "DELETE" || user.mayDelete);
}

/** The answer to what a user's profile does not let them do; undefined when they may. */
export function permissionRefusal(
  user: User,
  operation: RequiredScope["operation"],
  module: string,
): Answer | undefined {
  if (isPermitted(user, operation, module)) return undefined;
  return refusals.noPermission(`Crm_Implied_${permissions[operation]}_${module}`);
}
