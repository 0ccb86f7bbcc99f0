import assert from "node:assert/strict";
import * as sdk8 from "@zohocrm/nodejs-sdk-8.0";
import type { ZohoSdk } from "./zohoSdks.ts";

/** Values of a lead's fields by API name. */
export type LeadFields = Readonly<Record<string, string>>;

/** Creates a lead through the SDK that is signed in in this process; gives its id. */
export async function createLead(fields: LeadFields, sdk: ZohoSdk = sdk8): Promise<string> {
  return succeeded(sdk, await leads(sdk).createRecords(recordsBody(fields, sdk)));
}

export async function updateLead(id: string, fields: LeadFields, sdk: ZohoSdk = sdk8): Promise<string> {
  return succeeded(sdk, await leads(sdk).updateRecord(BigInt(id), recordsBody(fields, sdk)));
}

export async function deleteLead(id: string, sdk: ZohoSdk = sdk8): Promise<string> {
  return succeeded(sdk, await leads(sdk).deleteRecord(BigInt(id)));
}

function leads(sdk: ZohoSdk): sdk8.Record.RecordOperations {
  return new sdk.Record.RecordOperations("Leads");
}

/** Fields that the SDK wants as choices, since they are picklists. */
const picklists = ["Lead_Source", "Lead_Status", "Rating"];

/** The body of a write of one record. */
export function recordsBody(fields: LeadFields, sdk: ZohoSdk = sdk8): sdk8.Record.BodyWrapper {
  const record = new sdk.Record.Record();
  for (const [name, value] of Object.entries(fields)) {
    record.addKeyValue(name, picklists.includes(name) ? new sdk.Choice(value) : value);
  }
  const wrapper = new sdk.Record.BodyWrapper();
  wrapper.setData([record]);
  return wrapper;
}

/** The id in the one result of a write; fails the test with the SDK's own words when it is an error. */
function succeeded(sdk: ZohoSdk, response: sdk8.APIResponse): string {
  const answer = response.getObject();
  assert.ok(answer instanceof sdk.Record.ActionWrapper, `the SDK read ${String(answer?.constructor.name)}`);
  const [result] = answer.getData();
  assert.ok(
    result instanceof sdk.Record.SuccessResponse,
    `the SDK read the error ${result?.getCode().getValue() ?? ""}`,
  );
  return String(result.getDetails().get("id"));
}
