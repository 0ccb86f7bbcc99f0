import type { FieldInfo } from "../../../zoho/fieldInfo.ts";
import { stringLiteral } from "./sourceText.ts";

/** What a field's type depends on beside the field. */
export interface FieldTypeContext {
  /** API name of the module that the field is of. */
  readonly module: string;
  /** The type of a subform's rows by the API name of the subform's module; undefined: not known. */
  readonly rowType: (subformModule: string) => string | undefined;
}

/** Longer lists are of countries and the like: nobody picks a branch by them, and editors become slow. */
const mostChoices = 500;

const object = "Readonly<Record<string, unknown>>";

/** A field's values as TypeScript, such as `number | null`. Only what the CRM itself wants filled is never null. */
export function fieldType(field: FieldInfo, context: FieldTypeContext): string {
  const type = valueType(field, context);
  return field.mandatory || field.apiName === "id" ? type : `${type} | null`;
}

function valueType(field: FieldInfo, context: FieldTypeContext): string {
  if (field.apiName === "id") return `RecordId<${stringLiteral(context.module)}>`;
  switch (field.dataType) {
    case "picklist":
      return choiceType(field.choices);
    case "multiselectpicklist":
      return `readonly ${choiceType(field.choices)}[]`;
    case "lookup":
    case "multi_module_lookup":
    case "consent_lookup":
      return referenceType(field.lookupModules);
    case "ownerlookup":
    case "userlookup":
      return "UserReference";
    case "multiselectlookup":
    case "multiuserlookup":
    case "fileupload":
    case "imageupload":
      return `readonly ${object}[]`;
    case "subform":
      return `readonly ${context.rowType(field.subformModule ?? "") ?? object}[]`;
    case "formula":
    case "rollup_summary":
      return plainType(field.returnType ?? "", field.jsonType) ?? "unknown";
    default:
      return structuredType(field.jsonType) ?? plainType(field.dataType, field.jsonType) ?? "unknown";
  }
}

/** Values that the metadata knows, and any other: administrators add some, and old records keep theirs. */
function choiceType(choices: readonly string[]): string {
  const known = [...new Set(choices)];
  if (known.length === 0 || known.length > mostChoices) return "string";
  return `Open<${known.map(stringLiteral).join(" | ")}>`;
}

function referenceType(modules: readonly string[]): string {
  return modules.length === 0 ? "Reference" : `Reference<${modules.map(stringLiteral).join(" | ")}>`;
}

function structuredType(jsonType: string | undefined): string | undefined {
  if (jsonType === "jsonarray") return "readonly unknown[]";
  return jsonType === "jsonobject" ? object : undefined;
}

const plainTypes: Readonly<Record<string, string>> = {
  ...{ text: "string", textarea: "string", rich_text: "string", email: "string", phone: "string", website: "string" },
  ...{ autonumber: "string", profileimage: "string", picklist: "string", bigint: "string", long: "string" },
  ...{ date: "DateText", datetime: "DateTimeText", time: "string" },
  ...{ integer: "number", double: "number", decimal: "number", currency: "number", percent: "number" },
  boolean: "boolean",
};

const jsonTypes: Readonly<Record<string, string>> = {
  ...{ string: "string", long: "string", boolean: "boolean", integer: "number", double: "number", float: "number" },
};

function plainType(dataType: string, jsonType = ""): string | undefined {
  if (Object.hasOwn(plainTypes, dataType)) return plainTypes[dataType];
  return Object.hasOwn(jsonTypes, jsonType) ? jsonTypes[jsonType] : undefined;
}
