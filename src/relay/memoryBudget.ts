/** One holder's part of a {@link MemoryBudget}. */
export interface MemoryHold {
  /** False when that is more than there is; it counts all the same, until the release. */
  add(bytes: number): boolean;
  release(): void;
}

/** Bytes that may be held at once, over all requests. */
export class MemoryBudget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held;
  }

  get isSpent(): boolean {
    return this.#held > this.#limit;
  }

  hold(): MemoryHold {
    let own = 0;
    return {
      add: bytes => {
        own += bytes;
        this.#held += bytes;
        return !this.isSpent;
      },
      release: () => {
        this.#held -= own;
        own = 0;
      },
    };
  }
}
