import * as v from "valibot";
import { idSchema, optionalText } from "./wire.ts";

/** A field of a module (`GET /settings/fields`). */
export interface FieldInfo {
  readonly id: string;
  readonly apiName: string;
  readonly label: string;
  /** Zoho's `data_type`: "text", "picklist", "ownerlookup"… */
  readonly dataType: string;
  /** Zoho's `json_type`: "string", "jsonobject"… */
  readonly jsonType?: string;
  /** What a formula or a roll-up gives, as a data type. */
  readonly returnType?: string;
  /** The CRM itself wants a value in it; a layout may want more. */
  readonly mandatory: boolean;
  readonly readOnly: boolean;
  readonly custom: boolean;
  /** The longest text, in characters. */
  readonly longest?: number;
  /** The values of a picklist as the API gives and takes them, in the order of the organisation. */
  readonly choices: readonly string[];
  /** API names of the modules whose records a lookup can name. */
  readonly lookupModules: readonly string[];
  /** API name of the module that holds the rows of a subform. */
  readonly subformModule?: string;
}

const flag = v.fallback(v.boolean(), false);
const looseText = v.fallback(optionalText, undefined);

/** What is said in an object of its own, which is empty or missing for fields of other types. */
function part<T>(schema: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T | undefined> {
  return v.fallback(v.optional(schema), undefined);
}

const moduleSchema = v.object({ api_name: v.string() });

const fieldSchema = v.object({
  id: idSchema,
  api_name: v.string(),
  field_label: optionalText,
  data_type: optionalText,
  json_type: looseText,
  system_mandatory: flag,
  read_only: flag,
  field_read_only: flag,
  custom_field: flag,
  length: part(v.number()),
  pick_list_values: v.fallback(v.optional(v.array(v.object({ actual_value: v.string() })), []), []),
  lookup: part(v.object({ module: moduleSchema })),
  multi_module_lookup: part(v.object({ modules: v.array(moduleSchema) })),
  multiselectlookup: part(v.object({ connected_details: v.object({ module: moduleSchema }) })),
  associated_module: part(moduleSchema),
  subform: part(v.object({ module: v.string() })),
  formula: part(v.object({ return_type: v.string() })),
  rollup_summary: part(v.object({ return_type: v.string() })),
});
type FieldWire = v.InferOutput<typeof fieldSchema>;

export const fieldsSchema = v.pipe(
  v.object({ fields: v.array(fieldSchema) }),
  v.transform(({ fields }): readonly FieldInfo[] => fields.map(toFieldInfo)),
);

function toFieldInfo(field: FieldWire): FieldInfo {
  const returnType = field.formula?.return_type ?? field.rollup_summary?.return_type;
  const subformModule = field.associated_module?.api_name ?? field.subform?.module;
  return {
    id: field.id,
    apiName: field.api_name,
    label: field.field_label ?? field.api_name,
    dataType: field.data_type ?? "text",
    mandatory: field.system_mandatory,
    readOnly: field.read_only || field.field_read_only,
    custom: field.custom_field,
    choices: field.pick_list_values.map(({ actual_value }) => actual_value).filter(value => value !== "-None-"),
    lookupModules: lookupModulesOf(field),
    ...(field.json_type === undefined ? {} : { jsonType: field.json_type }),
    ...(field.length === undefined ? {} : { longest: field.length }),
    ...(returnType === undefined ? {} : { returnType }),
    ...(subformModule === undefined ? {} : { subformModule }),
  };
}

function lookupModulesOf({ lookup, multiselectlookup, multi_module_lookup: many }: FieldWire): string[] {
  const modules = [lookup?.module, multiselectlookup?.connected_details.module, ...(many?.modules ?? [])];
  return [...new Set(modules.flatMap(module => module?.api_name ?? []))];
}
