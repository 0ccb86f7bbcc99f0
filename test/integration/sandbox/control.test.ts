import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RawZoho, at } from "../../support/rawZoho.ts";
import { startSandbox } from "../../support/testSandbox.ts";

describe("the sandbox's switches", () => {
  it("make the next calls fail as often as asked, and then no more", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    for (const [status, code] of [
      [401, "INVALID_TOKEN"],
      [404, "INVALID_URL_PATTERN"],
      [429, "TOO_MANY_REQUESTS"],
      [500, "INTERNAL_ERROR"],
    ]) {
      await zoho.call("POST", "/sandbox/faults", { kind: "status", status, times: 2, path: "/crm/v8/org" });
      for (let time = 0; time < 2; time++) {
        const failed = await zoho.call("GET", "org");
        assert.deepEqual([failed.status, at(failed.json, "code")], [status, code]);
      }
      assert.equal((await zoho.call("GET", "org")).status, 200);
    }
  });

  it("strike only the path and method they name", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    await zoho.call("POST", "/sandbox/faults", { kind: "status", status: 500, method: "POST", path: "/crm/v8/Leads" });
    assert.equal((await zoho.call("GET", "org")).status, 200);
    assert.equal((await zoho.call("GET", "Leads?fields=Last_Name")).status, 200);
    assert.equal((await zoho.call("POST", "Leads", { data: [{ Last_Name: "X" }] })).status, 500);
  });

  it("answer garbage, hang up, and are cleared", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    await zoho.call("POST", "/sandbox/faults", { kind: "garbage" });
    await assert.rejects(zoho.call("GET", "org"), SyntaxError);
    await zoho.call("POST", "/sandbox/faults", { kind: "hang-up" });
    await assert.rejects(zoho.call("GET", "org"), TypeError);
    await zoho.call("POST", "/sandbox/faults", { kind: "hang-up" });
    assert.equal((await zoho.call("DELETE", "/sandbox/faults")).status, 204);
    assert.equal((await zoho.call("GET", "org")).status, 200);
  });

  it("refuse what they do not understand, with a reason", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    for (const [path, body] of [
      ["/sandbox/faults", { kind: "earthquake" }],
      ["/sandbox/behaviour", { unheardOf: true }],
      ["/sandbox/clock", { advance_ms: -1 }],
      ["/sandbox/self-client-code", { user: "nobody@example.com" }],
    ] as const) {
      const answer = await zoho.call("POST", path, body);
      assert.equal(answer.status, 400, path);
      assert.equal(typeof at(answer.json, "error"), "string");
    }
  });

  it("change one behaviour and leave the others", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test, { behaviour: { idsPerDelivery: 7 } })).url);
    await zoho.call("POST", "/sandbox/behaviour", { tokenOnDelete: "null" });
    const now = (await zoho.call("GET", "/sandbox/behaviour")).json;
    assert.deepEqual(
      [at(now, "tokenOnDelete"), at(now, "idsPerDelivery"), at(now, "mixedResultStatus")],
      ["null", 7, 207],
    );
  });

  it("end every sign-in", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    assert.equal(at((await zoho.call("POST", "/sandbox/revoke-tokens")).json, "revoked"), 1);
    assert.equal((await zoho.call("GET", "org")).status, 401);
  });

  it("are not for pages of other sites", async test => {
    const { url } = await startSandbox(test);
    for (const headers of [{ Origin: "https://example.com" }, { "Sec-Fetch-Site": "cross-site" }]) {
      assert.equal((await fetch(`${url}/sandbox/revoke-tokens`, { method: "POST", headers })).status, 403);
      assert.equal((await fetch(`${url}/ui/leads`, { method: "POST", headers })).status, 403);
    }
  });
});
