import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minute } from "../../../../src/base/clock.ts";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import { whenCaughtUp } from "../../../../src/core/recovery/caughtUp.ts";
import type { RelayState } from "../../../../src/core/relay/relaySession.ts";
import { FakeClock } from "../../../support/fakeClock.ts";

const problem = { code: "ECONNREFUSED", message: "", remedy: "retry" } as const;
const behind: RelayState = { kind: "catching-up", behind: 3 };
const settled: readonly RelayState[] = [{ kind: "live", since: 0 }, { kind: "off" }, { kind: "refused", problem }];

/** Waits for a relay; says whether that has ended. */
function waitFor(state: RelayState, signal = new AbortController().signal) {
  const clock = new FakeClock();
  const changed = new Emitter<RelayState>();
  let isOver = false;
  void whenCaughtUp({ state, onDidChangeState: changed.event }, clock, signal).then(() => (isOver = true));
  const ended = async (): Promise<boolean> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    return isOver;
  };
  return { clock, changed, ended };
}

describe("waiting for what the relay kept", () => {
  it("is over at once where nothing more will come", async () => {
    for (const state of settled) {
      const { ended, clock } = waitFor(state);
      assert.deepEqual([await ended(), clock.pending], [true, 0], state.kind);
    }
  });

  it("is over when the relay is live, or will not be, and leaves no timer behind", async () => {
    for (const state of settled) {
      const { changed, ended, clock } = waitFor({ kind: "connecting" });
      for (const passing of [behind, { kind: "reconnecting", attempt: 1, retryAt: 0, problem }] as const) {
        changed.fire(passing);
        assert.equal(await ended(), false, passing.kind);
      }
      changed.fire(state);
      assert.deepEqual([await ended(), clock.pending], [true, 0], state.kind);
    }
  });

  it("is over after a minute", async () => {
    const { clock, ended } = waitFor(behind);
    clock.advance(minute - 1);
    assert.equal(await ended(), false);
    clock.advance(1);
    assert.equal(await ended(), true);
  });

  it("is over when nobody wants to know any more, before it began as well", async () => {
    const abort = new AbortController();
    const { clock, ended } = waitFor(behind, abort.signal);
    assert.equal(await ended(), false);
    abort.abort();
    assert.deepEqual([await ended(), clock.pending], [true, 0]);
    const late = waitFor(behind, abort.signal);
    assert.deepEqual([await late.ended(), late.clock.pending], [true, 0]);
  });
});
