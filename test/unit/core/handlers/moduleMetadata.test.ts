import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventTypes } from "../../../../src/core/handlers/types/eventTypes.ts";
import { readModuleMetadata } from "../../../../src/core/handlers/types/moduleMetadata.ts";
import { succeed } from "../../../../src/base/result.ts";
import { ZohoClient } from "../../../../src/zoho/zohoClient.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { ScriptedTransport, errorOf, reply, valueOf } from "../../zoho/scriptedTransport.ts";

function clientOf(transport: ScriptedTransport): ZohoClient {
  const tokens = {
    get: async () => Promise.resolve(succeed({ value: "t", expiresAt: Infinity })),
    invalidate: () => undefined,
    isFresh: () => true,
  };
  return new ZohoClient({ apiDomain: "https://www.zohoapis.eu", tokens, transport, clock: new FakeClock() });
}

const modules = reply(200, { modules: [{ id: "1", api_name: "Deals", plural_label: "Opportunities" }] });

/** Fields in the shapes that Zoho's documentation and its SDKs have. */
const dealFields = [
  {
    id: "1",
    api_name: "Stage",
    data_type: "picklist",
    pick_list_values: [{ actual_value: "-None-" }, { actual_value: "Won" }],
  },
  { id: "2", api_name: "Account_Name", data_type: "lookup", lookup: { module: { api_name: "Accounts", id: "7" } } },
  {
    ...{ id: "3", api_name: "What", data_type: "multi_module_lookup", lookup: {} },
    multi_module_lookup: {
      modules: [
        { api_name: "Leads", id: "8" },
        { api_name: "Contacts", id: "9" },
      ],
    },
  },
  { id: "4", api_name: "Lines", data_type: "subform", associated_module: { api_name: "Lines_1", id: "5" } },
  {
    id: "6",
    api_name: "Secret",
    data_type: "subform",
    subform: { module: "Secret_1", id: "6" },
    associated_module: null,
  },
  { id: "10", api_name: "Total", data_type: "formula", formula: { return_type: "currency" }, json_type: "double" },
  { id: "11", api_name: "Bare" },
];

describe("the metadata that types are made from", () => {
  it("has the fields of the modules and of their subforms, and leaves out subforms that are not to be seen", async () => {
    const transport = new ScriptedTransport(
      modules,
      reply(200, { fields: dealFields }),
      reply(200, { fields: [{ id: "1", api_name: "Quantity", data_type: "integer" }] }),
      reply(403, { code: "NO_PERMISSION", details: {}, message: "permission denied", status: "error" }),
    );
    const metadata = valueOf(await readModuleMetadata(clientOf(transport), ["Deals"]));
    const asked = transport.requests.map(({ url }) => new URL(url).searchParams.get("module"));
    assert.deepEqual(asked, [null, "Deals", "Lines_1", "Secret_1"]);
    const types = eventTypes({ organization: { id: "1", name: "Hearth Homes" }, ...metadata });
    assert.match(types, /The fields of Opportunities \(Deals\)/);
    assert.match(types, /readonly Stage: Open<"Won"> \| null;/);
    assert.match(types, /readonly Account_Name: Reference<"Accounts"> \| null;/);
    assert.match(types, /readonly What: Reference<"Leads" \| "Contacts"> \| null;/);
    assert.match(types, /readonly Lines: readonly Lines1Row\[\] \| null;/);
    assert.match(types, /readonly Secret: readonly Readonly<Record<string, unknown>>\[\] \| null;/);
    assert.match(types, /readonly Total: number \| null;/);
    assert.match(types, /readonly Quantity: number \| null;/);
    assert.match(types, /readonly Bare: string \| null;/);
  });

  it("says why a module could not be read", async () => {
    const refused = reply(403, { code: "NO_PERMISSION", details: {}, message: "permission denied", status: "error" });
    const problem = errorOf(await readModuleMetadata(clientOf(new ScriptedTransport(modules, refused)), ["Deals"]));
    assert.equal(problem.kind, "denied");
  });
});
