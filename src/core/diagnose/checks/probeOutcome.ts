import * as l10n from "@vscode/l10n";
import { assertNever } from "../../../base/assertNever.ts";
import { second } from "../../../base/clock.ts";
import type { ProbeOutcome } from "../probe.ts";
import { type Finding, broken, brokenBy, ok, warning } from "../finding.ts";

/** Slower than this, in milliseconds, something on the way is worth looking at; Zoho's own patience is not documented. */
const slow = 5 * second;

/** What was posted to the address arrived in this editor. */
export function checkProbe(outcome: ProbeOutcome): Finding {
  switch (outcome.kind) {
    case "arrived":
      return outcome.chosenFailure === undefined ? arrived(outcome.milliseconds) : toldOfFailure(outcome.chosenFailure);
    case "unreachable":
      return brokenBy({ ...outcome.problem, remedy: "configure-relay" });
    case "refused":
      return broken(refusal(outcome.status), "configure-relay");
    case "lost":
      return broken(
        l10n.t("The address took a test event, but it did not arrive in this editor. Another relay may answer there."),
        "configure-relay",
      );
    default:
      return assertNever(outcome);
  }
}

function arrived(milliseconds: number): Finding {
  const time = `${milliseconds.toLocaleString("en")} ms`;
  if (milliseconds > slow) return warning(l10n.t("A test event took {0} from the address to this editor.", time));
  return ok(l10n.t("A test event posted to the address was in this editor after {0}.", time));
}

function toldOfFailure(status: number): Finding {
  const sentence = l10n.t(
    "A test event posted to the address arrived in this editor, but the relay answered it with status {0}, as set with Set Relay Answer. Senders treat that as a failure.",
    status,
  );
  return warning(sentence, "configure-relay");
}

function refusal(status: number): string {
  if (status === 404)
    return l10n.t("The address does not lead to a channel of a relay (status 404). Check the public address.");
  if (status >= 300 && status < 400)
    return l10n.t("The address redirects (status {0}), which Zoho may not follow.", status);
  return l10n.t(
    "The address refused a test event with status {0}. Check the relay and the tunnel that leads to it.",
    status,
  );
}
