/** Whether the list keeps the newest event in view; while it does not, how many came since. */
export type FollowState = { readonly kind: "following" } | { readonly kind: "paused"; readonly unseen: number };

export type FollowEvent =
  | { readonly kind: "appended"; readonly count: number }
  /** The person scrolled; `atEnd` when that showed the newest row. */
  | { readonly kind: "scrolled"; readonly atEnd: boolean }
  /** The person chose a row to look at. */
  | { readonly kind: "selected" }
  | { readonly kind: "resumed" }
  | { readonly kind: "paused" }
  /** The list was replaced by another. */
  | { readonly kind: "replaced" };

export const following: FollowState = { kind: "following" };

/** Following pauses when the person moves, and goes on when they come back to the end or say so. */
export function nextFollowState(state: FollowState, event: FollowEvent): FollowState {
  switch (event.kind) {
    case "appended":
      return state.kind === "paused" ? { kind: "paused", unseen: state.unseen + event.count } : state;
    case "scrolled":
      return event.atEnd ? following : pause(state);
    case "selected":
    case "paused":
      return pause(state);
    case "resumed":
      return following;
    case "replaced":
      return state.kind === "paused" ? { kind: "paused", unseen: 0 } : state;
  }
}

function pause(state: FollowState): FollowState {
  return state.kind === "paused" ? state : { kind: "paused", unseen: 0 };
}
