import * as l10n from "@vscode/l10n";
import type { Connection } from "../../connections/connection.ts";
import { type Finding, broken, ok } from "../finding.ts";

/** There is a sign-in to work with. */
export function checkSignedIn(connection: Pick<Connection, "organization" | "dataCentre"> | undefined): Finding {
  if (connection === undefined)
    return broken(l10n.t("This editor is not signed in to that organisation. Sign in."), "sign-in");
  const place = connection.dataCentre === "sandbox" ? "the local sandbox" : `data centre ${connection.dataCentre}`;
  return ok(l10n.t("Signed in to {0} ({1}).", connection.organization.name, place));
}
