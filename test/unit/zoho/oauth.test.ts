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
        codeChallenge: "challenge",
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
      code_challenge: "challenge",
      code_challenge_method: "S256",
    });
  });

  it("exchanges a code with the secret in the body, never in the address", async () => {
    const transport = new ScriptedTransport(reply(200, grant));
    const origin = { redirectUri: "http://localhost:1/callback", codeVerifier: "verifier" };
    const tokens = valueOf(await clientOf(transport).exchangeCode("1000.code", origin));
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
      code_verifier: "verifier",
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

  const domains: readonly (readonly [accountsUrl: string, named: unknown, believed: string | undefined])[] = [
    ["https://accounts.zoho.eu", "https://www.zohoapis.eu", "https://www.zohoapis.eu"],
    ["https://accounts.zoho.eu", "https://sandbox.zohoapis.in/", "https://sandbox.zohoapis.in"],
    ["https://accounts.zoho.eu", "www.zohoapis.com", "https://www.zohoapis.com"],
    ["https://accounts.zoho.eu", "http://www.zohoapis.eu", undefined],
    ["https://accounts.zoho.eu", "https://www.zohoapis.eu:8443", undefined],
    ["https://accounts.zoho.eu", "https://www.zohoapis.eu.example.com", undefined],
    ["https://accounts.zoho.eu", "https://zohoapis.eu", undefined],
    ["https://accounts.zoho.eu", "https://a.b.zohoapis.eu", undefined],
    ["https://accounts.zoho.eu", "https://example.com", undefined],
    ["https://accounts.zoho.eu", "http://127.0.0.1:4000", undefined],
    ["https://accounts.zoho.eu", "not a host", undefined],
    ["https://accounts.zoho.eu", null, undefined],
    ["https://accounts.zoho.eu", 7, undefined],
    ["https://accounts.zoho.new", "https://www.zohoapis.new", "https://www.zohoapis.new"],
    ["https://accounts.zoho.new", "https://www.zohoapis.other", undefined],
    ["https://crm.example.com", "https://crm.example.com", "https://crm.example.com"],
    ["https://crm.example.com", "https://www.zohoapis.example.com", undefined],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000", "http://127.0.0.1:4000"],
    ["http://localhost:4000", "http://127.0.0.1:4000", "http://127.0.0.1:4000"],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4001", undefined],
  ];
  for (const [accountsUrl, named, believed] of domains) {
    it(`believes ${accountsUrl} ${believed ?? "nothing"} of the API domain ${String(named)}`, async () => {
      const client = clientOf(new ScriptedTransport(reply(200, { ...grant, api_domain: named })), accountsUrl);
      const tokens = valueOf(await client.refresh("r"));
      assert.deepEqual([tokens.accessToken, tokens.apiDomain], ["1000.access", believed]);
    });
  }

  const lifetimes: readonly (readonly [fields: object, minutes: number])[] = [
    [{ expires_in: 3600 }, 60],
    [{ expires_in: "3600" }, 60],
    [{ expires_in: 1800 }, 30],
    [{ expires_in: 3_600_000, expires_in_sec: 3600 }, 60],
    [{ expires_in: 1_800_000 }, 30],
    [{ expires_in: "1800000" }, 30],
    [{ expires_in: 7200 }, 60],
    [{ expires_in: null }, 60],
    [{ expires_in: "soon" }, 60],
    [{ expires_in: -1 }, 60],
    [{ expires_in: 0 }, 60],
    // Nobody can use a token that is over before a request is, and nobody is given enough of them.
    [{ expires_in: 1 }, 60],
    [{ expires_in: "60" }, 60],
    [{ expires_in: 60_000 }, 60],
    [{ expires_in: 120 }, 60],
    [{ expires_in: 121 }, 121 / 60],
    [{}, 60],
  ];
  for (const [fields, minutes] of lifetimes) {
    it(`lets a token of ${JSON.stringify(fields)} live for ${minutes} minutes`, async () => {
      const transport = new ScriptedTransport(reply(200, { access_token: "a", ...fields }));
      assert.equal(valueOf(await clientOf(transport).refresh("r")).expiresAt, clock.now() + minutes * minute);
    });
  }

  const scopes: readonly (readonly [scope: unknown, read: readonly string[]])[] = [
    ["a.READ b.ALL", ["a.READ", "b.ALL"]],
    ["a.READ,b.ALL", ["a.READ", "b.ALL"]],
    ["a.READ, b.ALL ", ["a.READ", "b.ALL"]],
    ["", []],
    [null, []],
    [["a.READ"], []],
  ];
  for (const [scope, read] of scopes) {
    it(`reads the scopes ${JSON.stringify(scope)}`, async () => {
      const transport = new ScriptedTransport(reply(200, { access_token: "a", scope }));
      assert.deepEqual(valueOf(await clientOf(transport).refresh("r")).scopes, read);
    });
  }

  for (const refresh_token of [null, "", 5, undefined]) {
    it(`takes the refresh token ${JSON.stringify(refresh_token)} for none`, async () => {
      const transport = new ScriptedTransport(reply(200, { access_token: "a", refresh_token }));
      assert.equal(valueOf(await clientOf(transport).exchangeCode("c")).refreshToken, undefined);
    });
  }

  for (const body of [{ access_token: null }, { access_token: "" }, { access_token: 7 }, [], "null"]) {
    it(`takes ${JSON.stringify(body)} for no grant`, async () => {
      assert.equal(errorOf(await clientOf(new ScriptedTransport(reply(200, body))).refresh("r")).kind, "unreadable");
    });
  }

  const gateways: readonly (readonly [status: number, body: unknown, kind: ZohoProblem["kind"]])[] = [
    [401, "<html>Please authenticate</html>", "unreadable"],
    [401, "", "unreadable"],
    [401, { message: "Unauthorized" }, "unreadable"],
    [401, { code: "INVALID_TOKEN", message: "", status: "error" }, "unreadable"],
    [403, "<html>", "unreadable"],
    [403, { code: "NO_PERMISSION" }, "unreadable"],
    [407, "", "unreadable"],
    [302, "", "unreadable"],
    [429, "", "throttled"],
    [502, "<html>", "server"],
    [503, "", "server"],
    [401, { error: "Unauthorized" }, "unreadable"],
    [403, { error: "Forbidden" }, "unreadable"],
    [403, { error: "Access Denied" }, "unreadable"],
    [403, { error: "access_denied" }, "unreadable"],
    [407, { error: "proxy_authentication_required" }, "unreadable"],
    [429, { error: "rate_limit_exceeded" }, "throttled"],
    [502, { timestamp: 1, status: 502, error: "Bad Gateway", path: "/oauth/v2/token" }, "server"],
    [503, { error: "Service Unavailable" }, "server"],
  ];
  for (const [status, body, kind] of gateways) {
    it(`takes HTTP ${status} with ${JSON.stringify(body)} for what stands between, not for the end of a sign-in`, async () => {
      const client = clientOf(new ScriptedTransport(reply(status, body), reply(status, body)));
      assert.equal(errorOf(await client.refresh("r")).kind, kind);
      assert.equal(errorOf(await client.revoke("r")).kind, kind);
    });

    it(`goes by HTTP ${status} with ${JSON.stringify(body)} whatever was asked of the accounts server`, async () => {
      const client = clientOf(new ScriptedTransport(...Array.from({ length: 4 }, () => reply(status, body))));
      assert.equal(errorOf(await client.exchangeCode("c")).kind, kind);
      assert.equal(errorOf(await client.grantToClient("1", [])).kind, kind);
      assert.equal(errorOf(await client.requestDeviceCode([])).kind, kind);
      assert.equal(errorOf(await client.pollDevice("d")).kind, kind);
    });
  }

  for (const status of [401, 403, 500]) {
    it(`takes the accounts server's own words for what they say with HTTP ${status}, too`, async () => {
      const steps = ["invalid_code", "invalid_client"].map(error => reply(status, { error }));
      const client = clientOf(new ScriptedTransport(...steps));
      assert.deepEqual(
        [errorOf(await client.refresh("r")).kind, errorOf(await client.refresh("r")).kind],
        ["signed-out", "client"],
      );
    });
  }

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

describe("OAuthClient by client credentials", () => {
  it("names the organisation as Zoho's accounts do, and the scopes", async () => {
    const transport = new ScriptedTransport(reply(200, { access_token: "a", scope: "a.READ b.ALL" }));
    const granted = valueOf(await clientOf(transport).grantToClient("66489999", ["a.READ", "b.ALL"]));
    assert.deepEqual([granted.refreshToken, granted.scopes], [undefined, ["a.READ", "b.ALL"]]);
    assert.equal(transport.request(0).url, "https://accounts.zoho.eu/oauth/v2/token");
    assert.deepEqual(Object.fromEntries(new URLSearchParams(transport.request(0).body)), {
      grant_type: "client_credentials",
      scope: "a.READ,b.ALL",
      soid: "ZohoCRM.66489999",
      client_id: "1000.ID",
      client_secret: "hush",
    });
  });

  for (const [code, says] of [
    ["missing_org_info", "Zoho needs to know the organisation. Sign in again and enter the organisation's ID."],
    [
      "access_denied",
      "Zoho doesn't give this client access to the organisation. Check the organisation's ID; if it's right, " +
        "ask an administrator to allow client credentials, or use a self-client code.",
    ],
    [
      "unauthorized_client",
      "This client can't sign in with its credentials alone. Use one of the type Self Client; if it is one, " +
        "ask an administrator to allow client credentials, or use a self-client code.",
    ],
  ] as const) {
    it(`says what to do about ${code}`, async () => {
      const problem = errorOf(
        await clientOf(new ScriptedTransport(reply(200, { error: code }))).grantToClient("1", []),
      );
      assert.deepEqual([problem.code, problem.message, problem.remedy], [code, says, "sign-in"]);
    });
  }
});

describe("OAuthClient on another device", () => {
  const code = { user_code: "ABCD-EFGH", device_code: "1004.d", interval: 5000, expires_in: 300_000 };
  const page = "https://accounts.zoho.eu/oauth/v3/device";

  it("asks for a code without the secret", async () => {
    const transport = new ScriptedTransport(reply(200, code));
    valueOf(await clientOf(transport).requestDeviceCode(["a.READ", "b.ALL"]));
    assert.equal(transport.request(0).url, "https://accounts.zoho.eu/oauth/v3/device/code");
    assert.deepEqual(Object.fromEntries(new URLSearchParams(transport.request(0).body)), {
      client_id: "1000.ID",
      grant_type: "device_request",
      scope: "a.READ,b.ALL",
      access_type: "offline",
      prompt: "consent",
    });
  });

  const times: readonly (readonly [fields: object, interval: number, minutes: number])[] = [
    [{}, 5, 5],
    [{ interval: 5, expires_in: 300 }, 5, 5],
    [{ interval: 5, expires_in: 600 }, 5, 10],
    [{ interval: "5000", expires_in: "300000" }, 5, 5],
    [{ interval: 30, expires_in: 300 }, 30, 5],
    [{ interval: null, expires_in: null }, 5, 5],
    [{ interval: 0.1, expires_in: 1e12 }, 1, 30],
  ];
  for (const [fields, interval, minutes] of times) {
    it(`reads ${JSON.stringify(fields)} as a poll each ${interval} seconds for ${minutes} minutes`, async () => {
      const transport = new ScriptedTransport(reply(200, { ...code, ...fields }));
      const read = valueOf(await clientOf(transport).requestDeviceCode([]));
      assert.deepEqual([read.interval, read.expiresAt], [interval * 1000, clock.now() + minutes * minute]);
    });
  }

  const pages: readonly (readonly [fields: object, plain: string, complete: string])[] = [
    [{}, page, page],
    [
      { verification_url: "https://accounts.zoho.eu/device" },
      "https://accounts.zoho.eu/device",
      "https://accounts.zoho.eu/device",
    ],
    [{ verification_uri: page, verification_uri_complete: `${page}?user_code=A` }, page, `${page}?user_code=A`],
    [{ verification_url: "https://accounts.zoho.com/d" }, "https://accounts.zoho.com/d", "https://accounts.zoho.com/d"],
    [{ verification_url: "https://evil.example.com/", verification_uri_complete: "javascript:alert(1)" }, page, page],
    [{ verification_url: null, verification_uri_complete: "x" }, page, page],
  ];
  for (const [fields, plain, complete] of pages) {
    it(`shows ${plain} for ${JSON.stringify(fields)}`, async () => {
      const transport = new ScriptedTransport(reply(200, { ...code, ...fields }));
      const read = valueOf(await clientOf(transport).requestDeviceCode([]));
      assert.deepEqual([read.verificationUrl, read.completeUrl], [plain, complete]);
    });
  }

  it("takes an answer without a code for unreadable", async () => {
    const transport = new ScriptedTransport(reply(200, { ...code, user_code: null }), reply(200, "<html>"));
    const client = clientOf(transport);
    for (let index = 0; index < 2; index++)
      assert.equal(errorOf(await client.requestDeviceCode([])).kind, "unreadable");
  });

  it("polls with the secret", async () => {
    const transport = new ScriptedTransport(reply(200, grant));
    const polled = valueOf(await clientOf(transport).pollDevice("1004.d"));
    assert.ok(polled.kind === "granted");
    assert.equal(polled.grant.refreshToken, "1000.refresh");
    assert.equal(transport.request(0).url, "https://accounts.zoho.eu/oauth/v3/device/token");
    assert.deepEqual(Object.fromEntries(new URLSearchParams(transport.request(0).body)), {
      grant_type: "device_token",
      code: "1004.d",
      client_id: "1000.ID",
      client_secret: "hush",
    });
  });

  for (const status of [200, 400]) {
    it(`reads what a poll is told with HTTP ${status}`, async () => {
      const answers = [
        { error: "authorization_pending" },
        { error: "slow_down" },
        { error: "other_dc", user_location: "EU" },
        { error: "other_dc", dc: "in" },
        { error: "other_dc", user_location: null },
      ];
      const client = clientOf(new ScriptedTransport(...answers.map(body => reply(status, body))));
      const read: unknown[] = [];
      for (const _ of answers) read.push(valueOf(await client.pollDevice("d")));
      assert.deepEqual(read, [
        { kind: "pending" },
        { kind: "slow-down" },
        { kind: "other-centre", location: "eu" },
        { kind: "other-centre", location: "in" },
        { kind: "other-centre", location: undefined },
      ]);
    });
  }

  const ends: readonly (readonly [error: string, kind: ZohoProblem["kind"], code: string])[] = [
    ["access_denied", "denied", "access_denied"],
    ["expired", "code", "DEVICE_CODE_EXPIRED"],
    ["expired_token", "code", "DEVICE_CODE_EXPIRED"],
    ["invalid_code", "code", "DEVICE_CODE_EXPIRED"],
    ["invalid_client", "client", "invalid_client"],
    ["unauthorized_client", "client", "unauthorized_client"],
  ];
  for (const [error, kind, named] of ends) {
    it(`ends with ${error}`, async () => {
      const problem = errorOf(await clientOf(new ScriptedTransport(reply(200, { error }))).pollDevice("d"));
      assert.deepEqual([problem.kind, problem.code, problem.remedy], [kind, named, "sign-in"]);
    });
  }
});
