import { minute } from "../../../src/base/clock.ts";
import type { Write } from "../world/playedWatchApi.ts";
import { type Fields, type ZohoChannel, differingFields, fieldsOf } from "../world/zohoChannel.ts";

/** Who last decided on a field, and when by true time. */
interface Decision {
  readonly by: string;
  readonly at: number;
}

/** How every channel should be: what people and other programs decided last, field by field. */
export interface Expected {
  readonly fields: Map<string, string>;
  readonly decisions: Map<string, Decision>;
  /** Somebody wanted it gone. */
  isDeleted: boolean;
}

/** What is written within so much time of somebody else's write may have been read before it: nobody can know better. */
export const freshness = 2 * minute;

/** Keeps how channels should be, and finds what a write took from somebody. */
export class ChannelHistory {
  readonly #expected = new Map<string, Expected>();

  get(channelId: string): Expected | undefined {
    return this.#expected.get(channelId);
  }

  get all(): ReadonlyMap<string, Expected> {
    return this.#expected;
  }

  /** Somebody decided how the channel is to be: all of it, or what of it is not as it was found. */
  decide(channelId: string, by: string, at: number, channel: ZohoChannel | undefined, found?: ZohoChannel): void {
    const expected = this.#of(channelId);
    expected.isDeleted = channel === undefined;
    if (channel === undefined) return;
    const fields = fieldsOf(channel);
    for (const name of differingFields(found === undefined ? expected.fields : fieldsOf(found), fields))
      this.decideField(channelId, name, fields.get(name), by, at);
  }

  decideField(channelId: string, name: string, value: string | undefined, by: string, at: number): void {
    const expected = this.#of(channelId);
    expected.decisions.set(name, { by, at });
    if (value === undefined) expected.fields.delete(name);
    else expected.fields.set(name, value);
  }

  /**
   * Time took them, and nobody had to keep them. Who has not read the channel since does not know it, and makes it again
   * with them once all of it is over (seed 205).
   */
  forgetModules(channelId: string, modules: readonly string[], at: number): void {
    for (const module of modules)
      for (const part of ["events", "condition"])
        this.decideField(channelId, `${part} ${module}`, undefined, "time", at);
  }

  /** The fields that a write makes other than they should be. */
  spoiledBy({ channelId, before, meant }: Write): readonly string[] {
    const expected = this.#of(channelId).fields;
    const now: Fields = fieldsOf(meant);
    const changed = differingFields(fieldsOf(before), now);
    return (before === undefined ? differingFields(expected, now) : changed).filter(
      name => now.get(name) !== expected.get(name),
    );
  }

  #of(channelId: string): Expected {
    const known = this.#expected.get(channelId);
    if (known !== undefined) return known;
    const expected: Expected = { fields: new Map(), decisions: new Map(), isDeleted: false };
    this.#expected.set(channelId, expected);
    return expected;
  }
}
