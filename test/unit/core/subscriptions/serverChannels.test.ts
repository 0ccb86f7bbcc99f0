import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "../../../../src/base/logger.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import { ChannelOwnership } from "../../../../src/core/subscriptions/ownership.ts";
import { ServerChannels } from "../../../../src/core/subscriptions/serverChannels.ts";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import type { SubscriptionList } from "../../../../src/zoho/subscription.ts";
import { ZohoClock } from "../../../../src/zoho/zohoClock.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { valueOf } from "../../zoho/scriptedTransport.ts";
import { aList, aSubscription } from "./aSubscription.ts";
import { zohoProblem } from "./playedZoho.ts";

describe("what is read while it is in doubt what time it is", () => {
  it("counts for what is there where it cannot be read once more, and proves nothing gone", async () => {
    let readings = 0;
    const listed = aSubscription({ channelId: "1" });
    const client = {
      listSubscriptions: async () =>
        Promise.resolve(readings++ === 0 ? succeed(aList(listed)) : fail(zohoProblem("unreadable"))),
      time: Object.defineProperty(new ZohoClock(new FakeClock()), "isDoubtful", { value: true }),
    };
    const ownership = new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock());
    const server = new ServerChannels({
      clients: { for: () => client },
      ownership,
      deletions: { follow: async () => Promise.resolve() },
      tokenBook: new TokenBook(),
      clock: new FakeClock(),
    });
    await ownership.add({ channelId: "1", connectionId: "c", token: "t" });
    const { channels, complete } = valueOf(await server.fetch("c", new AbortController().signal));
    assert.deepEqual([channels.map(({ channelId }) => channelId), complete, readings], [["1"], false, 2]);
    assert.deepEqual(ownership.get("1")?.lastKnown, [listed]);
  });
});

describe("what is read of a list that Zoho gives only in part", () => {
  it("says so of all channels and of one alone", async () => {
    const server = serverOf({ ...aList(aSubscription({ channelId: "1" })), complete: false, cutAt: 200 });
    const all = valueOf(await server.fetch("c", new AbortController().signal));
    const one = valueOf(await server.fetchOne("c", "1"));
    for (const { complete, cutAt } of [all, one]) assert.deepEqual([complete, cutAt], [false, 200]);
  });
});

describe("what is read for nobody any more", () => {
  it("shows nothing and proves nothing gone", async () => {
    const server = serverOf(aList(aSubscription({ channelId: "1" })));
    server.onDidRead(() => assert.fail("It may be of before a change."));
    const reading = valueOf(await server.fetch("c", AbortSignal.abort()));
    assert.deepEqual(reading, { channels: [], unreadable: [], complete: false });
  });
});

function serverOf(list: SubscriptionList): ServerChannels {
  const client = {
    listSubscriptions: async () => Promise.resolve(succeed(list)),
    time: new ZohoClock(new FakeClock()),
  };
  return new ServerChannels({
    clients: { for: () => client },
    ownership: new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock()),
    deletions: { follow: async () => Promise.resolve() },
    tokenBook: new TokenBook(),
    clock: new FakeClock(),
  });
}
