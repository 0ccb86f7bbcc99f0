import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { day, hour, minute } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import { ConnectionStore } from "../../../../src/core/connections/connectionStore.ts";
import { RenewalKeeper } from "../../../../src/core/renewal/renewalKeeper.ts";
import { RenewalModes } from "../../../../src/core/renewal/renewalModes.ts";
import type { ChannelsOf, RenewalMode, RenewalTrouble } from "../../../../src/core/renewal/renewalStatus.ts";
import { ChannelOwnership } from "../../../../src/core/subscriptions/ownership.ts";
import { ChannelDeletion } from "../../../../src/core/subscriptions/channelDeletion.ts";
import { SubscriptionService } from "../../../../src/core/subscriptions/subscriptionService.ts";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import { SharedNotes } from "../../../../src/core/windows/keeper.ts";
import type { ZohoProblem } from "../../../../src/zoho/problem.ts";
import type { Subscription } from "../../../../src/zoho/subscription.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { aConnection } from "../connections/aConnection.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";
import { PlayedZoho, zohoProblem } from "../subscriptions/playedZoho.ts";

const { id } = aConnection();
const { channelId } = aSubscription();
const week = 7 * day - hour;

/** A clock of a machine that sleeps: time goes on, and what timers have left stays as it was. */
class SleepyClock extends FakeClock {
  #slept = 0;

  override now(): number {
    return super.now() + this.#slept;
  }

  /** FakeClock counts from its own time, which knows of no sleep. */
  sleep(duration: number): void {
    this.#slept += duration;
  }
}

interface WindowOptions {
  readonly left?: number;
  readonly mode?: RenewalMode;
  readonly clock?: FakeClock;
  /** Somebody's address was borrowed from the channel. */
  readonly isLent?: boolean;
}

interface Told {
  readonly asked: ChannelsOf[];
  readonly recreated: ChannelsOf[];
  readonly failed: RenewalTrouble[];
}

/** A window whose server the test plays, with one channel of its own that has `left` milliseconds to live. */
async function aWindow(
  test: TestContext,
  { left = hour, mode = "on", clock = new FakeClock(), isLent = false }: WindowOptions = {},
) {
  const zoho = new PlayedZoho(clock);
  const vault = new MemoryVault();
  const logger = new RecordingLogger();
  const agreement = openAgreement(clock, join(temporaryFolder(test), "windows.sqlite"));
  const { claims, notes, database, turns } = agreement;
  const connections = new ConnectionStore(vault, silentLogger, clock);
  const ownership = new ChannelOwnership(vault, silentLogger, clock);
  const expiresAt = clock.now() + left;
  const subscription = aSubscription({ token: "ours", expiresAt });
  await ownership.add({ channelId, connectionId: id, token: "ours", lastKnown: [subscription] });
  await connections.add(aConnection());
  zoho.listed = [subscription];
  const tokenBook = new TokenBook();
  const service = new SubscriptionService({
    deletionWith: async parts => Promise.resolve(new ChannelDeletion(parts)),
    clients: { for: () => zoho },
    store: connections,
    ownership,
    tokenBook,
    clock,
    logger,
    ...agreement,
  });
  const modes = new RenewalModes(notes, () => mode);
  const keeper = new RenewalKeeper({
    ...{ service, connections, ownership, modes, claims, notes, clock, logger },
    ...{ life: () => week, isLent: () => isLent, random: () => 0.5 },
  });
  const told: Told = { asked: [], recreated: [], failed: [] };
  keeper.onDidAsk(due => told.asked.push(due));
  keeper.onDidRecreate(made => told.recreated.push(made));
  keeper.onDidFail(trouble => told.failed.push(trouble));
  const dispose = (): void => {
    for (const each of [keeper, modes, service, ownership, connections, agreement]) each.dispose();
  };
  test.after(dispose);
  /** Reads the server and lets what is due be done. */
  const settle = async (): Promise<void> => {
    await service.refresh(id);
    await keeper.whenIdle();
  };
  const status = () => keeper.statusOf(id, channelId);
  return {
    clock,
    zoho,
    logger,
    database,
    notes,
    claims,
    turns,
    connections,
    ownership,
    service,
    modes,
    keeper,
    told,
    dispose,
    settle,
    status,
  };
}

