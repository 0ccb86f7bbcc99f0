import { makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import type { Channel } from "../../../../src/core/subscriptions/channel.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";

/** A channel with what matters to addresses. */
export function aChannel({ notifyUrl, createdHere }: Pick<Channel, "notifyUrl" | "createdHere">): Channel {
  return makeChannel("connection", "1", [aSubscription({ notifyUrl })], createdHere);
}
