import { toOperation } from "../../protocol/event.ts";
import type { EventRow } from "../../protocol/inspector.ts";
import type { ColumnUse } from "./columnLayout.ts";
import { type OffsetRanges, contains } from "./offsetRanges.ts";

/** A run of offsets to ask the host for. */
export interface RowRange {
  readonly offset: number;
  readonly limit: number;
}

/** Rows are asked for in aligned runs of this length. */
const chunkLength = 100;

/** More rows than this are not held: those farthest from the view go, and are asked for again when needed. */
const mostRows = 4_000;

const unused: ColumnUse = { isHandled: false, hasOtherOperation: false };

type Gap = "loading" | "failed";

/** The rows of one generation that the page knows, by offset, and which runs are on their way or did not come. */
export class RowStore {
  #generation = 0;
  #total = 0;
  readonly #rows = new Map<number, EventRow>();
  readonly #chunks = new Map<number, Gap>();
  #use = unused;

  get generation(): number {
    return this.#generation;
  }

  get total(): number {
    return this.#total;
  }

  /** What rows of this generation put into columns that may be empty, as far as they were ever known; the same object until that changes. */
  get use(): ColumnUse {
    return this.#use;
  }

  at(offset: number): EventRow | undefined {
    return this.#rows.get(offset);
  }

  /** Whether the row at `offset`, which is not known, is being waited for or did not come. */
  gapAt(offset: number): Gap {
    return this.#chunks.get(chunkOf(offset)) ?? "loading";
  }

  /** The known rows among these offsets, in order. */
  rowsIn(ranges: OffsetRanges): EventRow[] {
    if (ranges.length === 0) return [];
    const held = [...this.#rows].filter(([offset]) => contains(ranges, offset));
    return held.sort(([one], [other]) => one - other).map(([, row]) => row);
  }

  /** The offset of an event among the known rows. */
  offsetOf(id: number): number | undefined {
    for (const [offset, row] of this.#rows) if (row.id === id) return offset;
    return undefined;
  }

  /**
   * Begins a new generation. Returns how far the row moved that was nearest to the offset `near` and is in both lists:
   * towards the end (negative: towards the beginning), or undefined when there is none.
   */
  replace(
    generation: number,
    total: number,
    offset: number,
    rows: readonly EventRow[],
    near: number,
  ): number | undefined {
    const moved = this.#shiftTo(offset, rows, near);
    this.#generation = generation;
    this.#total = total;
    this.#rows.clear();
    this.#use = unused;
    this.#chunks.clear();
    this.#put(offset, rows);
    return moved;
  }

  /** Takes in new rows at the end. Returns how many the list has more now. */
  append(total: number, rows: readonly EventRow[]): number {
    const added = total - this.#total;
    this.#total = total;
    this.#put(total - rows.length, rows);
    return added;
  }

  /** Takes in rows that say something else now. Returns whether any of them is held. */
  update(rows: readonly { readonly offset: number; readonly row: EventRow }[]): boolean {
    const held = rows.filter(({ offset, row }) => this.#rows.get(offset)?.id === row.id);
    for (const { offset, row } of held) this.#set(offset, row);
    return held.length > 0;
  }

  /** Takes in rows that were asked for. Fewer than that is a failure: the host leaves out what it cannot read. */
  fill(range: RowRange, rows: readonly EventRow[]): void {
    this.#put(range.offset, rows);
    if (rows.length < range.limit) this.fail(range);
    else this.#chunks.delete(chunkOf(range.offset));
  }

  /** Rows that were asked for did not come. */
  fail(range: RowRange): void {
    this.#chunks.set(chunkOf(range.offset), "failed");
  }

  /** Lets rows that did not come be asked for again. */
  retry(offset: number): void {
    this.#chunks.delete(chunkOf(offset));
  }

  /** The runs to ask for so that `first` up to `end` can be drawn; they count as on their way from now on. */
  request(first: number, end: number): RowRange[] {
    const ranges: RowRange[] = [];
    for (let chunk = chunkOf(first); chunk * chunkLength < end; chunk++) {
      if (this.#chunks.has(chunk) || !this.#isMissing(chunk, first, end)) continue;
      this.#chunks.set(chunk, "loading");
      const offset = chunk * chunkLength;
      ranges.push({ offset, limit: Math.min(chunkLength, this.#total - offset) });
    }
    return ranges;
  }

  /** Lets go of the rows farthest from `offset` when there are more than need be held. */
  trimAround(offset: number): void {
    if (this.#rows.size <= mostRows) return;
    for (const known of [...this.#rows.keys()]) {
      if (Math.abs(known - offset) > mostRows / 4) this.#rows.delete(known);
    }
  }

  #isMissing(chunk: number, first: number, end: number): boolean {
    const from = Math.max(first, chunk * chunkLength);
    const to = Math.min(end, (chunk + 1) * chunkLength);
    for (let offset = from; offset < to; offset++) if (!this.#rows.has(offset)) return true;
    return false;
  }

  #shiftTo(offset: number, rows: readonly EventRow[], near: number): number | undefined {
    const before = new Map([...this.#rows].map(([known, row]) => [row.id, known]));
    const shifts = rows.flatMap((row, index) => {
      const known = before.get(row.id);
      return known === undefined ? [] : [{ by: offset + index - known, distance: Math.abs(known - near) }];
    });
    return shifts.sort((a, b) => a.distance - b.distance)[0]?.by;
  }

  #put(offset: number, rows: readonly EventRow[]): void {
    for (const [index, row] of rows.entries()) this.#set(offset + index, row);
  }

  #set(offset: number, row: EventRow): void {
    this.#rows.set(offset, row);
    const { isHandled, hasOtherOperation } = this.#use;
    const isNews = (!isHandled && row.handling !== undefined) || (!hasOtherOperation && isOtherOperation(row));
    if (!isNews) return;
    this.#use = {
      isHandled: isHandled || row.handling !== undefined,
      hasOtherOperation: hasOtherOperation || isOtherOperation(row),
    };
  }
}

function isOtherOperation({ content }: EventRow): boolean {
  return content.kind === "notification" && toOperation(content.operation) === undefined;
}

function chunkOf(offset: number): number {
  return Math.floor(offset / chunkLength);
}