type Window = Awaited<ReturnType<typeof aWindow>>;

/** Lets the server prolong and make channels, as Zoho would. */
function granting({ zoho }: Window): void {
  zoho.onRenew = ({ channelId: renewed, expiresAt }) => {
    zoho.listed = zoho.listed.map(each => (each.channelId === renewed ? { ...each, expiresAt } : each));
    return succeed({ granted: zoho.listed.filter(each => each.channelId === renewed), refused: [] });
  };
  zoho.onSubscribe = request => {
    const { token, ...rest } = request;
    const made: Subscription = { ...aSubscription(), ...rest, ...(token === undefined ? {} : { token }) };
    zoho.listed = [...zoho.listed.filter(each => each.channelId !== made.channelId), made];
    return succeed({ granted: [made], refused: [] });
  };
}

const failing = (kind: "offline" | "server" | "scope"): ZohoProblem => {
  const words = { code: kind.toUpperCase(), message: `It is ${kind}.`, remedy: "none" } as const;
  if (kind === "offline") return { kind, reason: "refused", ...words };
  return kind === "server" ? { kind, status: 500, ...words } : { kind, ...words };
};

describe("RenewalKeeper", () => {
  it("renews what is due with events and token, and nothing else of the channel", async test => {
    const window = await aWindow(test);
    granting(window);
    await window.settle();
    const expiresAt = window.clock.now() + week;
    const { notifyUrl } = aSubscription();
    assert.deepEqual(window.zoho.renewed, [
      { channelId, events: ["Leads.create"], notifyUrl, token: "ours", expiresAt },
    ]);
    const status = window.status();
    assert.ok(status?.kind === "planned");
    assert.equal(status.renewedAt, window.clock.now());
    assert.ok(status.nextAttemptAt > window.clock.now() + day && status.nextAttemptAt < expiresAt);
    assert.match(window.logger.lines.join("\n"), new RegExp(`channel ${channelId} renewed until 2026-01-12T08:00`));
    assert.doesNotMatch(window.logger.lines.join("\n"), /ours/);
  });

  it("reads the server just before, and leaves alone what somebody else has renewed", async test => {
    const window = await aWindow(test);
    window.zoho.onList = () => {
      const listed = window.zoho.listed;
      window.zoho.listed = [aSubscription({ token: "ours", expiresAt: window.clock.now() + week })];
      return succeed(listed);
    };
    await window.settle();
    assert.deepEqual(window.zoho.calls, ["list", "list"]);
    assert.equal(window.status()?.kind, "planned");
  });

  it("leaves alone what a person told to end meanwhile, here or in another window, and what the mode leaves alone now", async test => {
    for (const left of [hour, -hour]) {
      for (const how of ["here", "elsewhere", "mode"] as const) {
        for (const byHand of [false, true]) {
          const window = await aWindow(test, { left, mode: "off" });
          granting(window);
          await window.settle();
          const asked = Promise.withResolvers<undefined>();
          window.zoho.onList = async () => {
            await asked.promise;
            return succeed(window.zoho.listed);
          };
          if (!byHand) window.modes.choose(id, "on");
          const pass = byHand ? window.keeper.renew({ connectionId: id, channelIds: [channelId] }) : undefined;
          if (how === "mode") window.modes.choose(id, "off");
          else if (how === "here") window.keeper.setStopped({ connectionId: id, channelId }, true);
          else window.notes.set(`renewal/channel/${id}/${channelId}`, JSON.stringify({ failures: 0, stopped: true }));
          asked.resolve(undefined);
          await pass;
          await window.keeper.whenIdle();
          const isDone = how === "mode" && byHand;
          assert.equal(window.zoho.renewed.length + window.zoho.subscribed.length, isDone ? 1 : 0);
          window.dispose();
        }
      }
    }
  });

  it("goes on with a channel of which a module ended long ago, as Zoho refuses it", async test => {
    const window = await aWindow(test);
    granting(window);
    const ended = aSubscription({ module: "Deals", events: ["Deals.edit"], expiresAt: window.clock.now() - 31 * day });
    await window.ownership.add({ channelId, connectionId: id, token: "ours", lastKnown: [], refused: [ended] });
    await window.settle();
    assert.deepEqual(
      window.zoho.renewed.map(({ events }) => events),
      [["Deals.edit", "Leads.create"]],
    );
  });

  it("says that a channel is being renewed while it is, and of no other", async test => {
    const window = await aWindow(test);
    granting(window);
    const grant = window.zoho.onRenew;
    const slow = Promise.withResolvers<undefined>();
    window.zoho.listed = [
      ...window.zoho.listed,
      aSubscription({ channelId: "7", expiresAt: window.clock.now() + hour }),
    ];
    window.zoho.onRenew = async request => {
      await slow.promise;
      return grant(request);
    };
    let changes = 0;
    window.keeper.onDidChange(() => changes++);
    await window.service.refresh(id);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    assert.deepEqual(window.status(), { kind: "renewing" });
    assert.deepEqual(window.keeper.statusOf(id, "7"), { kind: "not-ours" });
    const before = changes;
    slow.resolve(undefined);
    await window.keeper.whenIdle();
    assert.equal(window.status()?.kind, "planned");
    assert.ok(changes > before);
    assert.deepEqual(window.told.recreated, [], "it was renewed, not made again");
  });

  it("follows what a file that could not be opened before says of a channel that was stopped", async test => {
    const window = await aWindow(test, { left: 4 * day });
    await window.service.refresh(id);
    const record = JSON.stringify({ failures: 0, stopped: true });
    new SharedNotes(window.database).set(`renewal/channel/${id}/${channelId}`, record);
    window.keeper.update();
    assert.deepEqual(window.status(), { kind: "stopped" });
  });

  it("keeps alive what it adopts although it was told to let it end, and forgets that it was to ask", async test => {
    const window = await aWindow(test, { left: 3 * day });
    granting(window);
    await window.settle();
    const state = window.service.stateOf(id);
    const channel = (state.kind === "loaded" ? state.channels[0] : undefined) ?? assert.fail();
    window.keeper.setStopped(channel, true);
    assert.deepEqual(window.status(), { kind: "stopped" });
    await window.keeper.adopt(channel);
    assert.notEqual(window.status()?.kind, "stopped");
  });

  it("reads all of what it adopts, as the list may have shown a part", async test => {
    const window = await aWindow(test, { left: 3 * day });
    granting(window);
    const [leads, deals] = ["Leads", "Deals"].map(module =>
      aSubscription({ channelId: "7", module, expiresAt: window.clock.now() + 3 * day }),
    );
    assert.ok(leads !== undefined && deals !== undefined);
    Object.assign(window.zoho, { listed: [leads], complete: false });
    await window.settle();
    const state = window.service.stateOf(id);
    const part = (state.kind === "loaded" ? state.channels[0] : undefined) ?? assert.fail();
    Object.assign(window.zoho, { listed: [leads, deals], complete: true });
    await window.keeper.adopt(part);
    const { isPart, lastKnown = [] } = window.ownership.get("7") ?? {};
    assert.deepEqual([isPart, lastKnown.length], [undefined, 2]);
  });

  it("makes again what was read in full, ended, and was adopted from an old list", async test => {
    const window = await aWindow(test, { left: 3 * day });
    granting(window);
    window.zoho.listed = [aSubscription({ channelId: "7", expiresAt: window.clock.now() + hour })];
    await window.settle();
    const state = window.service.stateOf(id);
    const channel = (state.kind === "loaded" ? state.channels[0] : undefined) ?? assert.fail();
    window.clock.jump(2 * hour);
    window.zoho.listed = [];
    await window.keeper.adopt(channel);
    await window.settle();
    assert.deepEqual(
      window.zoho.subscribed.map(each => each.channelId),
      ["7"],
    );
  });

  it("tells once that a part of which it knows has ended, and asks for nothing more", async test => {
    const window = await aWindow(test, { left: 3 * day });
    const expiresAt = window.clock.now() + hour;
    Object.assign(window.zoho, { listed: [aSubscription({ channelId: "7", expiresAt })], complete: false });
    await window.settle();
    const state = window.service.stateOf(id);
    const part = (state.kind === "loaded" ? state.channels[0] : undefined) ?? assert.fail();
    await window.keeper.adopt(part);
    window.clock.jump(2 * hour);
    Object.assign(window.zoho, { listed: [], complete: true });
    await window.settle();
    window.zoho.calls.length = 0;
    for (let hours = 0; hours < 23; hours++) {
      window.clock.advance(hour);
      await window.keeper.whenIdle();
    }
    assert.deepEqual(
      [window.told.failed.map(({ problem }) => problem.code), window.zoho.calls],
      [["PARTLY_KNOWN"], []],
    );
  });

  it("waits longer and longer where nothing can be done of what is due, and says so in the log", async test => {
    const window = await aWindow(test);
    window.zoho.onList = () => {
      window.clock.jump(3 * minute);
      return succeed(window.zoho.listed);
    };
    await window.settle();
    const from = window.zoho.calls.length;
    for (let passed = 0; passed < hour; passed += minute) {
      window.clock.advance(minute / 4);
      for (let turn = 0; turn < 40; turn++) await setImmediate();
    }
    const asked = window.zoho.calls.length - from;
    assert.ok(asked > 1 && asked < 15, `${asked}`);
    assert.match(window.logger.lines.join("\n"), /what is due was given up/);
  });

  it("reads what could not be read each hour, also after the clock was set back", async test => {
    const window = await aWindow(test, { left: 3 * day });
    window.zoho.onList = () => fail(failing("scope"));
    await window.settle();
    for (const back of [0, 2 * day]) {
      window.clock.setBack(back);
      const from = window.zoho.calls.length;
      for (let hours = 0; hours < 5; hours++) {
        window.clock.advance(hour);
        await window.keeper.whenIdle();
      }
      assert.ok(window.zoho.calls.length - from >= 4, `${back}: ${window.zoho.calls.length - from}`);
    }
  });

  it("tells nobody of what was to be made again and was not", async test => {
    const window = await aWindow(test, { left: -hour });
    window.zoho.listed = [];
    window.zoho.onSubscribe = () => fail(failing("server"));
    await window.settle();
    assert.equal(window.zoho.subscribed.length, 1);
    assert.deepEqual(window.told.recreated, []);
  });

  it("makes again what turns out to be gone when it is renewed", async test => {
    const window = await aWindow(test);
    granting(window);
    window.zoho.onRenew = () => fail(zohoProblem("not-subscribed", "NOT_SUBSCRIBED"));
    await window.settle();
    assert.deepEqual(
      window.zoho.subscribed.map(({ channelId: made, token }) => [made, token]),
      [[channelId, "ours"]],
    );
    assert.deepEqual(window.told.recreated, [{ connectionId: id, channelIds: [channelId] }]);
  });

  it("tries again after a failure, later each time, and says in the status what the last problem was", async test => {
    const window = await aWindow(test, { left: 2 * day });
    window.zoho.onRenew = () => fail(failing("server"));
    await window.settle();
    const waits: number[] = [];
    for (let tries = 0; tries < 3; tries++) {
      const status = window.status();
      assert.ok(status?.kind === "planned" && status.lastProblem?.code === "SERVER", JSON.stringify(status));
      waits.push((status.nextAttemptAt - window.clock.now()) / minute);
      window.clock.advance(status.nextAttemptAt - window.clock.now());
      await window.keeper.whenIdle();
    }
    assert.deepEqual(waits, [0.75, 1.5, 3]);
    assert.equal(window.zoho.renewed.length, 4);
    assert.deepEqual(window.told.failed, [], "there is time enough not to bother anybody");
    granting(window);
    window.clock.advance(hour);
    await window.keeper.whenIdle();
    const status = window.status();
    assert.ok(status?.kind === "planned" && status.lastProblem === undefined);
  });

  it("tells a failure of the last day, and the same cause only once", async test => {
    const window = await aWindow(test, { left: 20 * hour });
    window.zoho.onRenew = () => fail(failing("server"));
    await window.settle();
    for (let hours = 0; hours < 5; hours++) {
      window.clock.advance(hour);
      await window.keeper.whenIdle();
    }
    assert.deepEqual(
      window.told.failed.map(({ problem, channelIds }) => [problem.code, channelIds]),
      [["SERVER", [channelId]]],
    );
  });

  it("on a full disk asks and tells no more often than else, and writes down what it knows when there is room", async test => {
    for (const fails of [true, false]) {
      const window = await aWindow(test, { left: 20 * hour });
      if (fails) window.zoho.onRenew = () => fail(failing("server"));
      else
        window.zoho.onRenew = () => {
          window.zoho.listed = window.zoho.listed.map(each => ({ ...each, expiresAt: window.clock.now() + hour }));
          return succeed({ granted: window.zoho.listed, refused: [] });
        };
      for (const write of ["INSERT", "UPDATE", "DELETE"]) {
        window.database
          .prepare(`CREATE TRIGGER full${write} BEFORE ${write} ON note BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
          .run();
      }
      await window.settle();
      for (let seconds = 0; seconds < 300; seconds += 5) {
        window.clock.advance(5_000);
        await window.keeper.whenIdle();
        await window.service.refresh(id);
      }
      assert.deepEqual([window.zoho.renewed.length, window.told.failed.length], fails ? [3, 1] : [1, 0]);
      for (const write of ["INSERT", "UPDATE", "DELETE"]) window.database.prepare(`DROP TRIGGER full${write}`).run();
      window.clock.advance(minute);
      await window.keeper.whenIdle();
      assert.ok(window.notes.keys("renewal/").length > 0);
      window.dispose();
    }
  });

  it("says at once what needs the person, and what to do", async test => {
    const window = await aWindow(test, { left: 2 * day });
    window.zoho.onRenew = () => fail(failing("scope"));
    await window.settle();
    const status = window.status();
    assert.ok(status?.kind === "cannot");
    assert.equal(status.problem.message, "It is scope.");
    assert.equal(window.told.failed.length, 1);
  });

  it("does not count a renewal of some modules as one: it goes on trying, and says so before the rest ends", async test => {
    const window = await aWindow(test, { left: 20 * hour });
    const [leads] = window.zoho.listed;
    assert.ok(leads !== undefined);
    window.zoho.listed = [leads, { ...leads, module: "Deals", events: ["Deals.edit"] }];
    window.zoho.onRenew = ({ expiresAt }) => {
      window.zoho.listed = window.zoho.listed.map(each => (each.module === "Leads" ? { ...each, expiresAt } : each));
      return succeed({ granted: window.zoho.listed.filter(({ module }) => module === "Leads"), refused: [] });
    };
    await window.settle();
    const status = window.status();
    assert.ok(status?.kind === "planned" && status.lastProblem?.code === "PARTLY_RENEWED", JSON.stringify(status));
    assert.equal(window.told.failed.length, 1);
    for (let hours = 0; hours < 30; hours++) {
      window.clock.advance(hour);
      await window.keeper.whenIdle();
    }
    assert.ok(window.zoho.renewed.length > 20, String(window.zoho.renewed.length));
    assert.deepEqual(window.zoho.renewed.at(-1)?.events, ["Deals.edit", "Leads.create"]);
    granting(window);
    window.clock.advance(2 * hour);
    await window.keeper.whenIdle();
    const done = window.status();
    assert.ok(done?.kind === "planned" && done.lastProblem === undefined, JSON.stringify(done));
  });

  it("does not renew a channel of which something cannot be read, and says why before it ends", async test => {
    const window = await aWindow(test);
    granting(window);
    window.zoho.unreadable = [{ channelId, module: "Deals", faults: ["events"] }];
    await window.settle();
    assert.deepEqual([window.zoho.renewed, window.zoho.subscribed], [[], []]);
    assert.equal(window.told.failed[0]?.problem.code, "UNREADABLE_SUBSCRIPTION");
  });

  it("tries at once again after a new sign-in", async test => {
    const window = await aWindow(test, { left: 2 * day });
    window.zoho.onRenew = () => fail(failing("scope"));
    await window.settle();
    granting(window);
    window.clock.advance(10_000);
    await window.connections.add(aConnection({ refreshToken: "another" }));
    await window.settle();
    assert.equal(window.status()?.kind, "planned");
    assert.equal(window.zoho.renewed.length, 2);
  });

  it("counts what is listed as failed where the server cannot be read, and comes back when it can", async test => {
    const window = await aWindow(test, { left: 2 * day });
    granting(window);
    const read = window.zoho.onList;
    window.zoho.onList = () => fail(failing("offline"));
    await window.settle();
    const status = window.status();
    assert.ok(status?.kind === "planned" && status.lastProblem?.code === "OFFLINE", JSON.stringify(status));
    assert.deepEqual(window.zoho.renewed, []);
    window.zoho.onList = read;
    window.clock.advance(6_000);
    await window.settle();
    assert.equal(window.zoho.renewed.length, 1);
  });

  it("does nothing in mode off, and begins when that is changed", async test => {
    const window = await aWindow(test, { mode: "off" });
    granting(window);
    await window.settle();
    assert.deepEqual(window.zoho.renewed, []);
    assert.deepEqual(window.status(), { kind: "off" });
    window.modes.choose(id, "on");
    await window.keeper.whenIdle();
    assert.equal(window.zoho.renewed.length, 1);
    window.modes.choose(id, undefined);
    assert.deepEqual(window.status(), { kind: "off" });
  });

  it("asks in mode ask, asks again when half of the time has passed, and renews when told to", async test => {
    const window = await aWindow(test, { mode: "ask", left: 20 * hour });
    granting(window);
    await window.settle();
    assert.deepEqual(window.told.asked, [{ connectionId: id, channelIds: [channelId] }]);
    window.clock.advance(10 * hour - 1);
    assert.equal(window.told.asked.length, 1);
    window.clock.advance(minute);
    assert.equal(window.told.asked.length, 2);
    assert.deepEqual(window.zoho.renewed, []);
    await window.keeper.renew({ connectionId: id, channelIds: [channelId] });
    assert.equal(window.zoho.renewed.length, 1);
    const status = window.status();
    assert.ok(status?.kind === "ask" && status.askAt > window.clock.now() + day);
  });

  it("asks in mode ask once a day from the moment of its end on", async test => {
    const window = await aWindow(test, { mode: "ask", left: 0 });
    await window.settle();
    window.clock.advance(day - minute);
    assert.equal(window.told.asked.length, 1);
    window.clock.advance(2 * minute);
    assert.equal(window.told.asked.length, 2);
  });

  it("does not make again by itself what ended more than a month ago", async test => {
    const window = await aWindow(test, { left: -31 * day });
    window.zoho.listed = [];
    await window.settle();
    assert.deepEqual(window.status(), { kind: "long-over" });
    assert.deepEqual(window.zoho.subscribed, []);
  });

  it("knows what it renewed also where windows cannot say that they are done", async test => {
    const window = await aWindow(test);
    granting(window);
    for (const what of ["UPDATE", "DELETE"]) {
      window.database
        .prepare(`CREATE TRIGGER full_${what} BEFORE ${what} ON claim BEGIN SELECT RAISE(ABORT, 'full'); END`)
        .run();
    }
    await window.settle();
    const status = window.status();
    assert.ok(status?.kind === "planned");
    assert.equal(status.renewedAt, window.clock.now());
  });

  it("renews although windows cannot take turns, as twice is better than not at all", async test => {
    const window = await aWindow(test);
    granting(window);
    window.database.prepare("DROP TABLE claim").run();
    await window.settle();
    assert.equal(window.zoho.renewed.length, 1);
    assert.match(window.logger.lines.join("\n"), /cannot take turns/);
  });

  it("waits for a window that is at it, and goes on when that window is gone without a word", async test => {
    const window = await aWindow(test);
    granting(window);
    assert.ok(window.claims.take(`renewal/${id}`, 2 * minute));
    await window.settle();
    assert.deepEqual(window.zoho.renewed, []);
    for (let halves = 0; halves < 4; halves++) {
      window.clock.advance(minute / 2);
      await window.keeper.whenIdle();
    }
    assert.equal(window.zoho.renewed.length, 1);
  });

  for (const ahead of [3 * hour, 1 * day, -3 * hour, -1 * day]) {
    it(`goes by Zoho's clock where that is ${ahead / hour} hours ahead of this machine's`, async test => {
      const clock = new FakeClock();
      const window = await aWindow(test, { left: hour + ahead, clock });
      const zohoNow = (): number => clock.now() + ahead;
      // As Zoho does: beyond a week, one hour is granted; what is over, is over.
      window.zoho.onList = () => {
        window.zoho.time.note(
          { headers: { date: new Date(zohoNow()).toUTCString() } },
          { sentAt: clock.now(), receivedAt: clock.now() },
        );
        return succeed(window.zoho.listed.filter(each => each.expiresAt > zohoNow()));
      };
      window.zoho.onRenew = ({ expiresAt: asked }) => {
        const expiresAt = asked > zohoNow() + 7 * day ? zohoNow() + hour : asked;
        window.zoho.listed = window.zoho.listed.map(each => ({ ...each, expiresAt }));
        return succeed({ granted: window.zoho.listed, refused: [] });
      };
      for (let hours = 0; hours < 30; hours++) {
        await window.settle();
        clock.advance(hour);
      }
      assert.equal(window.zoho.renewed.length, 1, `${window.zoho.renewed.length} renewals`);
      assert.deepEqual(window.zoho.subscribed, []);
      assert.ok((window.zoho.listed[0]?.expiresAt ?? 0) > zohoNow() + 4 * day);
    });
  }

  for (const ahead of [3 * day, -3 * day]) {
    it(`renews in time by Zoho's clock, and not before, where that is ${ahead / day} days ahead of this machine's`, async test => {
      const clock = new FakeClock();
      const window = await aWindow(test, { left: 6 * day + ahead, clock });
      granting(window);
      const date = new Date(clock.now() + ahead).toUTCString();
      window.zoho.time.note({ headers: { date } }, { sentAt: clock.now(), receivedAt: clock.now() });
      await window.settle();
      assert.deepEqual(window.zoho.renewed, []);
      clock.advance(2 * day);
      await window.keeper.whenIdle();
      assert.equal(window.zoho.renewed.length, 1);
    });
  }

  it("waits after a throttle for as long as that says, wherever Zoho's clock stands", async test => {
    for (const ahead of [-3 * hour, 0, 3 * hour]) {
      const window = await aWindow(test, { left: 2 * hour + ahead });
      const { clock, zoho } = window;
      const date = new Date(clock.now() + ahead).toUTCString();
      zoho.time.note({ headers: { date } }, { sentAt: clock.now(), receivedAt: clock.now() });
      const words = { code: "TOO_MANY_REQUESTS", message: "Too many.", remedy: "retry" } as const;
      zoho.onRenew = () => fail({ kind: "throttled", retryAt: clock.now() + 5 * minute, ...words });
      await window.settle();
      granting(window);
      for (const [minutes, renewals] of [
        [4, 1],
        [1, 2],
      ] as const) {
        clock.advance(minutes * minute);
        await window.keeper.whenIdle();
        assert.equal(zoho.renewed.length, renewals, `${ahead / hour} h ahead, ${minutes} minutes`);
      }
      window.dispose();
    }
  });

  it("does not renew again and again where Zoho grants hardly any time", async test => {
    const window = await aWindow(test);
    window.zoho.onRenew = () => {
      const expiresAt = window.clock.now() + 10_000;
      window.zoho.listed = window.zoho.listed.map(each => ({ ...each, expiresAt }));
      return succeed({ granted: window.zoho.listed, refused: [] });
    };
    window.zoho.onSubscribe = request => {
      const made = { ...aSubscription(), ...request, expiresAt: window.clock.now() + 10_000, token: "ours" };
      window.zoho.listed = [made];
      return succeed({ granted: [made], refused: [] });
    };
    for (let minutes = 0; minutes < 60; minutes++) {
      await window.settle();
      window.clock.advance(minute);
    }
    assert.ok(window.zoho.renewed.length + window.zoho.subscribed.length <= 13);
  });

  it("leaves a connection alone for five seconds after a pass, also where that could do nothing", async test => {
    const window = await aWindow(test);
    granting(window);
    await window.turns.take([`channel/${id}/${channelId}`], { life: hour, patience: 0 });
    let passes = 0;
    const take = window.claims.take.bind(window.claims);
    // Passes without a pause would never end: the hundredth finds another window at it.
    window.claims.take = (key, milliseconds) => (++passes < 100 ? take(key, milliseconds) : undefined);
    await window.settle();
    for (let seconds = 0; seconds < 60; seconds++) {
      window.clock.advance(1_000);
      for (let turn = 0; turn < 5; turn++) await setImmediate();
    }
    assert.ok(passes > 1 && passes <= 13, `${passes} passes`);
  });

  it("leaves alone what is lent to this editor: who gives it back sees to it", async test => {
    const window = await aWindow(test, { isLent: true });
    granting(window);
    await window.settle();
    assert.deepEqual([window.zoho.renewed, window.zoho.subscribed], [[], []]);
  });

  it("plans again where planning failed, as on a disk that cannot be read", async test => {
    const window = await aWindow(test, { left: 7 * day });
    granting(window);
    await window.settle();
    const of = window.modes.of.bind(window.modes);
    window.modes.of = () => {
      throw new Error("disk I/O error");
    };
    window.clock.advance(3 * day);
    window.modes.of = of;
    window.clock.advance(hour);
    await window.keeper.whenIdle();
    assert.equal(window.zoho.renewed.length, 1);
    assert.match(window.logger.lines.join("\n"), /planning failed and is tried again.*disk I\/O error/s);
  });

  it("looks at a connection once a day though nothing is due", async test => {
    const window = await aWindow(test, { left: week });
    await window.settle();
    const before = window.zoho.calls.length;
    for (let hours = 0; hours < 30; hours++) {
      window.clock.advance(hour);
      await window.keeper.whenIdle();
    }
    assert.deepEqual(window.zoho.calls.slice(before), ["list"]);
  });

  it("looks every hour at a connection that could not be read, until it can be", async test => {
    const window = await aWindow(test, { left: week });
    await window.settle();
    const read = window.zoho.onList;
    window.zoho.onList = () => fail(zohoProblem("signed-out"));
    window.clock.advance(day);
    await window.keeper.whenIdle();
    const before = window.zoho.calls.length;
    for (let quarters = 0; quarters < 8; quarters++) {
      if (quarters === 4) window.zoho.onList = read;
      window.clock.advance(hour / 4);
      await window.keeper.whenIdle();
    }
    assert.deepEqual(window.zoho.calls.slice(before), ["list", "list"]);
    assert.equal(window.service.stateOf(id).kind, "loaded");
  });

  it("notices after a sleep that time has passed that no timer counted", async test => {
    const clock = new SleepyClock();
    const window = await aWindow(test, { left: week, clock });
    granting(window);
    await window.settle();
    assert.deepEqual(window.zoho.renewed, []);
    clock.sleep(5 * day);
    clock.advance(6_000);
    await window.keeper.whenIdle();
    assert.equal(window.zoho.renewed.length, 1);
  });

  it("goes by what another window was told while it slept", async test => {
    const clock = new SleepyClock();
    const window = await aWindow(test, { clock });
    granting(window);
    window.keeper.setStopped({ connectionId: id, channelId }, true);
    await window.settle();
    const note = `renewal/channel/${id}/${channelId}`;
    window.notes.set(note, (window.notes.get(note) ?? "").replace('"stopped":true', '"stopped":false'));
    clock.sleep(30 * minute);
    clock.advance(6_000);
    await window.keeper.whenIdle();
    assert.equal(window.zoho.renewed.length, 1);
  });

  it("waits with one timer, however often it plans", async test => {
    const window = await aWindow(test, { left: week });
    await window.settle();
    const waiting = window.clock.pending;
    for (let count = 0; count < 5; count++) await window.service.refresh(id);
    assert.equal(window.clock.pending, waiting);
  });

  it("leaves no timer behind", async test => {
    const window = await aWindow(test, { left: week });
    await window.settle();
    assert.ok(window.clock.pending > 0);
    window.dispose();
    assert.equal(window.clock.pending, 0);
  });

  it("remembers over restarts what it was told, in the database alone", () => {
    const database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
    const notes = new SharedNotes(database);
    new RenewalModes(notes, () => "on").choose(id, "ask");
    assert.equal(new RenewalModes(notes, () => "on").of(id), "ask");
    assert.equal(new RenewalModes(notes, () => "off").of("another"), "off");
  });
});
