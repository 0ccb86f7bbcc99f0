import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HandledEvents } from "../../../../media/scaffold/receiver/handledEvents.ts";
import { createReceiver } from "../../../../media/scaffold/receiver/receiver.ts";
import { changeIdentities } from "../../../../src/core/events/identity.ts";
import { notificationOf } from "../../../../src/core/events/readEvent.ts";
import { notificationBody } from "../../../support/eventBodies.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { aReadRequest } from "./aStoredEvent.ts";

function identitiesOf(body: string): (string | undefined)[] {
  const notification = notificationOf(aReadRequest(body));
  assert.ok(notification !== undefined);
  return changeIdentities(notification);
}

function identityWith(changes: Readonly<Record<string, unknown>>): string | undefined {
  return identitiesOf(notificationBody({ ids: ["1"], affected_values: undefined, affected_fields: [], ...changes }))[0];
}

describe("the identity of a change", () => {
  it("is the same for the same change, in whatever order its fields come", () => {
    const one = identityWith({ affected_fields: [{ "1": ["Phone", "Amount"] }] });
    assert.ok(one !== undefined);
    assert.equal(identityWith({ affected_fields: [{ "1": ["Amount", "Phone"] }] }), one);
    assert.equal(identityWith({ affected_fields: [{ "1": ["Amount", "Phone"] }], token: "another" }), one);
  });

  it("is another where anything differs that tells changes apart", () => {
    const changes = [
      {},
      { affected_fields: [{ "1": ["Phone"] }] },
      { affected_fields: [{ "1": ["Amount"] }] },
      { affected_fields: [{ "2": ["Amount"] }], ids: ["2"] },
      { server_time: 1_750_102_639_788 },
      { operation: "insert" },
      { operation: "undelete" },
      { operation: undefined },
      { module: "Deals" },
      { module: undefined },
      { channel_id: "9" },
    ];
    const identities = changes.map(identityWith);
    assert.equal(new Set(identities).size, changes.length);
  });

  it("is unknown without Zoho's time of the change: one for each record all the same", () => {
    assert.deepEqual(identitiesOf(notificationBody({ ids: ["1", "2"], affected_values: [], server_time: null })), [
      undefined,
      undefined,
    ]);
  });

  it("is what the generated handler remembers of it", async test => {
    const file = join(temporaryFolder(test), "handled.log");
    const handled = await HandledEvents.open(file);
    const tokens = new Map([["1105420521999070702", "token-of-the-test"]]);
    const server = createReceiver({ handle: () => undefined, tokens, handled }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const bodies = [
      notificationBody(),
      notificationBody({
        ids: ["1", "2"],
        affected_fields: [{ "2": ["B", "A"] }, { "1": ["C"] }],
        affected_values: [],
      }),
      notificationBody({ operation: "insert", module: undefined, server_time: "1750102639788.5" }),
      notificationBody({ operation: "undelete" }),
      notificationBody({ operation: null }),
    ];
    for (const body of bodies) {
      const answer = await fetch(`http://127.0.0.1:${address.port}/`, { method: "POST", body });
      assert.equal(answer.status, 200, await answer.text());
    }
    server.close();
    server.closeAllConnections();
    await handled.close();
    assert.deepEqual(readFileSync(file, "utf8").trimEnd().split("\n"), bodies.flatMap(identitiesOf));
  });
});
