import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute } from "../../src/base/clock.ts";
import { browserClient } from "../../src/sandbox/oauth/clients.ts";
import { RawZoho, at, requestGrant, textFields, toRawAnswer, token } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

const redirect_uri = "http://localhost:47631/callback";
const { client_id, client_secret } = browserClient;
const asked = {
  response_type: "code",
  client_id,
  redirect_uri,
  scope: "ZohoCRM.modules.ALL,ZohoCRM.org.READ",
  access_type: "offline",
  state: "s&1",
};
const user = "6756839000000554002";

describe("OAuth on the wire", () => {
  it("asks a person, and calls back with code, state, location and accounts-server", async test => {
    const { url } = await startSandbox(test);
    const page = await fetch(`${url}/oauth/v2/auth?${new URLSearchParams(asked).toString()}`);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<button[^>]*value="accept"[\s\S]*<button[^>]*value="deny"/);
    const back = await decide(url, "accept");
    assert.equal(back.origin + back.pathname, redirect_uri);
    assert.equal(back.searchParams.get("state"), "s&1");
    assert.equal(back.searchParams.get("location"), "local");
    assert.equal(back.searchParams.get("accounts-server"), url);
  });

  it("lets a person choose among users of different rights", async test => {
    const { url } = await startSandbox(test);
    const page = await (await fetch(`${url}/oauth/v2/auth?${new URLSearchParams(asked).toString()}`)).text();
    const offered = [...page.matchAll(/<option value="(\d+)">([^<]*)</g)];
    assert.deepEqual(
      offered.map(([, , label = ""]) => label.replace(/^.*\), /, "")),
      ["Administrator", "Standard without delete", "Standard", "Standard without deals"],
    );
    for (const [, id = ""] of offered) {
      const code = (await decide(url, "accept", id)).searchParams.get("code") ?? "";
      const exchange = { grant_type: "authorization_code", client_id, client_secret, redirect_uri, code };
      const granted = await token(url, exchange);
      const zoho = new RawZoho(url, String(at(granted.json, "access_token")));
      const created = await zoho.call("POST", "Leads", { data: [{ Last_Name: "Mine" }] });
      assert.equal(at(created.json, "data", 0, "details", "Created_By", "id"), id);
    }
  });

  it("gives tokens for the code once, with its own address as api_domain", async test => {
    const { url } = await startSandbox(test);
    const code = (await decide(url, "accept")).searchParams.get("code") ?? "";
    const exchange = { grant_type: "authorization_code", client_id, client_secret, redirect_uri, code };
    const granted = await token(url, exchange);
    assert.equal(granted.status, 200);
    assert.deepEqual(
      [at(granted.json, "api_domain"), at(granted.json, "expires_in"), at(granted.json, "token_type")],
      [url, 3600, "Bearer"],
    );
    const zoho = new RawZoho(url, String(at(granted.json, "access_token")));
    const data = at((await zoho.call("POST", "Leads", { data: [{ Last_Name: "Mine" }] })).json, "data", 0);
    assert.equal(at(data, "details", "Created_By", "id"), user);
    assert.deepEqual((await token(url, exchange)).json, { error: "invalid_code" });
  });

  it("calls back with access_denied and the state when the person denies", async test => {
    const { url } = await startSandbox(test);
    const back = await decide(url, "deny");
    assert.equal(back.search, "?state=s%261&error=access_denied");
  });

  it("never redirects to an address that the client did not register, to the last character", async test => {
    const { url } = await startSandbox(test);
    for (const wrong of [`${redirect_uri}/`, "http://localhost:47632/callback", "https://example.com/"]) {
      const page = await fetch(
        `${url}/oauth/v2/auth?${new URLSearchParams({ ...asked, redirect_uri: wrong }).toString()}`,
      );
      assert.equal(page.status, 400);
      const sent = await post(`${url}/oauth/v2/auth`, { ...asked, redirect_uri: wrong, user, decision: "accept" });
      assert.deepEqual([sent.status, sent.headers.get("location")], [400, null]);
    }
  });

  it("lets a code die after two minutes", async test => {
    const sandbox = await startSandbox(test);
    const code = (await decide(sandbox.url, "accept")).searchParams.get("code") ?? "";
    sandbox.clock.advance(2 * minute);
    const late = await token(sandbox.url, {
      grant_type: "authorization_code",
      client_id,
      client_secret,
      redirect_uri,
      code,
    });
    assert.deepEqual([late.status, late.json], [200, { error: "invalid_code" }]);
  });

  it("reports faults of a token call with status 200 and an error in the body", async test => {
    const { url } = await startSandbox(test);
    const fields = { grant_type: "refresh_token", client_id, client_secret, refresh_token: "1000.unknown" };
    const error = async (changed: Record<string, string>): Promise<unknown> => {
      const answer = await token(url, { ...fields, ...changed });
      return [answer.status, at(answer.json, "error")];
    };
    assert.deepEqual(await error({}), [200, "invalid_code"]);
    assert.deepEqual(await error({ client_id: "1000.NOBODY" }), [200, "invalid_client"]);
    assert.deepEqual(await error({ client_secret: "wrong" }), [200, "invalid_client_secret"]);
  });

  it("takes the token call as query, urlencoded and multipart", async test => {
    const { url } = await startSandbox(test);
    const fields = await refreshFields(url);
    const query = new URLSearchParams(fields);
    const multipart = new FormData();
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value);
    for (const answer of [
      await fetch(`${url}/oauth/v2/token?${query.toString()}`, { method: "POST" }),
      await fetch(`${url}/oauth/v2/token`, { method: "POST", body: query }),
      await fetch(`${url}/oauth/v2/token`, { method: "POST", body: multipart }),
    ]) {
      const { json, text } = await toRawAnswer(answer);
      assert.equal(typeof at(json, "access_token"), "string", text);
      assert.equal(at(json, "refresh_token"), undefined);
    }
  });

  it("throttles the eleventh access token within ten minutes, with 400 or 200 as switched", async test => {
    const sandbox = await startSandbox(test);
    const fields = await refreshFields(sandbox.url);
    for (let count = 2; count <= 10; count++) assert.equal((await token(sandbox.url, fields)).status, 200);
    const refused = await token(sandbox.url, fields);
    assert.deepEqual([refused.status, at(refused.json, "error")], [400, "Access Denied"]);
    await fetch(`${sandbox.url}/sandbox/behaviour`, { method: "POST", body: '{"tokenThrottleStatus":200}' });
    assert.deepEqual(at((await token(sandbox.url, fields)).json, "error"), "Access Denied");
    sandbox.clock.advance(10 * minute);
    assert.equal(typeof at((await token(sandbox.url, fields)).json, "access_token"), "string");
  });

  it("ends a revoked refresh token and its access tokens", async test => {
    const { url } = await startSandbox(test);
    const fields = await refreshFields(url);
    const zoho = new RawZoho(url, String(at((await token(url, fields)).json, "access_token")));
    const revoked = await fetch(`${url}/oauth/v2/token/revoke?token=${fields["refresh_token"] ?? ""}`, {
      method: "POST",
    });
    assert.deepEqual(await revoked.json(), { status: "success" });
    assert.equal(at((await zoho.call("GET", "org")).json, "code"), "INVALID_TOKEN");
    assert.deepEqual((await token(url, fields)).json, { error: "invalid_code" });
  });

  it("lets an access token die after an hour, and the oldest of more than twenty refresh tokens", async test => {
    const sandbox = await startSandbox(test);
    const first = await refreshFields(sandbox.url);
    const zoho = await RawZoho.signIn(sandbox.url);
    sandbox.clock.advance(hour);
    assert.equal(at((await zoho.call("GET", "org")).json, "code"), "INVALID_TOKEN");
    for (let count = 0; count < 19; count++) await requestGrant(sandbox.url);
    assert.equal(at((await token(sandbox.url, first)).json, "error"), "invalid_code");
  });

  it("lists Zoho's data centres, and calls itself the one that it is told to be", async test => {
    const { url } = await startSandbox(test, { behaviour: { location: "eu" } });
    const info = await toRawAnswer(await fetch(`${url}/oauth/serverinfo`));
    assert.deepEqual([at(info.json, "result"), at(info.json, "locations", "eu")], ["success", url]);
    assert.equal(at(info.json, "locations", "ca"), "https://accounts.zohocloud.ca");
    assert.equal((await decide(url, "accept")).searchParams.get("location"), "eu");
  });

  it("registers clients", async test => {
    const { url } = await startSandbox(test);
    const body = JSON.stringify({ name: "Mine", redirect_uris: ["http://localhost:1234/back"] });
    const made = await toRawAnswer(await fetch(`${url}/sandbox/clients`, { method: "POST", body }));
    assert.equal(made.status, 201);
    const id = String(at(made.json, "client_id"));
    const query = new URLSearchParams({ ...asked, client_id: id, redirect_uri: "http://localhost:1234/back" });
    assert.equal((await fetch(`${url}/oauth/v2/auth?${query.toString()}`)).status, 200);
  });
});

async function post(url: string, fields: Record<string, string>): Promise<Response> {
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
}

/** What the consent page's form sends when a person presses the button, and where it leads. */
async function decide(url: string, decision: "accept" | "deny", as = user): Promise<URL> {
  const answer = await post(`${url}/oauth/v2/auth`, { ...asked, user: as, decision });
  assert.equal(answer.status, 303);
  return new URL(answer.headers.get("location") ?? "");
}

/** The fields of a refresh call of a new sign-in. */
async function refreshFields(url: string): Promise<Record<string, string>> {
  const code = await toRawAnswer(await fetch(`${url}/sandbox/self-client-code`, { method: "POST" }));
  const client = textFields(code.json);
  const granted = await token(url, { grant_type: "authorization_code", ...client });
  const refresh_token = String(at(granted.json, "refresh_token"));
  return {
    grant_type: "refresh_token",
    client_id: client["client_id"] ?? "",
    client_secret: client["client_secret"] ?? "",
    refresh_token,
  };
}
