import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import { Presence, cameWhilePresent } from "../../../../src/core/forwarding/presence.ts";
import type { RelayState } from "../../../../src/core/relay/relaySession.ts";
import { FakeClock } from "../../../support/fakeClock.ts";

class PlayedRelay {
  readonly #changed = new Emitter<RelayState>();
  readonly onDidChangeState = this.#changed.event;
  state: RelayState;

  constructor(kind: "off" | "live") {
    this.state = kind === "live" ? { kind, since: 0 } : { kind };
  }

  become(kind: "live" | "connecting" | "catching-up"): void {
    this.state = kind === "live" ? { kind, since: 0 } : kind === "connecting" ? { kind } : { kind, behind: 1 };
    this.#changed.fire(this.state);
  }
}

function setUp(kind: "off" | "live" = "off"): {
  clock: FakeClock;
  relay: PlayedRelay;
  presence: Presence;
  broken: () => number;
} {
  const clock = new FakeClock();
  const relay = new PlayedRelay(kind);
  const presence = new Presence(relay, clock);
  let count = 0;
  presence.onDidBreak(() => (count += 1));
  return { clock, relay, presence, broken: () => count };
}

describe("presence", () => {
  it("begins when the relay is live for the first time", () => {
    const { clock, relay, presence } = setUp();
    relay.become("catching-up");
    assert.equal(presence.since, undefined);
    relay.become("live");
    assert.equal(presence.since, clock.now());
  });

  it("begins at once where the relay is live already", () => {
    const { clock, presence } = setUp("live");
    assert.equal(presence.since, clock.now());
  });

  it("is not lost before the relay was live, however long that takes", () => {
    const { clock, relay, broken } = setUp();
    relay.become("connecting");
    clock.advance(120_000);
    relay.become("connecting");
    assert.equal(broken(), 0);
  });

  it("outlives a dropped connection", () => {
    const { clock, relay, presence, broken } = setUp();
    relay.become("live");
    const since = presence.since;
    clock.advance(10_000);
    relay.become("connecting");
    clock.advance(60_000);
    relay.become("catching-up");
    relay.become("live");
    assert.equal(presence.since, since);
    assert.equal(broken(), 0);
  });

  it("ends when the connection is gone for longer than a minute, before anything is caught up with", () => {
    const { clock, relay, presence, broken } = setUp();
    relay.become("live");
    relay.become("connecting");
    clock.advance(61_000);
    relay.become("catching-up");
    assert.equal(presence.since, undefined);
    relay.become("live");
    assert.equal(presence.since, clock.now());
    assert.equal(broken(), 1);
  });

  it("ends once, however often the connection is looked for after that", () => {
    const { clock, relay, broken } = setUp();
    relay.become("live");
    relay.become("connecting");
    clock.advance(61_000);
    relay.become("catching-up");
    relay.become("connecting");
    clock.advance(61_000);
    relay.become("catching-up");
    assert.equal(broken(), 1);
  });

  it("begins again when the machine has slept", () => {
    const { clock, relay, presence, broken } = setUp();
    relay.become("live");
    const since = presence.since ?? 0;
    clock.jump(3_600_000);
    clock.advance(5_000);
    assert.ok((presence.since ?? 0) > since + 3_000_000);
    assert.equal(broken(), 1);
  });

  it("outlives a sleep of a minute", () => {
    const { clock, relay, presence, broken } = setUp();
    relay.become("live");
    const since = presence.since;
    clock.jump(65_000);
    clock.advance(0);
    assert.deepEqual([presence.since, broken()], [since, 0]);
    clock.jump(65_001);
    clock.advance(0);
    assert.equal(broken(), 1);
  });

  it("leaves no timer behind", () => {
    const { clock, presence } = setUp();
    presence.dispose();
    assert.equal(clock.pending, 0);
  });

  it("tells what came in since then from what came before, by the clock of this machine alone", () => {
    assert.ok(cameWhilePresent({ storedAt: 100_000 }, 100_000));
    assert.ok(!cameWhilePresent({ storedAt: 99_999 }, 100_000));
    assert.ok(!cameWhilePresent({ storedAt: 100_000 }, undefined));
  });
});
