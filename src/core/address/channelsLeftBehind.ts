import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses, toProblem } from "../../base/problem.ts";
import { type Result, fail } from "../../base/result.ts";
import type { Connection } from "../connections/connection.ts";
import type { Channel } from "../subscriptions/channel.ts";
import type { SubscriptionService } from "../subscriptions/subscriptionService.ts";
import { type Door, broughtAlong, leftBehind } from "./readdress.ts";

/** A channel that still carries an address under which this editor is no longer reached. */
export interface LeftBehind {
  readonly connection: Connection;
  readonly channel: Channel;
}

export interface ChannelsLeftBehindOptions {
  /** Where deliveries reach this editor; undefined while this window holds no public address. */
  readonly door: () => Door | undefined;
  readonly connections: { list(): readonly Connection[] };
  readonly subscriptions: Pick<SubscriptionService, "stateOf" | "nowAt" | "change">;
  /** True for a channel that is lent to this editor, and for all while that is not known. */
  readonly isLent: (connectionId: string, channelId: string) => boolean;
  /** Asks the person whether these shall send here; false where they did not say yes. */
  readonly ask: (channels: readonly LeftBehind[]) => Promise<boolean>;
  /** Shows why some could not be changed; they are asked about again. */
  readonly tell: (problems: readonly Problem[]) => void;
  readonly logger: Logger;
}

/** What a person was asked about a channel: whether to bring it from the one URL to the other. */
interface Question {
  readonly from: string;
  readonly to: string;
}

/**
 * Offers to bring along the channels that a public address left behind when it changed. A person is asked about each
 * channel once for each address, whenever it becomes known, and one question stands at a time.
 */
export class ChannelsLeftBehind {
  readonly #options: ChannelsLeftBehindOptions;
  /** What was asked, by connection and channel. */
  readonly #asked = new Map<string, Question>();
  #isAsking = false;

  constructor(options: ChannelsLeftBehindOptions) {
    this.#options = options;
  }

  /** Asks about those that nobody was asked about yet, and brings along those that the person says. Never rejects. */
  async offer(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const failed: LeftBehind[] = [];
    // What became known while a question stood is asked about next.
    for (let news = this.#news(); news.length > 0; news = this.#news()) failed.push(...(await this.#offerOnce(news)));
    this.#isAsking = false;
    for (const each of failed) this.#asked.delete(keyOf(each));
  }

  /** Nobody is asked while it cannot be read which channels are lent. */
  #news(): readonly LeftBehind[] {
    const door = this.#options.door();
    if (door === undefined) return [];
    try {
      return this.#options.connections.list().flatMap(connection => this.#newsOf(connection, door));
    } catch (error) {
      this.#warn(error);
      return [];
    }
  }

  #newsOf(connection: Connection, door: Door): readonly LeftBehind[] {
    const state = this.#options.subscriptions.stateOf(connection.id);
    if (state.kind === "loading") return [];
    const left = new Set(leftBehindOf(connection, state.channels, door, this.#options));
    return state.channels.flatMap(channel => {
      const each = { connection, channel };
      // One that sends here, is lent or is over may be left behind once more, and is then asked about once more.
      if (!left.has(channel)) this.#asked.delete(keyOf(each));
      return left.has(channel) && this.#isNew(each, door) ? [each] : [];
    });
  }

  /** Whether this was not asked yet; from now on it counts as asked. */
  #isNew(each: LeftBehind, door: Door): boolean {
    const question: Question = { from: each.channel.notifyUrl, to: door.address };
    const asked = this.#asked.get(keyOf(each));
    if (asked?.from === question.from && asked.to === question.to) return false;
    this.#asked.set(keyOf(each), question);
    return true;
  }

  /** Gives those that are to be asked about again. */
  async #offerOnce(news: readonly LeftBehind[]): Promise<readonly LeftBehind[]> {
    try {
      if (!(await this.#options.ask(news))) return [];
    } catch (error) {
      this.#warn(error);
      return news;
    }
    // Where the address went while the question stood, there is nowhere to bring them to.
    return this.#options.door() === undefined ? news : this.#bringAllAlong(news);
  }

  async #bringAllAlong(channels: readonly LeftBehind[]): Promise<readonly LeftBehind[]> {
    const failed: LeftBehind[] = [];
    const problems: Problem[] = [];
    for (const each of channels) {
      const outcome = await bringAlong(each, this.#options);
      if (outcome.ok) continue;
      failed.push(each);
      problems.push(outcome.error);
    }
    if (problems.length > 0) this.#options.tell(problems);
    return failed;
  }

  #warn(error: unknown): void {
    this.#options.logger.warn(`public address: ${describeCauses(error)}`);
  }
}

/** Those among channels of a connection that are left behind. Throws while it cannot be read which channels are lent. */
export function leftBehindOf(
  { id }: Connection,
  channels: readonly Channel[],
  door: Door,
  {
    subscriptions,
    isLent,
  }: Pick<ChannelsLeftBehindOptions, "isLent"> & {
    readonly subscriptions: Pick<SubscriptionService, "nowAt">;
  },
): readonly Channel[] {
  const now = subscriptions.nowAt(id);
  return leftBehind(channels, door, { now, isLent: ({ channelId }) => isLent(id, channelId) });
}

/** Points a channel here. The question may have stood for long: what holds by now decides. */
export async function bringAlong(
  { connection, channel }: LeftBehind,
  {
    subscriptions,
    door,
  }: Pick<ChannelsLeftBehindOptions, "door"> & { readonly subscriptions: Pick<SubscriptionService, "change"> },
): Promise<Result<unknown, Problem>> {
  try {
    return await subscriptions.change(connection.id, channel.channelId, now => {
      const here = door();
      return here === undefined ? now : broughtAlong(now, channel.notifyUrl, here);
    });
  } catch (error) {
    return fail(toProblem(error));
  }
}

function keyOf({ connection, channel }: LeftBehind): string {
  return `${connection.id}/${channel.channelId}`;
}
