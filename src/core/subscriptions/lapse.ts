import type { Subscription } from "../../zoho/subscription.ts";

/** A channel that had expired and is there again: what it watched was not told to anybody in between. */
export interface Lapse {
  readonly connectionId: string;
  readonly channelId: string;
  readonly subscriptions: readonly Subscription[];
  /** Deliveries were missed from then to then; milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}
