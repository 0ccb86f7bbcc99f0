import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "../../../../src/base/logger.ts";
import { ZohoClients } from "../../../../src/core/connections/clients.ts";
import { ConnectionStore } from "../../../../src/core/connections/connectionStore.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { ScriptedTransport, errorOf, reply, valueOf } from "../../zoho/scriptedTransport.ts";
import { aConnection, aCredentialsConnection } from "./aConnection.ts";

async function setUp(transport: ScriptedTransport): Promise<{ store: ConnectionStore; clients: ZohoClients }> {
  const store = new ConnectionStore(new MemoryVault(), silentLogger, new FakeClock());
  await store.add(aConnection());
  return { store, clients: new ZohoClients({ store, transport, clock: new FakeClock() }) };
}

const { id } = aConnection();

describe("ZohoClients", () => {
  it("keeps one client, and one token, for each connection", async () => {
    const transport = new ScriptedTransport(reply(200, { access_token: "one" }), reply(204, ""), reply(204, ""));
    const { clients } = await setUp(transport);
    assert.equal(clients.for(id), clients.for(id));
    await clients.for(id).listSubscriptions();
    await clients.for(id).listSubscriptions();
    assert.equal(valueOf(await clients.accessToken(id)), "one");
    assert.equal(transport.unused, 0);
  });

  it("makes a new client after signing in anew", async () => {
    const { store, clients } = await setUp(new ScriptedTransport());
    const before = clients.for(id);
    await store.add(aConnection({ refreshToken: "newer" }));
    assert.notEqual(clients.for(id), before);
  });

  it("answers signed out, and asks nobody, for a connection that is gone", async () => {
    const { store, clients } = await setUp(new ScriptedTransport());
    await store.remove(id);
    assert.equal(errorOf(await clients.for(id).modules()).kind, "signed-out");
    assert.equal(errorOf(await clients.accessToken(id)).kind, "signed-out");
  });

  it("mints by the client's credentials where the connection has no refresh token", async () => {
    const transport = new ScriptedTransport(reply(200, { access_token: "one" }));
    const { store, clients } = await setUp(transport);
    const connection = aCredentialsConnection({ id: "credentials" });
    await store.add(connection);
    assert.equal(valueOf(await clients.accessToken("credentials")), "one");
    const form = new URLSearchParams(transport.request(0).body);
    assert.deepEqual(
      ["grant_type", "soid", "scope", "client_secret"].map(name => form.get(name)),
      ["client_credentials", "ZohoCRM.66489999", connection.scopes.join(","), "client-hush"],
    );
  });

  it("makes a new client after another way of signing in", async () => {
    const { store, clients } = await setUp(new ScriptedTransport());
    const before = clients.for(id);
    await store.add(aCredentialsConnection());
    assert.notEqual(clients.for(id), before);
  });
});
