import "../../support/vscodeAuthentication/hook.ts";
import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { silentLogger } from "../../../src/base/logger.ts";
import { CancelledError } from "../../../src/base/problem.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import type { Connection } from "../../../src/core/connections/connection.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { networkProblem } from "../../../src/zoho/networkProblem.ts";
import type { HttpRequest, HttpTransport } from "../../../src/zoho/httpTransport.ts";
import { fail, succeed } from "../../../src/base/result.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { CancellationError } from "../../support/vscodeAuthentication/standIn.ts";
import { aConnection } from "../core/connections/aConnection.ts";
import { answer } from "../zoho/scriptedTransport.ts";

const { ZohoAuthenticationProvider } = await import("../../../src/host/connections/authProvider.ts");

const good = aConnection();
const sandbox = aConnection({
  id: "sandbox/1/2",
  kind: "sandbox",
  accountsUrl: "http://127.0.0.1:4000",
  refreshToken: "s",
});
const scopes = ["ZohoCRM.notifications.ALL"];

/** Zoho answers with `body`; nothing listens for a sandbox. */
function accounts(body: unknown): HttpTransport {
  return {
    send: async ({ url }: HttpRequest) =>
      Promise.resolve(
        url.startsWith("http://127.0.0.1")
          ? fail(networkProblem("ECONNREFUSED", "127.0.0.1"))
          : succeed(answer(200, body)),
      ),
  };
}

async function open(
  test: TestContext,
  kept: readonly Connection[],
  { body = { access_token: "token" }, ask }: { body?: unknown; ask?: () => Promise<Connection> } = {},
) {
  const store = new ConnectionStore(new MemoryVault(), silentLogger, new FakeClock());
  for (const connection of kept) await store.add(connection);
  const clients = new ZohoClients({ store, transport: accounts(body), clock: new FakeClock() });
  const asked = ask ?? (async () => Promise.reject(new Error("Asked the person")));
  const provider = new ZohoAuthenticationProvider(store, clients, asked, async () => Promise.resolve());
  const told: { added: number; removed: number; changed: number }[] = [];
  provider.onDidChangeSessions(({ added, removed, changed }) =>
    told.push({ added: added?.length ?? 0, removed: removed?.length ?? 0, changed: changed?.length ?? 0 }),
  );
  test.after(() => {
    provider.dispose();
    clients.dispose();
    store.dispose();
  });
  return { provider, store, told };
}

describe("ZohoAuthenticationProvider", () => {
  it("gives the sessions that have a token, beside one that has none", async test => {
    const { provider } = await open(test, [sandbox, good]);
    const sessions = await provider.getSessions(scopes, {});
    assert.deepEqual(
      sessions.map(({ id, accessToken }) => [id, accessToken]),
      [[good.id, "token"]],
    );
  });

  it("says why where no session has a token", async test => {
    const { provider } = await open(test, [sandbox]);
    await assert.rejects(provider.getSessions(scopes, {}), /Nothing is listening at/);
  });

  it("has no session where the only one is signed out, so that VS Code can ask for one", async test => {
    const { provider } = await open(test, [good], { body: { error: "invalid_code" } });
    assert.deepEqual(await provider.getSessions(scopes, {}), []);
  });

  it("lists the accounts without asking anybody", async test => {
    const { provider } = await open(test, [sandbox, good]);
    const sessions = await provider.getSessions(undefined, {});
    assert.deepEqual(
      sessions.map(({ accessToken }) => accessToken),
      ["", ""],
    );
  });

  it("announces what came, went, and was signed in to again with other scopes or another token", async test => {
    const { store, told } = await open(test, [good]);
    await store.add(sandbox);
    await store.add(aConnection({ scopes: ["ZohoCRM.modules.ALL"] }));
    await store.add(aConnection({ scopes: ["ZohoCRM.modules.ALL"], refreshToken: "another" }));
    await store.remove(sandbox.id);
    assert.deepEqual(told, [
      { added: 1, removed: 0, changed: 0 },
      { added: 0, removed: 0, changed: 1 },
      { added: 0, removed: 0, changed: 1 },
      { added: 0, removed: 1, changed: 0 },
    ]);
  });

  it("announces nothing where nothing changed", async test => {
    const { store, told } = await open(test, [good]);
    await store.add(good);
    assert.deepEqual(told, []);
  });

  it("cancels in VS Code's own way, which shows no error", async test => {
    const ask = async (): Promise<Connection> => Promise.reject(new CancelledError());
    const { provider } = await open(test, [], { ask });
    await assert.rejects(provider.createSession(scopes), CancellationError);
  });
});
