import * as l10n from "@vscode/l10n";
import type { Result } from "../../../base/result.ts";
import type { CurrentUser, Organization } from "../../../zoho/metadata.ts";
import type { ZohoProblem } from "../../../zoho/problem.ts";
import type { Connection } from "../../connections/connection.ts";
import { type Finding, broken, brokenBy, ok } from "../finding.ts";

/** The API knows the organisation and the user, and they are those of the sign-in. */
export function checkOrganization(
  connection: Pick<Connection, "organization" | "user">,
  organization: Result<Organization, ZohoProblem>,
  user: Result<CurrentUser, ZohoProblem>,
): Finding {
  if (!organization.ok) return brokenBy(organization.error);
  if (!user.ok) return brokenBy(user.error);
  if (organization.value.id !== connection.organization.id || user.value.id !== connection.user.id) {
    return broken(l10n.t("The sign-in now belongs to another organisation or user. Sign in again."), "sign-in");
  }
  const { name, type, edition } = organization.value;
  const kind = edition === undefined ? type : l10n.t("{0}, {1} edition", type, edition);
  return ok(l10n.t("{0} ({1}), as {2}.", name, kind, user.value.name));
}
