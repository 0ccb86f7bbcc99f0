import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { minute } from "../../../../src/base/clock.ts";
import { LatestTask } from "../../../../src/base/latestTask.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { succeed } from "../../../../src/base/result.ts";
import { isProduction } from "../../../../src/core/connections/connection.ts";
import { ConnectionStore } from "../../../../src/core/connections/connectionStore.ts";
import { type DevicePrompt, signInWithDevice } from "../../../../src/core/connections/deviceSignIn.ts";
import {
  type BrowserSignIn,
  signInToSandbox,
  signInWithBrowser,
  signInWithCredentials,
  signInWithSelfClient,
  signOut,
} from "../../../../src/core/connections/signIn.ts";
import type { HttpRequest } from "../../../../src/zoho/httpTransport.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { sendRaw } from "../../../support/rawHttp.ts";
import { ScriptedTransport, answer, errorOf, reply, valueOf } from "../../zoho/scriptedTransport.ts";
import { aConnection, aCredentialsConnection } from "./aConnection.ts";

const grant = {
  access_token: "access",
  refresh_token: "refresh-hush",
  api_domain: "https://www.zohoapis.eu",
  expires_in: 3600,
  scope: "ZohoCRM.notifications.ALL",
};

/** Answers "who is that?", whichever of its two questions comes first. */
function identity({ url }: HttpRequest): ReturnType<typeof succeed<ReturnType<typeof answer>>> {
  const organization = { org: [{ id: "1", company_name: "Hearth Homes", type: "Production" }] };
  const user = { users: [{ id: "2", full_name: "Ines Holm", email: "ines@example.com" }] };
  return succeed(answer(200, url.includes("/org") ? organization : user));
}

const application = { at: "eu", clientId: "1000.ID", clientSecret: "client-hush" } as const;

/** A sign-in whose browser is the function given; it gets the redirect address and the state. */
function browserSignIn(
  transport: ScriptedTransport,
  browse: (redirectUri: string, state: string) => Promise<unknown>,
  changes: Partial<BrowserSignIn> = {},
): { options: BrowserSignIn; redirectUri: () => string; clock: FakeClock } {
  const clock = new FakeClock();
  let seen = "";
  const openBrowser = async (url: string): Promise<boolean> => {
    const parameters = new URL(url).searchParams;
    seen = parameters.get("redirect_uri") ?? "";
    // The listener is on IPv4; a browser tries both.
    await browse(seen.replace("localhost", "127.0.0.1"), parameters.get("state") ?? "");
    return true;
  };
  return {
    options: { ...application, transport, clock, redirectPort: 0, openBrowser, ...changes },
    redirectUri: () => seen,
    clock,
  };
}

async function isListening(redirectUri: string): Promise<boolean> {
  try {
    await fetch(redirectUri.replace("localhost", "127.0.0.1"));
    return true;
  } catch {
    return false;
  }
}

