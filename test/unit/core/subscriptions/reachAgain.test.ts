import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import type { SubscriptionsState } from "../../../../src/core/subscriptions/channelList.ts";
import { ReachAgain } from "../../../../src/core/subscriptions/reachAgain.ts";
import { networkProblem } from "../../../../src/zoho/networkProblem.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { zohoProblem } from "./playedZoho.ts";

const loaded: SubscriptionsState = {
  kind: "loaded",
  channels: [],
  unreadable: [],
  complete: true,
  refreshedAt: 0,
};
const offline: SubscriptionsState = {
  kind: "failed",
  failedAt: 0,
  problem: networkProblem("ECONNREFUSED", "crm.example.com"),
  channels: [],
};

function watched() {
  const clock = new FakeClock();
  const changed = new Emitter<{ readonly connectionId: string }>();
  const states = new Map<string, SubscriptionsState>();
  const tries: [string, number][] = [];
  const becomes = (connectionId: string, state: SubscriptionsState): void => {
    states.set(connectionId, state);
    changed.fire({ connectionId });
  };
  const subscriptions = {
    onDidChange: changed.event,
    stateOf: (id: string): SubscriptionsState => states.get(id) ?? { kind: "loading" },
    refresh: async (id = ""): Promise<void> => {
      tries.push([id, clock.now() - start]);
      return Promise.resolve();
    },
  };
  const start = clock.now();
  const again = new ReachAgain({ subscriptions, clock, random: () => 1 });
  return { clock, becomes, tries, again };
}

describe("a CRM that cannot be reached", () => {
  it("is tried again, after longer and longer waits", () => {
    const { clock, becomes, tries } = watched();
    for (let round = 1; round <= 8; round++) {
      becomes("a", offline);
      clock.advance(hour);
    }
    assert.equal(tries.length, 8);
    const waits = tries.map(([, at], index) => at - index * hour);
    assert.deepEqual(
      waits,
      [2, 4, 8, 16, 32, 60, 60, 60].map(seconds => seconds * second),
    );
  });

  it("is asked a few times a day where its list is never whole", () => {
    const { clock, becomes, tries } = watched();
    const part: SubscriptionsState = { ...loaded, complete: false };
    becomes("a", part);
    for (let step = 0; step < 24 * 60; step++) {
      const before = tries.length;
      clock.advance(minute);
      if (tries.length > before) becomes("a", part);
    }
    assert.ok(tries.length < 18, `${tries.length} times`);
    assert.ok(
      tries.slice(0, 3).every(([, at]) => at <= 3 * minute),
      "a list that moved is read again soon",
    );
  });

  it("is tried once at a time, however often somebody looks", () => {
    const { clock, becomes, tries } = watched();
    for (let look = 1; look <= 3; look++) becomes("a", offline);
    clock.advance(hour);
    assert.deepEqual(tries, [["a", 2 * second]]);
  });

  it("is left alone once it answers, also with an error, and when it is gone", () => {
    const failed: SubscriptionsState = {
      kind: "failed",
      failedAt: 0,
      problem: zohoProblem("unreadable"),
      channels: [],
    };
    for (const state of [loaded, failed, { kind: "loading" } as const]) {
      const { clock, becomes, tries } = watched();
      becomes("a", offline);
      becomes("a", state);
      clock.advance(hour);
      assert.deepEqual(tries, []);
    }
  });

  it("is tried at once when the network seems to be back, and those that answer are not", () => {
    const { clock, becomes, tries, again } = watched();
    becomes("a", offline);
    becomes("b", loaded);
    again.tryNow();
    again.tryNow();
    assert.deepEqual(tries, [["a", 0]]);
    becomes("a", offline);
    clock.advance(minute);
    assert.deepEqual(tries[1], ["a", 2 * second]);
  });

  it("is read again while its list moves, and not where it gives only a part of the list", () => {
    const { clock, becomes, tries } = watched();
    becomes("moves", { ...loaded, complete: false });
    becomes("cut", { ...loaded, complete: false, cutAt: 200 });
    clock.advance(hour);
    assert.deepEqual(tries, [["moves", 2 * second]]);
  });

  it("is tried no more after the end", () => {
    const { clock, becomes, tries, again } = watched();
    becomes("a", offline);
    again.dispose();
    becomes("a", offline);
    clock.advance(hour);
    assert.deepEqual(tries, []);
  });
});
