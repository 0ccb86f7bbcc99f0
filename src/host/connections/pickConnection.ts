import * as vscode from "vscode";
import type { Connection } from "../../core/connections/connection.ts";
import { type Back, type StepPlace, pickOne } from "../multiStep.ts";

/** Asks for one of several connections. */
export async function pickConnection(
  place: StepPlace,
  connections: readonly Connection[],
  active: Connection | undefined,
): Promise<Connection | Back> {
  return pickOne({
    place,
    placeholder: vscode.l10n.t("Whose changes?"),
    choices: connections.map(value => ({
      label: value.organization.name,
      description: value.organization.type,
      detail: value.user.email,
      value,
    })),
    ...(active === undefined ? {} : { active }),
  });
}
