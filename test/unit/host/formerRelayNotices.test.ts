import "../../support/vscodeMessages/hook.ts";
import assert from "node:assert/strict";
import { type TestContext, beforeEach, describe, it } from "node:test";
import { Emitter } from "../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Problem } from "../../../src/base/problem.ts";
import { type Result, fail, succeed } from "../../../src/base/result.ts";
import type { FormerChannel } from "../../../src/core/tunnel/formerChannels.ts";
import type { FormerRelayNoticesDependencies } from "../../../src/host/relay/formerRelayNotices.ts";
import { told } from "../../support/vscodeMessages/standIn.ts";
import { aChannel } from "../core/address/aChannel.ts";

const { FormerRelayNotices } = await import("../../../src/host/relay/formerRelayNotices.ts");
const { FormerRelayQuestions } = await import("../../../src/host/relay/formerRelayQuestions.ts");

const left: FormerChannel = {
  ...{ channel: "abc", relay: "https://relay.example.com", ingestPath: "/in/abc", isDrained: false },
  ...{ daysAway: undefined, isReplaced: true, isGone: false, problem: undefined },
};

/** A window with one connection, its subscriptions, and one former address. */
class Fixture {
  former = left;
  notifyUrls: readonly string[] = [];
  /** Whether this editor made the subscriptions: those of somebody else are not offered to be brought along. */
  isOwn = true;
  address = "https://relay.example.com/in/now";
  readonly done: string[] = [];
  deletion: Result<boolean, Problem> = succeed(true);
  /** The secret storage fails. */
  isLocked = false;
  readonly #changed = new Emitter<void>();

  constructor(test: TestContext) {
    const deps = {
      former: {
        list: () => [this.former],
        onDidChange: this.#changed.event,
        delete: async () => this.#note("deleted", this.deletion),
        forget: async () => this.#note("forgotten", undefined),
      },
      tunnel: { state: { kind: "live", since: 0 }, onDidChangeState: new Emitter<never>().event },
      connections: { isLoaded: true, list: () => [{ id: "connection" }] },
      subscriptions: { stateOf: () => this.#state(), onDidChange: new Emitter<never>().event },
      bringAlong: {
        door: () => ({ address: this.address }),
        leftBehind: () => (this.isOwn ? this.notifyUrls : []),
        offer: async () => this.#note(`offered ${this.address}`, undefined),
      },
      logger: silentLogger,
    };
    const given = deps as unknown as FormerRelayNoticesDependencies;
    const questions = new FormerRelayQuestions(given);
    const notices = new FormerRelayNotices({ ...given, questions: async () => Promise.resolve(questions) });
    test.after(() => notices.dispose());
  }

  async news(): Promise<void> {
    this.#changed.fire();
    await new Promise(resolve => setImmediate(resolve));
  }

  async #note<T>(what: string, outcome: T): Promise<T> {
    this.done.push(what);
    return this.isLocked ? Promise.reject(new Error("The keyring is locked.")) : Promise.resolve(outcome);
  }

  #state(): unknown {
    const channels = this.notifyUrls.map(notifyUrl => aChannel({ notifyUrl, createdHere: true }));
    return { kind: "loaded", channels, unreadable: [], complete: true, refreshedAt: 0 };
  }
}

describe("after a move to another address", () => {
  beforeEach(() => (told.length = 0));

  it("what leads to the former one is offered to be brought along, once for each move", async test => {
    const fixture = new Fixture(test);
    fixture.notifyUrls = ["https://relay.example.com/in/abc"];
    await fixture.news();
    await fixture.news();
    const first = `offered ${fixture.address}`;
    assert.deepEqual(fixture.done, [first]);
    fixture.address = "https://another.example.com/in/next";
    await fixture.news();
    assert.deepEqual(fixture.done, [first, `offered ${fixture.address}`]);
  });

  it("a replaced one is deleted without a question once nothing leads there and all is here, and not before", async test => {
    const fixture = new Fixture(test);
    fixture.notifyUrls = ["https://relay.example.com/in/abc"];
    fixture.former = { ...left, isDrained: true };
    await fixture.news();
    fixture.isOwn = false;
    await fixture.news();
    fixture.notifyUrls = [];
    fixture.former = left;
    await fixture.news();
    assert.ok(!fixture.done.includes("deleted"));
    fixture.former = { ...left, isDrained: true };
    await fixture.news();
    assert.equal(fixture.done.at(-1), "deleted");
    assert.match(told.join(), /is deleted: nothing was sent to it anymore/);
  });

  it("that it could not be deleted is said once, and it is tried again", async test => {
    const fixture = new Fixture(test);
    fixture.former = { ...left, isDrained: true };
    fixture.deletion = fail({ code: "X", message: "The relay said no.", remedy: "retry" });
    for (let times = 0; times < 3; times++) await fixture.news();
    assert.deepEqual(fixture.done, ["deleted", "deleted", "deleted"]);
    assert.deepEqual(told, ["Your former address isn't deleted yet. That is tried again. The relay said no."]);
  });

  it("one that its relay has no more is forgotten once nothing leads there", async test => {
    const fixture = new Fixture(test);
    fixture.former = { ...left, isGone: true };
    await fixture.news();
    assert.deepEqual(fixture.done, ["forgotten"]);
  });

  it("what the secret storage keeps from being deleted or forgotten is so as soon as it works again", async test => {
    for (const [former, done] of [
      [{ ...left, isDrained: true }, "deleted"],
      [{ ...left, isGone: true }, "forgotten"],
    ] as const) {
      told.length = 0;
      const fixture = new Fixture(test);
      fixture.former = former;
      fixture.isLocked = true;
      await fixture.news();
      await fixture.news();
      assert.equal(told.length, 1, "it is said once");
      assert.match(told.join(), /isn't deleted yet\. That is tried again\./);
      fixture.isLocked = false;
      await fixture.news();
      assert.deepEqual(fixture.done, [done, done, done]);
    }
  });

  it("one that another window has deleted first, or that is in use again, is not said to be deleted", async test => {
    const fixture = new Fixture(test);
    fixture.former = { ...left, isDrained: true };
    fixture.deletion = succeed(false);
    await fixture.news();
    assert.deepEqual([fixture.done, told], [["deleted"], []]);
  });

  it("one at a relay that was left is asked about, as workflow webhooks may carry it", async test => {
    const fixture = new Fixture(test);
    fixture.former = { ...left, isReplaced: false, isDrained: true };
    await fixture.news();
    assert.deepEqual(fixture.done, []);
    assert.match(told.join(), /Delete it\? Keep it if a workflow webhook still uses it\./);
  });
});
