import { type Result, fail, succeed } from "../../base/result.ts";
import { type JsonObject, type JsonValue, isJsonObject } from "../state/json.ts";
import { type ApiError, apiError } from "./apiError.ts";
import type { Field } from "./fields.ts";
import type { Module } from "./module.ts";

export interface ValueRules {
  /** Where the item stands in the request body, such as `$.data[0]`. */
  readonly path: string;
  /** Whether fields that are mandatory must be there: on creation, but not on change. */
  readonly complete: boolean;
  readonly picklistValues: "enforce" | "accept";
  /** The display name of a record or user that a lookup names; undefined when there is none with that id. */
  readonly nameOf: (field: Field, id: string) => string | undefined;
}

/**
 * The values of a create or update item that the module knows and lets be set, in the form they are kept; or the first
 * fault. Unknown and read-only fields are ignored, as Zoho does.
 */
export function readValues(module: Module, item: JsonObject, rules: ValueRules): Result<JsonObject, ApiError> {
  const values: Record<string, JsonValue> = {};
  for (const field of module.fields) {
    const given = item[field.apiName];
    if (isMissing(field, given, rules)) return fail(mandatory(field, rules));
    if (given === undefined || field.readOnly) continue;
    const value = readValue(field, given, rules);
    if (!value.ok) return value;
    values[field.apiName] = value.value;
  }
  return succeed(withFullName(module, values));
}

function isMissing(field: Field, given: JsonValue | undefined, rules: ValueRules): boolean {
  if (!field.mandatory) return false;
  const blank = given === null || (typeof given === "string" && given.trim() === "");
  return blank || (rules.complete && given === undefined);
}

function mandatory({ apiName }: Field, { path }: ValueRules): ApiError {
  return apiError("MANDATORY_NOT_FOUND", "required field not found", {
    api_name: apiName,
    json_path: `${path}.${apiName}`,
  });
}

function readValue(field: Field, given: JsonValue, rules: ValueRules): Result<JsonValue, ApiError> {
  if (given === null) return succeed(null);
  const refuse = (details: JsonObject): Result<JsonValue, ApiError> => fail(invalidData(field, rules.path, details));
  switch (field.dataType) {
    case "lookup":
    case "ownerlookup":
      return readReference(field, given, rules);
    case "boolean":
      return typeof given === "boolean" ? succeed(given) : refuse({ expected_data_type: "boolean" });
    case "integer":
      return Number.isSafeInteger(given) ? succeed(given) : refuse({ expected_data_type: "integer" });
    case "double":
    case "currency":
      return typeof given === "number" ? succeed(given) : refuse({ expected_data_type: "double" });
    default:
      return readText(field, given, rules);
  }
}

function readText(field: Field, given: JsonValue, rules: ValueRules): Result<JsonValue, ApiError> {
  const refuse = (details: JsonObject): Result<JsonValue, ApiError> => fail(invalidData(field, rules.path, details));
  if (typeof given !== "string") return refuse({ expected_data_type: textTypes[field.dataType] ?? "string" });
  if (given.length > field.length) return refuse({ maximum_length: field.length });
  const listed = field.dataType !== "picklist" || field.pickList.includes(given) || rules.picklistValues === "accept";
  if (!listed) return refuse({ expected_data_type: "picklist", supported_values: field.pickList });
  const form = textForms[field.dataType];
  return form === undefined || form.test(given)
    ? succeed(given)
    : refuse({ expected_data_type: textTypes[field.dataType] ?? "string" });
}

const textTypes: Partial<Record<Field["dataType"], string>> = { email: "email", date: "date", datetime: "datetime" };

const textForms: Partial<Record<Field["dataType"], RegExp>> = {
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  datetime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/,
};

function readReference(field: Field, given: JsonValue, rules: ValueRules): Result<JsonValue, ApiError> {
  const id = isJsonObject(given) ? given["id"] : given;
  const name = typeof id === "string" ? rules.nameOf(field, id) : undefined;
  if (typeof id !== "string" || name === undefined) {
    return fail(invalidData(field, rules.path, {}, "the related id given seems to be invalid"));
  }
  return succeed({ name, id });
}

function invalidData({ apiName }: Field, path: string, details: JsonObject, message = "invalid data"): ApiError {
  return apiError("INVALID_DATA", message, { api_name: apiName, json_path: `${path}.${apiName}`, ...details });
}

/** People's full names follow from their parts; an update of one part is completed by the caller's old values. */
function withFullName(module: Module, values: JsonObject): JsonObject {
  return module.nameField === "Full_Name" ? { ...values, ...fullName(values) } : values;
}

/** The `Full_Name` that goes with these values; nothing when they do not tell the last name. */
export function fullName(values: JsonObject): JsonObject {
  const { First_Name: first, Last_Name: last } = values;
  if (typeof last !== "string") return {};
  return { Full_Name: typeof first === "string" && first !== "" ? `${first} ${last}` : last };
}
