import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minute, systemClock } from "../../../src/base/clock.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import { RetryingTransport } from "../../../src/zoho/retryingTransport.ts";
import type { ZohoClient } from "../../../src/zoho/zohoClient.ts";
import { errorOf, valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { control, signedIn } from "./editorWindow.ts";

const limits = { mostRetries: 3, patience: minute, backoff: { first: 1, longest: 4 } };

/** A client as the editor has it, but that waits for milliseconds only. */
async function patientClient(test: Parameters<typeof signedIn>[0]) {
  const { sandbox, store, clock, id } = await signedIn(test);
  const transport = new RetryingTransport({
    transport: new AxiosTransport(),
    clock: systemClock,
    random: Math.random,
    limits,
  });
  const clients = new ZohoClients({ store, transport, clock });
  test.after(() => clients.dispose());
  const client: ZohoClient = clients.for(id);
  valueOf(await client.organization());
  return { sandbox, client, clock, clients, id };
}

describe("a sandbox that fails for a moment", () => {
  const faults = [
    { kind: "status", status: 429 },
    { kind: "status", status: 500 },
    { kind: "status", status: 503 },
    { kind: "hang-up" },
  ];
  for (const fault of faults) {
    it(`goes unnoticed by who reads: ${JSON.stringify(fault)} three times`, async test => {
      const { sandbox, client } = await patientClient(test);
      await control(sandbox, "faults", { ...fault, times: 3 });
      assert.deepEqual(valueOf(await client.listSubscriptions()).subscriptions, []);
    });

    it(`makes no second channel: ${JSON.stringify(fault)}`, async test => {
      const { sandbox, client, clock } = await patientClient(test);
      await control(sandbox, "faults", { ...fault, method: "POST" });
      const wanted = { channelId: "42", events: ["Leads.all"], notifyUrl: "http://127.0.0.1:9/in/abc" };
      const extras = { expiresAt: clock.now() + minute * 60, notifyOnRelatedAction: false };
      valueOf(await client.subscribe({ ...wanted, ...extras, returnAffectedFieldValues: false }));
      assert.equal(valueOf(await client.listSubscriptions()).subscriptions.length, 1);
    });
  }

  it("is told as what it is when it stays so", async test => {
    const { sandbox, client } = await patientClient(test);
    await control(sandbox, "faults", { kind: "status", status: 500, times: 4 });
    assert.equal(
      errorOf(await client.listSubscriptions()).message,
      "Zoho has trouble at the moment and could not answer. Try again in a few minutes.",
    );
    assert.deepEqual(valueOf(await client.listSubscriptions()).subscriptions, []);
  });

  it("tells how many credits remain once half are used", async test => {
    const { sandbox, client, clients, id } = await patientClient(test);
    assert.equal(clients.creditsRemaining(id), undefined);
    await control(sandbox, "behaviour", { creditsPerDay: 10 });
    for (let call = 0; call < 5; call++) valueOf(await client.organization());
    const before = clients.creditsRemaining(id) ?? Number.NaN;
    valueOf(await client.organization());
    assert.equal(clients.creditsRemaining(id), Math.max(0, before - 1));
  });
});
