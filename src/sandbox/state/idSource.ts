import * as v from "valibot";
import { Collection } from "./collection.ts";
import type { Storage } from "./storage.ts";

/** What the ids of one organisation begin with; the rest counts up. */
const organizationPrefix = "6756839";

const firstRecordNumber = 575001;

/** A 19-digit id of this organisation; beyond what a double holds exactly, as real ones are. */
export function organizationId(number: number): string {
  return organizationPrefix + String(number).padStart(12, "0");
}

/** Gives ids that were never given before, also across restarts. */
export class IdSource {
  readonly #counter: Collection<number>;

  constructor(storage: Storage) {
    this.#counter = new Collection("counter", storage, v.number());
  }

  /** Whether it has never given one: the organisation is new. */
  get isUnused(): boolean {
    return this.#counter.size === 0;
  }

  next(): string {
    const number = this.#counter.get("next") ?? firstRecordNumber;
    this.#counter.put("next", number + 1);
    return organizationId(number);
  }
}
