import { type ApiError, apiError } from "../crm/apiError.ts";
import { type Module, fieldNamed } from "../crm/module.ts";
import { type JsonObject, type JsonValue, isJsonArray, isJsonObject } from "../state/json.ts";

const mostFields = 10;

/**
 * The first fault of a `notification_condition`, or undefined where it has none. `modules` are those of the events; a
 * condition names one by its name, or by name and id, which then have to agree.
 */
export function conditionFault(conditions: unknown, path: string, modules: readonly Module[]): ApiError | undefined {
  if (!isJsonArray(conditions) || !conditions.every(isJsonObject)) {
    return invalid(path, { expected_data_type: "jsonarray" });
  }
  for (const [index, condition] of conditions.entries()) {
    const fault = oneConditionFault(condition, `${path}[${index}]`, modules);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function oneConditionFault(condition: JsonObject, path: string, modules: readonly Module[]): ApiError | undefined {
  if (condition["type"] === undefined) return missing("MANDATORY_NOT_FOUND", `${path}.type`);
  if (condition["type"] !== "field_selection") {
    return invalid(`${path}.type`, { supported_values: ["field_selection"] });
  }
  const { module: given } = condition;
  const name = isJsonObject(given) ? given["api_name"] : undefined;
  if (!isJsonObject(given) || name === undefined) return missing("DEPENDENT_FIELD_MISSING", `${path}.module`);
  const module = modules.find(({ apiName }) => apiName === name);
  if (module === undefined) {
    return invalid(`${path}.module`, { supported_values: modules.map(({ apiName }) => apiName) });
  }
  if (disagrees(given["id"], module.id)) return ambiguous(`${path}.module`);
  const selection = condition["field_selection"];
  if (!isJsonObject(selection)) return missing("EXPECTED_FIELD_MISSING", `${path}.field_selection`);
  const fault = selectionFault(selection, module, `${path}.field_selection`);
  if (fault !== undefined) return fault;
  return countFields(selection) > mostFields
    ? invalid(`${path}.field_selection`, { maximum_length: mostFields })
    : undefined;
}

function selectionFault(selection: JsonObject, module: Module, path: string): ApiError | undefined {
  const { group, field, group_operator: operator } = selection;
  if (!isJsonArray(group)) return fieldFault(field, module, `${path}.field`);
  if (operator !== "and" && operator !== "or") return missing("DEPENDENT_FIELD_MISSING", `${path}.group_operator`);
  if (group.length !== 2) return invalid(`${path}.group`, { maximum_length: 2 });
  for (const [index, member] of group.entries()) {
    const where = `${path}.group[${index}]`;
    const fault = isJsonObject(member) ? selectionFault(member, module, where) : invalid(where);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function fieldFault(given: JsonValue | undefined, module: Module, path: string): ApiError | undefined {
  if (!isJsonObject(given)) return missing("EXPECTED_FIELD_MISSING", path);
  const { api_name: apiName, id } = given;
  const field = typeof apiName === "string" ? fieldNamed(module, apiName) : undefined;
  if (field === undefined) return invalid(`${path}.api_name`);
  return disagrees(id, field.id) ? ambiguous(path) : undefined;
}

function countFields(selection: JsonObject): number {
  const { group } = selection;
  if (!isJsonArray(group)) return 1;
  return group.filter(isJsonObject).reduce((sum, member) => sum + countFields(member), 0);
}

/** Whether an edit of these fields is to be told, as far as the channel's condition on that module says. */
export function conditionHolds(
  conditions: readonly JsonObject[] | null,
  module: string,
  changedFields: readonly string[],
): boolean {
  const own = (conditions ?? []).filter(({ module: named }) => isJsonObject(named) && named["api_name"] === module);
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

/** Whether an id is given beside a name, and is not that of what the name names. */
function disagrees(given: JsonValue | undefined, id: string): boolean {
  return given !== undefined && given !== null && given !== id;
}

function apiNameOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1).replace(/\[\d+\]$/, "");
}

function missing(code: string, path: string): ApiError {
  return apiError(code, "required field not found", { api_name: apiNameOf(path), json_path: path });
}

function invalid(path: string, details: JsonObject = {}): ApiError {
  return apiError("INVALID_DATA", "invalid data", { api_name: apiNameOf(path), json_path: path, ...details });
}

function ambiguous(path: string): ApiError {
  return apiError("AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request", {
    api_name: apiNameOf(path),
    json_path: path,
  });
}
