import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type ZohoProblem, leavesOutcomeOpen } from "../../zoho/problem.ts";
import { channelGoneProblem, nothingLeftProblem, unreadableChannelProblem } from "./channelProblems.ts";
import type { SubscribeOutcome } from "../../zoho/watchAnswer.ts";
import type { Subscription, SubscriptionList } from "../../zoho/subscription.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import type { ChangePlan } from "./changePlan.ts";
import { planChange } from "./changePlan.ts";
import { type ChannelDetails, detailsOf, toRequest } from "./channelDetails.ts";
import { differenceWords, differencesBetween } from "./differences.ts";
import { moduleOf, warningsOf } from "./grants.ts";
import type { ChannelOwnership } from "./ownership.ts";
import type { TokenBook } from "./tokenBook.ts";

export interface ChannelEditorOptions {
  readonly clients: { for(connectionId: string): ZohoApi };
  readonly ownership: ChannelOwnership;
  readonly tokenBook: TokenBook;
  readonly clock: Clock;
  /** Reads the connection's channels anew, and gives those details of one that came back. */
  readonly readBack: (
    connectionId: string,
    channelId: string,
    outcome: Result<unknown, ZohoProblem>,
  ) => Promise<ChannelDetails | undefined>;
}

/** What became of a change. */
export interface ChangeOutcome {
  /** As the server had it just before. */
  readonly before: ChannelDetails;
  /** As the server has it now; as it must be, where the server could not be asked. */
  readonly after: ChannelDetails;
  /** In sentences, what is not as it was asked for. */
  readonly warnings: readonly Problem[];
}

type Written = Result<SubscribeOutcome | undefined, ZohoProblem>;

/** Changes channels as they are at the last moment: reads, computes what they should be, writes, and reads back. */
export class ChannelEditor {
  readonly #options: ChannelEditorOptions;

  constructor(options: ChannelEditorOptions) {
    this.#options = options;
  }

  /** The channel as the server has it now; undefined where it lists none, or one that is over. */
  async read(connectionId: string, channelId: string): Promise<Result<ChannelDetails | undefined, ZohoProblem>> {
    const alive = await this.#readAlive(connectionId, channelId);
    return alive.ok ? succeed(detailsOf(alive.value)) : alive;
  }

  /** Makes a channel what `towards` makes of it. Fails with NOT_SUBSCRIBED where it is gone. */
  async change(
    connectionId: string,
    channelId: string,
    towards: (now: ChannelDetails) => ChannelDetails,
  ): Promise<Result<ChangeOutcome, Problem>> {
    const alive = await this.#readAlive(connectionId, channelId);
    if (!alive.ok) return alive;
    const before = detailsOf(alive.value);
    const meant = detailsOf(this.#withLapsed(channelId, alive.value));
    if (before === undefined || meant === undefined) return fail(channelGoneProblem());
    const wanted = towards(meant);
    if (wanted.events.length === 0) return fail(nothingLeftProblem());
    await this.#options.ownership.keepRefused(channelId, new Set(wanted.events.map(moduleOf)));
    const plan = planChange(before, wanted);
    if (plan.kind === "nothing") return succeed({ before, after: before, warnings: [] });
    await this.#keepToken(before, wanted);
    return this.#settle(connectionId, before, wanted, await this.#send(connectionId, plan));
  }

  /** Subscribes a channel that is gone with everything that `details` say, and makes nobody's channel ours. */
  async restore(connectionId: string, details: ChannelDetails): Promise<Result<ChangeOutcome, Problem>> {
    const client = this.#options.clients.for(connectionId);
    if (details.token !== undefined) this.#options.tokenBook.learn(details.channelId, details.token);
    return this.#settle(connectionId, details, details, await client.subscribe(toRequest(details)));
  }

  /** What the server lists of a channel; none where it is over. */
  async #readAlive(connectionId: string, channelId: string): Promise<Result<readonly Subscription[], ZohoProblem>> {
    const listed = await this.#options.clients.for(connectionId).listSubscriptions({ channelId });
    if (!listed.ok) return listed;
    if (hidesPartOf(listed.value, channelId)) return fail(unreadableChannelProblem());
    const mine = listed.value.subscriptions.filter(each => each.channelId === channelId);
    const now = this.#options.clock.now();
    return succeed(mine.some(({ expiresAt }) => expiresAt > now) ? mine : []);
  }

  /** With the modules that ended because Zoho did not renew them: the person still sees them as part of the channel. */
  #withLapsed(channelId: string, alive: readonly Subscription[]): readonly Subscription[] {
    const refused = this.#options.ownership.get(channelId)?.refused ?? [];
    return [...alive, ...refused.filter(({ module }) => !alive.some(each => each.module === module))];
  }

  async #send(connectionId: string, plan: Exclude<ChangePlan, { kind: "nothing" }>): Promise<Written> {
    const client = this.#options.clients.for(connectionId);
    switch (plan.kind) {
      case "put":
        return client.updateSubscription(plan.request);
      case "patch":
        return client.renewSubscription(plan.request);
      case "remove-events": {
        const removed = await client.removeEvents(plan.request);
        return removed.ok ? succeed(undefined) : removed;
      }
      default:
        return assertNever(plan);
    }
  }

  /** Before Zoho knows it: the first delivery with the new token may be here before the answer. */
  async #keepToken(before: ChannelDetails, { channelId, token }: ChannelDetails): Promise<void> {
    if (token === undefined || token === before.token) return;
    this.#options.tokenBook.learn(channelId, token);
    await this.#options.ownership.replaceToken(channelId, token);
  }

  async #settle(
    connectionId: string,
    before: ChannelDetails,
    wanted: ChannelDetails,
    written: Written,
  ): Promise<Result<ChangeOutcome, Problem>> {
    const listed = await this.#options.readBack(connectionId, wanted.channelId, written);
    if (!written.ok) {
      const happened = listed !== undefined && leavesOutcomeOpen(written.error) && isAs(listed, wanted);
      return happened ? succeed({ before, after: listed, warnings: [] }) : written;
    }
    const granted = written.value;
    const refusals = granted === undefined ? [] : warningsOf(granted, wanted, this.#options.clock.now());
    return succeed({
      before,
      after: listed ?? wanted,
      warnings: [...refusals, ...surprises(wanted, listed, refusals)],
    });
  }
}

/** An entry that names no channel was listed for this one, which was all that was asked for. */
function hidesPartOf({ unreadable, complete }: SubscriptionList, channelId: string): boolean {
  return !complete || unreadable.some(each => each.channelId === undefined || each.channelId === channelId);
}

function isAs(listed: ChannelDetails, wanted: ChannelDetails): boolean {
  return differencesBetween(wanted, listed).length === 0;
}

/** What reading back showed to be otherwise, unless the answer has said so already. */
function surprises(
  wanted: ChannelDetails,
  listed: ChannelDetails | undefined,
  refusals: readonly Problem[],
): readonly Problem[] {
  if (listed === undefined || refusals.length > 0) return [];
  return differencesBetween(wanted, listed).map(difference => ({
    code: "NOT_AS_ASKED",
    message: l10n.t("Zoho took the change, but shows another value. {0}.", differenceWords(difference)),
    remedy: "none",
  }));
}
