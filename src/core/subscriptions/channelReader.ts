import { type Problem, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type Channel, type ChannelReading, isReadable } from "./channel.ts";
import type { ChannelList } from "./channelList.ts";
import { incompleteListCode, incompleteListProblem, unreadableChannelProblem } from "./channelProblems.ts";
import { hasAllOf, hasAllRemembered } from "./ownedReading.ts";
import type { ChannelOwnership } from "./ownership.ts";
import type { ServerChannels } from "./serverChannels.ts";

export interface ChannelReaderOptions {
  readonly server: ServerChannels;
  readonly ownership: Pick<ChannelOwnership, "get">;
  /** The list that shows a connection's channels; undefined where there is no such connection. */
  readonly listOf: (connectionId: string) => ChannelList | undefined;
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

  /**
   * Channels that are to live longer. Where the server never gives the whole list, having read what is remembered of a
   * channel of ours is enough: else it would end.
   */
  async read(connectionId: string, channelIds: readonly string[]): Promise<ReadonlyMap<string, FoundChannel>> {
    return channelIds.length <= few
      ? this.#readEach(connectionId, channelIds)
      : this.#readAll(connectionId, channelIds);
  }

  /** A channel that may be changed in any way: all of it must be known. */
  async readOne(connectionId: string, channelId: string): Promise<FoundChannel> {
    return this.#readOne(connectionId, channelId, () => false);
  }

  async #readOne(connectionId: string, channelId: string, suffices: (part: Channel) => boolean): Promise<FoundChannel> {
    // Where nothing was read yet, the list is what people wait for.
    if (this.#options.listOf(connectionId)?.state.kind === "loading") {
      return (await this.#readAll(connectionId, [channelId])).get(channelId) ?? fail(incompleteListProblem());
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

  async #readEach(connectionId: string, channelIds: readonly string[]): Promise<ReadonlyMap<string, FoundChannel>> {
    const found = new Map<string, FoundChannel>();
    for (const channelId of channelIds) {
      found.set(channelId, await this.#readOne(connectionId, channelId, part => this.#hasAllRemembered(part)));
    }
    return found;
  }

  /** What the list cannot prove to be there or not is read by itself. */
  async #readAll(connectionId: string, channelIds: readonly string[]): Promise<ReadonlyMap<string, FoundChannel>> {
    const list = this.#options.listOf(connectionId);
    await list?.refreshAnew();
    const state = list?.state ?? { kind: "loading" };
    if (state.kind !== "loaded") {
      const problem = state.kind === "failed" ? state.problem : incompleteListProblem();
      return new Map(channelIds.map(id => [id, fail(problem)]));
    }
    const listed = channelIds.map(id => [id, foundIn(state, id, part => this.#hasAllRemembered(part))] as const);
    const unproven = listed.filter(([, each]) => !each.ok && each.error.code === incompleteListCode).map(([id]) => id);
    return new Map([...listed, ...(await this.#readEach(connectionId, unproven))]);
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
