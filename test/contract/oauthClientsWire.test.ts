import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { browserClient, desktopClient, deviceClient, selfClient } from "../../src/sandbox/oauth/clients.ts";
import { RawZoho, at, requestGrant, textFields, toRawAnswer, token } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

const redirect_uri = "http://localhost:47631/callback";
const verifier = "v".repeat(43);
const challenge = createHash("sha256").update(verifier).digest("base64url");
const s256 = { code_challenge: challenge, code_challenge_method: "S256" };

/** A code of the consent page that was asked for with these parameters; undefined where the page refuses. */
async function consentCode(
  url: string,
  client_id: string,
  parameters: Record<string, string>,
): Promise<string | undefined> {
  const asked = { response_type: "code", client_id, redirect_uri, scope: "ZohoCRM.org.READ", ...parameters };
  const shown = await fetch(`${url}/oauth/v2/auth?${new URLSearchParams(asked).toString()}`);
  const page = await shown.text();
  if (shown.status !== 200) return undefined;
  // What the page's form sends, so that the page is seen to pass the challenge on.
  const form = new URLSearchParams({ decision: "accept", user: /<option value="(\d+)"/.exec(page)?.[1] ?? "" });
  for (const [, name = "", value = ""] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) {
    form.set(name, value);
  }
  const decided = await fetch(`${url}/oauth/v2/auth`, { method: "POST", body: form, redirect: "manual" });
  return new URL(decided.headers.get("location") ?? "").searchParams.get("code") ?? undefined;
}

describe("PKCE on the wire", () => {
  const cases: readonly (readonly [sent: Record<string, string>, proof: string | undefined, granted: boolean])[] = [
    [s256, verifier, true],
    [s256, "w".repeat(43), false],
    [s256, undefined, false],
    [s256, challenge, false],
    [{ code_challenge: verifier, code_challenge_method: "plain" }, verifier, true],
    [{ code_challenge: verifier }, verifier, true],
    [{ code_challenge: verifier, code_challenge_method: "plain" }, "w".repeat(43), false],
    [{}, verifier, true],
    [{}, undefined, true],
  ];
  for (const [sent, proof, granted] of cases) {
    it(`${granted ? "takes" : "refuses"} the verifier ${String(proof)} after ${JSON.stringify(sent)}`, async test => {
      const { url } = await startSandbox(test);
      const { client_id, client_secret } = browserClient;
      const code = (await consentCode(url, client_id, sent)) ?? assert.fail();
      const proven = proof === undefined ? {} : { code_verifier: proof };
      const fields = { grant_type: "authorization_code", client_id, client_secret, redirect_uri, code, ...proven };
      const { json } = await token(url, fields);
      if (granted) assert.equal(typeof at(json, "access_token"), "string");
      else assert.deepEqual(json, { error: "invalid_code" });
    });
  }

  it("is demanded of the client type for mobile and desktop programs", async test => {
    const { url } = await startSandbox(test);
    const { client_id, client_secret } = desktopClient;
    assert.equal(await consentCode(url, client_id, {}), undefined);
    assert.equal(await consentCode(url, client_id, { code_challenge: "short" }), undefined);
    assert.equal(await consentCode(url, client_id, { ...s256, code_challenge_method: "S512" }), undefined);
    const code = (await consentCode(url, client_id, s256)) ?? assert.fail();
    const fields = { grant_type: "authorization_code", client_id, client_secret, redirect_uri, code };
    assert.equal(typeof at((await token(url, { ...fields, code_verifier: verifier })).json, "access_token"), "string");
  });
});

