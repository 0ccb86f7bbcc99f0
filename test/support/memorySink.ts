import type { Capture, EventGap, EventSink } from "../../src/core/events/capture.ts";

/** Keeps events in memory, and fails on demand. */
export class MemorySink implements EventSink {
  readonly batches: (readonly Capture[])[] = [];
  readonly gaps: EventGap[] = [];
  failure: Error | undefined;
  #last = 0;

  constructor(last = 0) {
    this.#last = last;
  }

  get sequences(): number[] {
    return this.batches.flat().map(event => event.sequence);
  }

  lastSequence(): number {
    return this.#last;
  }

  store(events: readonly Capture[]): void {
    if (this.failure !== undefined) throw this.failure;
    this.batches.push(events);
    this.#last = events.at(-1)?.sequence ?? this.#last;
  }

  recordGap(gap: EventGap): void {
    if (this.failure !== undefined) throw this.failure;
    this.gaps.push(gap);
    this.#last = Math.max(this.#last, gap.to);
  }
}
