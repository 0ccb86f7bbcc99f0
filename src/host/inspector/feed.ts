import { assertNever } from "../../base/assertNever.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { RelayState } from "../../core/relay/relaySession.ts";
import type { Progress } from "../walkthrough/progress.ts";
import type { FeedState } from "../../protocol/inspector.ts";

/** What the inspector's page needs to know of how events come in, and whether there is a sandbox to play with. */
export function toFeed(
  state: RelayState,
  connections: readonly Pick<Connection, "kind">[],
  progress?: Progress,
): FeedState {
  const missing = progress && missingOf(progress);
  return {
    ...feedOf(state),
    ...(connections.some(({ kind }) => kind === "sandbox") ? { sandbox: true } : {}),
    ...(missing === undefined ? {} : { missing }),
  };
}

/** The first thing that is known to be missing; a CRM that is not the sandbox does not reach an address of this machine's own. */
function missingOf({ crm, address, subscribed }: Progress): FeedState["missing"] {
  if (crm === "none") return "connection";
  if (crm === "zoho" && address === "private" && subscribed === "none") return "address";
  return subscribed === "none" ? "subscription" : undefined;
}

function feedOf(state: RelayState): FeedState {
  switch (state.kind) {
    case "off":
    case "connecting":
    case "catching-up":
    case "live":
      return { kind: state.kind };
    case "reconnecting":
    case "refused":
      return { kind: state.kind, problem: state.problem.message };
    default:
      return assertNever(state);
  }
}
