import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseScopes, scopesAllow } from "../../../src/sandbox/oauth/scopes.ts";

describe("scopes", () => {
  const readLeads = { group: "modules", part: "Leads", operation: "READ" } as const;

  it("cover a part by the group's ALL, the part's own, or its operation", () => {
    for (const scope of [
      "ZohoCRM.modules.ALL",
      "ZohoCRM.modules.READ",
      "ZohoCRM.modules.leads.ALL",
      "ZohoCRM.modules.leads.READ",
    ]) {
      assert.equal(scopesAllow([scope], readLeads), true, scope);
    }
    for (const scope of [
      "ZohoCRM.modules.deals.READ",
      "ZohoCRM.modules.leads.CREATE",
      "ZohoCRM.settings.ALL",
      "ZohoBooks.modules.ALL",
    ]) {
      assert.equal(scopesAllow([scope], readLeads), false, scope);
    }
  });

  it("let WRITE do everything but read", () => {
    const scopes = ["ZohoCRM.notifications.WRITE"];
    assert.equal(scopesAllow(scopes, { group: "notifications", operation: "DELETE" }), true);
    assert.equal(scopesAllow(scopes, { group: "notifications", operation: "READ" }), false);
  });

  it("are read from a list with commas, and refused when one is no scope", () => {
    assert.deepEqual(parseScopes("ZohoCRM.modules.ALL,ZohoCRM.org.READ"), ["ZohoCRM.modules.ALL", "ZohoCRM.org.READ"]);
    assert.equal(parseScopes("ZohoCRM.modules.ALL,everything"), undefined);
    assert.equal(parseScopes(""), undefined);
  });
});
