import { type JsonObject, isJsonArray, isJsonObject } from "../state/json.ts";

/** The conditions of a channel that are about a module; null where there is none, as GET shows it. */
export function conditionsOf(conditions: readonly JsonObject[] | null, module: string): readonly JsonObject[] | null {
  const own = (conditions ?? []).filter(({ module: named }) => isJsonObject(named) && named["api_name"] === module);
  return own.length === 0 ? null : own;
}

/** Whether an edit of these fields is to be told, as far as the channel's condition on that module says. */
export function conditionHolds(
  conditions: readonly JsonObject[] | null,
  module: string,
  changedFields: readonly string[],
): boolean {
  const own = conditionsOf(conditions, module) ?? [];
  return own.every(({ field_selection: selection }) => !isJsonObject(selection) || selected(selection, changedFields));
}

function selected(selection: JsonObject, changedFields: readonly string[]): boolean {
  const { group, field, group_operator: operator } = selection;
  if (isJsonArray(group)) {
    const members = group.filter(isJsonObject);
    const holds = (member: JsonObject): boolean => selected(member, changedFields);
    return operator === "or" ? members.some(holds) : members.every(holds);
  }
  const name = isJsonObject(field) ? field["api_name"] : undefined;
  return typeof name === "string" && changedFields.includes(name);
}
