import * as l10n from "@vscode/l10n";
import { assertNever } from "../../../base/assertNever.ts";
import type { RelayState } from "../../relay/relaySession.ts";
import { type Finding, broken, brokenBy, ok, warning } from "../finding.ts";

/** Events come in from the relay as they happen. */
export function checkRelay(state: RelayState): Finding {
  switch (state.kind) {
    case "live":
      return ok(l10n.t("Connected to the relay, and nothing is waiting there."));
    case "catching-up":
      return warning(l10n.t("Connected to the relay; {0} events are still to be read.", state.behind));
    case "off":
      return broken(l10n.t("This editor is not connected to a relay. Connect."), "reconnect-relay");
    case "connecting":
      return broken(l10n.t("The relay has not answered yet. Try again in a moment."), "reconnect-relay");
    case "reconnecting":
      return broken(state.problem.message, "reconnect-relay");
    case "refused":
      return brokenBy(state.problem);
    default:
      return assertNever(state);
  }
}
