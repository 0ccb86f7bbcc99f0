import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";
import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";

const type = "field_selection";
const module = { api_name: "Leads" };
const field = { field: { api_name: "Phone" } };
const whole = { type, module, field_selection: field };
const group = [field, field];
const leadsId = "6756839000000002175";
const foreignId = "554023000000000125";

const list = "$.watch[0].notification_condition";
const place = (path: string): object => ({ api_name: path.slice(path.lastIndexOf(".") + 1), json_path: path });

/** Fields in groups of two, nested as deep as it takes. */
function nested(count: number): object {
  return Array.from({ length: count - 1 }).reduce<object>(
    inner => ({ group_operator: "or", group: [field, inner] }),
    field,
  );
}

/** The examples of Zoho's OpenAPI file (v8.0/notifications, POST, status 400), word for word; the title says which. */
const examples: readonly (readonly [
  title: string,
  condition: unknown,
  code: string,
  message: string,
  details: object,
])[] = [
  ["InvalidNotificationConditionDataType", whole, "INVALID_DATA", "invalid data", place(list)],
  [
    "RequestFieldModuleNotAvailableInNotificationCondition",
    [{ ...whole, module: { api_name: "Deals" } }],
    "INVALID_DATA",
    "required field not found",
    place(`${list}[0].module`),
  ],
  [
    "InvalidDataTypeForModuleInNotificationCondition",
    [{ ...whole, module: "Leads" }],
    "INVALID_DATA",
    "invalid data",
    { ...place(`${list}[0].module`), expected_data_type: "jsonobject" },
  ],
  [
    "InvalidDataTypeForApiNameInModuleOfNotificationCondition",
    [{ ...whole, module: { api_name: 7 } }],
    "INVALID_DATA",
    "invalid data",
    { ...place(`${list}[0].module.api_name`), expected_data_type: "string" },
  ],
  [
    "InvalidDataTypeForIdInModuleOfNotificationCondition",
    [{ ...whole, module: { id: true } }],
    "INVALID_DATA",
    "invalid data",
    { api_name: "id", expected_data_type: "string", json_path: `${list}[0].module.api_name` },
  ],
  [
    "BothApiNameAndIdIsMissingInModuleOfNotificationCondition",
    [{ ...whole, module: {} }],
    "EXPECTED_FIELD_MISSING",
    "Specify atleast one field",
    { expected_fields: [place(`${list}[0].module.api_name`), place(`${list}[0].module.id`)] },
  ],
  [
    "AmbiguityWhileProcessingModuleApiNameAndIdInNotificationCondition",
    [{ ...whole, module: { ...module, id: foreignId } }],
    "AMBIGUITY_DURING_PROCESSING",
    "AMBIGUITY_DURING_PROCESSING",
    { ambiguity_due_to: [place(`${list}[0].module.api_name`), place(`${list}[0].module.id`)] },
  ],
  [
    "DependentFieldMissingInModuleOfNotificationCondition",
    [{ type, module }],
    "DEPENDENT_FIELD_MISSING",
    "DEPENDENT_FIELD_MISSING",
    { ...place(`${list}[0].field_selection`), dependee: place(`${list}[0].type`) },
  ],
  [
    "InvalidDataTypeForFieldSelection",
    [{ ...whole, field_selection: "Phone" }],
    "INVALID_DATA",
    "invalid data",
    { ...place(`${list}[0].field_selection`), expected_data_type: "jsonobject" },
  ],
  [
    "MandatoryGroupOperatorNotFound",
    [{ ...whole, field_selection: { group } }],
    "MANDATORY_NOT_FOUND",
    "required field not found",
    place(`${list}[0].field_selection.group_operator`),
  ],
  [
    "InvalidDataTypeForGroupOperator",
    [{ ...whole, field_selection: { group, group_operator: 1 } }],
    "INVALID_DATA",
    "invalid data",
    { ...place(`${list}[0].field_selection.group_operator`), expected_data_type: "text" },
  ],
  [
    "UnsupportedValueForGroupOperator",
    [{ ...whole, field_selection: { group, group_operator: "xor" } }],
    "INVALID_DATA",
    "invalid data",
    { ...place(`${list}[0].field_selection.group_operator`), supported_values: ["or", "and"] },
  ],
  [
    "MandatoryFieldOrGroupNotFound",
    [{ ...whole, field_selection: {} }],
    "MANDATORY_NOT_FOUND",
    "required field not found",
    place(`${list}.field_selection.field`),
  ],
  [
    "NotificationCriteriaLimitExceeded",
    [{ ...whole, field_selection: nested(11) }],
    "INVALID_DATA",
    "invalid data",
    { ...place(`${list}.field_selection`), maximum_length: 10 },
  ],
  [
    "MandatoryTypeNotFound",
    [{ ...whole, type: undefined }],
    "MANDATORY_NOT_FOUND",
    "required field not found",
    place(`${list}[0].type`),
  ],
  [
    "InvalidDataTypeForType",
    [{ ...whole, type: 1 }],
    "INVALID_DATA",
    "invalid data",
    { ...place(`${list}[0].type`), expected_data_type: "text" },
  ],
  [
    "UnsupportedValueForType",
    [{ ...whole, type: "criteria" }],
    "INVALID_DATA",
    "invalid data",
    { ...place(`${list}[0].type`), supported_values: ["field_selection"] },
  ],
];

