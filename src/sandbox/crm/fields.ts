import { organizationId } from "../state/idSource.ts";
import type { JsonObject } from "../state/json.ts";

export type DataType =
  | "text"
  | "textarea"
  | "email"
  | "phone"
  | "website"
  | "picklist"
  | "boolean"
  | "integer"
  | "double"
  | "currency"
  | "date"
  | "datetime"
  | "lookup"
  | "ownerlookup"
  | "bigint";

/** One field of a module. */
export interface Field {
  readonly id: string;
  readonly apiName: string;
  readonly label: string;
  readonly dataType: DataType;
  readonly length: number;
  readonly mandatory: boolean;
  /** Set by the CRM; what a client sends for it is ignored. */
  readonly readOnly: boolean;
  readonly pickList: readonly string[];
  /** The module that a lookup points to. */
  readonly lookupModule: string | undefined;
}

export interface FieldOptions {
  readonly label?: string;
  readonly mandatory?: true;
  readonly readOnly?: true;
  readonly pickList?: readonly string[];
  readonly lookupModule?: string;
}

/** A field by name and type, without its id, which depends on where it stands in its module. */
export type FieldDraft = (id: string) => Field;

/** Never 0: Zoho's SDK takes any object whose `length` is 0 for an empty answer and loses the field. */
const lengths: Readonly<Record<DataType, number>> = {
  text: 255,
  textarea: 32_000,
  email: 100,
  phone: 30,
  website: 450,
  picklist: 120,
  boolean: 5,
  integer: 9,
  double: 16,
  currency: 16,
  date: 20,
  datetime: 120,
  lookup: 50,
  ownerlookup: 120,
  bigint: 50,
};

export function field(apiName: string, dataType: DataType, options: FieldOptions = {}): FieldDraft {
  return id => ({
    id,
    apiName,
    label: options.label ?? apiName.replaceAll("_", " "),
    dataType,
    length: lengths[dataType],
    mandatory: options.mandatory ?? false,
    readOnly: options.readOnly ?? false,
    pickList: options.pickList ?? [],
    lookupModule: options.lookupModule,
  });
}

/** The fields that every record has, whatever its module. */
export const systemFields: readonly FieldDraft[] = [
  field("id", "bigint", { label: "Record Id", readOnly: true }),
  field("Owner", "ownerlookup"),
  field("Created_By", "ownerlookup", { readOnly: true }),
  field("Modified_By", "ownerlookup", { readOnly: true }),
  field("Created_Time", "datetime", { readOnly: true }),
  field("Modified_Time", "datetime", { readOnly: true }),
  field("Tag", "text", { readOnly: true }),
];

/** How `/settings/fields` shows a field. */
export function describeField(shown: Field): JsonObject {
  return {
    id: shown.id,
    api_name: shown.apiName,
    field_label: shown.label,
    display_label: shown.label,
    data_type: shown.dataType,
    json_type: jsonTypes[shown.dataType] ?? "string",
    length: shown.length,
    system_mandatory: shown.mandatory,
    read_only: shown.readOnly,
    field_read_only: shown.readOnly,
    custom_field: false,
    visible: true,
    webhook: true,
    searchable: true,
    type: "used",
    ui_type: 1,
    created_source: "default",
    display_type: -1,
    operation_type: {
      web_update: !shown.readOnly,
      api_create: !shown.readOnly,
      web_create: !shown.readOnly,
      api_update: !shown.readOnly,
    },
    view_type: { view: true, edit: !shown.readOnly, quick_create: shown.mandatory, create: !shown.readOnly },
    lookup: describeLookup(shown),
    pick_list_values: shown.pickList.map(describePickListValue),
    unique: {},
    profiles: [],
  };
}

const jsonTypes: Partial<Record<DataType, string>> = {
  boolean: "boolean",
  integer: "integer",
  double: "double",
  currency: "double",
  lookup: "jsonobject",
  ownerlookup: "jsonobject",
};

function describeLookup({ lookupModule, id }: Field): JsonObject {
  if (lookupModule === undefined) return {};
  return { module: { api_name: lookupModule, id }, display_label: lookupModule, api_name: lookupModule, id };
}

function describePickListValue(value: string, index: number): JsonObject {
  return {
    id: organizationId(3400 + index),
    display_value: value,
    actual_value: value,
    reference_value: value,
    sequence_number: index + 1,
    type: "used",
  };
}
