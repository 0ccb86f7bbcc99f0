import { type ApiError, apiError } from "../crm/apiError.ts";
import type { JsonObject } from "../state/json.ts";

/**
 * The errors that Zoho's OpenAPI file has examples of for `notification_condition`, word for word. `path` is the JSON path
 * of the member, such as `$.watch[0].notification_condition[0].type`.
 */
export const conditionErrors = {
  missing,
  invalid,
  ofWrongType: (path: string, expected_data_type: "jsonobject" | "jsonarray" | "text" | "string") =>
    invalid(path, { expected_data_type }),
  unsupported: (path: string, supported_values: readonly string[]) => invalid(path, { supported_values }),
  /** The module is not among those that the item subscribes to, or is not there at all. */
  moduleNotFound: (path: string) => apiError("INVALID_DATA", "required field not found", place(path)),
  /** In the examples the path of an id is that of the name beside it. */
  idOfWrongType: (path: string) =>
    apiError("INVALID_DATA", "invalid data", {
      api_name: "id",
      expected_data_type: "string",
      json_path: `${path}.api_name`,
    }),
  neitherNameNorId: (path: string) =>
    apiError("EXPECTED_FIELD_MISSING", "Specify atleast one field", { expected_fields: nameAndId(path) }),
  nameAndIdDisagree: (path: string) =>
    apiError("AMBIGUITY_DURING_PROCESSING", "AMBIGUITY_DURING_PROCESSING", { ambiguity_due_to: nameAndId(path) }),
  selectionMissing: (path: string, typePath: string) =>
    apiError("DEPENDENT_FIELD_MISSING", "DEPENDENT_FIELD_MISSING", { ...place(path), dependee: place(typePath) }),
  /** In the examples of this and of {@link tooManyFields} the path does not say which condition it is. */
  fieldMissing: (path: string) => missing(withoutPlaceInList(path)),
  tooManyFields: (path: string, maximum_length: number) => invalid(withoutPlaceInList(path), { maximum_length }),
} as const;

function missing(path: string): ApiError {
  return apiError("MANDATORY_NOT_FOUND", "required field not found", place(path));
}

function invalid(path: string, details: JsonObject = {}): ApiError {
  return apiError("INVALID_DATA", "invalid data", { ...place(path), ...details });
}

function place(path: string): { readonly api_name: string; readonly json_path: string } {
  return { api_name: path.slice(path.lastIndexOf(".") + 1).replace(/\[\d+\]$/, ""), json_path: path };
}

function nameAndId(path: string): JsonObject[] {
  return [place(`${path}.api_name`), place(`${path}.id`)];
}

function withoutPlaceInList(path: string): string {
  return path.replace(/(\.notification_condition)\[\d+\]/, "$1");
}
