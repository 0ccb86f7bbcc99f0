import * as v from "valibot";
import type { Storage } from "./storage.ts";

/** Entries of one kind by id, in memory, written through to a storage. Iterates in the order of first insertion. */
export class Collection<T> {
  readonly #name: string;
  readonly #storage: Storage;
  readonly #entries = new Map<string, T>();

  /** Loads what the storage has; throws when it is not of the form that `schema` wants. */
  constructor(name: string, storage: Storage, schema: v.GenericSchema<unknown, T>) {
    this.#name = name;
    this.#storage = storage;
    for (const [id, json] of storage.load(name)) this.#entries.set(id, v.parse(schema, JSON.parse(json)));
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): T | undefined {
    return this.#entries.get(id);
  }

  put(id: string, entry: T): void {
    this.#entries.set(id, entry);
    this.#storage.put(this.#name, id, JSON.stringify(entry));
  }

  delete(id: string): boolean {
    if (!this.#entries.delete(id)) return false;
    this.#storage.delete(this.#name, id);
    return true;
  }

  values(): IterableIterator<T> {
    return this.#entries.values();
  }
}
