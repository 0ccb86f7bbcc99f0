import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { day, hour, minute, second } from "../../../../src/base/clock.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import type { KeepOptions } from "../../../../src/core/subscriptions/channelUpkeep.ts";
import type { RenewRequest, SubscribeRequest } from "../../../../src/zoho/subscription.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { aSubscription } from "./aSubscription.ts";
import { type Window, alive, channelId, id, openWindow } from "./openWindow.ts";
import { PlayedZoho, zohoProblem } from "./playedZoho.ts";

const week = 7 * day - hour;
const both: KeepOptions = { renews: true, recreates: true, byHand: false };
const throttled = { kind: "throttled", code: "THROTTLED", message: "", remedy: "retry", retryAt: 0 } as const;

/** What became of each channel: its end in hours from now, or the code of the problem. */
async function keep(window: Window, options: Partial<KeepOptions> = {}, channelIds = [channelId]) {
  const kept = await window.service.keep(id, channelIds, { ...both, ...options });
  return [...kept].map(([channel, { recreated, outcome }]) => {
    const words = outcome.ok ? (outcome.value.expiresAt - window.clock.now()) / hour : outcome.error.code;
    return `${channel} ${recreated ? "made again" : "kept"}: ${words}`;
  });
}

/** Lets Zoho prolong what is listed, and make what isn't. */
function granting({ zoho }: Window): void {
  const grant = (request: RenewRequest | SubscribeRequest) => {
    const { channelId: asked, expiresAt } = request;
    const before = zoho.listed.filter(each => each.channelId === asked);
    const granted = before.length === 0 ? [aSubscription({ channelId: asked, expiresAt })] : before;
    const now = granted.map(each => ({ ...each, expiresAt }));
    zoho.listed = [...zoho.listed.filter(each => each.channelId !== asked), ...now];
    return succeed({ granted: now, refused: [] });
  };
  zoho.onRenew = grant;
  zoho.onSubscribe = grant;
}

/** A window that has read one channel of ours. */
async function withOwn(): Promise<Window> {
  const window = await openWindow();
  granting(window);
  window.zoho.listed = [alive({ token: "t" })];
  await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: window.zoho.listed });
  await window.service.refresh(id);
  window.zoho.calls.length = 0;
  return window;
}

