import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day, hour, minute } from "../../../../src/base/clock.ts";
import { Emitter } from "../../../../src/base/lifecycle.ts";
import type { Problem } from "../../../../src/base/problem.ts";
import { type Result, fail, succeed } from "../../../../src/base/result.ts";
import type { StoredEvent } from "../../../../src/core/events/storedEvent.ts";
import { AutomaticRecovery } from "../../../../src/core/recovery/automaticRecovery.ts";
import type { RecoveryReport } from "../../../../src/core/recovery/recoveryReport.ts";
import type { RecoveryRequest } from "../../../../src/core/recovery/recoveryService.ts";
import type { ChannelsHere } from "../../../../src/core/recovery/channelsHere.ts";
import { PendingRecoveries } from "../../../../src/core/recovery/pendingRecoveries.ts";
import { type Channel, makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";
import { KeptNotes } from "./keptNotes.ts";

const offline: Problem = { code: "ECONNREFUSED", message: "Nothing is listening.", remedy: "retry" };

/** One window; what recovery answers is the test's. */
class Window {
  readonly clock = new FakeClock();
  readonly logger = new RecordingLogger();
  readonly pending: PendingRecoveries;
  readonly appended = new Emitter<readonly StoredEvent[]>();
  readonly asked: RecoveryRequest[] = [];
  readonly reports: RecoveryReport[] = [];
  readonly problems: Problem[] = [];
  readonly automatic: AutomaticRecovery;
  connections: readonly string[] = ["c"];
  /** What the history has of the relay's deliveries, and since when. */
  deliveredBefore: StoredEvent | undefined;
  forgottenUntil = 0;
  hasHistory = true;
  /** Which channels send here, as a gap asks. */
  here: (waiting?: readonly string[]) => ChannelsHere | Promise<ChannelsHere> = () => ({ channels: [], unknown: [] });
  caughtUp: Promise<void> = Promise.resolve();
  answer: (request: RecoveryRequest) => Result<RecoveryReport, Problem> = ({ connectionId, channelId, from, to }) =>
    succeed({ connectionId, channelId, window: { from, to }, modules: [] });

  constructor(test: TestContext, notes: KeptNotes) {
    this.pending = new PendingRecoveries(notes);
    this.automatic = new AutomaticRecovery({
      recovery: {
        recover: async request => {
          this.asked.push(request);
          return Promise.resolve(this.answer(request));
        },
      },
      history: {
        onDidAppend: this.appended.event,
        deliveredBefore: () => (this.hasHistory ? this.deliveredBefore : assert.fail("the history is locked")),
        forgottenUntil: () => this.forgottenUntil,
      },
      notes,
      pending: this.pending,
      channelsHere: async waiting => Promise.resolve(this.here(waiting)),
      hasConnection: id => this.connections.includes(id),
      whenCaughtUp: async () => this.caughtUp,
      clock: this.clock,
      logger: this.logger,
    });
    this.automatic.onDidFinish(report => this.reports.push(report));
    this.automatic.onDidFail(problem => this.problems.push(problem));
    test.after(() => this.automatic.dispose());
  }

  lapse(channelId: string, from: number, to: number): void {
    const subscriptions = [aSubscription({ channelId, events: ["Leads.all"] })];
    this.pending.begin({ connectionId: "c", channelId, subscriptions, from });
    this.pending.end({ connectionId: "c", channelId }, to);
  }

  /** The relay lost deliveries until `at`. */
  gap(id: number, at: number): void {
    const entry = { id, receivedAt: at, storedAt: at, source: "gap", sequence: 1, count: 9 } as const;
    this.appended.fire([{ ...entry, kind: "gap", reason: "retention" }]);
  }

  /** Lets what is under way go on until it waits for something of the test. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  spans(): (readonly [string, number, number])[] {
    return this.asked.map(({ channelId, from, to }) => [channelId, from, to]);
  }
}

function here(channelId: string): Channel {
  return makeChannel("c", channelId, [aSubscription({ channelId })], true);
}

describe("recovery by itself", () => {
  it("looks for what a channel missed as soon as what the relay kept is stored", async test => {
    const window = new Window(test, new KeptNotes());
    const caughtUp = Promise.withResolvers<undefined>();
    window.caughtUp = caughtUp.promise;
    window.lapse("1", 100, 200);
    await window.settle();
    assert.equal(window.asked.length, 0);
    caughtUp.resolve(undefined);
    await window.settle();
    assert.deepEqual(window.spans(), [["1", 100, 200]]);
    assert.deepEqual(window.asked[0]?.watched, [
      { module: "Leads", operations: ["create", "edit", "delete"], hasCondition: false },
    ]);
    assert.equal(window.reports.length, 1);
  });

  it("looks for it also where there was nothing to go on with at the start", async test => {
    const window = new Window(test, new KeptNotes());
    window.automatic.resume();
    await window.settle();
    window.lapse("1", 100, 200);
    await window.settle();
    assert.deepEqual(window.spans(), [["1", 100, 200]]);
  });

  it("looks for what lapsed while it was looking", async test => {
    const window = new Window(test, new KeptNotes());
    const caughtUp = Promise.withResolvers<undefined>();
    window.caughtUp = caughtUp.promise;
    window.lapse("1", 100, 200);
    await window.settle();
    window.lapse("2", 100, 200);
    await window.settle();
    caughtUp.resolve(undefined);
    await window.settle();
    assert.deepEqual(window.spans(), [
      ["1", 100, 200],
      ["2", 100, 200],
    ]);
  });

  it("remembers since when a channel had lapsed", async test => {
    const window = new Window(test, new KeptNotes());
    assert.equal(window.automatic.lastLapse("c", "1"), undefined);
    window.lapse("1", 100, 200);
    await window.settle();
    assert.equal(window.automatic.lastLapse("c", "1"), 100);
  });

  it("tries again what failed, after ten minutes, and says each time that it failed", async test => {
    const window = new Window(test, new KeptNotes());
    const works = window.answer;
    window.answer = () => fail(offline);
    window.lapse("1", 100, 200);
    await window.settle();
    assert.deepEqual(window.problems, [offline]);
    window.clock.advance(10 * minute - 1);
    await window.settle();
    assert.equal(window.asked.length, 1);
    window.answer = works;
    window.clock.advance(1);
    await window.settle();
    assert.deepEqual(window.spans(), [
      ["1", 100, 200],
      ["1", 100, 200],
    ]);
    assert.equal(window.reports.length, 1);
    window.clock.advance(hour);
    await window.settle();
    assert.equal(window.asked.length, 2);
  });

  it("looks through two lapses of a channel at once where that of before is still to be looked for", async test => {
    const window = new Window(test, new KeptNotes());
    const works = window.answer;
    window.answer = () => fail(offline);
    window.lapse("1", 100, 200);
    await window.settle();
    window.answer = works;
    window.lapse("1", 300, 400);
    await window.settle();
    assert.deepEqual(window.spans().at(-1), ["1", 100, 400]);
  });

  it("goes on after a restart with what was not finished, unless its connection has ended", async test => {
    const notes = new KeptNotes();
    const before = new Window(test, notes);
    before.answer = () => fail(offline);
    before.lapse("1", 100, 200);
    await before.settle();
    before.automatic.dispose();

    const after = new Window(test, notes);
    after.automatic.resume();
    await after.settle();
    assert.deepEqual(after.spans(), [["1", 100, 200]]);

    before.automatic.dispose();
    const failing = new Window(test, notes);
    failing.answer = () => fail(offline);
    failing.lapse("2", 100, 200);
    await failing.settle();
    const ended = new Window(test, notes);
    ended.connections = [];
    ended.automatic.resume();
    await ended.settle();
    assert.deepEqual([ended.asked, notes.keys("recovery/pending/")], [[], []]);
  });

  it("leaves to another window what that is looking for, and says nothing of it", async test => {
    const window = new Window(test, new KeptNotes());
    window.answer = () => fail({ code: "RECOVERY_UNDER_WAY", message: "", remedy: "none" });
    window.lapse("1", 100, 200);
    await window.settle();
    assert.deepEqual([window.problems, window.reports], [[], []]);
  });

  it("waits with a lapse that has not ended, over restarts, and joins what had been missed before", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    window.answer = () => fail(offline);
    window.lapse("1", 100, 200);
    await window.settle();
    window.asked.length = 0;
    const subscriptions = [aSubscription({ channelId: "1", events: ["Deals.edit"], module: "Deals" })];
    window.pending.begin({ connectionId: "c", channelId: "1", subscriptions, from: 300 });
    await window.settle();
    assert.deepEqual(window.asked, []);
    assert.deepEqual(
      window.pending.open("c").map(({ channelId }) => channelId),
      ["1"],
    );
    const after = new Window(test, notes);
    after.automatic.resume();
    await after.settle();
    assert.equal(after.asked.length, 0);
    after.pending.end({ connectionId: "c", channelId: "1" }, 400);
    await after.settle();
    assert.deepEqual(after.spans(), [["1", 100, 400]]);
    assert.deepEqual(
      after.asked.flatMap(({ watched }) => watched.map(({ module }) => module)),
      ["Leads", "Deals"],
    );
  });

  it("is tried again where it throws, and does not keep the others from being looked for", async test => {
    const window = new Window(test, new KeptNotes());
    const works = window.answer;
    window.answer = request => {
      if (request.channelId === "1") throw new Error("SQLITE_FULL");
      return works(request);
    };
    window.lapse("1", 100, 200);
    window.lapse("2", 100, 200);
    await window.settle();
    assert.deepEqual(
      window.reports.map(({ channelId }) => channelId),
      ["2"],
    );
    window.answer = works;
    window.clock.advance(10 * minute);
    await window.settle();
    assert.deepEqual(
      window.reports.map(({ channelId }) => channelId),
      ["2", "1"],
    );
  });

  it("forgets no gap while a connection cannot say which channels lost deliveries, also over restarts", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    const channel = (connectionId: string) => makeChannel(connectionId, `of-${connectionId}`, [aSubscription()], true);
    window.here = waiting => ({ channels: waiting === undefined ? [channel("c")] : [], unknown: ["d"] });
    const at = window.clock.now();
    window.gap(7, at);
    await window.settle();
    assert.deepEqual(window.spans(), [["of-c", at - 7 * day, at]]);
    window.automatic.dispose();

    const after = new Window(test, notes);
    after.connections = ["c", "d"];
    const asked: unknown[] = [];
    after.here = waiting => {
      asked.push(waiting);
      return { channels: [channel("d")], unknown: [] };
    };
    after.automatic.resume();
    await after.settle();
    assert.deepEqual(asked, [["d"]]);
    assert.deepEqual(after.spans(), [["of-d", at - 7 * day, at]]);
    // Another window hears of the same gap, and later.
    after.gap(7, at);
    await after.settle();
    assert.deepEqual(asked, [["d"]]);
  });

  it("looks through a gap from ten minutes before the last delivery, but through nothing that was forgotten", async test => {
    const window = new Window(test, new KeptNotes());
    window.here = () => ({ channels: [makeChannel("c", "1", [aSubscription()], true)], unknown: [] });
    const at = window.clock.now();
    const entry = { id: 1, storedAt: at, source: "gap", kind: "gap", sequence: 1, count: 1, reason: "reset" } as const;
    window.deliveredBefore = { ...entry, receivedAt: at - hour };
    window.gap(7, at);
    await window.settle();
    window.forgottenUntil = at - minute;
    window.gap(8, at);
    await window.settle();
    assert.deepEqual(window.spans(), [
      ["1", at - hour - 10 * minute, at],
      ["1", at - minute, at],
    ]);
    assert.equal(window.clock.pending, 0, "nobody has to be asked again");
  });

  it("notes a gap at once, also while it looks for something else", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    window.caughtUp = new Promise(() => undefined);
    window.lapse("1", 100, 200);
    await window.settle();
    window.gap(7, day);
    assert.deepEqual(notes.keys("recovery/gap/"), [`recovery/gap/7/${day}`]);
  });

  it("notes nothing more where it is disposed while it asks who lost deliveries", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    const answer = Promise.withResolvers<ChannelsHere>();
    window.here = async () => answer.promise;
    window.gap(7, day);
    await window.settle();
    window.automatic.dispose();
    answer.resolve({ channels: [here("1")], unknown: [] });
    await window.settle();
    assert.deepEqual(notes.keys("recovery/pending/"), []);
    const after = new Window(test, notes);
    after.here = () => ({ channels: [here("1")], unknown: [] });
    after.automatic.resume();
    await after.settle();
    assert.deepEqual(after.asked.at(-1)?.to, day);
  });

  it("names in the log what could not be done", async test => {
    const notes = new KeptNotes();
    const busy = (): never => {
      notes.isBusy = true;
      return assert.fail("database is locked");
    };
    const logOf = async (prepare: (window: Window) => void): Promise<readonly string[]> => {
      const window = new Window(test, notes);
      prepare(window);
      await window.settle();
      window.automatic.dispose();
      return window.logger.lines.flatMap(line => /^recovery, ([^:]*): .*database is locked/.exec(line)?.[1] ?? []);
    };
    const asked = await logOf(window => {
      window.here = busy;
      window.gap(4, day);
    });
    const noted = await logOf(window => window.gap(5, day));
    notes.isBusy = false;
    const caughtUp = await logOf(window => {
      window.gap(6, window.clock.now());
      window.lapse("1", 100, 200);
      window.caughtUp = Promise.reject(new Error("database is locked"));
    });
    const settled = await logOf(window => {
      const works = window.answer;
      window.answer = request => {
        notes.isBusy = true;
        return works(request);
      };
      window.automatic.resume();
    });
    const sweptAndForgotten = await logOf(window => {
      window.clock.jump(365 * day);
      window.connections = [];
      window.automatic.resume();
    });
    assert.deepEqual(
      [asked, new Set(noted), caughtUp, settled, sweptAndForgotten],
      [["gap"], new Set(["gap"]), ["pending"], ["done"], ["gaps", "signed out"]],
    );
  });

  it("takes nothing for a gap that the history tells of otherwise", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    let asked = 0;
    window.here = () => {
      asked++;
      return { channels: [], unknown: [] };
    };
    const entry = { id: 1, receivedAt: 0, storedAt: 0, source: "delivered", sequence: 1 } as const;
    window.appended.fire([{ ...entry, kind: "request", payload: new Uint8Array() }]);
    await window.settle();
    assert.deepEqual([asked, notes.keys("recovery/gap/")], [0, []]);
  });

  it("tries again after ten minutes where not every connection could say, or the notes could not be read", async test => {
    const window = new Window(test, new KeptNotes());
    const answers = [
      () => assert.fail("SQLITE_BUSY"),
      () => ({ channels: [], unknown: ["d"] }),
      () => ({ channels: [makeChannel("d", "1", [aSubscription()], true)], unknown: [] }),
    ];
    window.connections = ["d"];
    window.here = () => answers.shift()?.() ?? assert.fail("asked too often");
    window.gap(7, window.clock.now());
    for (const left of [2, 1, 0]) {
      await window.settle();
      assert.equal(answers.length, left);
      window.clock.advance(10 * minute - 1);
      await window.settle();
      assert.equal(answers.length, left);
      window.clock.advance(1);
    }
    await window.settle();
    assert.equal(window.reports.length, 1);
    assert.equal(window.clock.pending, 0);
  });

  it("waits for the relay only where there is something to look for", async test => {
    const window = new Window(test, new KeptNotes());
    window.caughtUp = Promise.reject(new Error("Nobody has to wait"));
    window.caughtUp.catch(() => undefined);
    window.automatic.resume();
    await window.settle();
    assert.equal(window.clock.pending, 0);
  });

  it("begins nothing more once it is disposed, and settles nothing that was under way", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    const works = window.answer;
    window.answer = request => {
      window.automatic.dispose();
      return works(request);
    };
    const caughtUp = Promise.withResolvers<undefined>();
    window.caughtUp = caughtUp.promise;
    window.lapse("1", 100, 200);
    window.lapse("2", 100, 200);
    await window.settle();
    caughtUp.resolve(undefined);
    await window.settle();
    window.automatic.resume();
    await window.settle();
    assert.deepEqual(window.spans(), [["1", 100, 200]]);
    assert.equal(notes.keys("recovery/pending/").length, 2);
    assert.equal(window.clock.pending, 0);
  });

  it("stops when it is disposed, and leaves no timer behind", async test => {
    const window = new Window(test, new KeptNotes());
    window.answer = () => fail(offline);
    window.lapse("1", 100, 200);
    await window.settle();
    window.automatic.dispose();
    assert.equal(window.clock.pending, 0);
  });

  it("looks for a gap that could not be noted at once as soon as it can be", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    window.here = () => ({ channels: [here("1")], unknown: [] });
    window.lapse("2", 100, 200);
    await window.settle();
    notes.isBusy = true;
    window.gap(4, day);
    await window.settle();
    assert.deepEqual(window.spans(), [["2", 100, 200]], "busy");
    notes.isBusy = false;
    window.clock.advance(10 * minute);
    await window.settle();
    assert.deepEqual(window.asked.at(-1)?.to, day);
    window.clock.advance(hour);
    await window.settle();
    assert.equal(window.asked.length, 2, "once");
  });

  it("looks for what is noted while a gap cannot be", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    window.here = () => ({ channels: [here("1")], unknown: [] });
    window.hasHistory = false;
    window.gap(4, day);
    window.lapse("2", 100, 200);
    await window.settle();
    assert.deepEqual(window.spans(), [["2", 100, 200]]);
    window.hasHistory = true;
    window.clock.advance(10 * minute);
    await window.settle();
    assert.deepEqual(window.asked.at(-1)?.to, day);
  });

  it("looks for the others where it cannot be asked who lost deliveries in a gap", async test => {
    const window = new Window(test, new KeptNotes());
    window.here = () => assert.fail("the vault is locked");
    window.gap(4, day);
    window.lapse("2", 100, 200);
    await window.settle();
    assert.deepEqual(window.spans(), [["2", 100, 200]]);
    window.here = () => ({ channels: [here("1")], unknown: [] });
    window.clock.advance(10 * minute);
    await window.settle();
    assert.deepEqual(window.asked.at(-1)?.to, day);
  });

  it("tells what was found, and looks for the rest, where it cannot be noted as done", async test => {
    const notes = new KeptNotes();
    const window = new Window(test, notes);
    const caughtUp = Promise.withResolvers<undefined>();
    window.caughtUp = caughtUp.promise;
    window.lapse("1", 100, 200);
    window.lapse("2", 100, 200);
    await window.settle();
    notes.isBusy = true;
    caughtUp.resolve(undefined);
    await window.settle();
    assert.deepEqual([...new Set(window.reports.map(({ channelId }) => channelId))], ["1", "2"]);
    assert.equal(window.pending.list().length, 2);
    notes.isBusy = false;
    window.clock.advance(10 * minute);
    await window.settle();
    assert.equal(window.pending.list().length, 0, "done at last");
  });
});
