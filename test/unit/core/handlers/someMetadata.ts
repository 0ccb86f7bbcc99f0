import type { EventTypesInput, ModuleMetadata } from "../../../../src/core/handlers/types/eventTypes.ts";
import type { FieldInfo } from "../../../../src/zoho/fieldInfo.ts";

/** A field as the client reads it. */
export function aField(apiName: string, dataType: string, changes: Partial<FieldInfo> = {}): FieldInfo {
  const name = { id: "1", apiName, label: apiName.replaceAll("_", " "), dataType };
  return { ...name, mandatory: false, readOnly: false, custom: false, choices: [], lookupModules: [], ...changes };
}

export function aModule(apiName: string, fields: readonly FieldInfo[]): ModuleMetadata {
  return { apiName, label: apiName.replaceAll("_", " "), fields };
}

/** Deals and site visits of an agency, with a field of every kind that Zoho has. */
export const agency: EventTypesInput = {
  organization: { id: "6756839000000012345", name: "Harbourline Homes" },
  modules: [
    aModule("Deals", [
      aField("id", "bigint", { readOnly: true }),
      aField("Deal_Name", "text", { mandatory: true }),
      aField("Stage", "picklist", {
        mandatory: true,
        choices: ["Qualification", "Site Visit Scheduled", "Closed Won"],
      }),
      aField("Amount", "currency"),
      aField("Probability", "integer"),
      aField("Closing_Date", "date"),
      aField("Account_Name", "lookup", { lookupModules: ["Accounts"] }),
      aField("Owner", "ownerlookup"),
      aField("Interests", "multiselectpicklist", { choices: ["Garden", "Lift"], custom: true }),
      aField("Viewings", "subform", { subformModule: "Viewings_1" }),
      aField("Hidden_Rows", "subform", { subformModule: "Not_Readable" }),
      aField("Partners", "multiselectlookup", { jsonType: "jsonarray" }),
      aField("Yield", "formula", { returnType: "currency", readOnly: true }),
      aField("Plans", "fileupload", { jsonType: "jsonarray" }),
      aField("Tag", "text", { jsonType: "jsonarray" }),
      aField("What_Id", "multi_module_lookup", { lookupModules: ["Accounts", "Deals"] }),
      aField("Odd", "of_the_future"),
      aField("Country", "picklist", { choices: Array.from({ length: 600 }, (_, index) => `Country ${index}`) }),
    ]),
    aModule("Site_Visits", [aField("id", "bigint"), aField("Name", "text"), aField("Done", "boolean")]),
  ],
  subforms: [aModule("Viewings_1", [aField("id", "bigint"), aField("Visitor", "text"), aField("Rating", "integer")])],
};
