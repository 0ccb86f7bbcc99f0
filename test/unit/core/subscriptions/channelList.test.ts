import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Problem } from "../../../../src/base/problem.ts";
import { type Result, succeed } from "../../../../src/base/result.ts";
import { type Channel, type ChannelReading, makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import { ChannelList } from "../../../../src/core/subscriptions/channelList.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { aSubscription } from "./aSubscription.ts";

function aChannel(channelId: string, notifyUrl = "https://example.com"): Channel {
  return makeChannel("c", channelId, [aSubscription({ channelId, notifyUrl })], false);
}

function readingOf(...channels: readonly Channel[]): Result<ChannelReading, Problem> {
  return succeed({ channels, unreadable: [], complete: true });
}

/** A list whose readings are answered by the test, in the order in which they began. */
function aList() {
  const readings: PromiseWithResolvers<Result<ChannelReading, Problem>>[] = [];
  const signals: AbortSignal[] = [];
  let changes = 0;
  const list = new ChannelList({
    fetch: async signal => {
      const reading = Promise.withResolvers<Result<ChannelReading, Problem>>();
      readings.push(reading);
      signals.push(signal);
      return reading.promise;
    },
    onDidChange: () => changes++,
    clock: new FakeClock(),
  });
  const ids = (): readonly string[] => list.channels.map(({ channelId }) => channelId);
  return { list, readings, signals, ids, changeCount: () => changes };
}

describe("the list of a connection's channels", () => {
  it("has who waits for a reading that was given up wait for the one in its place", async () => {
    const { list, readings, signals, ids } = aList();
    let seen: readonly string[] | undefined;
    const early = list.refresh().then(() => (seen = ids()));
    const late = list.refreshAnew();
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
    readings[0]?.resolve(readingOf(aChannel("1")));
    await setImmediate();
    assert.equal(seen, undefined);
    readings[1]?.resolve(readingOf(aChannel("2")));
    await Promise.all([early, late]);
    assert.deepEqual(seen, ["2"]);
  });

  it("shows what was written at once: changed, new and gone", async () => {
    const { list, readings, ids, changeCount } = aList();
    const reading = list.refresh();
    readings[0]?.resolve(readingOf(aChannel("1"), aChannel("2"), aChannel("3")));
    await reading;
    list.put(
      new Map([
        ["1", aChannel("1", "https://moved.example.com")],
        ["2", undefined],
        ["4", aChannel("4")],
        ["5", undefined],
      ]),
    );
    assert.deepEqual([ids(), changeCount(), readings.length], [["1", "3", "4"], 2, 1]);
    assert.equal(list.channels[0]?.notifyUrl, "https://moved.example.com");
    list.put(new Map());
    assert.equal(changeCount(), 2);
  });

  it("reads again where something was written while it read", async () => {
    const { list, readings, ids, changeCount } = aList();
    const early = list.refresh();
    list.put(new Map([["2", aChannel("2")]]));
    assert.deepEqual([readings.length, list.state.kind, changeCount()], [2, "loading", 0]);
    readings[0]?.resolve(readingOf(aChannel("1")));
    readings[1]?.resolve(readingOf(aChannel("1"), aChannel("2")));
    await early;
    assert.deepEqual(ids(), ["1", "2"]);
  });

  it("gives up what it reads when it is disposed", async () => {
    const { list, readings, signals, changeCount } = aList();
    const reading = list.refresh();
    list.dispose();
    readings[0]?.resolve(readingOf(aChannel("1")));
    await reading;
    assert.deepEqual([signals[0]?.aborted, list.state.kind, changeCount()], [true, "loading", 0]);
  });
});
