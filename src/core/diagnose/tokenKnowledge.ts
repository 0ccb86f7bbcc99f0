import type { Verification } from "../../protocol/event.ts";
import { type ChoiceTerm, byName } from "../filter/eventFilter.ts";
import type { DeliveredHistory } from "../recovery/deliveredChanges.ts";
import type { ChannelOwnership } from "../subscriptions/ownership.ts";
import { notificationOf, readEvent } from "../events/readEvent.ts";
import { type TokenVerifier, verificationOf } from "../events/verification.ts";
import type { TokenKnowledge } from "./evidence.ts";

/** What the ownership, the token book and the history tell together. */
export function tokenKnowledge(parts: {
  readonly ownership: Pick<ChannelOwnership, "get">;
  readonly tokenBook: TokenVerifier;
  readonly history: DeliveredHistory;
}): TokenKnowledge {
  const { ownership, tokenBook, history } = parts;
  return {
    ownToken: channelId => ownership.get(channelId)?.token,
    verify: (channelId, token) => tokenBook.verify(channelId, token),
    lastDelivery: channelId => verificationOfLast(channelId, tokenBook, history),
  };
}

/** What was replayed or posted as a test says nothing of the tokens that Zoho sends. */
const delivered: ChoiceTerm = { key: "source", values: ["delivered"], negated: false };

function verificationOfLast(
  channelId: string,
  tokens: TokenVerifier,
  history: DeliveredHistory,
): Verification | undefined {
  const events = history.select([byName("channel", channelId), delivered]);
  const [last] = events.page(Math.max(0, events.count - 1), 1);
  const read = last === undefined ? undefined : readEvent(last);
  return read === undefined || notificationOf(read) === undefined ? undefined : verificationOf(read, tokens);
}
