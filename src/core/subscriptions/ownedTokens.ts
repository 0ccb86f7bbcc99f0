import type { OwnedChannel } from "./ownership.ts";

/** How many other tokens are remembered for each channel. */
const mostFormer = 5;

/** With another token, and the one that it had among the former. */
export function withToken(owned: OwnedChannel, token: string): OwnedChannel {
  return owned.token === token ? owned : { ...withFormer(owned, owned.token, token), token };
}

/** With a token among those that the channel had or may get; `current` is none of them. */
export function withFormer(owned: OwnedChannel, token: string, current = owned.token): OwnedChannel {
  const others = (owned.formerTokens ?? []).filter(each => each !== token && each !== current);
  return { ...owned, formerTokens: [...others, token].slice(-mostFormer) };
}

/** A token of ours that the server lists is the one that the channel has, as where the answer to a change got lost. */
export function withListedToken(owned: OwnedChannel, listed: string | undefined): OwnedChannel {
  return listed !== undefined && owned.formerTokens?.includes(listed) === true ? withToken(owned, listed) : owned;
}
