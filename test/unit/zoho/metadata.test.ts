import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeardShapes, aClient } from "./aClient.ts";
import { ScriptedTransport, errorOf, reply, valueOf } from "./scriptedTransport.ts";

const leads = { id: "1", api_name: "Leads", plural_label: "Leads", api_supported: true, creatable: true };

describe("the modules of an organisation", () => {
  it("are told beside those that cannot be read, which are counted and whose form is noted", async () => {
    const shapes = new HeardShapes();
    const odd = [{ ...leads, api_name: null }, null, { id: "3" }];
    const transport = new ScriptedTransport(reply(200, { modules: [odd[0], leads, odd[1], odd[2]] }));
    const { items, unreadable } = valueOf(await aClient(transport, { shapes }).modules());
    assert.deepEqual([items.map(({ apiName }) => apiName), unreadable], [["Leads"], 3]);
    assert.deepEqual(
      shapes.heard,
      odd.map(item => ["GET /settings/modules", item]),
    );
  });

  it("are not had where Zoho's error stands in their place, whatever the status", async () => {
    const error = { code: "INTERNAL_ERROR", details: {}, message: "", status: "error" };
    const transport = new ScriptedTransport(reply(200, { modules: [error] }), reply(200, { org: [error] }));
    const client = aClient(transport);
    assert.equal(errorOf(await client.modules()).code, "INTERNAL_ERROR");
    assert.equal(errorOf(await client.organization()).code, "INTERNAL_ERROR");
  });

  it("need no more than a name", async () => {
    const bare = { api_name: "Visits", id: null, plural_label: 7, creatable: "true", editable: null, deletable: 1 };
    const transport = new ScriptedTransport(reply(200, { modules: [bare] }));
    assert.deepEqual(valueOf(await aClient(transport).modules()).items, [
      {
        ...{ apiName: "Visits", singularLabel: "Visits", pluralLabel: "Visits", generatedType: "default" },
        ...{ apiSupported: false, creatable: true, editable: false, deletable: false },
      },
    ]);
  });
});

describe("the fields of a module", () => {
  it("are told beside those that cannot be read, each with what can be read of it", async () => {
    const shapes = new HeardShapes();
    const choices = [{ actual_value: "-None-" }, { actual_value: "Hot" }, { display_value: "Cold" }, null];
    const fields = [
      { id: "1", api_name: "Stage", data_type: "picklist", pick_list_values: choices, length: null, lookup: {} },
      { api_name: "Owner", data_type: "ownerlookup", pick_list_values: null, lookup: { module: null } },
      { id: "3" },
    ];
    const transport = new ScriptedTransport(reply(200, { fields }));
    const { items, unreadable } = valueOf(await aClient(transport, { shapes }).fields("Leads"));
    assert.deepEqual(
      items.map(({ id, apiName, choices: values }) => [id, apiName, values]),
      [
        ["1", "Stage", ["Hot"]],
        [undefined, "Owner", []],
      ],
    );
    assert.equal(unreadable, 1);
    assert.deepEqual(shapes.heard, [["GET /settings/fields", { id: "3" }]]);
  });
});

describe("an answer about the organisation", () => {
  it("is empty for modules and fields where there are none, also as null", async () => {
    for (const step of [reply(204, ""), reply(200, { modules: null, fields: null })]) {
      const client = aClient(new ScriptedTransport(step, step));
      assert.deepEqual(valueOf(await client.modules()), { items: [], unreadable: 0 });
      assert.deepEqual(valueOf(await client.fields("Leads")), { items: [], unreadable: 0 });
    }
  });

  it("says that the sign-in belongs to nobody of the CRM where there is no organisation or user", async () => {
    for (const step of [reply(204, ""), reply(200, { org: [], users: [] })]) {
      const client = aClient(new ScriptedTransport(step, step));
      const problems = [errorOf(await client.organization()), errorOf(await client.currentUser())];
      for (const { code, remedy, message } of problems) {
        assert.deepEqual([code, remedy], ["NO_CONTENT", "sign-in"]);
        assert.match(message, /^Zoho CRM has no user and no organisation for this sign-in\./);
      }
    }
  });

  it("is of the first that can be read", async () => {
    const shapes = new HeardShapes();
    const transport = new ScriptedTransport(
      reply(200, { org: [{ id: null }, { id: "3", company_name: 7, type: null, license_details: [] }] }),
      reply(200, { users: [null, { id: 4, full_name: null, email: "ines@example.com" }] }),
    );
    const client = aClient(transport, { shapes });
    assert.deepEqual(valueOf(await client.organization()), { id: "3", name: "Organisation 3", type: "Production" });
    const user = { id: "4", name: "ines@example.com", email: "ines@example.com" };
    assert.deepEqual(valueOf(await client.currentUser()), user);
    assert.deepEqual(shapes.heard, [
      ["GET /org", { id: null }],
      ["GET /users", null],
    ]);
  });

  it("is not one of Zoho's where none can be read", async () => {
    const transport = new ScriptedTransport(reply(200, { org: [{}] }), reply(200, { users: {} }));
    const client = aClient(transport);
    assert.equal(errorOf(await client.organization()).code, "UNREADABLE_ANSWER");
    assert.equal(errorOf(await client.currentUser()).code, "UNREADABLE_ANSWER");
  });
});
