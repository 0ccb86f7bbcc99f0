import type { MemoryHold } from "./memoryBudget.ts";

/** Room for a body whose length is not known yet. */
const firstBytes = 1024;

/**
 * Gathers a body in one run of bytes: a chunk costs some hundred bytes beside its own and keeps alive what it was cut
 * from, so a body that is dribbled would cost many times what it counts. Counts what it has room for in `held`.
 */
export class BodyBuffer {
  readonly #held: MemoryHold;
  readonly #most: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;

  /** `most`: the bytes that may come, if the sender keeps its word. */
  constructor(most: number, held: MemoryHold) {
    this.#most = most;
    this.#held = held;
  }

  /** False when there is no room for the chunk; what is held then is of no use any more. */
  add(chunk: Uint8Array): boolean {
    // Most bodies come whole, and are taken as they are.
    if (this.#length === 0 && chunk.byteLength === this.#most) return this.#adopt(chunk);
    const length = this.#length + chunk.byteLength;
    if (length > this.#bytes.byteLength && !this.#grow(length)) return false;
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
    return true;
  }

  /** What has come so far, a view. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Lets go of all, also of what is counted. */
  clear(): void {
    this.#held.remove(this.#bytes.byteLength);
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }

  #adopt(chunk: Uint8Array): boolean {
    this.#bytes = chunk;
    this.#length = chunk.byteLength;
    return this.#held.add(chunk.byteLength);
  }

  /** Doubles, so that all copying together costs no more than the body. */
  #grow(needed: number): boolean {
    const doubled = Math.max(needed, 2 * this.#bytes.byteLength, firstBytes);
    const capacity = Math.max(needed, Math.min(doubled, this.#most));
    if (!this.#held.add(capacity - this.#bytes.byteLength)) {
      this.#held.remove(capacity - this.#bytes.byteLength);
      return false;
    }
    const larger = Buffer.allocUnsafeSlow(capacity);
    larger.set(this.bytes);
    this.#bytes = larger;
    return true;
  }
}
