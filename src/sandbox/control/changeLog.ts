import type { RecordChange } from "../crm/records.ts";
import type { JsonObject, JsonValue } from "../state/json.ts";
import type { MovableClock } from "../state/movableClock.ts";

/** One change of a record with both sides of it, which no API of a CRM tells. */
export interface LoggedChange {
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly at: number;
  readonly module: string;
  readonly operation: RecordChange["operation"];
  readonly id: string;
  /** Who did it. */
  readonly user: string;
  /** The values that changed, as they were and as they are; of a deletion all of them. */
  readonly before: JsonObject;
  readonly after: JsonObject;
}

const kept = 5_000;

/** The latest changes, so that tests can hold what arrived against what happened. Not kept across restarts. */
export class ChangeLog {
  readonly #clock: MovableClock;
  #changes: readonly LoggedChange[] = [];

  constructor(clock: MovableClock) {
    this.#clock = clock;
  }

  add(changes: readonly RecordChange[]): void {
    const at = this.#clock.now();
    this.#changes = [...this.#changes, ...changes.map(change => logged(change, at))].slice(-kept);
  }

  /** Oldest first. */
  list(): readonly LoggedChange[] {
    return this.#changes;
  }
}

function logged(
  { module, operation, recordId: id, changed, actor, before, record }: RecordChange,
  at: number,
): LoggedChange {
  const names = Object.keys(operation === "delete" ? record.values : changed);
  const sides = { before: valuesOf(before, names), after: operation === "delete" ? {} : changed };
  return { at, module: module.apiName, operation, id, user: actor.id, ...sides };
}

function valuesOf(record: RecordChange["before"], names: readonly string[]): JsonObject {
  if (record === undefined) return {};
  return Object.fromEntries(names.map((name): [string, JsonValue] => [name, record.values[name] ?? null]));
}
