import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import * as v from "valibot";
import { eventTypes } from "../../../../src/core/handlers/types/eventTypes.ts";
import { describeField } from "../../../../src/sandbox/crm/fields.ts";
import { requireModule } from "../../../../src/sandbox/crm/standardModules.ts";
import { fieldsSchema } from "../../../../src/zoho/fieldInfo.ts";

describe("the templates of handlers", () => {
  it("are written against the types that the generator makes for the sandbox's organisation", () => {
    const modules = [requireModule("Deals"), requireModule("Leads")].map(({ apiName, fields }) => ({
      apiName,
      label: apiName,
      fields: v.parse(fieldsSchema, { fields: fields.map(describeField) }).items,
    }));
    const types = eventTypes({ organization: { id: "0", name: "the local sandbox" }, modules, subforms: [] });
    const file = new URL("../../../../media/scaffold/zoho-crm-events.d.ts", import.meta.url);
    assert.equal(readFileSync(file, "utf8"), types);
  });
});
