import type { JsonObject } from "../state/json.ts";
import type { ItemResult } from "./apiError.ts";
import { type Module, fieldNamed } from "./module.ts";
import type { Records } from "./records.ts";
import type { User } from "./users.ts";

/** Updates each item's record where one has the same email or name, and creates the others; one result per item. */
export function upsertRecords(
  records: Records,
  module: Module,
  items: readonly JsonObject[],
  actor: User,
): readonly ItemResult[] {
  const duplicateField = fieldNamed(module, "Email") === undefined ? module.nameField : "Email";
  return items.flatMap((item, index) => {
    const existing = findDuplicate(records, module, duplicateField, item);
    const context = { actor, firstIndex: index };
    const results =
      existing === undefined
        ? records.create(module, [item], context)
        : records.update(module, [{ ...item, id: existing }], context);
    const note =
      existing === undefined
        ? { action: "insert", duplicate_field: null }
        : { action: "update", duplicate_field: duplicateField };
    return results.map(result => (result.ok ? { ok: true, success: { ...result.success, ...note } } : result));
  });
}

function findDuplicate(records: Records, module: Module, field: string, item: JsonObject): string | undefined {
  const wanted = item[field];
  if (typeof wanted !== "string" || wanted === "") return undefined;
  return records.list(module).find(({ values }) => values[field] === wanted)?.id;
}