describe("signInWithBrowser", () => {
  // In the place of the server the code of the problem where nobody gets the code.
  const answers: readonly (readonly [asked: BrowserSignIn["at"], callback: string, server: string])[] = [
    ["us", "location=eu", "https://accounts.zoho.eu"],
    ["us", "location=us", "https://accounts.zoho.com"],
    ["us", "location=atlantis", "https://accounts.zoho.com"],
    ["us", "location=eu&accounts-server=https%3A%2F%2Faccounts.zoho.in", "https://accounts.zoho.in"],
    ["cn", "location=cn&accounts-server=https%3A%2F%2Faccounts.zoho.com.cn", "https://accounts.zoho.com.cn"],
    ["us", "location=cn", "OTHER_DATA_CENTRE"],
    ["eu", "location=cn&accounts-server=https%3A%2F%2Faccounts.zoho.com.cn", "OTHER_DATA_CENTRE"],
    ["cn", "accounts-server=https%3A%2F%2Faccounts.zoho.com", "OTHER_DATA_CENTRE"],
    ["us", "location=cn&accounts-server=https%3A%2F%2Fevil.example.com", "UNKNOWN_ACCOUNTS_SERVER"],
    ["us", "accounts-server=https%3A%2F%2Faccounts.zoho.com.cn.example.com", "UNKNOWN_ACCOUNTS_SERVER"],
    ["us", "accounts-server=nothing", "UNKNOWN_ACCOUNTS_SERVER"],
    [{ accountsUrl: "https://crm.example.com" }, "location=eu", "https://crm.example.com"],
    [
      { accountsUrl: "https://crm.example.com" },
      "accounts-server=https%3A%2F%2Fcrm.example.com",
      "https://crm.example.com",
    ],
    [
      { accountsUrl: "https://crm.example.com" },
      "accounts-server=https%3A%2F%2Fevil.example.com",
      "UNKNOWN_ACCOUNTS_SERVER",
    ],
  ];
  for (const [asked, callback, server] of answers) {
    const where = typeof asked === "string" ? asked : asked.accountsUrl;
    const isRefused = !server.startsWith("https://");
    it(`that began at ${where} sends the code to ${isRefused ? "nobody" : server} after ${callback}`, async () => {
      const transport = new ScriptedTransport(...(isRefused ? [] : [reply(200, grant), identity, identity]));
      const browse = async (address: string, state: string): Promise<unknown> =>
        fetch(`${address}?code=c&state=${state}&${callback}`);
      const { options } = browserSignIn(transport, browse, { at: asked });
      const outcome = await signInWithBrowser(options);
      if (isRefused) assert.equal(errorOf(outcome).code, server);
      else assert.equal(valueOf(outcome).accountsUrl, server);
      assert.deepEqual(
        transport.requests.slice(0, 1).map(({ url }) => url),
        isRefused ? [] : [`${server}/oauth/v2/token`],
      );
    });
  }

  for (const [api, type] of [
    ["www", "Production"],
    ["sandbox", "Sandbox"],
    ["developer", "Developer"],
  ] as const) {
    it(`counts an organisation at ${api}.zohoapis.eu as ${type}, and calls it there`, async () => {
      const transport = new ScriptedTransport(
        reply(200, { ...grant, api_domain: `https://${api}.zohoapis.eu` }),
        identity,
        identity,
      );
      const { options } = browserSignIn(transport, async (address, state) => fetch(`${address}?code=c&state=${state}`));
      const connection = valueOf(await signInWithBrowser(options));
      assert.deepEqual([connection.organization.type, isProduction(connection)], [type, type === "Production"]);
      assert.ok(transport.request(1).url.startsWith(`https://${api}.zohoapis.eu/crm/v8/`));
    });
  }

  it("makes a connection of the code that the browser brings, and stops listening", async () => {
    const transport = new ScriptedTransport(reply(200, grant), identity, identity);
    const { options, redirectUri, clock } = browserSignIn(transport, async (address, state) => {
      const page = await fetch(`${address}?code=1000.code&state=${state}&location=eu`);
      assert.equal(page.status, 200);
      const text = await page.text();
      assert.match(text, /you can close this page/);
      assert.ok(!text.includes("1000.code"));
      assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    });
    const connection = valueOf(await signInWithBrowser(options));
    assert.deepEqual(connection, aConnection());
    const form = new URLSearchParams(transport.request(0).body);
    assert.equal(form.get("redirect_uri"), redirectUri());
    assert.match(redirectUri(), /^http:\/\/localhost:\d+\/callback$/);
    assert.equal(await isListening(redirectUri()), false);
    assert.equal(clock.pending, 0);
  });

  it("exchanges the code at another data centre of Zoho's when the callback names it", async () => {
    const transport = new ScriptedTransport(reply(200, grant), identity, identity);
    const { options } = browserSignIn(transport, async (address, state) =>
      fetch(`${address}?code=c&state=${state}&accounts-server=${encodeURIComponent("https://accounts.zoho.in")}`),
    );
    const connection = valueOf(await signInWithBrowser(options));
    assert.equal(transport.request(0).url, "https://accounts.zoho.in/oauth/v2/token");
    assert.deepEqual([connection.dataCentre, connection.accountsUrl], ["in", "https://accounts.zoho.in"]);
  });

  const strangers = ["https://accounts.zoho.in.example.com", "http://accounts.zoho.in", "http://127.0.0.1:9", "x"];
  for (const stranger of strangers) {
    it(`sends no secret to ${stranger}`, async () => {
      const transport = new ScriptedTransport();
      const { options } = browserSignIn(transport, async (address, state) =>
        fetch(`${address}?code=c&state=${state}&accounts-server=${encodeURIComponent(stranger)}`),
      );
      assert.equal(errorOf(await signInWithBrowser(options)).code, "UNKNOWN_ACCOUNTS_SERVER");
      assert.equal(transport.requests.length, 0);
    });
  }

  it("ends at once, in a clear sentence, when the consent is denied", async () => {
    const { options, redirectUri } = browserSignIn(new ScriptedTransport(), async (address, state) => {
      const page = await fetch(`${address}?error=access_denied&state=${state}`);
      assert.deepEqual([page.status, (await page.text()).includes("Not signed in")], [200, true]);
    });
    const problem = errorOf(await signInWithBrowser(options));
    assert.deepEqual(
      [problem.code, problem.message],
      ["access_denied", "The access was declined on Zoho's consent page. Sign in again and accept it to connect."],
    );
    assert.equal(await isListening(redirectUri()), false);
  });

  it("is not ended by a refusal without the state, which any page can send, though it is shown as one", async () => {
    const transport = new ScriptedTransport(reply(200, grant), identity, identity);
    const { options } = browserSignIn(transport, async (address, state) => {
      for (const query of ["?error=access_denied", "?error=x&code=evil"]) {
        const page = await fetch(address + query);
        assert.deepEqual([page.status, (await page.text()).includes("Not signed in")], [400, true]);
      }
      await fetch(`${address}?code=good&state=${state}`);
    });
    valueOf(await signInWithBrowser(options));
    assert.equal(new URLSearchParams(transport.request(0).body).get("code"), "good");
  });

  it("turns away answers to other sign-ins, and goes on waiting", async () => {
    const transport = new ScriptedTransport(reply(200, grant), identity, identity);
    const { options } = browserSignIn(transport, async (address, state) => {
      const statuses: number[] = [];
      const strange = ["?code=evil&state=wrong", "?code=evil", `?state=${state}`, "?error=x&state=wrong", ""];
      for (const query of strange) statuses.push((await fetch(address + query)).status);
      statuses.push((await fetch(address.replace("callback", "favicon.ico"))).status);
      statuses.push((await fetch(`${address}?code=evil&state=${state}`, { method: "POST" })).status);
      assert.deepEqual(statuses, [400, 400, 400, 400, 400, 404, 404]);
      await fetch(`${address}?code=good&state=${state}`);
    });
    valueOf(await signInWithBrowser(options));
    assert.equal(new URLSearchParams(transport.request(0).body).get("code"), "good");
  });

  it("gives up after five minutes", async () => {
    const { options, redirectUri, clock } = browserSignIn(new ScriptedTransport(), async () => {
      clock.advance(5 * minute);
      return Promise.resolve();
    });
    const problem = errorOf(await signInWithBrowser(options));
    assert.equal(problem.code, "SIGN_IN_TIMED_OUT");
    assert.equal(await isListening(redirectUri()), false);
  });

  it("ends when the person cancels", async () => {
    const abort = new AbortController();
    const { options, redirectUri, clock } = browserSignIn(
      new ScriptedTransport(),
      async () => {
        abort.abort();
        return Promise.resolve();
      },
      { signal: abort.signal },
    );
    assert.equal(errorOf(await signInWithBrowser(options)).code, "CANCELLED");
    assert.equal(await isListening(redirectUri()), false);
    assert.equal(clock.pending, 0);
    assert.equal(errorOf(await signInWithBrowser(options)).code, "CANCELLED");
  });

  it("counts a browser that the person did not let open as cancelled, which is no error", async () => {
    const openBrowser = async (): Promise<boolean> => Promise.resolve(false);
    const { options } = browserSignIn(new ScriptedTransport(), async () => Promise.resolve(), { openBrowser });
    assert.equal(errorOf(await signInWithBrowser(options)).code, "CANCELLED");
  });

  it("says so when the browser cannot be opened", async () => {
    const openBrowser = async (): Promise<boolean> => Promise.reject(new Error("no"));
    const { options } = browserSignIn(new ScriptedTransport(), async () => Promise.resolve(), { openBrowser });
    assert.equal(errorOf(await signInWithBrowser(options)).code, "BROWSER_NOT_OPENED");
  });

  it("sends a challenge out with the browser, and redeems the code with its verifier, new for each sign-in", async () => {
    const verifiers = new Set<string>();
    for (let count = 0; count < 2; count++) {
      const transport = new ScriptedTransport(reply(200, grant), identity, identity);
      let sent = new URLSearchParams();
      const { options } = browserSignIn(transport, async () => Promise.resolve());
      const openBrowser = async (url: string): Promise<boolean> => {
        sent = new URL(url).searchParams;
        const address = (sent.get("redirect_uri") ?? "").replace("localhost", "127.0.0.1");
        await fetch(`${address}?code=c&state=${sent.get("state") ?? ""}`);
        return true;
      };
      valueOf(await signInWithBrowser({ ...options, openBrowser }));
      const verifier = new URLSearchParams(transport.request(0).body).get("code_verifier") ?? "";
      assert.match(verifier, /^[A-Za-z0-9\-._~]{43,128}$/);
      const digest = createHash("sha256").update(verifier).digest("base64url");
      assert.deepEqual([sent.get("code_challenge"), sent.get("code_challenge_method")], [digest, "S256"]);
      assert.ok(![...sent.values()].includes(verifier));
      verifiers.add(verifier);
    }
    assert.equal(verifiers.size, 2);
  });

  it("goes on waiting after targets that are no addresses", async () => {
    const transport = new ScriptedTransport(reply(200, grant), identity, identity);
    const { options } = browserSignIn(transport, async (address, state) => {
      const targets = [
        "//",
        "///",
        "*",
        "http://[",
        "/%",
        "/callback/..",
        "http://localhost/callback?code=evil",
        "?",
        "/callback#x",
      ];
      for (const target of targets) {
        const { status } = await sendRaw(address, `GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
        assert.ok(status === 404 || status === 400, `${target}: ${status}`);
      }
      await fetch(`${address}?code=good&state=${state}`);
    });
    valueOf(await signInWithBrowser(options));
    assert.equal(new URLSearchParams(transport.request(0).body).get("code"), "good");
  });

  it("says which port is taken, and what to do", async test => {
    const other = createServer();
    test.after(() => other.close());
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { options } = browserSignIn(
      new ScriptedTransport(),
      async () => Promise.reject(new Error("Opened a browser")),
      {
        redirectPort: port,
      },
    );
    const problem = errorOf(await signInWithBrowser(options));
    assert.equal(problem.code, "REDIRECT_PORT_IN_USE");
    assert.ok(problem.message.startsWith(`Port ${port} is in use by another program`));
  });

  it("takes the port over from a sign-in of the same window that nobody finished", async () => {
    const tasks = new LatestTask();
    const opened = Promise.withResolvers<string>();
    const abandoned = browserSignIn(new ScriptedTransport(), async redirectUri => {
      opened.resolve(redirectUri);
      return Promise.resolve();
    });
    const first = tasks.run(async signal => signInWithBrowser({ ...abandoned.options, signal }));
    const redirectPort = Number(new URL(await opened.promise).port);
    const { options } = browserSignIn(
      new ScriptedTransport(reply(200, grant), identity, identity),
      async (redirectUri, state) => fetch(`${redirectUri}?state=${state}&code=good`),
      { redirectPort },
    );
    valueOf(await tasks.run(async signal => signInWithBrowser({ ...options, signal })));
    assert.equal(errorOf(await first).code, "CANCELLED");
  });
});

describe("signInWithSelfClient", () => {
  function options(transport: ScriptedTransport): Parameters<typeof signInWithSelfClient>[0] {
    return { ...application, code: " 1000.code\n", transport, clock: new FakeClock() };
  }

  it("takes the code as it was pasted, and sends no redirect address", async () => {
    const transport = new ScriptedTransport(reply(200, grant), identity, identity);
    assert.deepEqual(valueOf(await signInWithSelfClient(options(transport))), aConnection());
    const form = new URLSearchParams(transport.request(0).body);
    assert.deepEqual([form.get("code"), form.get("redirect_uri")], ["1000.code", null]);
  });

  it("passes on what is wrong with the client", async () => {
    const transport = new ScriptedTransport(reply(200, { error: "invalid_client_secret" }));
    assert.equal(errorOf(await signInWithSelfClient(options(transport))).code, "invalid_client_secret");
  });

  it("says that a code lacks a scope, and revokes what it cannot use", async () => {
    const mismatch = reply(401, { code: "OAUTH_SCOPE_MISMATCH", details: {}, message: "", status: "error" });
    const transport = new ScriptedTransport(reply(200, grant), mismatch, mismatch, reply(200, { status: "success" }));
    const problem = errorOf(await signInWithSelfClient(options(transport)));
    assert.match(
      problem.message,
      /lacks one of the scopes that this extension needs\. Sign in again with all of them\./,
    );
    assert.match(transport.request(3).url, /\/revoke\?token=refresh-hush$/);
  });

  it("does not keep a sign-in that lasts an hour only", async () => {
    const { refresh_token: _, ...hour } = grant;
    const transport = new ScriptedTransport(reply(200, hour));
    assert.equal(errorOf(await signInWithSelfClient(options(transport))).code, "NO_REFRESH_TOKEN");
  });

  it("takes a stand-in at an address for a sandbox, and an unknown HTTPS server for Zoho", async () => {
    const kinds: unknown[] = [];
    for (const accountsUrl of ["http://127.0.0.1:4000/", "https://accounts.zoho.new"]) {
      const transport = new ScriptedTransport(reply(200, grant), identity, identity);
      const connection = valueOf(await signInWithSelfClient({ ...options(transport), at: { accountsUrl } }));
      kinds.push([connection.kind, connection.dataCentre, connection.accountsUrl]);
    }
    assert.deepEqual(kinds, [
      ["sandbox", "sandbox", "http://127.0.0.1:4000"],
      ["zoho", "other", "https://accounts.zoho.new"],
    ]);
  });
});

describe("signInWithCredentials", () => {
  const { refresh_token: _, ...hour } = grant;

  function options(transport: ScriptedTransport): Parameters<typeof signInWithCredentials>[0] {
    return { ...application, zgid: "66489999", transport, clock: new FakeClock() };
  }

  it("makes a connection without a refresh token", async () => {
    const transport = new ScriptedTransport(reply(200, hour), identity, identity);
    assert.deepEqual(valueOf(await signInWithCredentials(options(transport))), aCredentialsConnection());
    assert.equal(new URLSearchParams(transport.request(0).body).get("soid"), "ZohoCRM.66489999");
  });

  it("passes on what Zoho refuses", async () => {
    const transport = new ScriptedTransport(reply(200, { error: "missing_org_info" }));
    assert.equal(errorOf(await signInWithCredentials(options(transport))).code, "missing_org_info");
  });

  it("says that the client lacks a scope, and has nothing to revoke", async () => {
    const mismatch = reply(401, { code: "OAUTH_SCOPE_MISMATCH", details: {}, message: "", status: "error" });
    const transport = new ScriptedTransport(reply(200, hour), mismatch, mismatch);
    assert.equal(errorOf(await signInWithCredentials(options(transport))).code, "OAUTH_SCOPE_MISMATCH");
  });
});

describe("signInWithDevice", () => {
  const device = { user_code: "ABCD-EFGH", device_code: "1004.d", interval: 5000, expires_in: 300_000 };

  it("shows the code once, and makes a connection when it was accepted, at the server that gave the tokens", async () => {
    const transport = new ScriptedTransport(
      reply(200, device),
      reply(200, { error: "other_dc", user_location: "eu" }),
      reply(200, grant),
      identity,
      identity,
    );
    const clock = new FakeClock();
    const shown: DevicePrompt[] = [];
    const signingIn = signInWithDevice({
      ...application,
      at: "us",
      transport,
      clock,
      showCode: prompt => shown.push(prompt),
    });
    for (let poll = 0; poll < 2; poll++) {
      await new Promise(setImmediate);
      clock.advance(5000);
    }
    assert.deepEqual(valueOf(await signingIn), aConnection());
    assert.deepEqual(
      shown.map(({ userCode, verificationUrl }) => [userCode, verificationUrl]),
      [["ABCD-EFGH", "https://accounts.zoho.com/oauth/v3/device"]],
    );
    assert.deepEqual(
      transport.requests.slice(0, 3).map(({ url }) => url),
      [
        "https://accounts.zoho.com/oauth/v3/device/code",
        "https://accounts.zoho.com/oauth/v3/device/token",
        "https://accounts.zoho.eu/oauth/v3/device/token",
      ],
    );
  });

  it("shows nothing where no code is given", async () => {
    const transport = new ScriptedTransport(reply(200, { error: "unauthorized_client" }));
    const showCode = (): never => assert.fail("Showed a code");
    const problem = errorOf(await signInWithDevice({ ...application, transport, clock: new FakeClock(), showCode }));
    assert.equal(
      problem.message,
      "This client can't sign in with a code on another device. " +
        "In Zoho's API console, create one of the type Non-browser Application.",
    );
  });
});

describe("signInToSandbox", () => {
  const clock = new FakeClock();

  it("asks the sandbox for a client and a code, and keeps one name over all its ports", async () => {
    const made = { client_id: "1000.S", client_secret: "s", code: "c" };
    const ids: string[] = [];
    for (const sandboxUrl of ["http://127.0.0.1:4000", "http://127.0.0.1:4001"]) {
      const transport = new ScriptedTransport(
        reply(200, made),
        reply(200, { ...grant, api_domain: sandboxUrl }),
        identity,
        identity,
      );
      const connection = valueOf(await signInToSandbox({ sandboxUrl, transport, clock }));
      assert.deepEqual([connection.kind, connection.apiDomain, connection.clientId], ["sandbox", sandboxUrl, "1000.S"]);
      ids.push(connection.id);
    }
    assert.equal(new Set(ids).size, 1);
  });

  it("says that another server is not a sandbox", async () => {
    for (const [status, body] of [
      [404, "<html>"],
      [200, {}],
    ] as const) {
      const transport = new ScriptedTransport(reply(status, body));
      const problem = errorOf(await signInToSandbox({ sandboxUrl: "http://127.0.0.1:4000", transport, clock }));
      assert.deepEqual([problem.code, problem.remedy], ["NOT_A_SANDBOX", "start-sandbox"]);
    }
  });
});

describe("signOut", () => {
  async function storeWithOne(): Promise<ConnectionStore> {
    const store = new ConnectionStore(new MemoryVault(), silentLogger, new FakeClock());
    await store.add(aConnection());
    return store;
  }

  it("forgets the connection before it revokes", async () => {
    const store = await storeWithOne();
    const transport = new ScriptedTransport(() => {
      assert.deepEqual(store.list(), []);
      return succeed(answer(200, { status: "success" }));
    });
    assert.ok((await signOut(aConnection(), store, { transport, clock: new FakeClock() })).ok);
    assert.match(transport.request(0).url, /^https:\/\/accounts\.zoho\.eu\/oauth\/v2\/token\/revoke\?/);
  });

  it("says so when Zoho could not be told, without the token", async () => {
    const store = await storeWithOne();
    const transport = new ScriptedTransport(reply(503, ""));
    const problem = errorOf(await signOut(aConnection(), store, { transport, clock: new FakeClock() }));
    assert.equal(problem.code, "NOT_REVOKED");
    assert.ok(!JSON.stringify(problem).includes("hush"));
    assert.deepEqual(store.list(), []);
  });

  it("asks nobody about a sign-in by client credentials, which has nothing to revoke", async () => {
    const store = await storeWithOne();
    const context = { transport: new ScriptedTransport(), clock: new FakeClock() };
    assert.ok((await signOut(aCredentialsConnection(), store, context)).ok);
    assert.deepEqual(store.list(), []);
  });
});
