import * as v from "valibot";
import { present } from "./present.ts";
import { listOf } from "./readItems.ts";
import { idSchema, looseText, optionalPart, plainFlag } from "./wire.ts";

/** A field of a module (`GET /settings/fields`). */
export interface FieldInfo {
  readonly id?: string;
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

const moduleSchema = v.object({ api_name: v.string() });

/** Those of the choices that can be read: others cannot be chosen. */
const choicesSchema = v.fallback(
  v.pipe(
    v.array(v.unknown()),
    v.transform(values => values.filter(isChoice).map(({ actual_value }) => actual_value)),
  ),
  [],
);

const choiceSchema = v.object({ actual_value: v.string() });

function isChoice(value: unknown): value is v.InferOutput<typeof choiceSchema> {
  return v.is(choiceSchema, value);
}

/** What is said in an object of its own is empty or missing for fields of other types. */
const fieldSchema = v.object({
  id: optionalPart(idSchema),
  api_name: v.pipe(v.string(), v.nonEmpty()),
  field_label: looseText,
  data_type: looseText,
  json_type: looseText,
  system_mandatory: plainFlag,
  read_only: plainFlag,
  field_read_only: plainFlag,
  custom_field: plainFlag,
  length: optionalPart(v.number()),
  pick_list_values: choicesSchema,
  lookup: optionalPart(v.object({ module: moduleSchema })),
  multi_module_lookup: optionalPart(v.object({ modules: v.array(moduleSchema) })),
  multiselectlookup: optionalPart(v.object({ connected_details: v.object({ module: moduleSchema }) })),
  associated_module: optionalPart(moduleSchema),
  subform: optionalPart(v.object({ module: v.string() })),
  formula: optionalPart(v.object({ return_type: v.string() })),
  rollup_summary: optionalPart(v.object({ return_type: v.string() })),
});
type FieldWire = v.InferOutput<typeof fieldSchema>;

/** The fields of an answer. */
export const fieldsSchema = listOf("fields", v.pipe(fieldSchema, v.transform(toFieldInfo)));

function toFieldInfo(field: FieldWire): FieldInfo {
  const returnType = field.formula?.return_type ?? field.rollup_summary?.return_type;
  const subformModule = field.associated_module?.api_name ?? field.subform?.module;
  return {
    apiName: field.api_name,
    label: field.field_label ?? field.api_name,
    dataType: field.data_type ?? "text",
    mandatory: field.system_mandatory,
    readOnly: field.read_only || field.field_read_only,
    custom: field.custom_field,
    choices: field.pick_list_values.filter(value => value !== "-None-"),
    lookupModules: lookupModulesOf(field),
    ...present("id", field.id),
    ...present("jsonType", field.json_type),
    ...present("longest", field.length),
    ...present("returnType", returnType),
    ...present("subformModule", subformModule),
  };
}

function lookupModulesOf({ lookup, multiselectlookup, multi_module_lookup: many }: FieldWire): string[] {
  const modules = [lookup?.module, multiselectlookup?.connected_details.module, ...(many?.modules ?? [])];
  return [...new Set(modules.flatMap(module => module?.api_name ?? []))];
}
