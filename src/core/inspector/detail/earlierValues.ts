import { readEvent } from "../../events/readEvent.ts";
import type { StoredEvent } from "../../events/storedEvent.ts";
import { type EventValues, valuesOf } from "./eventValues.ts";

/** The kept entries about a record that were stored before another: newest first, at most `limit`. */
export interface RecordHistory {
  ofRecordBefore(recordId: string, id: number, limit: number): readonly StoredEvent[];
}

/** A value of a field as an earlier entry told it. */
export interface EarlierValue {
  /** JSON text; undefined where the entry says that the field changed, but not to what. */
  readonly value?: string;
  readonly eventId: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How many earlier entries are read for one event, over all its records. */
const mostRead = 300;

/** What earlier entries tell of the fields of the records of one event, read when it is asked for. */
export class EarlierValues {
  readonly #history: RecordHistory;
  readonly #module: string | undefined;
  readonly #event: { readonly id: number; readonly at?: number | undefined };
  readonly #limit: number;
  readonly #read = new Map<string, ReadonlyMap<string, EarlierValue>>();

  /** `at` is the CRM's time of the event; `records` is how many it is about. */
  constructor(
    history: RecordHistory,
    module: string | undefined,
    event: { readonly id: number; readonly at?: number | undefined },
    records: number,
  ) {
    this.#history = history;
    this.#module = module;
    this.#event = event;
    this.#limit = Math.max(1, Math.floor(mostRead / Math.max(1, records)));
  }

  /** What the last entry before the event that names the field tells of it. */
  of(recordId: string, field: string): EarlierValue | undefined {
    const known = this.#read.get(recordId) ?? this.#readRecord(recordId);
    this.#read.set(recordId, known);
    return known.get(field);
  }

  #readRecord(recordId: string): ReadonlyMap<string, EarlierValue> {
    const found = new Map<string, EarlierValue>();
    for (const { event, values } of this.#earlier(recordId)) {
      for (const { recordId: about, field, value } of values.fields) {
        if (about !== recordId || found.has(field)) continue;
        const at = values.at ?? event.receivedAt;
        found.set(field, { eventId: event.id, at, ...(value === undefined ? {} : { value }) });
      }
    }
    return found;
  }

  /** Latest first by the CRM's time. What is not earlier by that is another report of this change, or came out of order. */
  #earlier(recordId: string): { readonly event: StoredEvent; readonly values: EventValues }[] {
    return this.#history
      .ofRecordBefore(recordId, this.#event.id, this.#limit)
      .filter(event => event.kind !== "gap" && event.subject?.module === this.#module)
      .flatMap(event => {
        const values = valuesOf(readEvent(event));
        return values !== undefined && this.#isEarlier(values) ? [{ event, values }] : [];
      })
      .sort((a, b) => (b.values.at ?? b.event.receivedAt) - (a.values.at ?? a.event.receivedAt));
  }

  #isEarlier({ at }: EventValues): boolean {
    return at === undefined || this.#event.at === undefined || at < this.#event.at;
  }
}
