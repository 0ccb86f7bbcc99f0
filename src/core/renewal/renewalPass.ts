import { minute } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import { problemKind } from "../../zoho/problem.ts";
import type { Channel } from "../subscriptions/channel.ts";
import { busyChannelCode } from "../subscriptions/channelProblems.ts";
import type { SubscriptionService } from "../subscriptions/subscriptionService.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import { steadyClaim } from "../windows/steadyClaim.ts";
import type { KeptChannel } from "./keptChannels.ts";

/** How long a claim lasts without being extended: longer than one request takes, and soon over where a window died. */
const claimLife = 2 * minute;

export interface RenewalPassOptions {
  readonly service: Pick<SubscriptionService, "keep" | "refreshAnew">;
  readonly claims: Claims;
  /** For how long a renewal asks: milliseconds. */
  readonly life: () => number;
  /** False once this window is closing. */
  readonly mayGoOn: () => boolean;
  readonly logger: Logger;
}

/** What became of one channel. */
export interface Attempt {
  readonly kept: KeptChannel;
  /** It had expired, and was to be made again. */
  readonly recreated: boolean;
  /** The new expiry, in milliseconds since 1970. */
  readonly outcome: Result<number, Problem>;
}

/** "busy": another window is at it. "given up": nothing was done of what is due, as where reading took too long. */
export type PassOutcome = readonly Attempt[] | "busy" | "given up";

/** What a pass is to renew. */
export interface Choice {
  readonly chosen: readonly KeptChannel[];
  /** Whether a channel, as it is found just before, still is to be renewed: another window or program may have done so. */
  readonly isDue: (channel: Channel) => boolean;
}

/** Renews what is due of one connection. Only one window does so at a time. */
export class RenewalPass {
  readonly #options: RenewalPassOptions;

  constructor(options: RenewalPassOptions) {
    this.#options = options;
  }

  /** `choose` says which channels, of those known when it is called; `onBegin` hears which those are. */
  async run(
    connectionId: string,
    choose: () => Choice,
    onBegin: (chosen: readonly KeptChannel[]) => void,
  ): Promise<PassOutcome> {
    const claim = takeTurn(this.#options, connectionId, claimLife);
    if (claim === "busy") return claim;
    try {
      const choice = choose();
      onBegin(choice.chosen);
      return await this.#attempt(connectionId, choice, claim);
    } finally {
      claim?.dispose();
    }
  }

  async #attempt(connectionId: string, { chosen, isDue }: Choice, claim: Claim | undefined): Promise<PassOutcome> {
    const { service, life, mayGoOn, logger } = this.#options;
    if (chosen.length === 0) {
      await service.refreshAnew(connectionId);
      return [];
    }
    const ids = chosen.map(({ channel }) => channel.channelId);
    const outcomes = await service.keep(connectionId, ids, {
      ...{ renews: true, recreates: true, byHand: false, isDue },
      expiresInMs: life(),
      // Each request is worth asking whether this window is still the one.
      mayGoOn: () => mayGoOn() && claim?.extend(claimLife) !== false,
    });
    const attempts = chosen.flatMap(kept => {
      const done = outcomes.get(kept.channel.channelId);
      if (done === undefined || isNoAttempt(done.outcome)) return [];
      const outcome = done.outcome.ok ? succeed(done.outcome.value.expiresAt) : done.outcome;
      return [{ kept, recreated: done.recreated, outcome }];
    });
    if (attempts.length > 0 || outcomes.size === 0) return attempts;
    logger.warn("renewal: what is due was given up");
    return "given up";
  }
}

/** What was given up, or left to another window, is neither done nor failed. */
function isNoAttempt(outcome: Result<unknown, Problem>): boolean {
  return !outcome.ok && (problemKind(outcome.error) === "cancelled" || outcome.error.code === busyChannelCode);
}

/**
 * The right to renew a connection's channels, or to ask about them, for `milliseconds`. Undefined where windows have no
 * database to agree through: renewing twice is better than not at all.
 */
export function takeTurn(
  { claims, logger }: Pick<RenewalPassOptions, "claims" | "logger">,
  connectionId: string,
  milliseconds: number,
): Claim | undefined | "busy" {
  try {
    const claim = claims.take(`renewal/${connectionId}`, milliseconds);
    return claim === undefined ? "busy" : steadyClaim(claim, logger);
  } catch (error) {
    logger.warn(`renewal: windows cannot take turns: ${describeCauses(error)}`);
    return undefined;
  }
}
