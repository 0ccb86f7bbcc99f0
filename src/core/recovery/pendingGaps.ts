import * as v from "valibot";
import { day } from "../../base/clock.ts";
import type { RecoveryNotes } from "./pendingRecoveries.ts";

const prefix = "recovery/gap/";

/** How long it is remembered that a gap was seen to: no window hears of it as late as that. */
const remembered = 7 * day;

const gapSchema = v.object({
  /** Milliseconds since 1970. */
  from: v.number(),
  to: v.number(),
  /** The connections whose channels have not been asked about yet; undefined: none has. */
  waiting: v.optional(v.array(v.string())),
  isDone: v.optional(v.boolean(), false),
});
type Row = Readonly<v.InferOutput<typeof gapSchema>>;

/** Deliveries that the relay lost, of whichever channels send to it. */
export interface Gap {
  /** The entry of the history that tells of it. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** The connections whose channels have not been asked about yet; undefined: none has. */
  readonly waiting?: readonly string[] | undefined;
}

/**
 * Gaps whose channels are not all known yet. Every window hears of a gap and writes the same row, before anybody is asked
 * anything; it goes once every connection has said which of its channels lost deliveries.
 */
export class PendingGaps {
  readonly #notes: RecoveryNotes;

  constructor(notes: RecoveryNotes) {
    this.#notes = notes;
  }

  /** Notes a gap, unless a window has. */
  add({ id, from, to }: Gap): void {
    if (this.#notes.get(keyOf(id)) === undefined) this.#write(id, { from, to, isDone: false });
  }

  list(): Gap[] {
    return this.#rows().flatMap(([id, { isDone, ...gap }]) => (isDone ? [] : [{ id, ...gap }]));
  }

  /** The channels of all connections but `waiting` are noted as recoveries. */
  advance({ id, from, to }: Gap, waiting: readonly string[]): void {
    this.#write(id, { from, to, waiting: [...waiting], isDone: waiting.length === 0 });
  }

  /** Forgets what was seen to long ago. */
  sweep(now: number): void {
    for (const [id, { isDone, to }] of this.#rows()) {
      if (isDone && to < now - remembered) this.#notes.delete(keyOf(id));
    }
  }

  #rows(): (readonly [number, Row])[] {
    return this.#notes.keys(prefix).flatMap(key => {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), gapSchema), this.#notes.get(key));
      return parsed.success ? [[Number(key.slice(prefix.length)), parsed.output] as const] : [];
    });
  }

  #write(id: number, row: Row): void {
    this.#notes.set(keyOf(id), JSON.stringify(row));
  }
}

function keyOf(id: number): string {
  return `${prefix}${id}`;
}
