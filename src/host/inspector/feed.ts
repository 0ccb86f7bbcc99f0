import { assertNever } from "../../base/assertNever.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { RelayState } from "../../core/relay/relaySession.ts";
import type { FeedState } from "../../protocol/inspector.ts";

/** What the inspector's page needs to know of how events come in, and whether there is a sandbox to play with. */
export function toFeed(state: RelayState, connections: readonly Pick<Connection, "kind">[]): FeedState {
  const feed = feedOf(state);
  return connections.some(({ kind }) => kind === "sandbox") ? { ...feed, sandbox: true } : feed;
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
