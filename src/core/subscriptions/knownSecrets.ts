import type { OwnedChannel } from "./ownership.ts";
import type { SubscriptionsState } from "./channelList.ts";

export interface KnownSecretsSources {
  readonly connections: { list(): readonly { readonly id: string }[] };
  readonly subscriptions: { stateOf(connectionId: string): SubscriptionsState };
  readonly ownership: { list(): readonly OwnedChannel[] };
  /** Where the relay takes in what comes for this editor: who knows it can send. */
  readonly address: string | undefined;
}

/** What this editor knows to be secret and may stand anywhere in an event: tokens of channels, and its own address. */
export function knownSecrets({ connections, subscriptions, ownership, address }: KnownSecretsSources): string[] {
  const states = connections.list().map(({ id }) => subscriptions.stateOf(id));
  const listed = states.flatMap(state => (state.kind === "loading" ? [] : state.channels));
  const tokens = listed.flatMap(({ token }) => token ?? []);
  const own = ownership.list().flatMap(({ token, formerTokens = [] }) => [token, ...formerTokens]);
  return [...new Set([...tokens, ...own, ...secretOf(address)])].filter(secret => secret !== "");
}

function secretOf(address: string | undefined): string[] {
  if (address === undefined || !URL.canParse(address)) return [];
  return new URL(address).pathname.split("/").slice(-1);
}
