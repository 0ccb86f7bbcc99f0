import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { hour, minute, second, systemClock } from "../../../src/base/clock.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import {
  type SignInContext,
  signInToSandbox,
  signInWithBrowser,
  signInWithCredentials,
  signInWithSelfClient,
  signOut,
} from "../../../src/core/connections/signIn.ts";
import { selfClient } from "../../../src/sandbox/oauth/clients.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import type { HttpRequest } from "../../../src/zoho/httpTransport.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { freePort } from "../../support/freePort.ts";
import { errorOf, valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { control, openWindow, signedIn, startSandbox } from "./editorWindow.ts";

const context = { transport: new AxiosTransport(), clock: systemClock };
const clientId = "1000.BROWSERTEST";
const clientSecret = "browser-test-secret";

/** What the consent page's form sends beside the decision. */
function hiddenFields(page: string): Record<string, string> {
  const fields = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  return Object.fromEntries([...fields].map(([, name = "", value = ""]) => [name, value]));
}

/** Plays the person at the consent page: registers the redirect address, reads the form, decides, and is sent back. */
function person(sandbox: Sandbox, decision: "accept" | "deny"): (url: string) => Promise<boolean> {
  return async url => {
    const redirectUri = new URL(url).searchParams.get("redirect_uri") ?? "";
    await control(sandbox, "clients", {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
    });
    const page = await (await fetch(url)).text();
    const form = new URLSearchParams({ decision, user: userIn(page), ...hiddenFields(page) });
    const decided = await fetch(`${sandbox.url}/oauth/v2/auth`, { method: "POST", body: form, redirect: "manual" });
    const callback = decided.headers.get("location") ?? "";
    assert.ok(callback.startsWith(`${redirectUri}?`), callback);
    const returned = await fetch(callback.replace("localhost", "127.0.0.1"));
    assert.equal(returned.status, 200);
    return true;
  };
}

function userIn(page: string): string {
  return /<option value="(\d+)"/.exec(page)?.[1] ?? assert.fail("The consent page offers no user");
}

/** Plays the person at the consent page of a client that is registered already. */
function visitor(sandbox: Sandbox, noted: URLSearchParams[]): (url: string) => Promise<boolean> {
  return async url => {
    noted.push(new URL(url).searchParams);
    const page = await (await fetch(url)).text();
    const form = new URLSearchParams({ decision: "accept", user: userIn(page), ...hiddenFields(page) });
    const decided = await fetch(`${sandbox.url}/oauth/v2/auth`, { method: "POST", body: form, redirect: "manual" });
    await fetch((decided.headers.get("location") ?? "").replace("localhost", "127.0.0.1"));
    return true;
  };
}

async function freshCode(sandbox: Sandbox): Promise<{ client_id: string; client_secret: string; code: string }> {
  const response = await fetch(`${sandbox.url}/sandbox/self-client-code`, { method: "POST" });
  return (await response.json()) as { client_id: string; client_secret: string; code: string };
}

function credentials(
  sandbox: Sandbox,
  { transport, clock }: SignInContext,
): Parameters<typeof signInWithCredentials>[0] {
  const { client_id: clientId, client_secret: clientSecret } = selfClient;
  return { transport, clock, at: { accountsUrl: sandbox.url }, clientId, clientSecret, zgid: "66489999" };
}

async function sandboxOf(test: TestContext): Promise<{ sandbox: Sandbox; at: { accountsUrl: string } }> {
  const sandbox = await startSandbox(test);
  return { sandbox, at: { accountsUrl: sandbox.url } };
}

describe("signing in to a sandbox", () => {
  it("works without questions, and tells who that is", async test => {
    const { sandbox } = await sandboxOf(test);
    const connection = valueOf(await signInToSandbox({ ...context, sandboxUrl: sandbox.url }));
    assert.deepEqual([connection.kind, connection.dataCentre], ["sandbox", "sandbox"]);
    assert.equal(connection.apiDomain, sandbox.url);
    assert.equal(connection.organization.type, "Sandbox");
    assert.match(connection.organization.id, /^\d{17,19}$/);
    assert.match(connection.user.email, /@example\.com$/);
  });

  it("works through the consent page", async test => {
    const { sandbox, at } = await sandboxOf(test);
    const openBrowser = person(sandbox, "accept");
    const options = { ...context, at, clientId, clientSecret, redirectPort: 0, openBrowser };
    const connection = valueOf(await signInWithBrowser(options));
    const window = await openWindow(test, systemClock);
    await window.store.add(connection);
    assert.ok((await window.clients.for(connection.id).modules()).ok);
  });

  it("ends when consent is denied on the page", async test => {
    const { sandbox, at } = await sandboxOf(test);
    const openBrowser = person(sandbox, "deny");
    const problem = errorOf(
      await signInWithBrowser({ ...context, at, clientId, clientSecret, redirectPort: 0, openBrowser }),
    );
    assert.equal(problem.code, "access_denied");
  });

  it("works with a client for desktop programs, which has to prove that it asked for the code", async test => {
    const { sandbox, at } = await sandboxOf(test);
    const redirectPort = await freePort();
    const client = { type: "mobile-desktop", client_id: "1000.DESKTOPTEST", client_secret: "desktop-secret" };
    await control(sandbox, "clients", { ...client, redirect_uris: [`http://localhost:${redirectPort}/callback`] });
    const noted: URLSearchParams[] = [];
    const openBrowser = visitor(sandbox, noted);
    const secrets = { clientId: client.client_id, clientSecret: client.client_secret };
    const connection = valueOf(await signInWithBrowser({ ...context, at, ...secrets, redirectPort, openBrowser }));
    assert.equal(connection.clientId, client.client_id);
    assert.equal(noted[0]?.get("code_challenge_method"), "S256");
  });

  it("works by a client's credentials, for longer than an hour, and ends without asking anybody", async test => {
    const clock = new FakeClock();
    const sandbox = await startSandbox(test, { clock });
    const window = await openWindow(test, clock);
    const connection = valueOf(await signInWithCredentials(credentials(sandbox, window)));
    assert.deepEqual([connection.refreshToken, connection.zgid], [undefined, "66489999"]);
    await window.store.add(connection);
    for (let hours = 0; hours < 3; hours++) {
      assert.ok((await window.clients.for(connection.id).organization()).ok);
      await window.service.refresh();
      assert.equal(window.service.stateOf(connection.id).kind, "loaded");
      clock.advance(hour);
    }
    assert.ok((await signOut(connection, window.store, window)).ok);
    assert.deepEqual(window.store.list(), []);
  });

  it("says what is wrong with the organisation of client credentials", async test => {
    const sandbox = await startSandbox(test);
    const options = credentials(sandbox, context);
    assert.equal(errorOf(await signInWithCredentials({ ...options, zgid: "1" })).code, "access_denied");
    const problem = errorOf(await signInWithCredentials({ ...options, zgid: "" }));
    assert.match(problem.message, /^Zoho needs to know the organisation\./);
    for (const clientCredentials of ["access_denied", "unauthorized_client"] as const) {
      await control(sandbox, "behaviour", { clientCredentials });
      assert.match(
        errorOf(await signInWithCredentials(options)).message,
        /allow client credentials, or use a self-client code/,
      );
    }
  });

  it("takes a self client's code once only, and says what is wrong with client and secret", async test => {
    const { sandbox, at } = await sandboxOf(test);
    const { client_id, client_secret, code } = await freshCode(sandbox);
    const good = { ...context, at, clientId: client_id, clientSecret: client_secret, code };
    assert.equal(errorOf(await signInWithSelfClient({ ...good, clientId: "1000.NOBODY" })).code, "invalid_client");
    const wrongSecret = await signInWithSelfClient({ ...good, clientSecret: "wrong" });
    assert.equal(errorOf(wrongSecret).code, "invalid_client_secret");
    valueOf(await signInWithSelfClient(good));
    assert.equal(errorOf(await signInWithSelfClient(good)).code, "invalid_code");
  });

  it("says that a code lacks scopes", async test => {
    const { sandbox, at } = await sandboxOf(test);
    const body = JSON.stringify({ scopes: ["ZohoCRM.notifications.ALL"] });
    const response = await fetch(`${sandbox.url}/sandbox/self-client-code`, { method: "POST", body });
    const { client_id, client_secret, code } = (await response.json()) as Awaited<ReturnType<typeof freshCode>>;
    const options = { ...context, at, clientId: client_id, clientSecret: client_secret, code };
    assert.equal(errorOf(await signInWithSelfClient(options)).code, "OAUTH_SCOPE_MISMATCH");
  });

  it("offers to start a sandbox that is not running", async test => {
    const { sandbox } = await sandboxOf(test);
    await sandbox.close();
    const problem = errorOf(await signInToSandbox({ ...context, sandboxUrl: sandbox.url }));
    assert.equal(problem.remedy, "start-sandbox");
  });
});

describe("a sign-in that ends", () => {
  it("is revoked at the server by signing out", async test => {
    const { store, connection, transport, clock, sandbox } = await signedIn(test);
    assert.ok((await signOut(connection, store, { transport, clock })).ok);
    assert.deepEqual(store.list(), []);
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: connection.refreshToken ?? assert.fail(),
      client_id: connection.clientId,
      client_secret: connection.clientSecret,
    });
    const answer = await fetch(`${sandbox.url}/oauth/v2/token`, { method: "POST", body: form });
    assert.deepEqual(await answer.json(), { error: "invalid_code" });
  });

  it("is told as signed out when it was revoked elsewhere, and works again after signing in anew", async test => {
    const { service, sandbox, store, transport, clock, id } = await signedIn(test);
    await control(sandbox, "revoke-tokens");
    await service.refresh();
    const state = service.stateOf(id);
    assert.ok(state.kind === "failed");
    assert.equal(state.problem.remedy, "sign-in");
    const again = valueOf(await signInToSandbox({ transport, clock, sandboxUrl: sandbox.url }));
    assert.equal(again.id, id);
    await store.add(again);
    await service.refresh();
    assert.equal(service.stateOf(id).kind, "loaded");
  });

  it("is not ended by a gateway that answers a token call in Zoho's place", async test => {
    for (const status of [401, 403, 502] as const) {
      const { service, sandbox, clock, id } = await signedIn(test);
      await control(sandbox, "expire-access-tokens");
      await control(sandbox, "faults", { kind: "status", status, path: "/oauth/v2/token" });
      await service.refresh();
      const state = service.stateOf(id);
      assert.ok(state.kind === "failed");
      assert.notEqual(state.problem.remedy, "sign-in");
      clock.advance(2 * second);
      await service.refresh();
      assert.equal(service.stateOf(id).kind, "loaded");
    }
  });

  it("goes unnoticed when only the access token expired", async test => {
    const { service, sandbox, id } = await signedIn(test);
    await control(sandbox, "expire-access-tokens");
    await service.refresh();
    assert.equal(service.stateOf(id).kind, "loaded");
  });

  for (const tokenThrottleStatus of [400, 200] as const) {
    it(`is told as throttled, and not asked for again until that is over, with ${tokenThrottleStatus}`, async test => {
      const behaviour = { accessTokensPerTenMinutes: 2, tokenThrottleStatus };
      const { sandbox, store, clock, id } = await signedIn(test, { behaviour });
      const transport = new CountingTransport();
      const clients = new ZohoClients({ store, transport, clock });
      for (let round = 0; round < 3; round++) {
        assert.equal(errorOf(await clients.for(id).organization()).kind, "throttled");
      }
      assert.deepEqual(transport.urls, [`${sandbox.url}/oauth/v2/token`]);
      clock.advance(10 * minute);
      assert.ok((await clients.for(id).organization()).ok);
    });
  }
});

class CountingTransport extends AxiosTransport {
  readonly urls: string[] = [];

  override async send(request: HttpRequest): ReturnType<AxiosTransport["send"]> {
    this.urls.push(request.url);
    return super.send(request);
  }
}
