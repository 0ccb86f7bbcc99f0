import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ChannelSource, channelsHere } from "../../../../src/core/recovery/channelsHere.ts";
import { makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import type { SubscriptionsState } from "../../../../src/core/subscriptions/channelList.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";

const here = "https://relay.example.com/in/abc";
const channel = (connectionId: string, channelId: string, notifyUrl = here) =>
  makeChannel(connectionId, channelId, [aSubscription({ channelId, notifyUrl })], true);

/** What each connection's list says once it was read; before, it is loading. */
function sourceOf(states: Readonly<Record<string, SubscriptionsState>>) {
  const read: (string | undefined)[] = [];
  const source: ChannelSource = {
    connections: { list: () => Object.keys(states).map(id => ({ id })) },
    subscriptions: {
      refresh: async connectionId => {
        await Promise.resolve();
        read.push(connectionId);
      },
      stateOf: id => (read.includes(id) ? (states[id] ?? { kind: "loading" }) : { kind: "loading" }),
    },
  };
  return { source, read };
}

function loaded(channels: readonly ReturnType<typeof channel>[], complete = true) {
  return { kind: "loaded", refreshedAt: 0, channels, unreadable: [], complete } as const;
}

const failed: SubscriptionsState = {
  kind: "failed",
  failedAt: 0,
  problem: { code: "ECONNREFUSED", message: "", remedy: "retry" },
  channels: [channel("failed", "9")],
};

describe("which channels send here", () => {
  it("are those whose address leads to one of ours, of all connections, read for this", async () => {
    const one = channel("c", "1");
    const two = channel("d", "2", "https://other.example.com/in");
    const { source, read } = sourceOf({
      c: loaded([one, channel("c", "3", "https://elsewhere.example.com/")]),
      d: loaded([two]),
    });
    const found = await channelsHere(source, { addresses: [here, "https://other.example.com/in"], formerPaths: [] });
    assert.deepEqual(found, { channels: [one, two], unknown: [] });
    assert.deepEqual(read, ["c", "d"]);
  });

  it("is unknown of a connection that cannot be read, or was read in part, and says nothing of its channels", async () => {
    const one = channel("c", "1");
    const { source } = sourceOf({ c: loaded([one]), failed, part: loaded([channel("part", "4")], false) });
    assert.deepEqual(await channelsHere(source, { addresses: [here], formerPaths: [] }), {
      channels: [one],
      unknown: ["failed", "part"],
    });
  });

  it("is known as far as Zoho lists them where it cuts its list: there is no more to be read later", async () => {
    const one = channel("c", "1");
    const { source } = sourceOf({ c: { ...loaded([one], false), cutAt: 1 } });
    assert.deepEqual(await channelsHere(source, { addresses: [here], formerPaths: [] }), {
      channels: [one],
      unknown: [],
    });
  });

  it("is asked of some connections only, without those that were signed out since", async () => {
    const { source, read } = sourceOf({ c: loaded([channel("c", "1")]), d: loaded([channel("d", "2")]) });
    const found = await channelsHere(source, { addresses: [here], formerPaths: [] }, ["d", "gone"]);
    assert.deepEqual(found, { channels: [channel("d", "2")], unknown: [] });
    assert.deepEqual(read, ["d"]);
  });

  it("is unknown of all, and nothing is read, while there is no address to compare with", async () => {
    const { source, read } = sourceOf({ c: loaded([channel("c", "1")]), d: loaded([]) });
    assert.deepEqual(await channelsHere(source, { addresses: [], formerPaths: [] }), {
      channels: [],
      unknown: ["c", "d"],
    });
    assert.deepEqual(await channelsHere(source, { addresses: [], formerPaths: [] }, ["d", "gone"]), {
      channels: [],
      unknown: ["d"],
    });
    assert.deepEqual(read, []);
  });
});
