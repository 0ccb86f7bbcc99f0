import { type Clock, minute } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type Channel, isOver } from "../subscriptions/channel.ts";
import { unknownChannelProblem } from "../subscriptions/channelProblems.ts";
import type { SubscriptionService } from "../subscriptions/subscriptionService.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import type { KeptChannel } from "./keptChannels.ts";
import { isSameExpiry } from "./renewalPlan.ts";

/** How long a claim lasts without being extended: longer than one request takes, and soon over where a window died. */
const claimLife = 2 * minute;

export interface RenewalPassOptions {
  readonly service: Pick<SubscriptionService, "stateOf" | "refreshAnew" | "renewMany" | "recreateMany">;
  readonly claims: Claims;
  /** For how long a renewal asks: milliseconds. */
  readonly life: () => number;
  /** False once this window is closing. */
  readonly mayGoOn: () => boolean;
  readonly clock: Clock;
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

/** Undefined: another window is at it. */
export type PassOutcome = readonly Attempt[] | undefined;

/**
 * Renews what is due of one connection. Only one window does so at a time, and what it renews it has read just before,
 * so that what another window or another program has renewed is left alone.
 */
export class RenewalPass {
  readonly #options: RenewalPassOptions;

  constructor(options: RenewalPassOptions) {
    this.#options = options;
  }

  /** `choose` says which channels, of those known when it is called; `onBegin` hears which those are. */
  async run(
    connectionId: string,
    choose: () => readonly KeptChannel[],
    onBegin: (chosen: readonly KeptChannel[]) => void,
  ): Promise<PassOutcome> {
    const claim = takeTurn(this.#options, connectionId, claimLife);
    if (claim === "busy") return undefined;
    try {
      await this.#options.service.refreshAnew(connectionId);
      const chosen = choose();
      onBegin(chosen);
      return await this.#attempt(connectionId, chosen, claim);
    } finally {
      claim?.dispose();
    }
  }

  async #attempt(
    connectionId: string,
    chosen: readonly KeptChannel[],
    claim: Claim | undefined,
  ): Promise<readonly Attempt[]> {
    const { service, clock } = this.#options;
    const state = service.stateOf(connectionId);
    // A channel of which one module ended is renewed with all of them; only what is over as a whole is made again.
    const isGone = ({ channel }: KeptChannel): boolean => isOver(channel, clock.now());
    if (state.kind === "failed") {
      return chosen.map(kept => ({ kept, recreated: isGone(kept), outcome: fail(state.problem) }));
    }
    const over = chosen.filter(isGone);
    const renewed = await this.#renew(
      connectionId,
      chosen.filter(kept => !isGone(kept)),
      claim,
    );
    const lost = renewed.filter(({ outcome }) => kindOf(outcome) === "not-subscribed").map(({ kept }) => kept);
    const recreated = await this.#recreate(connectionId, [...over, ...lost], claim);
    const attempts = [...renewed.filter(({ kept }) => !lost.includes(kept)), ...recreated];
    return attempts
      .map(attempt => ({ ...attempt, outcome: this.#truth(connectionId, attempt) }))
      .filter(({ outcome }) => kindOf(outcome) !== "cancelled");
  }

  async #renew(connectionId: string, kept: readonly KeptChannel[], claim: Claim | undefined): Promise<Attempt[]> {
    if (kept.length === 0) return [];
    const outcomes = await this.#options.service.renewMany(connectionId, idsOf(kept), this.#batches(claim));
    return kept.map(each => toAttempt(each, false, outcomes.get(each.channel.channelId)));
  }

  async #recreate(connectionId: string, kept: readonly KeptChannel[], claim: Claim | undefined): Promise<Attempt[]> {
    if (kept.length === 0) return [];
    const outcomes = await this.#options.service.recreateMany(connectionId, idsOf(kept), this.#batches(claim));
    return kept.map(each => toAttempt(each, true, outcomes.get(each.channel.channelId)));
  }

  /** Each request is worth asking whether this window is still the one. */
  #batches(claim: Claim | undefined): { readonly expiresInMs: number; readonly mayGoOn: () => boolean } {
    const { life, mayGoOn } = this.#options;
    return { expiresInMs: life(), mayGoOn: () => mayGoOn() && claim?.extend(claimLife) !== false };
  }

  /** Where an answer got lost, the list that was read since tells what was done. */
  #truth(connectionId: string, { kept, outcome }: Attempt): Result<number, Problem> {
    if (outcome.ok) return outcome;
    const now = this.#known(connectionId, kept.channel.channelId);
    const prolonged = now !== undefined && now.expiresAt > kept.channel.expiresAt;
    return prolonged && !isSameExpiry(kept.channel.expiresAt, now.expiresAt) ? succeed(now.expiresAt) : outcome;
  }

  #known(connectionId: string, channelId: string): Channel | undefined {
    const state = this.#options.service.stateOf(connectionId);
    return state.kind === "loaded" ? state.channels.find(channel => channel.channelId === channelId) : undefined;
  }
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
    return claims.take(`renewal/${connectionId}`, milliseconds) ?? "busy";
  } catch (error) {
    logger.warn(`renewal: windows cannot take turns: ${describeCauses(error)}`);
    return undefined;
  }
}

/** The kind that Zoho's problems have; problems of other origin have none. */
export function problemKind(problem: Problem): string {
  return "kind" in problem && typeof problem.kind === "string" ? problem.kind : "other";
}

function kindOf(outcome: Result<unknown, Problem>): string | undefined {
  return outcome.ok ? undefined : problemKind(outcome.error);
}

function idsOf(kept: readonly KeptChannel[]): readonly string[] {
  return kept.map(({ channel }) => channel.channelId);
}

function toAttempt(
  kept: KeptChannel,
  recreated: boolean,
  outcome: Result<{ readonly expiresAt: number }, Problem> | undefined,
): Attempt {
  if (outcome === undefined) return { kept, recreated, outcome: fail(unknownChannelProblem()) };
  return { kept, recreated, outcome: outcome.ok ? succeed(outcome.value.expiresAt) : outcome };
}
