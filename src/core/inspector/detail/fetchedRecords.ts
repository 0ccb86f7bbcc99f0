import { JsonSource } from "../../../base/jsonSource.ts";

/** A record as the CRM had it when it was asked. */
export interface FetchedState {
  /** Values of the fields as JSON text. */
  readonly values: ReadonlyMap<string, string>;
  /** When it was fetched, and when the CRM says that it was last modified: milliseconds since 1970. */
  readonly fetchedAt: number;
  readonly modifiedAt?: number;
}

/** How many records are remembered, and how many states of each. */
const mostRecords = 100;
const mostStates = 5;

/** Remembers in memory what was fetched, so that the value before a later event is known. Nothing is fetched by itself. */
export class FetchedRecords {
  readonly #states = new Map<string, readonly FetchedState[]>();

  remember(module: string, recordId: string, json: string, fetchedAt: number): FetchedState | undefined {
    const state = readState(json, fetchedAt);
    if (state === undefined) return undefined;
    const key = keyOf(module, recordId);
    const states = [state, ...this.of(module, recordId)].slice(0, mostStates);
    this.#states.delete(key);
    this.#states.set(key, states);
    const [oldest] = this.#states.keys();
    if (this.#states.size > mostRecords && oldest !== undefined) this.#states.delete(oldest);
    return state;
  }

  /** What was fetched of a record, newest first. */
  of(module: string, recordId: string): readonly FetchedState[] {
    return this.#states.get(keyOf(module, recordId)) ?? [];
  }
}

function readState(json: string, fetchedAt: number): FetchedState | undefined {
  const source = JsonSource.parse(json);
  if (!source.ok || source.value.kindOf(source.value.root) !== "object") return undefined;
  const record = source.value;
  const values = new Map<string, string>();
  for (const node of record.children(record.root)) values.set(record.keyOf(node) ?? "", record.literal(node));
  const modified = record.member(record.root, "Modified_Time");
  const modifiedAt = modified === undefined ? Number.NaN : Date.parse(record.textOf(modified));
  return { values, fetchedAt, ...(Number.isNaN(modifiedAt) ? {} : { modifiedAt }) };
}

function keyOf(module: string, recordId: string): string {
  return JSON.stringify([module, recordId]);
}
