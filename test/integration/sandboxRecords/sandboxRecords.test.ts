import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { type Clock, systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import type { Connection } from "../../../src/core/connections/connection.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { signInToSandbox } from "../../../src/core/connections/signIn.ts";
import { makeBelievableChanges } from "../../../src/core/sandbox/believableChanges.ts";
import { SandboxRecords } from "../../../src/core/sandbox/sandboxRecords.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import { aConnection } from "../../unit/core/connections/aConnection.ts";
import { errorOf, valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { startSandbox } from "../../support/testSandbox.ts";

interface Fixture {
  readonly records: SandboxRecords;
  readonly connection: Connection;
}

async function connected(test: TestContext): Promise<Fixture> {
  const sandbox = await startSandbox(test);
  const transport = new AxiosTransport();
  const clock = systemClock;
  const store = new ConnectionStore(new MemoryVault(), silentLogger, systemClock);
  const clients = new ZohoClients({ store, transport, clock });
  test.after(() => {
    clients.dispose();
    store.dispose();
  });
  const connection = valueOf(await signInToSandbox({ transport, clock, sandboxUrl: sandbox.url }));
  await store.add(connection);
  return { records: new SandboxRecords({ clients, transport, clock }), connection };
}

/** Time in which every wait is over at once. */
const hurried: Clock = { now: () => systemClock.now(), after: (_delay, action) => systemClock.after(0, action) };

describe("the records of the sandbox", { timeout: 30_000 }, () => {
  it("are created, edited and deleted over its API", async test => {
    const { records, connection } = await connected(test);
    const id = valueOf(await records.create(connection, "Leads", { Last_Name: "Solberg", Company: "Fjord" }));
    valueOf(await records.update(connection, "Leads", id, { Lead_Status: "Contacted" }));
    const [newest] = valueOf(await records.list(connection, "Leads", ["Lead_Status"]));
    assert.deepEqual([newest?.id, newest?.name, newest?.values["Lead_Status"]], [id, "Solberg", "Contacted"]);
    valueOf(await records.delete(connection, "Leads", id));
    assert.ok(valueOf(await records.list(connection, "Leads", [])).every(record => record.id !== id));
  });

  it("can be made in every module, with the mandatory fields that the metadata names", async test => {
    const { records, connection } = await connected(test);
    const modules = valueOf(await records.modules(connection));
    assert.ok(modules.length >= 15);
    for (const { apiName } of modules) {
      const fields = valueOf(await records.fields(connection, apiName));
      assert.ok(fields.length > 0, apiName);
      valueOf(
        await records.list(
          connection,
          apiName,
          fields.map(field => field.apiName),
        ),
      );
    }
  });

  it("can still be changed when the access token has ended before its time", async test => {
    const { records, connection } = await connected(test);
    valueOf(await records.create(connection, "Leads", { Last_Name: "Solberg" }));
    await fetch(`${connection.accountsUrl}/sandbox/expire-access-tokens`, { method: "POST" });
    valueOf(await records.create(connection, "Leads", { Last_Name: "Mensah" }));
  });

  it("say which field the sandbox refuses", async test => {
    const { records, connection } = await connected(test);
    const problem = errorOf(await records.create(connection, "Leads", { Company: "Fjord" }));
    assert.match(problem.message, /Last_Name/);
  });

  it("of any other connection are not touched", async test => {
    const { records } = await connected(test);
    const problem = errorOf(await records.create(aConnection(), "Leads", { Last_Name: "X" }));
    assert.deepEqual([problem.code, problem.remedy], ["NOT_A_SANDBOX_CONNECTION", "start-sandbox"]);
  });

  it("are changed for somebody who only wants to watch, step by step", async test => {
    const { records, connection } = await connected(test);
    const before = valueOf(await records.list(connection, "Leads", []));
    const told: string[] = [];
    const onProgress = (words: string): void => void told.push(words);
    const made = await makeBelievableChanges({ records, connection, clock: hurried, random: () => 0, onProgress });
    assert.deepEqual(made, { ok: true, value: 6 });
    assert.equal(told.length, 6);
    const after = valueOf(await records.list(connection, "Leads", ["Lead_Status", "Rating"]));
    assert.equal(after.length, before.length + 1);
    assert.deepEqual([after[0]?.name, after[0]?.values["Rating"]], ["Noor Haddad", "Hot"]);
  });

  it("are left as they are from the moment the person says stop", async test => {
    const { records, connection } = await connected(test);
    const abort = new AbortController();
    const onProgress = (): void => abort.abort();
    const options = { records, connection, clock: hurried, random: () => 0, signal: abort.signal, onProgress };
    assert.deepEqual(await makeBelievableChanges(options), { ok: true, value: 1 });
  });
});
