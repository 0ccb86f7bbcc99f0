/** Where collections keep their entries beyond the life of the process. Every call is durable when it returns. */
export interface Storage {
  /** All entries of a collection as id and JSON text, in the order in which they were first put. */
  load(collection: string): readonly (readonly [id: string, json: string])[];
  put(collection: string, id: string, json: string): void;
  delete(collection: string, id: string): void;
  /** Runs `action`; either all of its changes are kept, or after a crash none. */
  transaction<T>(action: () => T): T;
  close(): void;
}

/** Keeps nothing: the state then lives in the collections alone. */
export const memoryStorage: Storage = {
  load: () => [],
  put: () => undefined,
  delete: () => undefined,
  transaction: action => action(),
  close: () => undefined,
};
