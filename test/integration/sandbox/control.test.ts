import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeClock } from "../../support/fakeClock.ts";
import { RawZoho, at, itemsOf, textFields, toRawAnswer, token } from "../../support/rawZoho.ts";
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

  it("strike for good, each so-manieth call, and several paths", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    const path = ["/crm/v8/org", "/crm/v8/users"];
    await zoho.call("POST", "/sandbox/faults", { kind: "status", status: 503, path, every: 2, times: "always" });
    const statuses: number[] = [];
    for (const called of ["org", "users", "org", "users", "settings/modules"]) {
      statuses.push((await zoho.call("GET", called)).status);
    }
    assert.deepEqual(statuses, [200, 503, 200, 503, 200]);
  });

  it("answer late", async test => {
    const clock = new FakeClock();
    const zoho = await RawZoho.signIn((await startSandbox(test, { clock })).url);
    await zoho.call("POST", "/sandbox/faults", { kind: "slow", milliseconds: 30_000, path: "/crm/v8/org" });
    const late = zoho.call("GET", "org");
    while (clock.pending === 0) await zoho.call("GET", "/sandbox/clock");
    clock.advance(30_000);
    assert.equal((await late).status, 200);
  });

  it("refuse token calls as the accounts server does", async test => {
    const { url } = await startSandbox(test, {
      faults: [
        { kind: "oauth-error", error: "invalid_code", path: "/oauth/v2/token", times: 1, every: 1 },
        { kind: "oauth-error", error: "Access Denied", path: "/oauth/v2/token", times: 1, every: 1 },
      ],
    });
    const refused = [await token(url, {}), await token(url, {}), await token(url, {})];
    assert.deepEqual(
      refused.map(({ status, json }) => [status, at(json, "error")]),
      [
        [200, "invalid_code"],
        [400, "Access Denied"],
        [200, "invalid_client"],
      ],
    );
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

  it("list what was changed, with the values before and after", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    const id = await zoho.create("Leads", { Last_Name: "Old", City: "Pune" });
    await zoho.call("PUT", `Leads/${id}`, { data: [{ City: "Goa" }] });
    await zoho.call("DELETE", `Leads/${id}`);
    const changes = itemsOf(await zoho.call("GET", "/sandbox/changes"), "changes");
    const whole = { Last_Name: "Old", City: "Goa", Full_Name: "Old" };
    assert.deepEqual(
      changes.map(change => [at(change, "operation"), at(change, "id"), at(change, "before"), at(change, "after")]),
      [
        ["insert", id, {}, { ...whole, City: "Pune" }],
        ["update", id, { City: "Pune" }, { City: "Goa" }],
        ["delete", id, whole, {}],
      ],
    );
  });

  it("end every sign-in", async test => {
    const zoho = await RawZoho.signIn((await startSandbox(test)).url);
    assert.equal(at((await zoho.call("POST", "/sandbox/revoke-tokens")).json, "revoked"), 1);
    assert.equal((await zoho.call("GET", "org")).status, 401);
  });

  it("end the sign-ins of one user only", async test => {
    const { url } = await startSandbox(test);
    const mei = "mei.tanaka@example.com";
    const [asha, other] = [await RawZoho.signIn(url), await RawZoho.signIn(url, { user: mei })];
    assert.equal(at((await asha.call("POST", "/sandbox/revoke-tokens", { user: mei })).json, "revoked"), 1);
    assert.deepEqual([(await asha.call("GET", "org")).status, (await other.call("GET", "org")).status], [200, 401]);
    assert.equal((await asha.call("POST", "/sandbox/revoke-tokens", { user: "nobody" })).status, 400);
  });

  it("end the codes that nobody has redeemed", async test => {
    const { url } = await startSandbox(test);
    const issued = await toRawAnswer(await fetch(`${url}/sandbox/self-client-code`, { method: "POST" }));
    const expired = await toRawAnswer(await fetch(`${url}/sandbox/expire-codes`, { method: "POST" }));
    assert.equal(at(expired.json, "expired"), 1);
    const late = await token(url, { grant_type: "authorization_code", ...textFields(issued.json) });
    assert.deepEqual(late.json, { error: "invalid_code" });
  });

  it("are not for pages of other sites", async test => {
    const { url } = await startSandbox(test);
    for (const headers of [{ Origin: "https://example.com" }, { "Sec-Fetch-Site": "cross-site" }]) {
      assert.equal((await fetch(`${url}/sandbox/revoke-tokens`, { method: "POST", headers })).status, 403);
      assert.equal((await fetch(`${url}/ui/leads`, { method: "POST", headers })).status, 403);
    }
  });
});
