import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { second } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import type { RelayState } from "../../core/relay/relaySession.ts";

/**
 * The state in a word or two for the status bar, which counts down to the next try, and as a sentence, which stays the same
 * meanwhile: also while that try is made, where `trouble` is what it is made for. `now` in milliseconds since 1970.
 */
export function stateWords(
  state: RelayState,
  now: number,
  trouble?: Problem,
): { readonly short: string; readonly long: string } {
  const t = vscode.l10n.t;
  switch (state.kind) {
    case "off":
      return { short: t("Off"), long: t("Not connected to a relay.") };
    case "connecting":
      return trouble === undefined
        ? { short: t("Connecting"), long: t("Connecting to the relay.") }
        : { short: t("Reconnecting"), long: trouble.message };
    case "catching-up":
      return {
        short: t("Catching up"),
        long: t("Reading what arrived while this editor was away: {0} events to go.", state.behind),
      };
    case "live":
      return { short: t("Live"), long: t("Live: CRM changes appear as they happen.") };
    case "reconnecting": {
      const seconds = Math.max(0, Math.ceil((state.retryAt - now) / second));
      return { short: t("Reconnecting in {0} s", seconds), long: state.problem.message };
    }
    case "refused":
      return { short: t("Refused"), long: state.problem.message };
    default:
      return assertNever(state);
  }
}
