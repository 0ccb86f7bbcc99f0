import type { Clock } from "../base/clock.ts";
import { second } from "../base/clock.ts";

/** How much may pass: `perSecond` in the long run, `burst` at once after a quiet time. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  /** When `tokens` was right, milliseconds since 1970. */
  at: number;
}

/** Buckets are looked through for full ones when there are as many as this, and again when they have doubled. */
const leastSweep = 1_024;
/** What sums of fractions may be off by. */
const rounding = 1e-6;

/**
 * A token bucket for each key. Something passes while the bucket is not empty, and is then taken from it whole, so that
 * what is larger than the bucket passes too and is paid for afterwards. A key that is not in use costs no memory.
 */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = leastSweep;

  /** A rate of 0 per second lets everything pass. */
  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Keys that are held in memory. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Milliseconds until something of this key may pass; 0 for now. */
  wait(key: string): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return 0;
    const missing = Math.min(1, this.#rate.burst) - this.#refill(bucket).tokens;
    return missing <= rounding ? 0 : Math.ceil((missing / this.#rate.perSecond) * second - rounding);
  }

  /** Counts what passes. */
  take(key: string, amount: number): void {
    if (this.#rate.perSecond === 0) return;
    const bucket = this.#buckets.get(key) ?? this.#add(key);
    this.#refill(bucket).tokens -= amount;
  }

  /** Forgets a key that turned out to stand for nothing. */
  forget(key: string): void {
    this.#buckets.delete(key);
  }

  #add(key: string): Bucket {
    if (this.#buckets.size >= this.#sweepAt) this.#sweep();
    const bucket = { tokens: this.#rate.burst, at: this.#clock.now() };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** A clock that was set back must not stop the refill until it is where it was. */
  #refill(bucket: Bucket): Bucket {
    const now = this.#clock.now();
    const passed = Math.max(0, now - bucket.at) / second;
    bucket.tokens = Math.min(this.#rate.burst, bucket.tokens + passed * this.#rate.perSecond);
    bucket.at = now;
    return bucket;
  }

  /** A full bucket is as good as none. */
  #sweep(): void {
    for (const [key, bucket] of this.#buckets) {
      if (this.#refill(bucket).tokens >= this.#rate.burst) this.#buckets.delete(key);
    }
    this.#sweepAt = Math.max(leastSweep, this.#buckets.size * 2);
  }
}
