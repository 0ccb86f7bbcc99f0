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
      return arrived(outcome.milliseconds);
    case "unreachable":
      return brokenBy({ ...outcome.problem, remedy: "configure-relay" });
    case "refused":
      return broken(refusal(outcome.status), "configure-relay");
    case "lost":
      return broken(
        "The address took a test event, but it did not arrive in this editor. Another relay may answer there.",
        "configure-relay",
      );
    default:
      return assertNever(outcome);
  }
}

function arrived(milliseconds: number): Finding {
  const time = `${milliseconds.toLocaleString("en")} ms`;
  if (milliseconds > slow) return warning(`A test event took ${time} from the address to this editor.`);
  return ok(`A test event posted to the address was in this editor after ${time}.`);
}

function refusal(status: number): string {
  if (status === 404)
    return "The address does not lead to a channel of a relay (status 404). Check the public address.";
  if (status >= 300 && status < 400) return `The address redirects (status ${status}), which Zoho may not follow.`;
  return `The address refused a test event with status ${status}. Check the relay and the tunnel that leads to it.`;
}
