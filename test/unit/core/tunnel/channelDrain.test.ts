import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { ChannelDrain } from "../../../../src/core/tunnel/channelDrain.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { FakeRelaySockets } from "../../../support/fakeRelaySocket.ts";
import { MemorySink } from "../../../support/memorySink.ts";

const channel = {
  relayUrl: "http://relay.example.com",
  channel: "channel-of-the-test",
  readKey: "key-of-the-test-1",
  ingestUrl: "http://relay.example.com/in/channel-of-the-test",
  keys: [],
};

/** A channel that is read from now on. */
class Reading {
  readonly clock = new FakeClock();
  readonly sockets = new FakeRelaySockets();
  readonly drain: ChannelDrain;

  constructor(test: TestContext) {
    this.drain = new ChannelDrain(
      {
        ...{ channel, sink: new MemorySink(), clock: this.clock, random: () => 0, logger: silentLogger },
        ...{ reloadKeys: async () => Promise.resolve([]), openSocket: this.sockets.open },
      },
      () => undefined,
    );
    test.after(() => this.drain.dispose());
    this.drain.start();
  }

  goLive(newest = 0): void {
    const heartbeatInterval = 15 * second;
    this.sockets.last.say({
      ...{ type: "hello", channel: channel.channel, oldest: 1, newest, window: 8, heartbeatInterval },
    });
    this.sockets.last.say({ type: "live", newest });
  }

  cut(): void {
    this.sockets.last.end({ kind: "closed", code: 1006 });
  }

  /** So long, and no longer, until it is drained. Not advanced: no heartbeats are answered here. */
  assertDrainedAfter(time: number): void {
    this.clock.jump(time - 1);
    assert.equal(this.drain.isDrained, false);
    this.clock.jump(1);
    assert.equal(this.drain.isDrained, true);
  }
}

describe("a channel that is read to its end", () => {
  it("is drained once nothing has come for an hour in which it was live", async test => {
    const reading = new Reading(test);
    reading.clock.jump(hour);
    assert.equal(reading.drain.isDrained, false);
    reading.goLive();
    reading.assertDrainedAfter(hour);
    reading.sockets.last.event(1);
    await new Promise(resolve => setImmediate(resolve));
    reading.assertDrainedAfter(hour);
  });

  it("is not drained by time in which its relay was away: senders may repeat what that did not take", test => {
    const reading = new Reading(test);
    reading.goLive();
    reading.clock.jump(59 * minute);
    reading.cut();
    reading.clock.jump(2 * hour);
    reading.drain.retryNow();
    reading.goLive();
    reading.assertDrainedAfter(hour);
  });

  it("is not drained by time in which the machine slept", test => {
    const reading = new Reading(test);
    reading.goLive();
    reading.clock.jump(2 * hour);
    reading.clock.advance(0);
    assert.equal(reading.sockets.opened.length, 2, "it connects at once");
    reading.goLive();
    reading.assertDrainedAfter(hour);
  });

  it("is drained also where its line is cut now and then and is there again within a minute", test => {
    const reading = new Reading(test);
    reading.goLive();
    for (let times = 0; times < 3; times++) {
      reading.clock.jump(19 * minute);
      reading.cut();
      reading.clock.jump(minute);
      reading.drain.retryNow();
      reading.goLive();
    }
    assert.equal(reading.drain.isDrained, true);
  });

  it("is drained also where it was read once more before a deletion, which came to nothing", async test => {
    const reading = new Reading(test);
    reading.goLive();
    reading.clock.jump(59 * minute);
    const caughtUp = reading.drain.catchUp();
    reading.goLive();
    assert.equal((await caughtUp).kind, "live");
    reading.assertDrainedAfter(minute);
  });
});
