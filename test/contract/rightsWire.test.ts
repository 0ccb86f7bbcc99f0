import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

const daniel = "daniel.okafor@example.com";
const lucia = "lucia.ferrer@example.com";

describe("users of different rights", () => {
  it("are an administrator, one who may not delete, one without limits, and one who sees no deals", async test => {
    const { asha } = await setUp(test);
    const users = itemsOf(await asha.call("GET", "users"), "users");
    assert.deepEqual(
      users.map(user => at(user, "profile", "name")),
      ["Administrator", "Standard without delete", "Standard", "Standard without deals"],
    );
  });

  it("may not delete without that right, but change everything else", async test => {
    const { asha, zoho } = await setUp(test, daniel);
    const id = await zoho.create("Leads", { Last_Name: "Kept" });
    for (const call of [zoho.call("DELETE", `Leads/${id}`), zoho.call("DELETE", `Leads?ids=${id}`)]) {
      const refused = await call;
      assert.equal(refused.status, 403);
      assert.deepEqual(refused.json, {
        code: "NO_PERMISSION",
        details: { permissions: ["Crm_Implied_Delete_Leads"] },
        message: "permission denied",
        status: "error",
      });
    }
    assert.equal((await zoho.call("PUT", `Leads/${id}`, { data: [{ City: "Pune" }] })).status, 200);
    assert.equal((await asha.call("GET", `Leads/${id}`)).status, 200);
  });

  it("see nothing of a module that is hidden from them, and cannot subscribe to it", async test => {
    const { zoho } = await setUp(test, lucia);
    for (const [method, path, permission] of [
      ["GET", "Deals?fields=Stage", "View"],
      ["GET", "Deals/deleted", "View"],
      ["GET", "settings/fields?module=Deals", "View"],
      ["POST", "Deals", "Create"],
      ["PUT", "Deals", "Edit"],
    ] as const) {
      const refused = await zoho.call(method, path, method === "GET" ? undefined : { data: [{}] });
      const said = [refused.status, at(refused.json, "details", "permissions", 0)];
      assert.deepEqual(said, [403, `Crm_Implied_${permission}_Deals`], path);
    }
    const modules = itemsOf(await zoho.call("GET", "settings/modules"), "modules");
    const deals = modules.find(module => at(module, "api_name") === "Deals");
    assert.deepEqual([at(deals, "viewable"), at(deals, "creatable")], [false, false]);
    const notify_url = "http://127.0.0.1:9/in";
    const { status, result } = await zoho.watch("POST", { channel_id: "1", events: ["Deals.all"], notify_url });
    assert.deepEqual([status, at(result, "code")], [400, "NO_PERMISSION"]);
    assert.equal((await zoho.watch("POST", { channel_id: "1", events: ["Leads.all"], notify_url })).status, 201);
  });
});

async function setUp(test: TestContext, user?: string): Promise<{ asha: RawZoho; zoho: RawZoho }> {
  const { url } = await startSandbox(test);
  const asha = await RawZoho.signIn(url);
  return { asha, zoho: user === undefined ? asha : await RawZoho.signIn(url, { user }) };
}
