import type { Subscription } from "../../zoho/subscription.ts";

/** A channel of which something had ended: what that watched was told to nobody until it was there again. */
export interface Lapse {
  readonly connectionId: string;
  readonly channelId: string;
  /** What had ended. */
  readonly subscriptions: readonly Subscription[];
  /** Deliveries were missed from then on, at the earliest: milliseconds since 1970, by Zoho's clock. */
  readonly from: number;
  /**
   * The end that the server lists of what it does not know any more, in milliseconds since 1970: a list that has this end
   * does not say that the channel is back. None where it lists nothing of that.
   */
  readonly listedUntil?: number | undefined;
}

/** Of which channel a lapse is. */
export type LapseOf = Pick<Lapse, "connectionId" | "channelId">;

/** A lapse that has not ended, and what does not end it. */
export type OpenLapse = Pick<Lapse, "connectionId" | "channelId" | "listedUntil">;

/**
 * What is written down of lapses before anything is done about them, so that none is forgotten when a window dies or an
 * answer gets lost. Throws where it cannot be written.
 */
export interface LapseLog {
  /** The channel is about to be asked for again. What was missed before and not looked for yet stays noted. */
  begin(lapse: Lapse): void;
  /** The channel is there again since `to`, in milliseconds since 1970 by Zoho's clock: what it missed can be looked for. */
  end(lapse: LapseOf, to: number): void;
  /** The lapses of a connection that have not ended. */
  open(connectionId: string): readonly OpenLapse[];
  /** The person wants the channel no more. */
  forget(lapse: LapseOf): void;
}

/** Notes what of a channel had ended, before it is asked for again; `now` is Zoho's time. Throws as {@link LapseLog.begin} does. */
export function beginLapse(
  lapses: Pick<LapseLog, "begin">,
  { connectionId, channelId }: LapseOf,
  subscriptions: readonly Subscription[],
  now: number,
): void {
  if (subscriptions.length === 0) return;
  const ends = subscriptions.map(({ expiresAt }) => expiresAt);
  const last = Math.max(...ends);
  const listedUntil = last > now ? { listedUntil: last } : {};
  lapses.begin({ connectionId, channelId, subscriptions, from: Math.min(now, ...ends), ...listedUntil });
}

/** True where a list shows that a channel is there again: all of it is alive, and has another end than before the lapse. */
export function isBack(
  { listedUntil }: OpenLapse,
  subscriptions: readonly Pick<Subscription, "expiresAt">[],
  now: number,
): boolean {
  return subscriptions.every(({ expiresAt }) => expiresAt > now && expiresAt !== listedUntil);
}
