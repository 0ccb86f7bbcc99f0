import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { knownSecrets } from "../../../../src/core/subscriptions/knownSecrets.ts";
import { SubscriptionTools } from "../../../../src/core/agents/subscriptionTools.ts";
import { groupIntoChannels } from "../../../../src/core/subscriptions/channel.ts";
import type { SubscriptionsState } from "../../../../src/core/subscriptions/channelList.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { aConnection } from "../connections/aConnection.ts";
import { aList, aSubscription } from "../subscriptions/aSubscription.ts";

const hour = 3_600_000;

class Fixture {
  readonly clock = new FakeClock();
  readonly connection = aConnection();
  readonly reading = groupIntoChannels(
    this.connection.id,
    aList(
      aSubscription({ expiresAt: this.clock.now() + hour, token: "token-that-opens" }),
      aSubscription({ channelId: "9", notifyUrl: "https://elsewhere.example.com/hook/hush", expiresAt: 0 }),
    ),
    channelId => channelId !== "9",
  );
  state: SubscriptionsState = { kind: "loaded", ...this.reading, refreshedAt: this.clock.now() };
  refreshes = 0;
  readonly tools = new SubscriptionTools({
    connections: { list: () => [this.connection] },
    subscriptions: {
      refresh: async () => {
        this.refreshes++;
        return Promise.resolve();
      },
      stateOf: () => this.state,
      nowAt: () => this.clock.now(),
    },
    arrivals: () => ({ addresses: ["https://relay.example.com/in/abc"], formerPaths: ["/in/former"] }),
    expiringSoon: () => 2 * hour,
    secrets: () => ["token-that-opens", "abcdefgh-secret"],
    makeBoundary: () => "boundary",
  });
}

describe("listing subscriptions for a language model", () => {
  it("says of each channel until when it lasts, and whether it delivers here", async () => {
    const answer = await new Fixture().tools.listSubscriptions({});
    assert.match(answer, /"channelId": "1105420521999070702"[^]*"health": "soon"[^]*"deliversToThisEditor": true/);
    assert.match(answer, /"channelId": "9"[^]*"health": "expired"[^]*"deliversToThisEditor": false/);
    assert.match(answer, /"production": true/);
  });

  it("says why a list is not complete", async () => {
    const fixture = new Fixture();
    fixture.state = { kind: "loaded", ...fixture.reading, complete: false, refreshedAt: 0 };
    assert.match(await fixture.tools.listSubscriptions({}), /"incomplete": "The list changed while it was read/);
    fixture.state = { ...fixture.state, cutAt: 200 };
    assert.match(await fixture.tools.listSubscriptions({}), /"incomplete": "Zoho gives only the first 200 entries/);
  });

  it("gives no token, no secret of the sign-in, and of addresses the server only", async () => {
    const answer = await new Fixture().tools.listSubscriptions({});
    for (const secret of ["token-that-opens", "hush", "/in/abc", "/hook"]) assert.ok(!answer.includes(secret), secret);
    assert.match(answer, /"deliversTo": "https:\/\/elsewhere\.example\.com"/);
  });

  it("asks Zoho only when told to, or when nothing was read yet", async () => {
    const fixture = new Fixture();
    await fixture.tools.listSubscriptions({});
    assert.equal(fixture.refreshes, 0);
    await fixture.tools.listSubscriptions({ refresh: true });
    fixture.state = { kind: "loading" };
    await fixture.tools.listSubscriptions(undefined);
    assert.equal(fixture.refreshes, 2);
  });

  it("says why a connection could not be read, with what was known last", async () => {
    const fixture = new Fixture();
    const problem = { code: "OFFLINE", message: "Zoho cannot be reached.", remedy: "retry" } as const;
    fixture.state = { kind: "failed", failedAt: 0, problem, channels: fixture.reading.channels };
    const answer = await fixture.tools.listSubscriptions({});
    assert.match(answer, /"problem": "Zoho cannot be reached\."[^]*"channelId": "9"/);
  });
});

describe("what is known to be secret", () => {
  it("is every token that a channel has or had, and the own address", () => {
    const { connection, state } = new Fixture();
    const owned = { channelId: "7", connectionId: connection.id, token: "own", formerTokens: ["former", ""] };
    const secrets = knownSecrets({
      connections: { list: () => [connection] },
      subscriptions: { stateOf: () => state },
      ownership: { list: () => [owned] },
      address: "https://relay.example.com/in/abc",
    });
    assert.deepEqual(secrets, ["token-that-opens", "own", "former", "abc"]);
  });
});
