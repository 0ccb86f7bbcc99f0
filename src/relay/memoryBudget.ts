/** One holder's part of a {@link MemoryBudget}. */
export interface MemoryHold {
  /** Whether there is room for more, for all together and for each owner. */
  hasRoom(): boolean;
  /** False when that is more than there is; it counts all the same, until it is given back. */
  add(bytes: number): boolean;
  remove(bytes: number): void;
  /** Gives back all. */
  release(): void;
}

/** The part of a budget that one owner may have, so that none takes it from all others. */
const share = 1 / 2;

/**
 * Bytes that may be held at once. What is held has owners, such as a channel and a client address; each of them may have
 * half of it at most. An owner that holds nothing costs no memory.
 */
export class MemoryBudget {
  readonly #ledger: Ledger;

  constructor(limit: number) {
    this.#ledger = new Ledger(limit);
  }

  /** Bytes held now. */
  get held(): number {
    return this.#ledger.held;
  }

  hold(...owners: readonly string[]): MemoryHold {
    return new Hold(this.#ledger, owners);
  }
}

/** A class, and not a set of functions: each stream has one for as long as it lasts. */
class Hold implements MemoryHold {
  readonly #ledger: Ledger;
  readonly #owners: readonly string[];
  #own = 0;

  constructor(ledger: Ledger, owners: readonly string[]) {
    this.#ledger = ledger;
    this.#owners = owners;
  }

  hasRoom(): boolean {
    return this.#ledger.hasRoom(this.#owners);
  }

  add(bytes: number): boolean {
    this.#change(bytes);
    return this.hasRoom();
  }

  remove(bytes: number): void {
    this.#change(-bytes);
  }

  release(): void {
    this.#change(-this.#own);
  }

  #change(bytes: number): void {
    this.#own += bytes;
    this.#ledger.change(this.#owners, bytes);
  }
}

/** What all owners together hold, and each. */
class Ledger {
  readonly #limit: number;
  readonly #owned = new Map<string, number>();
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  hasRoom(owners: readonly string[]): boolean {
    if (this.#held > this.#limit) return false;
    return owners.every(owner => (this.#owned.get(owner) ?? 0) <= this.#limit * share);
  }

  change(owners: readonly string[], bytes: number): void {
    this.#held += bytes;
    for (const owner of owners) {
      const held = (this.#owned.get(owner) ?? 0) + bytes;
      if (held === 0) this.#owned.delete(owner);
      else this.#owned.set(owner, held);
    }
  }
}
