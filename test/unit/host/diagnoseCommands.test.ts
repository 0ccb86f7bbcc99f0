import "../../support/vscodeDiagnose/hook.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hour, minute } from "../../../src/base/clock.ts";
import { Emitter } from "../../../src/base/lifecycle.ts";
import { fail } from "../../../src/base/result.ts";
import { type Channel, makeChannel } from "../../../src/core/subscriptions/channel.ts";
import { commandIds } from "../../../src/host/names.ts";
import type { ShownDiagnosis } from "../../../src/host/diagnose/diagnosisDocuments.ts";
import { networkProblem } from "../../../src/zoho/networkProblem.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { offers, presses, registered } from "../../support/vscodeDiagnose/standIn.ts";
import { aConnection } from "../core/connections/aConnection.ts";
import { aSubscription } from "../core/subscriptions/aSubscription.ts";

const { DiagnoseCommands } = await import("../../../src/host/diagnose/diagnoseCommands.ts");

/** Diagnose of a connection whose Zoho does not answer, so that looking again is all that the report offers. */
function open(channels: readonly Channel[] = [], ahead = 0) {
  const connection = aConnection();
  const clock = new FakeClock();
  const shown: ShownDiagnosis[] = [];
  const connections = { get: () => connection, list: () => [connection] };
  const subscriptions = {
    refresh: async () => Promise.resolve(),
    stateOf: () => ({ kind: "loaded", channels, unreadable: [], complete: true, refreshedAt: 0 }) as const,
    nowAt: () => clock.now() + ahead,
  };
  const clients = {
    for: () => assert.fail("There is no token."),
    accessToken: async () => Promise.resolve(fail(networkProblem("ECONNREFUSED", "accounts.zoho.eu"))),
    creditsRemaining: () => undefined,
  };
  const tunnel = {
    ...{ state: { kind: "live", since: 0 } as const, address: undefined, addresses: [], start: () => undefined },
    onDidChangeState: new Emitter<never>().event,
  };
  const diagnose = new DiagnoseCommands({
    evidence: {
      ...{ connections, clients, subscriptions, tunnel, clock, former: { all: () => [] } },
      tokens: { ownToken: () => undefined, verify: () => assert.fail("No token"), lastDelivery: () => undefined },
      arrivals: new Emitter<never>().event,
      transport: { send: () => assert.fail("Posted something") },
      skewOf: () => undefined,
      expiringSoon: () => 0,
    },
    ...{ connections, subscriptions, version: "1", view: { selection: [] }, shapes: { list: () => [] } },
    documents: {
      show: async each => {
        shown.push(each);
        return Promise.resolve();
      },
      get: () => shown.at(-1),
    },
  });
  registered.set(commandIds.diagnoseAgain, async () => diagnose.again());
  return { diagnose, shown };
}

/** Lets a message that nobody waits for be answered, and what follows be done. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

describe("Run Again of Diagnose", () => {
  it("looks once more, and once only, whichever button was pressed", async () => {
    const { diagnose, shown } = open();
    await diagnose.diagnose();
    await settle();
    assert.deepEqual([shown.length, shown[0]?.mend?.title], [1, "Run Again"]);
    for (const press of [async () => diagnose.again(), async () => diagnose.mend()]) {
      shown.length = 1;
      await press();
      await settle();
      assert.equal(shown.length, 2);
    }
    presses.push("Run Again");
    shown.length = 0;
    await diagnose.diagnose();
    await settle();
    assert.equal(shown.length, 2, "the first time, and again");
  });
});

describe("the choice of what to diagnose", () => {
  it("says of a subscription that it expired by Zoho's clock, wherever this machine's stands", async () => {
    for (const ahead of [2 * hour, -2 * hour]) {
      const now = new FakeClock().now() + ahead;
      const channels = [now - minute, now + minute].map((expiresAt, index) =>
        makeChannel(aConnection().id, String(index), [aSubscription({ channelId: String(index), expiresAt })], true),
      );
      const { diagnose } = open(channels, ahead);
      offers.length = 0;
      await diagnose.diagnose();
      assert.deepEqual(
        offers.map(items => items.map(({ description }) => description)),
        [["expired · relay.example.com", "relay.example.com"]],
      );
    }
  });
});