describe("client credentials on the wire", () => {
  const fields = {
    grant_type: "client_credentials",
    client_id: selfClient.client_id,
    client_secret: selfClient.client_secret,
    scope: "ZohoCRM.org.READ,ZohoCRM.modules.READ",
  };
  const soid = "ZohoCRM.66489999";

  it("give an access token for an hour, with the scopes apart by spaces and without a refresh token", async test => {
    const { url } = await startSandbox(test);
    const { json } = await token(url, { ...fields, soid });
    assert.deepEqual(
      [at(json, "scope"), at(json, "expires_in"), at(json, "api_domain"), at(json, "refresh_token")],
      ["ZohoCRM.org.READ ZohoCRM.modules.READ", 3600, url, undefined],
    );
    const org = await new RawZoho(url, String(at(json, "access_token"))).call("GET", "org");
    assert.equal(`ZohoCRM.${String(at(org.json, "org", 0, "zgid"))}`, soid);
  });

  it("need the organisation, and scopes that exist", async test => {
    const { url } = await startSandbox(test);
    for (const none of [{}, { soid: "" }, { soid: "ZohoCRM." }, { soid: "66489999" }]) {
      assert.deepEqual((await token(url, { ...fields, ...none })).json, { error: "missing_org_info" });
    }
    assert.deepEqual((await token(url, { ...fields, soid: "ZohoCRM.1" })).json, { error: "access_denied" });
    assert.deepEqual((await token(url, { ...fields, soid, scope: "" })).json, { error: "invalid_scope" });
    assert.deepEqual((await token(url, { ...fields, soid, client_secret: "x" })).json, {
      error: "invalid_client_secret",
    });
  });

  it("are for self clients, and for organisations that allow them", async test => {
    for (const clientCredentials of ["access_denied", "unauthorized_client"] as const) {
      const { url } = await startSandbox(test, { behaviour: { clientCredentials } });
      assert.deepEqual((await token(url, { ...fields, soid })).json, { error: clientCredentials });
    }
    const { url } = await startSandbox(test);
    const { client_id, client_secret } = deviceClient;
    assert.deepEqual((await token(url, { ...fields, soid, client_id, client_secret })).json, {
      error: "unauthorized_client",
    });
  });
});

describe("GET /oauth/user/info", () => {
  it("says who a token is for, where the token covers that", async test => {
    const { url } = await startSandbox(test);
    const grant = await requestGrant(url, { user: "mei.tanaka@example.com", scopes: ["AaaServer.profile.READ"] });
    const zoho = new RawZoho(url, String(grant["access_token"]));
    const { status, json } = await zoho.call("GET", "/oauth/user/info");
    assert.equal(status, 200);
    assert.deepEqual(
      ["First_Name", "Last_Name", "Display_Name", "Email", "ZUID"].map(name => at(json, name)),
      ["Mei", "Tanaka", "Mei Tanaka", "mei.tanaka@example.com", 554_003],
    );
  });

  it("refuses a token without the scope, and none", async test => {
    const { url } = await startSandbox(test);
    const zoho = await RawZoho.signIn(url);
    assert.equal((await zoho.call("GET", "/oauth/user/info")).status, 403);
    assert.equal((await fetch(`${url}/oauth/user/info`)).status, 401);
  });
});

describe("the registered clients", () => {
  it("have one of each type under a fixed id, and take more of each", async test => {
    const { url } = await startSandbox(test);
    const listed = await toRawAnswer(await fetch(`${url}/sandbox/clients`));
    const types = [0, 1, 2, 3].map(index => textFields(at(listed.json, "clients", index))["type"]);
    assert.deepEqual(types, ["web", "self", "non-browser", "mobile-desktop"]);
    const register = async (body: object): Promise<number> =>
      (await fetch(`${url}/sandbox/clients`, { method: "POST", body: JSON.stringify(body) })).status;
    assert.equal(await register({ type: "non-browser" }), 201);
    assert.equal(await register({ type: "self" }), 201);
    assert.equal(await register({ type: "mobile-desktop", redirect_uris: [redirect_uri] }), 201);
    assert.equal(await register({ type: "mobile-desktop" }), 400);
    assert.equal(await register({}), 400);
    assert.equal(await register({ type: "java" }), 400);
  });
});
