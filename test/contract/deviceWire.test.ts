import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minute, second } from "../../src/base/clock.ts";
import { browserClient, deviceClient, selfClient } from "../../src/sandbox/oauth/clients.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { type RawAnswer, RawZoho, at, toRawAnswer, token } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

const { client_id, client_secret } = deviceClient;
const asked = {
  client_id,
  grant_type: "device_request",
  scope: "ZohoCRM.org.READ,ZohoCRM.modules.ALL",
  access_type: "offline",
  prompt: "consent",
};
const user = "6756839000000554003";

async function requestCode(url: string, changes: Record<string, string> = {}): Promise<RawAnswer> {
  const body = new URLSearchParams({ ...asked, ...changes });
  return toRawAnswer(await fetch(`${url}/oauth/v3/device/code`, { method: "POST", body }));
}

/** A poll as the documents have it. */
async function poll(url: string, code: unknown, changes: Record<string, string> = {}): Promise<RawAnswer> {
  const fields = { client_id, client_secret, grant_type: "device_token", code: String(code), ...changes };
  const body = new URLSearchParams(fields);
  return toRawAnswer(await fetch(`${url}/oauth/v3/device/token`, { method: "POST", body }));
}

async function change(url: string, behaviour: object): Promise<void> {
  const body = JSON.stringify(behaviour);
  assert.equal((await fetch(`${url}/sandbox/behaviour`, { method: "POST", body })).status, 200);
}

async function decideByControl(url: string, body: object): Promise<RawAnswer> {
  return toRawAnswer(await fetch(`${url}/sandbox/device-decision`, { method: "POST", body: JSON.stringify(body) }));
}

/** A sandbox with a code that waits for a person. */
async function waiting(
  test: Parameters<typeof startSandbox>[0],
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; url: string; userCode: string; deviceCode: string }> {
  const sandbox = await startSandbox(test, options);
  const { json } = await requestCode(sandbox.url);
  const userCode = String(at(json, "user_code"));
  return { sandbox, url: sandbox.url, userCode, deviceCode: String(at(json, "device_code")) };
}

