import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "../../../../src/base/logger.ts";
import { hour, minute } from "../../../../src/base/clock.ts";
import { GrantObserver } from "../../../../src/core/renewal/grantObserver.ts";
import { KeptChannels } from "../../../../src/core/renewal/keptChannels.ts";
import { RenewalRecords } from "../../../../src/core/renewal/renewalRecords.ts";
import { makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import type { SubscriptionsState } from "../../../../src/core/subscriptions/channelList.ts";
import type { UnreadableSubscription } from "../../../../src/zoho/subscription.ts";
import { SteadyNotes } from "../../../../src/core/windows/steadyNotes.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";

const channelId = "1";

/** A connection whose list the test writes. */
function open() {
  const clock = new FakeClock();
  const records = new RenewalRecords(new SteadyNotes(openAgreement(clock).notes, silentLogger));
  const world = { clock, records, state: { kind: "loading" } as SubscriptionsState };
  const service = { stateOf: () => world.state, nowAt: () => clock.now() };
  const ownership = {
    isLoaded: true,
    list: () => (ownership.isLoaded ? [{ channelId, connectionId: "c", token: "t" }] : []),
  };
  const kept = new KeptChannels({ service, ownership, records, life: () => hour, isLent: () => false });
  const observer = new GrantObserver({ service, ownership, records }, kept);
  const list = (
    expiresAt: number | undefined,
    changes: { readonly complete?: boolean; readonly unreadable?: readonly UnreadableSubscription[] } = {},
  ): void => {
    const channels =
      expiresAt === undefined ? [] : [makeChannel("c", channelId, [aSubscription({ channelId, expiresAt })], true)];
    world.state = { kind: "loaded", refreshedAt: 0, channels, unreadable: [], complete: true, ...changes };
    observer.observe("c");
  };
  return { ...world, ownership, list, record: () => records.get("c", channelId) };
}

describe("the grants that a list shows", () => {
  it("have an unknown beginning at the first look, and begin now from then on", () => {
    const { clock, list, record } = open();
    list(clock.now() + hour);
    assert.deepEqual(record(), { expiresAt: clock.now() + hour, failures: 0 });
    clock.advance(minute);
    list(clock.now() + 2 * hour);
    assert.deepEqual(record(), { expiresAt: clock.now() + 2 * hour, failures: 0, grantedAt: clock.now() });
  });

  it("make history of failures, and leave what the person chose and when it was renewed", () => {
    const { clock, records, list, record } = open();
    const problem = { kind: "scope", code: "X", message: "", remedy: "none" } as const;
    const expiresAt = clock.now() + hour;
    records.set("c", channelId, { expiresAt, failures: 3, retryAt: 5, problem, stopped: true, renewedAt: 7 });
    list(expiresAt + 2 * minute);
    assert.deepEqual(record(), { expiresAt: expiresAt + 2 * minute, failures: 0, stopped: true, renewedAt: 7 });
  });

  it("leave a failure where nothing else was granted, but try at once a server that answers again", () => {
    const { clock, records, list, record } = open();
    const expiresAt = clock.now() + hour;
    for (const kind of ["scope", "offline"]) {
      const problem = { kind, code: "X", message: "", remedy: "none" } as const;
      records.set("c", channelId, { expiresAt, failures: 3, retryAt: 5, problem });
      list(expiresAt + minute);
      assert.deepEqual([record().failures, record().retryAt], [3, kind === "offline" ? undefined : 5]);
    }
  });

  it("are forgotten of channels that are gone for certain", () => {
    const { clock, records, list, record } = open();
    const expiresAt = clock.now() + hour;
    list(expiresAt);
    list(undefined, { complete: false });
    list(undefined, { unreadable: [{ channelId, faults: ["events"] }] });
    assert.equal(record().expiresAt, expiresAt);
    list(undefined);
    assert.equal(record().expiresAt, undefined);
    assert.deepEqual(records.get("c", "none"), { failures: 0 });
  });

  it("are forgotten of no channel before it is known which are ours, nor of one that is listed", () => {
    const { clock, ownership, records, list, record } = open();
    records.set("c", channelId, { failures: 0, stopped: true });
    ownership.isLoaded = false;
    for (const expiresAt of [undefined, clock.now() + hour]) {
      list(expiresAt);
      assert.equal(record().stopped, true);
    }
    Object.assign(ownership, { isLoaded: true, list: () => [] });
    list(clock.now() + hour);
    assert.equal(record().stopped, true, "another window has made it just now");
    list(undefined);
    assert.equal(record().stopped, undefined);
  });
});
