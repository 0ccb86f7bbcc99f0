import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute } from "../../../src/base/clock.ts";
import { OAuthClient } from "../../../src/zoho/oauth.ts";
import type { ZohoProblem } from "../../../src/zoho/problem.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { ScriptedTransport, errorOf, reply, valueOf } from "./scriptedTransport.ts";

const clock = new FakeClock();

function clientOf(transport: ScriptedTransport, accountsUrl = "https://accounts.zoho.eu"): OAuthClient {
  return new OAuthClient({ clientId: "1000.ID", clientSecret: "hush", accountsUrl, transport, clock });
}

const grant = {
  access_token: "1000.access",
  refresh_token: "1000.refresh",
  api_domain: "https://www.zohoapis.eu",
  token_type: "Bearer",
  expires_in: 3600,
  scope: "ZohoCRM.notifications.ALL ZohoCRM.org.READ",
};

describe("OAuthClient", () => {
  it("asks for offline access and consent on the accounts server's own page", () => {
    const url = new URL(
      clientOf(new ScriptedTransport()).authorizationUrl({
        redirectUri: "http://localhost:47631/callback",
        scopes: ["a.READ", "b.ALL"],
        state: "s&t",
      }),
    );
    assert.equal(url.origin + url.pathname, "https://accounts.zoho.eu/oauth/v2/auth");
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      response_type: "code",
      client_id: "1000.ID",
      redirect_uri: "http://localhost:47631/callback",
      scope: "a.READ,b.ALL",
      access_type: "offline",
      prompt: "consent",
      state: "s&t",
    });
  });

  it("exchanges a code with the secret in the body, never in the address", async () => {
    const transport = new ScriptedTransport(reply(200, grant));
    const tokens = valueOf(await clientOf(transport).exchangeCode("1000.code", "http://localhost:1/callback"));
    assert.deepEqual(tokens, {
      accessToken: "1000.access",
      refreshToken: "1000.refresh",
      apiDomain: "https://www.zohoapis.eu",
      expiresAt: clock.now() + hour,
      scopes: ["ZohoCRM.notifications.ALL", "ZohoCRM.org.READ"],
    });
    const request = transport.request(0);
    assert.equal(request.url, "https://accounts.zoho.eu/oauth/v2/token");
    assert.deepEqual(Object.fromEntries(new URLSearchParams(request.body)), {
      grant_type: "authorization_code",
      code: "1000.code",
      redirect_uri: "http://localhost:1/callback",
      client_id: "1000.ID",
      client_secret: "hush",
    });
  });

  const exchangeErrors: readonly (readonly [code: string, kind: ZohoProblem["kind"], says: string])[] = [
    [
      "invalid_code",
      "code",
      "Zoho does not accept the code: it works once and for a few minutes only. Make a new one and sign in again.",
    ],
    [
      "invalid_client",
      "client",
      "Zoho does not know this client ID. Check it, and that the data centre is the one where it was registered.",
    ],
    [
      "invalid_client_secret",
      "client",
      "The client secret is not the one of this client. Copy it again from Zoho's API console and sign in again.",
    ],
    [
      "access_denied",
      "denied",
      "The access was declined on Zoho's consent page. Sign in again and accept it to connect.",
    ],
    [
      "invalid_redirect_uri",
      "client",
      "The redirect address is not registered with this client. Add it in Zoho's API console, exactly as this sign-in uses it.",
    ],
    [
      "redirect_uri_mismatch",
      "client",
      "The redirect address is not registered with this client. Add it in Zoho's API console, exactly as this sign-in uses it.",
    ],
    [
      "unauthorized_client",
      "client",
      "This client may not sign in this way. Use one of the right type from Zoho's API console.",
    ],
    [
      "invalid_scope",
      "scope",
      "Zoho does not know one of the permissions (scopes) that were asked for. Check that the client is one for Zoho CRM.",
    ],
    [
      "invalid_grant",
      "code",
      "Zoho does not accept the code: it works once and for a few minutes only. Make a new one and sign in again.",
    ],
    [
      "brand_new_error",
      "denied",
      "Zoho refused the sign-in with the code brand_new_error. " +
        "Sign in again; if it stays, check the client in Zoho's API console.",
    ],
  ];
  for (const [code, kind, says] of exchangeErrors) {
    for (const status of [200, 400]) {
      it(`says what to do about ${code} that comes as HTTP ${status}`, async () => {
        const transport = new ScriptedTransport(reply(status, { error: code }));
        const problem = errorOf(await clientOf(transport).exchangeCode("c"));
        assert.deepEqual([problem.kind, problem.code, problem.message], [kind, code, says]);
        assert.equal(problem.remedy, "sign-in");
      });
    }
  }

  for (const code of ["general_error", "server_error", "temporarily_unavailable"]) {
    it(`says to try again after ${code}`, async () => {
      const problem = errorOf(await clientOf(new ScriptedTransport(reply(200, { error: code }))).exchangeCode("c"));
      assert.deepEqual([problem.kind, problem.code, problem.remedy], ["server", code, "retry"]);
      assert.equal(problem.message, "Zoho has trouble at the moment and could not answer. Try again in a few minutes.");
    });
  }

  it("takes a refresh token that Zoho no longer knows for the end of the sign-in", async () => {
    const problem = errorOf(await clientOf(new ScriptedTransport(reply(200, { error: "invalid_code" }))).refresh("r"));
    assert.equal(problem.kind, "signed-out");
    assert.equal(problem.remedy, "sign-in");
    assert.equal(problem.message, "Zoho no longer accepts this sign-in. Sign in again.");
  });

  for (const status of [200, 400]) {
    it(`recognises by its code that token calls are throttled, as HTTP ${status}`, async () => {
      const body = {
        error: "Access Denied",
        error_description: "You have made too many requests continuously. Please try again after some time.",
        status: "failure",
      };
      const problem = errorOf(await clientOf(new ScriptedTransport(reply(status, body))).refresh("r"));
      assert.ok(problem.kind === "throttled");
      assert.equal(problem.retryAt, clock.now() + 10 * minute);
      assert.equal(
        problem.message,
        "Zoho gives one sign-in at most ten access tokens in ten minutes, and they are used up. Try again in 10 minutes.",
      );
    });
  }

  it("does not send tokens over plain HTTP because an answer says so", async () => {
    const plain = { ...grant, api_domain: "http://www.zohoapis.eu" };
    assert.equal(errorOf(await clientOf(new ScriptedTransport(reply(200, plain))).refresh("r")).kind, "unreadable");
    const sandbox = clientOf(new ScriptedTransport(reply(200, plain)), "http://127.0.0.1:4000");
    assert.equal(valueOf(await sandbox.refresh("r")).apiDomain, "http://www.zohoapis.eu");
  });

  it("takes a page or half an answer for unreadable", async () => {
    const transport = new ScriptedTransport(reply(200, "<html>"), reply(200, '{"access_'), reply(200, {}));
    const client = clientOf(transport);
    for (let index = 0; index < 3; index++) assert.equal(errorOf(await client.refresh("r")).kind, "unreadable");
  });

  it("revokes, and takes a token that is unknown already for revoked", async () => {
    const transport = new ScriptedTransport(
      reply(200, { status: "success" }),
      reply(400, { error: "invalid_code" }),
      reply(503, ""),
    );
    const client = clientOf(transport);
    assert.ok((await client.revoke("r/1")).ok);
    assert.ok((await client.revoke("r/1")).ok);
    assert.equal(errorOf(await client.revoke("r/1")).kind, "server");
    assert.equal(transport.request(0).url, "https://accounts.zoho.eu/oauth/v2/token/revoke?token=r%2F1");
  });
});
