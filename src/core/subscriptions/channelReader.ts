import type { Clock } from "../../base/clock.ts";
import { type Problem, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type Channel, type ChannelReading, isReadable } from "./channel.ts";
import type { ChannelList } from "./channelList.ts";
import { incompleteListCode, incompleteListProblem, unreadableChannelProblem } from "./channelProblems.ts";
import { freshness } from "./channelTurns.ts";
import { hasAllOf, hasAllRemembered } from "./ownedReading.ts";
import type { ChannelOwnership } from "./ownership.ts";
import type { ServerChannels } from "./serverChannels.ts";

export interface ChannelReaderOptions {
  readonly server: ServerChannels;
  readonly ownership: Pick<ChannelOwnership, "get">;
  /** The list that shows a connection's channels; undefined where there is no such connection. */
  readonly listOf: (connectionId: string) => ChannelList | undefined;
  readonly clock: Pick<Clock, "now">;
}

/** Channels that were read together, from `readAt` on: milliseconds since 1970. */
export interface Portion {
  readonly readAt: number;
  readonly found: ReadonlyMap<string, FoundChannel>;
}

/** A channel as it is now, ours also when it is over; undefined where there is none. Fails where that cannot be known. */
export type FoundChannel = Result<Channel | undefined, Problem>;

/** So many channels are read one by one; for more, the whole list costs less. */
const few = 2;

/** Reads channels as they are this moment, and shows in the list what was read. */
export class ChannelReader {
  readonly #options: ChannelReaderOptions;

  constructor(options: ChannelReaderOptions) {
    this.#options = options;
  }

  /** As {@link readInPortions}, all at once. */
  async read(connectionId: string, channelIds: readonly string[]): Promise<ReadonlyMap<string, FoundChannel>> {
    const all: (readonly [string, FoundChannel])[] = [];
    for await (const { found } of this.readInPortions(connectionId, channelIds)) all.push(...found);
    return new Map(all);
  }

  /**
   * Channels that are to live longer. Where the server never gives the whole list, having read what is remembered of a
   * channel of ours is enough: else it would end. What the list cannot prove to be there or not is read by itself, and
   * what is read meanwhile can be written before it is old.
   */
  async *readInPortions(connectionId: string, channelIds: readonly string[]): AsyncGenerator<Portion> {
    const suffices = (part: Channel): boolean => this.#hasAllRemembered(part);
    const { clock } = this.#options;
    let readAt = clock.now();
    let found = channelIds.length > few ? await this.#readList(connectionId, channelIds, suffices) : new Map();
    for (const channelId of channelIds.filter(id => !found.has(id))) {
      if (found.size > 0 && Math.abs(clock.now() - readAt) > freshness) {
        yield { readAt, found };
        readAt = clock.now();
        found = new Map();
      }
      found.set(channelId, await this.#readOne(connectionId, channelId, suffices));
    }
    yield { readAt, found };
  }

  /** A channel that may be changed in any way: all of it must be known. */
  async readOne(connectionId: string, channelId: string): Promise<FoundChannel> {
    return this.#readOne(connectionId, channelId, () => false);
  }

  async #readOne(connectionId: string, channelId: string, suffices: (part: Channel) => boolean): Promise<FoundChannel> {
    // Where nothing was read yet, the list is what people wait for.
    if (this.#options.listOf(connectionId)?.state.kind === "loading") {
      const listed = (await this.#readList(connectionId, [channelId], suffices)).get(channelId);
      if (listed !== undefined) return listed;
    }
    const read = await this.#fetchOne(connectionId, channelId);
    if (!read.ok) return read;
    const found = foundIn(read.value, channelId, suffices);
    if (found.ok) this.#options.listOf(connectionId)?.put(new Map([[channelId, found.value]]));
    return found;
  }

  /** What is thrown was not foreseen; it must not make what Zoho did before count as failed. */
  async #fetchOne(connectionId: string, channelId: string): Promise<Result<ChannelReading, Problem>> {
    try {
      return await this.#options.server.fetchOne(connectionId, channelId);
    } catch (error) {
      return fail(toProblem(error));
    }
  }

  /** What the list can prove to be there or not; all as failed where there is none. */
  async #readList(
    connectionId: string,
    channelIds: readonly string[],
    suffices: (part: Channel) => boolean,
  ): Promise<Map<string, FoundChannel>> {
    const list = this.#options.listOf(connectionId);
    await list?.refreshAnew();
    const state = list?.state ?? { kind: "loading" };
    if (state.kind !== "loaded") {
      const problem = state.kind === "failed" ? state.problem : incompleteListProblem();
      return new Map(channelIds.map(id => [id, fail(problem)]));
    }
    const listed = channelIds.map(id => [id, foundIn(state, id, suffices)] as const);
    return new Map(listed.filter(([, each]) => each.ok || each.error.code !== incompleteListCode));
  }

  #hasAllRemembered(part: Channel): boolean {
    return hasAllRemembered(part, this.#options.ownership.get(part.channelId));
  }
}

/** `suffices`: whether a part of a channel is enough, where the server gives no more of its list. */
function foundIn(reading: ChannelReading, channelId: string, suffices: (part: Channel) => boolean): FoundChannel {
  const channel = reading.channels.find(each => each.channelId === channelId);
  const isWhole = hasAllOf(reading, channelId);
  if (channel !== undefined) {
    if (!isReadable(channel)) return fail(unreadableChannelProblem());
    return isWhole || (reading.cutAt !== undefined && suffices(channel))
      ? succeed(channel)
      : fail(incompleteListProblem(reading));
  }
  if (reading.unreadable.some(each => each.channelId === channelId)) return fail(unreadableChannelProblem());
  return isWhole ? succeed(undefined) : fail(incompleteListProblem(reading));
}