describe("the device flow on the wire", () => {
  it("gives codes with the times in milliseconds and the page, as documented, for parameters as query or form", async test => {
    const { url } = await startSandbox(test);
    const query = new URLSearchParams(asked).toString();
    const byQuery = await toRawAnswer(await fetch(`${url}/oauth/v3/device/code?${query}`, { method: "POST" }));
    for (const { status, json } of [byQuery, await requestCode(url)]) {
      assert.equal(status, 200);
      assert.match(String(at(json, "user_code")), /^[A-Z]{4}-[A-Z]{4}$/);
      assert.match(String(at(json, "device_code")), /^1004\./);
      assert.deepEqual([at(json, "interval"), at(json, "expires_in")], [5000, 300_000]);
      assert.equal(at(json, "verification_url"), `${url}/oauth/v3/device`);
    }
  });

  it("gives the times in seconds and the page by its other name, or none, as switched", async test => {
    const behaviour = { deviceTimeUnit: "seconds", devicePageAddress: "verification_uri" } as const;
    const { url } = await startSandbox(test, { behaviour });
    const { json } = await requestCode(url);
    assert.deepEqual([at(json, "interval"), at(json, "expires_in")], [5, 300]);
    const page = `${url}/oauth/v3/device`;
    assert.equal(at(json, "verification_url"), undefined);
    assert.equal(at(json, "verification_uri"), page);
    assert.equal(at(json, "verification_uri_complete"), `${page}?user_code=${String(at(json, "user_code"))}`);
    await change(url, { devicePageAddress: "none" });
    const bare = await requestCode(url);
    assert.deepEqual(Object.keys(bare.json ?? {}).toSorted(), ["device_code", "expires_in", "interval", "user_code"]);
  });

  it("gives codes to non-browser clients only, and to what it understands", async test => {
    const { url } = await startSandbox(test);
    const error = async (changes: Record<string, string>): Promise<unknown> =>
      at((await requestCode(url, changes)).json, "error");
    assert.equal(await error({ client_id: "1000.NOBODY" }), "invalid_client");
    assert.equal(await error({ client_id: browserClient.client_id }), "unauthorized_client");
    assert.equal(await error({ client_id: selfClient.client_id }), "unauthorized_client");
    assert.equal(await error({ grant_type: "authorization_code" }), "unsupported_grant_type");
    assert.equal(await error({ scope: "nonsense" }), "invalid_scope");
  });

  it("lets a person enter the code, as it was typed, and accept as one of the users", async test => {
    const { url, userCode, deviceCode, sandbox } = await waiting(test);
    const page = `${url}/oauth/v3/device`;
    assert.match(await (await fetch(page)).text(), /<label for="user_code">[\s\S]*name="user_code"/);
    const typed = userCode.toLowerCase().replace("-", " ");
    const consent = await fetch(`${page}?user_code=${encodeURIComponent(typed)}`);
    assert.equal(consent.status, 200);
    assert.match(await consent.text(), /ZohoCRM\.org\.READ[\s\S]*value="accept"[\s\S]*value="deny"/);
    assert.deepEqual((await poll(url, deviceCode)).json, { error: "authorization_pending" });
    const body = new URLSearchParams({ user_code: userCode, user, decision: "accept" });
    assert.match(await (await fetch(page, { method: "POST", body })).text(), /Device connected/);
    sandbox.clock.advance(30 * second);
    const granted = await poll(url, deviceCode);
    assert.deepEqual([at(granted.json, "api_domain"), at(granted.json, "expires_in")], [url, 3600]);
    assert.equal(typeof at(granted.json, "refresh_token"), "string");
    const zoho = new RawZoho(url, String(at(granted.json, "access_token")));
    const created = await zoho.call("POST", "Leads", { data: [{ Last_Name: "Mine" }] });
    assert.equal(at(created.json, "data", 0, "details", "Created_By", "id"), user);
    const refresh_token = String(at(granted.json, "refresh_token"));
    const refreshed = await token(url, { grant_type: "refresh_token", client_id, client_secret, refresh_token });
    assert.equal(typeof at(refreshed.json, "access_token"), "string");
  });

  it("gives the tokens once, and no refresh token where offline access was not asked for", async test => {
    const { url } = await startSandbox(test);
    const { json } = await requestCode(url, { access_type: "online" });
    await decideByControl(url, {});
    const granted = await poll(url, at(json, "device_code"));
    assert.equal(typeof at(granted.json, "access_token"), "string");
    assert.equal(at(granted.json, "refresh_token"), undefined);
    assert.deepEqual((await poll(url, at(json, "device_code"))).json, { error: "invalid_code" });
  });

  it("says of a code that nobody waits with that there is none", async test => {
    const { url } = await startSandbox(test);
    const page = await fetch(`${url}/oauth/v3/device?user_code=${encodeURIComponent("<b>")}`);
    assert.equal(page.status, 400);
    assert.match(await page.text(), /No device waits with the code &lt;b&gt;/);
    assert.equal((await decideByControl(url, {})).status, 400);
  });

  it("tells a poll within 30 seconds of the last to slow down, also when the person has accepted", async test => {
    const { url, deviceCode, sandbox } = await waiting(test);
    await poll(url, deviceCode);
    await decideByControl(url, {});
    sandbox.clock.advance(29 * second);
    assert.deepEqual((await poll(url, deviceCode)).json, { error: "slow_down" });
    sandbox.clock.advance(30 * second);
    assert.equal(typeof at((await poll(url, deviceCode)).json, "access_token"), "string");
  });

  it("tells only a poll below the interval to slow down where that is switched", async test => {
    const { url, deviceCode, sandbox } = await waiting(test, { behaviour: { deviceSlowDown: "within-interval" } });
    await poll(url, deviceCode);
    sandbox.clock.advance(4 * second);
    assert.deepEqual((await poll(url, deviceCode)).json, { error: "slow_down" });
    sandbox.clock.advance(5 * second);
    assert.deepEqual((await poll(url, deviceCode)).json, { error: "authorization_pending" });
  });

  it("tells that the person declined, with HTTP 200 or 400 as switched", async test => {
    for (const deviceErrorStatus of [200, 400] as const) {
      const { url, userCode, deviceCode } = await waiting(test, { behaviour: { deviceErrorStatus } });
      const decided = await decideByControl(url, { user_code: userCode, decision: "deny" });
      assert.deepEqual(decided.json, { user_code: userCode, decision: "deny" });
      const refused = await poll(url, deviceCode);
      assert.deepEqual([refused.status, refused.json], [deviceErrorStatus, { error: "access_denied" }]);
    }
  });

  it("lets a code die after five minutes, in Zoho's word or the RFC's", async test => {
    for (const deviceExpiredError of ["expired", "expired_token"] as const) {
      const { url, userCode, deviceCode, sandbox } = await waiting(test, { behaviour: { deviceExpiredError } });
      sandbox.clock.advance(5 * minute);
      assert.deepEqual((await poll(url, deviceCode)).json, { error: deviceExpiredError });
      assert.equal((await decideByControl(url, { user_code: userCode })).status, 400);
    }
  });

  it("sends the polls of a user of another data centre there, by either member", async test => {
    for (const deviceLocationMember of ["user_location", "dc"] as const) {
      const behaviour = { location: "us", deviceUserLocation: "eu", deviceLocationMember };
      const { url, deviceCode, sandbox } = await waiting(test, { behaviour });
      await decideByControl(url, {});
      assert.deepEqual((await poll(url, deviceCode)).json, { error: "other_dc", [deviceLocationMember]: "eu" });
      await change(url, { location: "eu" });
      sandbox.clock.advance(30 * second);
      assert.equal(typeof at((await poll(url, deviceCode)).json, "access_token"), "string");
    }
  });

  it("gives nothing to another client, or without the secret", async test => {
    const { url, deviceCode } = await waiting(test);
    await decideByControl(url, {});
    const error = async (changes: Record<string, string>): Promise<unknown> =>
      at((await poll(url, deviceCode, changes)).json, "error");
    assert.equal(await error({ client_secret: "wrong" }), "invalid_client_secret");
    const { client_id: other, client_secret: secret } = browserClient;
    assert.equal(await error({ client_id: other, client_secret: secret }), "invalid_code");
    assert.equal(await error({ grant_type: "authorization_code" }), "unsupported_grant_type");
    assert.equal(typeof at((await poll(url, deviceCode)).json, "access_token"), "string");
  });
});