/** What the documents have no example of: the same codes, for the sisters of what they have. */
const sisters: readonly (readonly [condition: unknown, code: string, apiName: unknown])[] = [
  ["Leads", "INVALID_DATA", "notification_condition"],
  [{ ...whole, module: undefined }, "INVALID_DATA", "module"],
  [{ ...whole, module: { id: foreignId } }, "INVALID_DATA", "module"],
  [{ ...whole, field_selection: { field: "Phone" } }, "INVALID_DATA", "field"],
  [{ ...whole, field_selection: { field: {} } }, "EXPECTED_FIELD_MISSING", undefined],
  [{ ...whole, field_selection: { field: { api_name: "Wings" } } }, "INVALID_DATA", "api_name"],
  [
    { ...whole, field_selection: { field: { api_name: "Phone", id: foreignId } } },
    "AMBIGUITY_DURING_PROCESSING",
    undefined,
  ],
  [{ ...whole, field_selection: { group: field, group_operator: "or" } }, "INVALID_DATA", "group"],
  [{ ...whole, field_selection: { group: [field], group_operator: "or" } }, "INVALID_DATA", "group"],
  [{ ...whole, field_selection: { group: [field, {}], group_operator: "or" } }, "MANDATORY_NOT_FOUND", "field"],
  [{ ...whole, field_selection: { group: [field, "Phone"], group_operator: "or" } }, "INVALID_DATA", "group"],
];

describe("conditions on the wire", () => {
  for (const [title, condition, code, message, details] of examples) {
    it(`are refused as in Zoho's example ${title}`, async test => {
      const { result, status } = await post(await setUp(test), condition);
      assert.deepEqual([status, result], [400, { code, details, message, status: "error" }]);
    });
  }

  it("are refused with the same codes for what the documents have no example of", async test => {
    const zoho = await setUp(test);
    for (const [condition, code, apiName] of sisters) {
      const { status, result } = await post(zoho, [condition]);
      const told = [status, at(result, "code"), at(result, "details", "api_name")];
      assert.deepEqual(told, [400, code, apiName], JSON.stringify(condition));
    }
  });

  it("may have ten fields, and may name modules and fields by name, by id, or by both", async test => {
    const zoho = await setUp(test);
    const fields = itemsOf(await zoho.call("GET", "settings/fields?module=Leads"), "fields");
    const phone = fields.find(each => at(each, "api_name") === "Phone");
    const id = at(phone, "id");
    const accepted = [
      { ...whole, field_selection: nested(10) },
      { ...whole, module: { id: leadsId }, field_selection: { field: { id } } },
      { ...whole, module: { ...module, id: leadsId }, field_selection: { field: { api_name: "Phone", id } } },
    ];
    for (const condition of accepted) {
      const { status } = await post(zoho, [condition]);
      assert.equal(status, 201, JSON.stringify(condition));
    }
    const listed = itemsOf(await zoho.call("GET", "actions/watch"), "watch")[0];
    assert.deepEqual(at(listed, "notification_condition", 0), {
      type,
      module: { ...module, id: leadsId },
      field_selection: { field: { api_name: "Phone", id }, group_operator: null, group: null },
    });
  });

  it("may carry ids of another organisation where that is switched, but none of this one that disagrees", async test => {
    const zoho = await setUp(test, { foreignConditionIds: "accept" });
    const foreign = {
      ...whole,
      module: { ...module, id: foreignId },
      field_selection: { field: { api_name: "Phone", id: foreignId } },
    };
    assert.equal((await post(zoho, [foreign])).status, 201);
    const dealsId = "6756839000000002181";
    const { result } = await post(zoho, [{ ...whole, module: { ...module, id: dealsId } }]);
    assert.equal(at(result, "code"), "AMBIGUITY_DURING_PROCESSING");
  });

  it("are ignored before version 6, which does not know them", async test => {
    const zoho = await setUp(test);
    const item = { channel_id: "1", events: ["Leads.edit"], notify_url: "http://127.0.0.1:9/in" };
    assert.equal((await zoho.watch("POST", { ...item, notification_condition: "?" }, 5)).status, 201);
  });
});

async function setUp(test: TestContext, behaviour: SandboxOptions["behaviour"] = {}): Promise<RawZoho> {
  return RawZoho.signIn((await startSandbox(test, { behaviour })).url);
}

async function post(zoho: RawZoho, notification_condition: unknown): Promise<{ status: number; result: unknown }> {
  const events = ["Leads.edit", "Contacts.edit"];
  return zoho.watch("POST", { channel_id: "1", events, notify_url: "http://127.0.0.1:9/in", notification_condition });
}
