import type { JsonNode, JsonSource } from "../../../base/jsonSource.ts";
import type { RecordChange } from "../../../zoho/notification.ts";

/** A field of a record that a notification names; `value` is its new value as JSON text, where the body tells it. */
export interface NamedField {
  readonly recordId: string;
  readonly field: string;
  readonly value?: string;
}

/** More fields than this are left to the tree. */
export const mostNamedFields = 5_000;

/**
 * The changed fields of the records of a notification, as they were read. Their values come from the text itself, so that
 * numbers keep their digits.
 */
export function namedFields(source: JsonSource, changes: readonly RecordChange[]): NamedField[] {
  const values = affectedValues(source);
  return changes
    .flatMap(({ recordId, fields }) => fields.map(field => ({ recordId, field })))
    .slice(0, mostNamedFields)
    .map(field => values.get(keyOf(field)) ?? field);
}

/** The name of the user who made the change: the value of the first of these fields that the body tells. */
export function actorNamed(source: JsonSource): string | undefined {
  const records = itemsOf(source, source.member(source.root, "affected_values"));
  for (const field of ["Modified_By", "Created_By"]) {
    for (const record of records) {
      const name = source.member(source.member(source.member(record, "values"), field), "name");
      if (name !== undefined && source.kindOf(name) === "string") return source.textOf(name);
    }
  }
  return undefined;
}

/** `[{"record_id":"…","values":{"Phone":"555-1111"}}]` */
function affectedValues(source: JsonSource): Map<string, NamedField> {
  const values = new Map<string, NamedField>();
  for (const entry of itemsOf(source, source.member(source.root, "affected_values"))) {
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

/** What a list holds; a value without a list around it is a list of one. */
function itemsOf(source: JsonSource, node: JsonNode | undefined): JsonNode[] {
  if (node === undefined) return [];
  return source.kindOf(node) === "array" ? childrenOf(source, node) : [node];
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