describe("keeping channels alive", () => {
  it("renews what is alive and makes again what is over, as long as it is told and no longer than Zoho grants", async () => {
    const window = await withOwn();
    assert.deepEqual(await keep(window, { expiresInMs: 2 * hour }), [`${channelId} kept: 2`]);
    assert.deepEqual(await keep(window, { expiresInMs: 30 * day }), [`${channelId} kept: ${week / hour}`]);
    window.clock.advance(8 * day);
    window.zoho.listed = [];
    assert.deepEqual(await keep(window), [`${channelId} made again: ${week / hour}`]);
  });

  it("does only what it is told, and says of the rest how it stands", async () => {
    const window = await withOwn();
    assert.deepEqual(await keep(window, { renews: false }), [`${channelId} kept: 1`]);
    window.clock.advance(2 * hour);
    window.zoho.listed = [];
    assert.deepEqual(await keep(window, { recreates: false }), [`${channelId} kept: NOT_SUBSCRIBED`]);
    assert.deepEqual(window.zoho.calls, ["list", "list"]);
  });

  it("leaves alone what is not due as it is found, and what somebody deleted, and says nothing of it", async () => {
    const window = await withOwn();
    const isDue = ({ expiresAt }: { readonly expiresAt: number }): boolean =>
      expiresAt !== window.zoho.listed[0]?.expiresAt;
    assert.deepEqual(await keep(window, { isDue }), []);
    window.zoho.listed = [];
    assert.deepEqual(await keep(window), []);
    assert.deepEqual(window.zoho.calls, ["list", "list"]);
  });

  it("leaves alone what is over for good, though the list still shows it and its time has passed since", async () => {
    const window = await withOwn();
    await window.ownership.forgetDetails([channelId]);
    window.clock.advance(2 * hour);
    window.zoho.listed = [];
    assert.deepEqual(await keep(window), []);
    assert.deepEqual(window.zoho.subscribed, []);
  });

  it("makes again what somebody deleted where a person says so, and notes what it missed since it was found gone", async () => {
    const window = await withOwn();
    window.zoho.listed = [];
    const from = window.clock.now();
    assert.deepEqual(await keep(window, { byHand: true }), [`${channelId} made again: ${week / hour}`]);
    const watched = [{ module: "Leads", operations: ["create"], hasCondition: false }];
    assert.deepEqual(window.lapses.list(), [{ connectionId: id, channelId, watched, from, to: from, clock: "zoho" }]);
  });

  it("makes nothing again of ours of which a part alone is known, even if the list is whole since", async () => {
    const window = await withOwn();
    const { zoho, clock, ownership } = window;
    const odd = { channelId, module: "Deals", faults: ["events"] };
    zoho.unreadable = [odd];
    await window.service.refresh(id);
    assert.equal(ownership.get(channelId)?.isPart, true);
    clock.advance(2 * hour);
    Object.assign(zoho, { listed: [], unreadable: [] });
    for (const byHand of [false, true]) {
      assert.deepEqual(await keep(window, { byHand }), [`${channelId} made again: PARTLY_KNOWN`]);
    }
    assert.deepEqual(zoho.subscribed, []);
  });

  it("makes it again as any window of this machine last read it, however old this window's list is", async test => {
    const [file, clock] = [join(temporaryFolder(test), "windows.sqlite"), new FakeClock()];
    const one = await openWindow(new MemoryVault(), clock, new PlayedZoho(clock), file);
    granting(one);
    one.zoho.listed = [alive({ token: "former" })];
    await one.ownership.add({ channelId, connectionId: id, token: "former", lastKnown: one.zoho.listed });
    const other = await openWindow(one.vault, clock, one.zoho, file);
    await one.service.refresh(id);
    one.zoho.listed = [alive({ token: "of a colleague" })];
    await other.service.refresh(id);
    one.zoho.listed = [];
    await keep(one, { byHand: true });
    assert.equal(one.zoho.subscribed[0]?.token, "of a colleague");
    for (const { service } of [one, other]) service.dispose();
  });

  it("makes nothing again of which a part alone could be read, neither what somebody deleted nor what ended", async () => {
    const odd = { channelId, faults: ["channel_expiry"] };
    for (const part of [{ unreadable: [odd] }, { unreadable: [{ faults: ["channel_id"] }] }, { complete: false }]) {
      for (const wait of [0, 2 * hour]) {
        const window = await openWindow();
        granting(window);
        const { zoho } = window;
        Object.assign(zoho, part, { listed: [alive()] });
        await window.service.refresh(id);
        Object.assign(zoho, { unreadable: [], complete: true, listed: [] });
        const read = zoho.onList;
        zoho.onList = () => fail(zohoProblem("unreadable"));
        await window.service.refresh(id);
        zoho.onList = read;
        window.clock.advance(wait);
        assert.deepEqual(await keep(window, { byHand: true }), [`${channelId} kept: PARTLY_KNOWN`]);
        assert.deepEqual(zoho.subscribed, []);
      }
    }
  });

  it("makes again what could be read in full since, or is remembered in full as it is ours", async () => {
    for (const isOurs of [false, true]) {
      const window = await openWindow();
      granting(window);
      const { zoho } = window;
      const all = ["Deals", "Leads"].map(module => alive({ module, events: [`${module}.edit`], token: "t" }));
      if (isOurs) await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: all });
      Object.assign(zoho, { listed: all.slice(0, 1), complete: false });
      await window.service.refresh(id);
      if (!isOurs) {
        Object.assign(zoho, { listed: all, complete: true });
        await keep(window, { renews: false, byHand: true });
      }
      Object.assign(zoho, { listed: [], complete: true });
      await keep(window, { byHand: true });
      assert.deepEqual(zoho.subscribed[0]?.events, ["Deals.edit", "Leads.edit"]);
    }
  });

  it("notes a lapse before Zoho is asked, and that it has ended only once the channel is there again", async () => {
    const window = await withOwn();
    const ended = window.zoho.listed[0]?.expiresAt;
    window.clock.advance(2 * hour);
    window.zoho.listed = [];
    window.zoho.onSubscribe = () => {
      assert.deepEqual(
        window.lapses.open(id).map(lapse => lapse.channelId),
        [channelId],
      );
      return fail(zohoProblem("signed-out", "SIGNED_OUT"));
    };
    assert.deepEqual(await keep(window), [`${channelId} made again: SIGNED_OUT`]);
    assert.deepEqual(window.lapses.list(), []);
    granting(window);
    window.clock.advance(hour);
    await keep(window);
    assert.deepEqual(
      window.lapses.list().map(({ from, to }) => [from, to]),
      [[ended, window.clock.now()]],
    );
  });

  it("ends a lapse, and notes what was refused, by the answer where the list cannot be read again", async () => {
    const window = await withOwn();
    const both = ["Leads", "Deals"].map(module => alive({ token: "t", module, events: [`${module}.edit`] }));
    window.zoho.listed = both;
    await window.service.refresh(id);
    window.clock.advance(2 * hour);
    window.zoho.listed = [];
    window.zoho.onSubscribe = ({ expiresAt }) => {
      window.zoho.onList = () => fail(zohoProblem("unreadable", "UNREADABLE"));
      return succeed({ granted: [aSubscription({ channelId, module: "Leads", expiresAt })], refused: [] });
    };
    await keep(window);
    assert.deepEqual(
      window.ownership.get(channelId)?.refused?.map(({ module }) => module),
      ["Deals"],
    );
    window.zoho.onSubscribe = ({ expiresAt }) =>
      succeed({ granted: both.map(each => ({ ...each, expiresAt })), refused: [] });
    window.clock.advance(8 * day);
    await window.service.refreshAnew(id);
    window.zoho.onList = options =>
      options?.channelId === undefined ? fail(zohoProblem("unreadable", "UNREADABLE")) : succeed([]);
    await keep(window);
    assert.deepEqual(window.lapses.open(id), []);
  });

  it("ends the lapse of a module that was renewed after its end, by the answer where the list cannot be read", async () => {
    const window = await withOwn();
    const leads = alive({ token: "t" });
    const deals = { ...leads, module: "Deals", events: ["Deals.edit"], expiresAt: window.clock.now() - hour };
    await window.ownership.noteRenewals([
      { channel: { channelId, subscriptions: [leads, deals] }, granted: new Map([["Leads", leads]]) },
    ]);
    window.zoho.onList = options =>
      options?.channelId === undefined ? fail(zohoProblem("unreadable", "UNREADABLE")) : succeed([leads]);
    await window.service.refreshAnew(id);
    window.zoho.onRenew = ({ expiresAt }) => {
      window.zoho.onList = () => fail(zohoProblem("unreadable", "UNREADABLE"));
      assert.equal(window.lapses.open(id).length, 1);
      return succeed({ granted: [leads, deals].map(each => ({ ...each, expiresAt })), refused: [] });
    };
    assert.deepEqual(await keep(window), [`${channelId} kept: ${week / hour}`]);
    assert.deepEqual(window.lapses.open(id), []);
  });

  it("ends no lapse because of a list that still has what Zoho does not know any more, in this window or another", async test => {
    const file = join(temporaryFolder(test), "windows.sqlite");
    const window = await openWindow(undefined, undefined, undefined, file);
    const other = await openWindow(window.vault, window.clock, window.zoho, file);
    const { zoho, clock } = window;
    const halfDead = alive({ token: "t", expiresAt: clock.now() + 30 * hour });
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [halfDead] });
    zoho.listed = [halfDead];
    const readInBoth = async () => Promise.all([window, other].map(async each => each.service.refresh(id)));
    const [from] = [clock.now(), await readInBoth()];
    zoho.onRenew = () => fail(zohoProblem("not-subscribed"));
    zoho.onSubscribe = () => fail(zohoProblem("unreadable", "UNANSWERED"));
    await keep(window);
    clock.jump(hour);
    await readInBoth();
    assert.deepEqual([window.lapses.open(id).length, window.lapses.list()], [1, []]);
    const post = Promise.withResolvers<undefined>();
    zoho.onSubscribe = async () => {
      await post.promise;
      zoho.listed = [{ ...halfDead, expiresAt: clock.now() + week }];
      return succeed({ granted: zoho.listed, refused: [] });
    };
    const making = keep(window);
    await setImmediate();
    await readInBoth();
    clock.jump(hour);
    post.resolve(undefined);
    await making;
    assert.deepEqual(
      window.lapses.list().map(each => [each.from - from, each.to - from]),
      [[0, 2 * hour]],
    );
    for (const { service } of [window, other]) service.dispose();
  });

  it("is done where the answer got lost and the list shows that it was, to the minute", async () => {
    for (const [lost, outcome] of [
      [minute, `kept: ${(week + minute) / hour}`],
      [minute + 1, "kept: UNANSWERED"],
    ] as const) {
      const window = await withOwn();
      window.zoho.onRenew = ({ expiresAt }) => {
        window.zoho.listed = window.zoho.listed.map(each => ({ ...each, expiresAt: expiresAt + lost }));
        return fail(zohoProblem("unreadable", "UNANSWERED"));
      };
      assert.deepEqual(await keep(window), [`${channelId} ${outcome}`]);
    }
  });

  it("is done where the list shows that it was though Zoho refused a second try, and else what Zoho said", async () => {
    for (const wasDone of [true, false]) {
      const window = await withOwn();
      window.zoho.onRenew = ({ expiresAt }) => {
        if (wasDone) window.zoho.listed = window.zoho.listed.map(each => ({ ...each, expiresAt }));
        return fail(zohoProblem("invalid", "INVALID_DATA"));
      };
      const outcome = wasDone ? `${week / hour}` : "INVALID_DATA";
      assert.deepEqual(await keep(window), [`${channelId} kept: ${outcome}`]);
    }
  });

  it("says what is missing where the answer got lost and the list shows only a part, and asks for that again", async () => {
    const window = await withOwn();
    const { zoho } = window;
    zoho.listed = ["Leads", "Deals"].map(module => alive({ token: "t", module, events: [`${module}.edit`] }));
    await window.service.refresh(id);
    window.clock.advance(2 * hour);
    zoho.listed = [];
    zoho.onSubscribe = ({ expiresAt }) => {
      zoho.listed = [alive({ token: "t", events: ["Leads.edit"], expiresAt })];
      return fail(zohoProblem("unreadable", "UNANSWERED"));
    };
    assert.deepEqual(await keep(window), [`${channelId} made again: PARTLY_RENEWED`]);
    await window.service.refreshAnew(id);
    zoho.onRenew = () => fail(throttled);
    await keep(window);
    assert.deepEqual(
      [zoho.renewed.at(-1)?.events.toSorted(), window.lapses.open(id).length],
      [["Deals.edit", "Leads.edit"], 1],
    );
  });

  it("waits for no secret storage that does not answer, and makes again nothing that it could not remember", async () => {
    const window = await withOwn();
    window.vault.store = async () => new Promise(() => undefined);
    window.zoho.listed = [alive({ token: "another" })];
    window.clock.advance(2 * hour);
    const kept = keep(window);
    for (let turn = 0; turn < 100; turn++) {
      await setImmediate();
      window.clock.advance(second);
    }
    assert.deepEqual(await kept, [`${channelId} made again: VAULT_UNAVAILABLE`]);
    assert.deepEqual(window.zoho.subscribed, []);
  });

  it("is done only once what Zoho granted is noted, however long the secret storage takes", async () => {
    for (const [left, isHeard] of [
      [hour, true],
      [-hour, true],
      [-hour, false],
    ] as const) {
      const window = await withOwn();
      const { zoho, vault, ownership } = window;
      zoho.listed = ["Leads", "Deals"].map(module => alive({ token: "t", module, events: [`${module}.edit`] }));
      await window.service.refresh(id);
      if (left < 0) {
        window.clock.advance(2 * hour);
        zoho.listed = [];
      }
      const store = vault.store.bind(vault);
      vault.store = async (key, value) => {
        for (let turn = 0; turn < 20; turn++) await setImmediate();
        await store(key, value);
      };
      const grant = ({ expiresAt }: { readonly expiresAt: number }) => {
        zoho.listed = [alive({ token: "t", events: ["Leads.edit"], expiresAt })];
        if (!isHeard) return fail(zohoProblem("unreadable", "UNANSWERED"));
        zoho.onList = () => fail(zohoProblem("unreadable", "UNREADABLE"));
        return succeed({ granted: zoho.listed, refused: [] });
      };
      zoho.onRenew = grant;
      zoho.onSubscribe = grant;
      await keep(window);
      assert.deepEqual(
        ownership.get(channelId)?.refused?.map(({ module }) => module),
        ["Deals"],
      );
    }
  });

  it("reads nothing after a throttle", async () => {
    const window = await withOwn();
    window.zoho.onRenew = () => fail(throttled);
    await keep(window);
    assert.deepEqual(window.zoho.calls, ["list", "renew many"]);
  });

  it("reads two by themselves, before and after, whatever the answer was", async () => {
    const window = await openWindow();
    granting(window);
    window.zoho.listed = ["1", "2"].map(each => alive({ channelId: each }));
    await keep(window, {}, ["1", "2"]);
    assert.deepEqual(window.zoho.calls, ["list", "list", "renew many", "list", "list"]);
  });

  it("reads many with one list, and back only those of which the answer is not sure", async () => {
    const window = await openWindow();
    granting(window);
    const ids = ["1", "2", "3"];
    window.zoho.listed = ids.map(each => alive({ channelId: each }));
    assert.deepEqual(
      await keep(window, { expiresInMs: 2 * hour }, ids),
      ids.map(each => `${each} kept: 2`),
    );
    assert.deepEqual(window.zoho.calls, ["list", "renew many"]);
    const state = window.service.stateOf(id);
    assert.ok(state.kind === "loaded");
    assert.deepEqual(
      state.channels.map(({ expiresAt, createdHere }) => [expiresAt, createdHere]),
      ids.map(() => [window.clock.now() + 2 * hour, false]),
    );
    window.zoho.calls.length = 0;
    const grant = window.zoho.onRenew;
    window.zoho.onRenew = async request =>
      request.channelId === "2" ? fail(zohoProblem("unreadable", "UNANSWERED")) : grant(request);
    assert.deepEqual(await keep(window, {}, ids), [
      `1 kept: ${week / hour}`,
      "2 kept: UNANSWERED",
      `3 kept: ${week / hour}`,
    ]);
    assert.deepEqual(window.zoho.calls, ["list", "renew many", "list"]);
  });

  it("asks for a channel with what it was found to have, and shows what was made", async () => {
    const window = await openWindow();
    granting(window);
    const ids = ["1", "2", "3"];
    for (const each of ids) {
      const lastKnown = [alive({ channelId: each, expiresAt: window.clock.now() - second })];
      await window.ownership.add({ channelId: each, connectionId: id, token: `t${each}`, lastKnown });
    }
    await keep(window, {}, ids);
    assert.deepEqual(
      window.zoho.subscribed.map(({ token }) => token),
      ["t1", "t2", "t3"],
    );
    assert.deepEqual(window.zoho.calls, ["list", "subscribe many"]);
    const state = window.service.stateOf(id);
    assert.ok(state.kind === "loaded");
    assert.deepEqual(
      state.channels.map(({ expiresAt, createdHere, token, notifyUrl }) => [expiresAt, createdHere, token, notifyUrl]),
      ids.map(each => [window.clock.now() + week, true, `t${each}`, alive().notifyUrl]),
    );
  });

  it("does not make again what it could not remember, nor what it knows nothing of", async () => {
    const window = await openWindow();
    granting(window);
    const ended = { expiresAt: window.clock.now() - hour };
    window.zoho.listed = [alive({ channelId: "7", ...ended })];
    await window.service.refresh(id);
    window.vault.store = async () => Promise.reject(new Error("locked"));
    assert.deepEqual(await keep(window, { byHand: true }, ["7", "8"]), [
      "8 kept: UNKNOWN_CHANNEL",
      "7 made again: VAULT_UNAVAILABLE",
    ]);
    assert.deepEqual(window.zoho.subscribed, []);
  });

  it("sends no more once it may not go on", async () => {
    const window = await withOwn();
    assert.deepEqual(await keep(window, { mayGoOn: () => false }), [`${channelId} kept: CANCELLED`]);
    assert.deepEqual(window.zoho.renewed, []);
  });

  it("sends nothing that was read before the machine slept", async () => {
    const window = await withOwn();
    window.zoho.onList = () => {
      window.clock.jump(3 * minute);
      return succeed(window.zoho.listed);
    };
    assert.deepEqual(await keep(window), [`${channelId} kept: CANCELLED`]);
    assert.deepEqual(window.zoho.renewed, []);
  });

  it("renews all of many that are read by themselves, however long that takes altogether, each soon after its reading", async () => {
    const window = await openWindow();
    granting(window);
    const { zoho, clock } = window;
    const ids = Array.from({ length: 20 }, (_, index) => String(index + 1));
    zoho.listed = ids.map(each => alive({ channelId: each }));
    const readAt = new Map<string, number>();
    zoho.onList = ({ channelId: only } = {}) => {
      clock.advance(20 * second);
      zoho.unreadable = only === undefined ? [{ faults: ["channel_id"] }] : [];
      if (only !== undefined && zoho.renewed.every(each => each.channelId !== only)) readAt.set(only, clock.now());
      return succeed(zoho.listed);
    };
    const grant = zoho.onRenew;
    const waits: number[] = [];
    zoho.onRenew = async request => {
      waits.push(clock.now() - (readAt.get(request.channelId) ?? 0));
      return grant(request);
    };
    const kept = await keep(window, {}, ids);
    assert.deepEqual([kept.length, zoho.renewed.length], [20, 20]);
    assert.ok(Math.max(...waits) <= minute, `${Math.max(...waits)}`);
    window.service.dispose();
  });

  it("renews the others where one takes too long to be read, and says of that one alone that it was given up", async () => {
    const window = await openWindow();
    granting(window);
    const { zoho, clock } = window;
    zoho.listed = ["1", "2", "3"].map(each => alive({ channelId: each }));
    zoho.onList = ({ channelId: only } = {}) => {
      zoho.unreadable = only === undefined ? [{ faults: ["channel_id"] }] : [];
      if (only === "1") clock.jump(3 * minute);
      return succeed(zoho.listed);
    };
    assert.deepEqual(await keep(window, { expiresInMs: 2 * hour }, ["1", "2", "3"]), [
      "1 kept: CANCELLED",
      "2 kept: 2",
      "3 kept: 2",
    ]);
  });

  it("reads no more after what the next would meet too, nor once it may not go on", async () => {
    // What was not sent is read back, but for a throttle.
    for (const [mayGoOn, code, lists] of [
      [() => true, "THROTTLED", 2],
      [() => false, "CANCELLED", 3],
    ] as const) {
      const window = await openWindow();
      const { zoho, clock } = window;
      const ids = ["1", "2", "3", "4"];
      zoho.listed = ids.map(each => alive({ channelId: each }));
      zoho.onRenew = () => fail(throttled);
      zoho.onList = ({ channelId: only } = {}) => {
        clock.advance(20 * second);
        zoho.unreadable = only === undefined ? [{ faults: ["channel_id"] }] : [];
        return succeed(zoho.listed);
      };
      assert.deepEqual(
        await keep(window, { mayGoOn }, ids),
        ids.map(each => `${each} kept: ${code}`),
      );
      assert.equal(zoho.calls.filter(call => call === "list").length, lists);
      window.service.dispose();
    }
  });

  it("makes again what Zoho lists and does not know, and says of others' that they are gone", async () => {
    const window = await withOwn();
    window.zoho.onRenew = () => fail(zohoProblem("not-subscribed", "NOT_SUBSCRIBED"));
    assert.deepEqual(await keep(window, { recreates: false }), [`${channelId} kept: NOT_SUBSCRIBED`]);
    assert.deepEqual(await keep(window), [`${channelId} made again: ${week / hour}`]);
    window.zoho.onRenew = () => {
      window.zoho.listed = [];
      return fail(zohoProblem("not-subscribed", "NOT_SUBSCRIBED"));
    };
    assert.deepEqual(await keep(window), [`${channelId} kept: NOT_SUBSCRIBED`]);
  });

  it("leaves out at once what another window is at, unless a person waits for it", async () => {
    const window = await withOwn();
    const slow = Promise.withResolvers<undefined>();
    const grant = window.zoho.onRenew;
    window.zoho.onRenew = async request => {
      await slow.promise;
      return grant(request);
    };
    const first = keep(window);
    assert.deepEqual(await keep(window), [`${channelId} kept: CHANNEL_BUSY`]);
    const person = keep(window, { byHand: true });
    slow.resolve(undefined);
    assert.deepEqual(await first, [`${channelId} kept: ${week / hour}`]);
    window.clock.advance(second);
    assert.deepEqual(await person, [`${channelId} kept: ${week / hour}`]);
  });
});
