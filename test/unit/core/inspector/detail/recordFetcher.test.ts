import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { succeed } from "../../../../../src/base/result.ts";
import type { Connection } from "../../../../../src/core/connections/connection.ts";
import { makeChannel } from "../../../../../src/core/subscriptions/channel.ts";
import type { SubscriptionsState } from "../../../../../src/core/subscriptions/channelList.ts";
import { channelLabel, findOwner } from "../../../../../src/core/inspector/detail/channelOwner.ts";
import { RecordFetcher } from "../../../../../src/core/inspector/detail/recordFetcher.ts";
import { aConnection } from "../../connections/aConnection.ts";
import { aSubscription } from "../../subscriptions/aSubscription.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

class Fixture {
  readonly clock = new FakeClock();
  readonly asked: string[] = [];
  connections: readonly Connection[] = [];
  states = new Map<string, SubscriptionsState>();
  readonly directory = {
    connections: (): readonly Connection[] => this.connections,
    stateOf: (id: string): SubscriptionsState => this.states.get(id) ?? { kind: "loading" },
  };
  readonly fetcher = new RecordFetcher({
    directory: this.directory,
    clients: {
      for: id => ({
        record: async (module, recordId) => {
          this.asked.push(`${id} ${module} ${recordId}`);
          return Promise.resolve(succeed('{"id":6756839000000575405}'));
        },
      }),
    },
    clock: this.clock,
  });

  add(id: string, apiDomain: string, ...channelIds: readonly string[]): void {
    this.connections = [...this.connections, { ...aConnection(), id, apiDomain }];
    const channels = channelIds.map(channelId => makeChannel(id, channelId, [aSubscription({ channelId })], true));
    this.states.set(id, { kind: "loaded", channels, unreadable: [], complete: true, refreshedAt: 0 });
  }
}

const address = { channelId: "7", module: "Deals", recordId: "9", apiDomain: "https://www.zohoapis.eu" };

describe("which sign-in a record is fetched with", () => {
  it("is the one that has the channel", async () => {
    const fixture = new Fixture();
    fixture.add("one", "https://www.zohoapis.eu", "5");
    fixture.add("two", "https://www.zohoapis.com", "7");
    const record = await fixture.fetcher.fetch(address);
    assert.deepEqual(fixture.asked, ["two Deals 9"]);
    assert.deepEqual(record, {
      kind: "record",
      recordId: "9",
      fetchedAt: fixture.clock.now(),
      json: '{"id":6756839000000575405}',
    });
  });

  it("of a channel that is gone, is the only one that leads where the event says", async () => {
    const fixture = new Fixture();
    fixture.add("one", "https://www.zohoapis.eu", "5");
    fixture.add("two", "https://www.zohoapis.com");
    await fixture.fetcher.fetch(address);
    assert.deepEqual(fixture.asked, ["one Deals 9"]);
  });

  it("is none where two could be meant or none leads there: it says to sign in", async () => {
    for (const domains of [["https://www.zohoapis.eu", "https://www.zohoapis.eu"], ["https://www.zohoapis.com"], []]) {
      const fixture = new Fixture();
      domains.forEach((domain, index) => fixture.add(String(index), domain));
      const record = await fixture.fetcher.fetch(address);
      assert.ok(record.kind === "problem");
      assert.match(record.problem, /channel 7 .* not signed in here/);
      assert.equal(record.remedy, "sign-in");
      assert.deepEqual(fixture.asked, []);
    }
  });
});

describe("the subscription of an event", () => {
  it("is looked for in what is known, also while reading it again fails", () => {
    const fixture = new Fixture();
    fixture.add("one", "https://www.zohoapis.eu", "7");
    const owner = findOwner("7", fixture.directory);
    assert.ok(owner);
    assert.match(channelLabel(owner), new RegExp(`· ${owner.connection.organization.name}$`));
    assert.equal(findOwner("8", fixture.directory), undefined);
    fixture.states.set("one", { kind: "loading" });
    assert.equal(findOwner("7", fixture.directory), undefined);
  });
});
