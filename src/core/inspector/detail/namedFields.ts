import type { JsonNode, JsonSource } from "../../../base/jsonSource.ts";

/** A field of a record that a notification names; `value` is its new value as JSON text, where the body tells it. */
export interface NamedField {
  readonly recordId: string;
  readonly field: string;
  readonly value?: string;
}

/** More fields than this are left to the tree. */
export const mostNamedFields = 5_000;

/**
 * The changed fields of the records of a notification, from its `affected_fields` and `affected_values`. Read from the
 * text itself, so that numbers keep their digits.
 */
export function namedFields(source: JsonSource): NamedField[] {
  const values = affectedValues(source);
  const named = affectedFields(source).map(field => values.get(keyOf(field)) ?? field);
  const known = new Set(named.map(keyOf));
  return [...named, ...[...values.values()].filter(field => !known.has(keyOf(field)))].slice(0, mostNamedFields);
}

/** The name of the user who made the change: the value of the first of these fields that the body tells. */
export function actorNamed(source: JsonSource): string | undefined {
  const records = childrenOf(source, source.member(source.root, "affected_values"));
  for (const field of ["Modified_By", "Created_By"]) {
    for (const record of records) {
      const name = source.member(source.member(source.member(record, "values"), field), "name");
      if (name !== undefined && source.kindOf(name) === "string") return source.textOf(name);
    }
  }
  return undefined;
}

/** `[{"<record id>":["Phone"]}]` */
function affectedFields(source: JsonSource): NamedField[] {
  const named: NamedField[] = [];
  for (const entry of childrenOf(source, source.member(source.root, "affected_fields"))) {
    for (const fields of childrenOf(source, entry)) {
      const recordId = source.keyOf(fields);
      if (recordId === undefined) continue;
      for (const field of childrenOf(source, fields)) named.push({ recordId, field: source.textOf(field) });
    }
  }
  return named;
}

/** `[{"record_id":"…","values":{"Phone":"555-1111"}}]` */
function affectedValues(source: JsonSource): Map<string, NamedField> {
  const values = new Map<string, NamedField>();
  for (const entry of childrenOf(source, source.member(source.root, "affected_values"))) {
    const id = source.member(entry, "record_id");
    if (id === undefined) continue;
    for (const field of valuesIn(source, source.textOf(id), source.member(entry, "values")))
      values.set(keyOf(field), field);
  }
  return values;
}

/** The members of an object as the values of fields. */
export function valuesIn(source: JsonSource, recordId: string, values: JsonNode | undefined): NamedField[] {
  return childrenOf(source, values).flatMap(node => {
    const field = source.keyOf(node);
    return field === undefined ? [] : [{ recordId, field, value: source.literal(node) }];
  });
}

function childrenOf(source: JsonSource, node: JsonNode | undefined): JsonNode[] {
  if (node === undefined) return [];
  const children: JsonNode[] = [];
  for (const child of source.children(node)) {
    children.push(child);
    if (children.length === mostNamedFields) break;
  }
  return children;
}

function keyOf({ recordId, field }: NamedField): string {
  return JSON.stringify([recordId, field]);
}
