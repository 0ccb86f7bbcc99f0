import type { CrmRecord } from "../crm/record.ts";
import type { Module } from "../crm/module.ts";
import type { ModuleCatalog } from "../crm/moduleCatalog.ts";
import type { RecordChange, Records } from "../crm/records.ts";
import { isJsonObject } from "../state/json.ts";

/**
 * The records that the changed ones point to, or pointed to before: each as an edit in which no field changed, grouped by
 * module. A channel hears of them unless its `notify_on_related_action` is false.
 */
export function relatedChanges(
  changes: readonly RecordChange[],
  catalog: ModuleCatalog,
  records: Records,
): readonly (readonly RecordChange[])[] {
  const byRecord = new Map(
    changes.flatMap(change => parentsOf(change, catalog, records)).map(change => [change.recordId, change]),
  );
  return [...Map.groupBy(byRecord.values(), ({ module }) => module.apiName).values()];
}

function parentsOf(change: RecordChange, catalog: ModuleCatalog, records: Records): readonly RecordChange[] {
  const { module, record, before, actor } = change;
  return module.fields.flatMap(field => {
    const target = field.lookupModule === undefined ? undefined : catalog.named(field.lookupModule);
    if (target === undefined) return [];
    const ids = new Set([referencedId(record, field.apiName), referencedId(before, field.apiName)]);
    return [...ids].flatMap(id => {
      const parent = id === undefined ? undefined : records.get(target, id);
      return parent === undefined ? [] : [touched(target, parent, actor)];
    });
  });
}

function referencedId(record: CrmRecord | undefined, field: string): string | undefined {
  const reference = record?.values[field];
  const id = isJsonObject(reference) ? reference["id"] : undefined;
  return typeof id === "string" ? id : undefined;
}

function touched(module: Module, record: CrmRecord, actor: RecordChange["actor"]): RecordChange {
  return { module, operation: "update", recordId: record.id, changed: {}, actor, record, before: record };
}
