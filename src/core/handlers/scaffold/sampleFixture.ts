import { tokenPlaceholder } from "../../../zoho/channelToken.ts";
import type { FieldInfo } from "../../../zoho/fieldInfo.ts";
import type { ModuleMetadata } from "../types/eventTypes.ts";
import type { HandlerPlan } from "./handlerPlan.ts";

const recordId = "6756839000000575405";
/** For a handler without a subscription yet: larger than a double holds, as real ones are. */
const anyChannel = "2305843009213693953";

/** A fixture of an event that the handler is for. Where the token belongs it leaves room for one. */
export function sampleFixture({ sample, modules, tokens, now }: HandlerPlan): string {
  const { module, field, value } = sample === "siteVisits" ? siteVisit : aChange(modules);
  const [channel = anyChannel] = tokens.keys();
  const json = {
    server_time: now,
    affected_values: [{ record_id: recordId, values: { [field]: value } }],
    query_params: {},
    module,
    resource_uri: `https://www.zohoapis.com/crm/v2/${encodeURIComponent(module)}`,
    ids: [recordId],
    affected_fields: [{ [recordId]: [field] }],
    operation: "update",
    channel_id: channel,
    token: tokenPlaceholder,
  };
  const fixture = {
    description: sample === "siteVisits" ? "A deal moves to the stage of a site visit" : `${module}: ${field} changes`,
    request: { method: "POST", headers: { "content-type": "application/json" }, json },
    expect: { status: "2xx" },
  };
  return `${JSON.stringify(fixture, null, 2)}\n`;
}

interface Change {
  readonly module: string;
  readonly field: string;
  readonly value: unknown;
}

const siteVisit: Change = { module: "Deals", field: "Stage", value: "Site Visit Scheduled" };

/** A change that people make: of a picklist if there is one, else of a text. */
function aChange([first]: readonly ModuleMetadata[]): Change {
  const fields = first?.fields.filter(field => !field.readOnly && !field.apiName.startsWith("__")) ?? [];
  const field = fields.find(({ choices }) => choices.length > 0) ?? fields.find(({ dataType }) => dataType === "text");
  return { module: first?.apiName ?? "Leads", field: field?.apiName ?? "Description", value: valueOf(field) };
}

function valueOf(field: FieldInfo | undefined): unknown {
  const [choice = "A new text"] = field?.choices ?? [];
  return field?.dataType === "multiselectpicklist" ? [choice] : choice;
}
