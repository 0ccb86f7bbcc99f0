import * as l10n from "@vscode/l10n";
import type { Connection } from "../../connections/connection.ts";
import { type Finding, broken, ok } from "../finding.ts";

/** There is a sign-in to work with. */
export function checkSignedIn(connection: Pick<Connection, "organization" | "dataCentre"> | undefined): Finding {
  if (connection === undefined)
    return broken(l10n.t("This editor is not signed in to that organisation. Sign in."), "sign-in");
  const { organization, dataCentre } = connection;
  return ok(
    dataCentre === "sandbox"
      ? l10n.t("Signed in to {0} (the local sandbox).", organization.name)
      : l10n.t("Signed in to {0} (data centre {1}).", organization.name, dataCentre),
  );
}
