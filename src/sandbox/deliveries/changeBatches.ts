import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { RecordChange } from "../crm/records.ts";

interface Batch {
  readonly changes: RecordChange[];
  readonly timer: Disposable;
}

/** Collects changes that go to the same receiver, so that one delivery tells of those of some milliseconds. */
export class ChangeBatches implements Disposable {
  readonly #clock: Clock;
  readonly #batches = new Map<string, Batch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Adds to the batch `key`; `flush` gets all of it `milliseconds` after its first change, in
   * the order of the changes. Whether this began the batch.
   */
  add(
    key: string,
    changes: readonly RecordChange[],
    milliseconds: number,
    flush: (changes: readonly RecordChange[]) => void,
  ): boolean {
    const waiting = this.#batches.get(key);
    if (waiting !== undefined) {
      waiting.changes.push(...changes);
      return false;
    }
    const timer = this.#clock.after(milliseconds, () => {
      this.#batches.delete(key);
      flush(batch.changes);
    });
    const batch = { changes: [...changes], timer };
    this.#batches.set(key, batch);
    return true;
  }

  /** Forgets what was collected. */
  dispose(): void {
    for (const { timer } of this.#batches.values()) timer.dispose();
    this.#batches.clear();
  }
}

/** Several changes of one record as one: the later value of each field. */
export function joined(changes: readonly RecordChange[]): readonly RecordChange[] {
  const byRecord = new Map<string, RecordChange>();
  for (const change of changes) {
    const earlier = byRecord.get(change.recordId);
    byRecord.set(change.recordId, { ...change, changed: { ...earlier?.changed, ...change.changed } });
  }
  return [...byRecord.values()];
}
