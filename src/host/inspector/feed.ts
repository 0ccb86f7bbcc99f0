import { assertNever } from "../../base/assertNever.ts";
import type { RelayState } from "../../core/relay/relaySession.ts";
import type { FeedState } from "../../protocol/inspector.ts";

/** What the inspector's page needs to know of the relay's state. */
export function toFeed(state: RelayState): FeedState {
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
