import type { SubscriptionsState } from "../../core/subscriptions/subscriptionService.ts";

/** What a state says, without when it was read. */
function contentOf(state: SubscriptionsState): unknown {
  switch (state.kind) {
    case "loading":
      return [];
    case "loaded":
      return [state.channels, state.unreadable, state.complete, state.cutAt];
    case "failed":
      return [state.problem.code, state.problem.message, state.channels];
  }
}

interface Seen {
  readonly state: SubscriptionsState;
  readonly content: string;
  readonly version: number;
}

/**
 * Numbers what is known of each connection: the same number for the same content, also where it was read anew. A state
 * never changes, so each is written out once; a thousand channels take some milliseconds.
 */
export class StateVersions {
  readonly #seen = new Map<string, Seen>();

  of(connectionId: string, state: SubscriptionsState): number {
    const before = this.#seen.get(connectionId);
    if (before?.state === state) return before.version;
    const content = JSON.stringify([state.kind, contentOf(state)]);
    const version = (before?.version ?? 0) + (before?.content === content ? 0 : 1);
    this.#seen.set(connectionId, { state, content, version });
    return version;
  }
}
