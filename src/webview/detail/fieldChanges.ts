import type { JsonNode, JsonSource } from "../../base/jsonSource.ts";

/** A field of a record that a notification names; `value` is its new value as JSON text, where the body tells it. */
export interface FieldChange {
  readonly recordId: string;
  readonly field: string;
  readonly value?: string;
}

/**
 * Every changed field of every record of a notification, from its `affected_fields` and `affected_values`. Read from
 * the text itself, so that numbers keep their digits.
 */
export function fieldChanges(source: JsonSource): FieldChange[] {
  const values = affectedValues(source);
  const named = affectedFields(source).map(change => withValue(change, values));
  const known = new Set(named.map(keyOf));
  return [...named, ...[...values.values()].filter(change => !known.has(keyOf(change)))];
}

/** `[{"<record id>":["Phone"]}]` */
function affectedFields(source: JsonSource): FieldChange[] {
  return entriesOf(source, "affected_fields")
    .flatMap(node => source.entries(node))
    .flatMap(({ label: recordId, node }) =>
      source.entries(node).map(entry => ({ recordId, field: source.textOf(entry.node) })),
    );
}

/** `[{"record_id":"…","values":{"Phone":"555-1111"}}]` */
function affectedValues(source: JsonSource): Map<string, FieldChange> {
  const changes = new Map<string, FieldChange>();
  for (const node of entriesOf(source, "affected_values")) {
    const id = source.member(node, "record_id");
    const values = source.member(node, "values");
    if (id === undefined || values === undefined) continue;
    for (const entry of source.entries(values)) {
      const change = { recordId: source.textOf(id), field: entry.label, value: source.literal(entry.node) };
      changes.set(keyOf(change), change);
    }
  }
  return changes;
}

function entriesOf(source: JsonSource, key: string): JsonNode[] {
  const list = source.member(source.root, key);
  return list === undefined ? [] : source.entries(list).map(entry => entry.node);
}

function withValue(change: FieldChange, values: ReadonlyMap<string, FieldChange>): FieldChange {
  return values.get(keyOf(change)) ?? change;
}

function keyOf({ recordId, field }: FieldChange): string {
  return JSON.stringify([recordId, field]);
}
