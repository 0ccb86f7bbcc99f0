import { setImmediate } from "node:timers/promises";
import type { Disposable } from "../../../src/base/lifecycle.ts";

/** What belongs to a machine that can sleep: its timers stand still meanwhile. */
export interface Sleeper {
  /** For how long it has slept so far, the sleep that it is in included: milliseconds. */
  readonly slept: number;
}

interface Entry {
  due: number;
  readonly order: number;
  readonly action: () => void;
  readonly sleeper: Sleeper | undefined;
  sleptBefore: number;
  isCancelled: boolean;
}

/** True time, in milliseconds since 1970, which nobody in the simulation sees, and all that is to happen in it. */
export class Timeline {
  readonly #heap: Entry[] = [];
  #now: number;
  #order = 0;

  constructor(now: number) {
    this.#now = now;
  }

  get now(): number {
    return this.#now;
  }

  /** How many things happened. */
  get steps(): number {
    return this.#order;
  }

  /** Runs `action` after `delay` milliseconds in which `sleeper` is awake. */
  after(delay: number, action: () => void, sleeper?: Sleeper): Disposable {
    const entry: Entry = {
      due: this.#now + Math.max(delay, 0),
      order: this.#order++,
      action,
      sleeper,
      sleptBefore: sleeper?.slept ?? 0,
      isCancelled: false,
    };
    this.#push(entry);
    return { dispose: () => (entry.isCancelled = true) };
  }

  /** Lets time go by until `end`: everything at its time, each with all that follows from it at once. */
  async runUntil(end: number): Promise<void> {
    await setImmediate();
    for (let entry = this.#next(end); entry !== undefined; entry = this.#next(end)) {
      this.#now = Math.max(this.#now, entry.due);
      entry.action();
      // All promises that are settled by now have had their say before this resolves.
      await setImmediate();
    }
    this.#now = Math.max(this.#now, end);
  }

  #next(end: number): Entry | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined || first.due > end) return undefined;
      this.#pop();
      if (first.isCancelled) continue;
      const slept = (first.sleeper?.slept ?? 0) - first.sleptBefore;
      if (slept <= 0) return first;
      first.due += slept;
      first.sleptBefore += slept;
      this.#push(first);
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const child = this.#smallerChild(at);
      const below = heap[child];
      if (below === undefined || isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }

  #smallerChild(at: number): number {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const [one, other] = [this.#heap[left], this.#heap[right]];
    return one !== undefined && other !== undefined && isBefore(other, one) ? right : left;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}
