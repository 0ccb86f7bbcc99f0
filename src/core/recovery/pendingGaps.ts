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
  add(gap: Gap): void {
    const { from, to } = gap;
    if (this.#notes.get(this.#keyOf(gap)) === undefined) this.#write(gap, { from, to, isDone: false });
  }

  list(): Gap[] {
    return this.#rows().flatMap(([key, { isDone, ...gap }]) => (isDone ? [] : [{ id: idOf(key), ...gap }]));
  }

  /** The channels of all connections but `waiting` are noted as recoveries. */
  advance(gap: Gap, waiting: readonly string[]): void {
    const { from, to } = gap;
    this.#write(gap, { from, to, waiting: [...waiting], isDone: waiting.length === 0 });
  }

  /** Forgets what was seen to long ago. */
  sweep(now: number): void {
    for (const [key, { isDone, to }] of this.#rows()) {
      if (isDone && to < now - remembered) this.#notes.delete(key);
    }
  }

  #rows(): (readonly [string, Row])[] {
    return this.#notes.keys(prefix).flatMap(key => {
      const row = this.#read(key);
      return row === undefined ? [] : [[key, row] as const];
    });
  }

  #read(key: string): Row | undefined {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), gapSchema), this.#notes.get(key));
    return parsed.success ? parsed.output : undefined;
  }

  #write(gap: Gap, row: Row): void {
    this.#notes.set(this.#keyOf(gap), JSON.stringify(row));
  }

  /** A history that begins again uses its numbers again. A row of an earlier version is under the number alone. */
  #keyOf({ id, to }: Gap): string {
    const earlier = `${prefix}${id}`;
    return this.#read(earlier)?.to === to ? earlier : `${earlier}/${to}`;
  }
}

function idOf(key: string): number {
  return Number.parseInt(key.slice(prefix.length), 10);
}
