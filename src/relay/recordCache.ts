import type { ChannelRecord } from "./eventLog.ts";

/** What a record without an answer takes in memory, roughly, in bytes. */
const plainRecord = 300;

interface Cached {
  readonly record: ChannelRecord;
  /** How many plain records it takes the place of. */
  readonly weight: number;
  /** Milliseconds on its owner's clock. */
  readonly until: number;
}

/** Records of channels in memory. It bounds what they take, also where senders of many channels get long answers. */
export class RecordCache {
  readonly #capacity: number;
  readonly #cached = new Map<string, Cached>();
  #weight = 0;

  /** `capacity` in records without an answer; one with an answer counts as more. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The record, if it is here and was to be believed at `now`, in milliseconds on its owner's clock. */
  get(channel: string, now = 0): ChannelRecord | undefined {
    const cached = this.#cached.get(channel);
    return cached !== undefined && cached.until > now ? cached.record : undefined;
  }

  /** Remembers the record. Those that were remembered longest ago make room. */
  set(record: ChannelRecord, until = Number.POSITIVE_INFINITY): void {
    this.delete(record.channel);
    const weight = weightOf(record);
    // A map gives its keys in order of insertion.
    for (const oldest of this.#cached.keys()) {
      if (this.#weight + weight <= this.#capacity) break;
      this.delete(oldest);
    }
    this.#cached.set(record.channel, { record, weight, until });
    this.#weight += weight;
  }

  clear(): void {
    this.#cached.clear();
    this.#weight = 0;
  }

  delete(channel: string): void {
    this.#weight -= this.#cached.get(channel)?.weight ?? 0;
    this.#cached.delete(channel);
  }
}

function weightOf({ answer }: ChannelRecord): number {
  return answer === undefined ? 1 : 1 + Math.ceil(JSON.stringify(answer).length / plainRecord);
}
