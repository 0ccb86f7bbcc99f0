import assert from "node:assert/strict";
import path from "node:path";
import { type TestContext, describe, it } from "node:test";
import { hour, minute, second } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { SharedTokens } from "../../../src/core/connections/sharedTokens.ts";
import { Claims } from "../../../src/core/windows/claims.ts";
import { Ledger } from "../../../src/core/windows/ledger.ts";
import { openSharedDatabase } from "../../../src/core/windows/sharedDatabase.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import type { HttpRequest } from "../../../src/zoho/httpTransport.ts";
import type { FakeClock } from "../../support/fakeClock.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { errorOf, valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { control, signedIn } from "./editorWindow.ts";

/** Notes the token calls of all windows of a test. */
class TokenCalls extends AxiosTransport {
  count = 0;

  override async send(request: HttpRequest): ReturnType<AxiosTransport["send"]> {
    if (request.url.endsWith("/oauth/v2/token")) this.count++;
    return super.send(request);
  }
}

/** Several windows of one machine: a vault and a database file for all, all else of each its own. */
async function openWindows(test: TestContext, count: number) {
  // The sandbox would count the tokens of the sign-in too; here the limit is ours to keep.
  const { sandbox, clock, connection } = await signedIn(test, { behaviour: { accessTokensPerTenMinutes: 100 } });
  const vault = new MemoryVault();
  const calls = new TokenCalls();
  const file = path.join(temporaryFolder(test), "windows.sqlite");
  const windows = await Promise.all(
    Array.from({ length: count }, async () => openOne(test, { vault, calls, file, clock })),
  );
  await windows[0]?.store.add(connection);
  for (const { store } of windows) await store.load();
  return {
    sandbox,
    clock,
    vault,
    calls,
    windows: windows.map(({ clients }) => clients),
    store: windows[0]?.store,
    connection,
  };
}

interface Machine {
  readonly vault: MemoryVault;
  readonly calls: TokenCalls;
  readonly file: string;
  readonly clock: FakeClock;
}

async function openOne(test: TestContext, { vault, calls, file, clock }: Machine) {
  const shared = openSharedDatabase(file, silentLogger);
  const store = new ConnectionStore(vault, silentLogger, clock);
  await store.load();
  const ledger = new Ledger(shared.database, silentLogger);
  const claims = new Claims(shared.database, clock);
  const sharedTokens = new SharedTokens({ vault, ledger, claims, logger: silentLogger });
  const clients = new ZohoClients({ store, transport: calls, clock, sharedTokens });
  test.after(() => {
    clients.dispose();
    store.dispose();
    shared.dispose();
  });
  return { store, clients };
}

describe("access tokens of several windows", () => {
  it("are one token, minted once, when ten windows open at the same time", async test => {
    const { clock, calls, windows, connection } = await openWindows(test, 10);
    const asked = windows.map(async clients => clients.accessToken(connection.id));
    await Promise.race(asked);
    // The others look again a moment later.
    for (let turn = 0; turn < 20; turn++) {
      clock.advance(second / 4);
      await new Promise(setImmediate);
    }
    assert.equal(new Set((await Promise.all(asked)).map(valueOf)).size, 1);
    assert.equal(calls.count, 1);
  });

  it("are minted anew when Zoho no longer takes the shared one, and then shared again", async test => {
    const { sandbox, calls, windows, connection } = await openWindows(test, 2);
    const [first, second] = windows;
    assert.ok(first && second);
    assert.ok((await first.for(connection.id).organization()).ok);
    assert.ok((await second.for(connection.id).organization()).ok);
    assert.equal(calls.count, 1);
    await control(sandbox, "expire-access-tokens");
    assert.ok((await first.for(connection.id).organization()).ok);
    assert.ok((await second.for(connection.id).organization()).ok);
    assert.equal(calls.count, 2);
    assert.equal(valueOf(await first.accessToken(connection.id)), valueOf(await second.accessToken(connection.id)));
  });

  it("are minted again shortly before the shared one ends", async test => {
    const { clock, calls, windows, connection } = await openWindows(test, 2);
    for (const clients of windows) valueOf(await clients.accessToken(connection.id));
    clock.advance(hour - minute);
    for (const clients of windows) valueOf(await clients.accessToken(connection.id));
    assert.equal(calls.count, 2);
  });

  it("are counted together: the eleventh in ten minutes is asked for by none", async test => {
    const { sandbox, clock, calls, windows, connection } = await openWindows(test, 3);
    for (let round = 0; round < 10; round++) {
      const clients = windows[round % windows.length];
      assert.ok(clients && (await clients.for(connection.id).organization()).ok);
      await control(sandbox, "expire-access-tokens");
      clock.advance(minute / 2);
    }
    assert.equal(calls.count, 10);
    for (const clients of windows) {
      const problem = errorOf(await clients.for(connection.id).organization());
      assert.equal(
        problem.message,
        "Zoho gives one sign-in at most ten access tokens in ten minutes, and they are used up. Try again in 5 minutes.",
      );
    }
    assert.equal(calls.count, 10);
    clock.advance(5 * minute);
    for (const clients of windows) assert.ok((await clients.for(connection.id).organization()).ok);
    assert.equal(calls.count, 11);
  });

  it("are forgotten with the sign-in, and named by nothing that tells the refresh token", async test => {
    const { vault, windows, store, connection } = await openWindows(test, 1);
    valueOf(await (windows[0] ?? assert.fail()).accessToken(connection.id));
    const before = [...vault.entries.keys()].filter(key => key.includes("accessToken"));
    assert.equal(before.length, 1);
    assert.ok(!before.some(key => key.includes(connection.refreshToken ?? assert.fail())));
    await store?.remove(connection.id);
    assert.deepEqual(
      [...vault.entries.keys()].filter(key => key.includes("accessToken")),
      [],
    );
  });
});
