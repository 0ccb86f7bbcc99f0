import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import type { ZohoProblem } from "../../../../src/zoho/problem.ts";
import { errorOf } from "../../zoho/scriptedTransport.ts";
import { type Window, alive, channelId, id, openWindow } from "./openWindow.ts";
import { zohoProblem } from "./playedZoho.ts";

/** Says what became of a channel, and how often Zoho was asked to delete it. */
async function remove(window: Window): Promise<[string, number]> {
  window.zoho.calls.length = 0;
  const outcome = (await window.service.delete(id, [channelId])).get(channelId);
  const words = outcome?.ok === false ? outcome.error.code : outcome === undefined ? "none" : "gone";
  return [words, window.zoho.calls.filter(call => call === "unsubscribe").length];
}

async function withOwn(): Promise<Window> {
  const window = await openWindow();
  window.zoho.listed = [alive({ token: "t" })];
  await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: window.zoho.listed });
  await window.service.refresh(id);
  return window;
}

function answering(window: Window, problem?: ZohoProblem, leaves = window.zoho.listed): void {
  window.zoho.onUnsubscribe = ids => {
    window.zoho.listed = leaves;
    return succeed(new Map(ids.map(each => [each, problem === undefined ? succeed(undefined) : fail(problem)])));
  };
}

describe("deleting a channel", () => {
  it("asks nothing of Zoho where its turn went to another window while it waited for the others", async () => {
    const window = await withOwn();
    const takeTurn = async (key: string) => window.turns.take([`channel/${id}/${key}`], { life: hour, patience: 0 });
    await takeTurn("2");
    const deleting = window.service.delete(id, [channelId, "2"]);
    await setImmediate();
    window.clock.jump(3 * minute);
    assert.equal((await takeTurn(channelId)).held.size, 1);
    window.clock.advance(second);
    const outcomes = await deleting;
    const codes = [channelId, "2"].map(key => errorOf(outcomes.get(key) ?? assert.fail()).code);
    assert.deepEqual(codes, ["CHANNEL_BUSY", "CHANNEL_BUSY"]);
  });

  it("forgets what it was, what it missed, and who is to hear of it hears once", async () => {
    const window = await withOwn();
    const heard: unknown[] = [];
    window.service.onDidDelete(channel => heard.push(channel));
    const lapse = { connectionId: id, channelId };
    window.lapses.begin({ ...lapse, subscriptions: window.zoho.listed, from: 0 });
    answering(window, undefined, []);
    assert.deepEqual(await remove(window), ["gone", 1]);
    const { lastKnown, over, token } = window.ownership.get(channelId) ?? {};
    assert.deepEqual([lastKnown, over, token], [undefined, true, "t"]);
    assert.deepEqual([window.lapses.open(id), window.lapses.list()], [[], []]);
    assert.deepEqual(heard, [lapse]);
  });

  it("is done and told where the disk fails after it, and what it missed is forgotten with the next reading", async () => {
    for (const isReadable of [true, false]) {
      const window = await withOwn();
      const heard: unknown[] = [];
      window.service.onDidDelete(channel => heard.push(channel));
      window.lapses.begin({ connectionId: id, channelId, subscriptions: window.zoho.listed, from: 0 });
      window.lapses.forget = () => {
        throw new Error("database is locked");
      };
      answering(window, undefined, []);
      if (!isReadable) {
        window.zoho.onList = () => {
          throw new Error("Nobody foresaw this.");
        };
      }
      assert.deepEqual(await remove(window), ["gone", 1]);
      assert.deepEqual(heard, [{ connectionId: id, channelId }]);
      assert.equal(window.lapses.open(id).length, 1, "it is neither looked for nor forgotten yet");
      Reflect.deleteProperty(window.lapses, "forget");
      window.zoho.onList = () => succeed([]);
      await window.service.refresh(id);
      assert.deepEqual([window.lapses.open(id), window.lapses.list()], [[], []]);
    }
  });

  it("forgets nothing of one that Zoho does not let go, and is not asked for twice where Zoho said no", async () => {
    const window = await withOwn();
    const heard: unknown[] = [];
    window.service.onDidDelete(channel => heard.push(channel));
    window.lapses.begin({ connectionId: id, channelId, subscriptions: window.zoho.listed, from: 0 });
    answering(window, zohoProblem("signed-out", "SIGNED_OUT"));
    assert.deepEqual(await remove(window), ["SIGNED_OUT", 1]);
    assert.ok(window.ownership.get(channelId)?.lastKnown !== undefined);
    assert.equal(window.lapses.list().length, 1);
    assert.deepEqual(heard, []);
  });

  it("is done where the answer got lost and it is gone, and is asked for again where it isn't", async () => {
    const window = await withOwn();
    answering(window, zohoProblem("unreadable", "UNANSWERED"));
    assert.deepEqual(await remove(window), ["UNANSWERED", 2]);
    answering(window, zohoProblem("unreadable", "UNANSWERED"), []);
    assert.deepEqual(await remove(window), ["gone", 1]);
  });

  it("is done where what is still listed is over, and what Zoho answered where it cannot be read", async () => {
    const window = await withOwn();
    answering(
      window,
      undefined,
      window.zoho.listed.map(each => ({ ...each, expiresAt: window.clock.now() - hour })),
    );
    assert.deepEqual(await remove(window), ["gone", 1]);
    window.zoho.listed = [alive({ token: "t" })];
    answering(window);
    window.zoho.onList = () => fail(zohoProblem("unreadable"));
    assert.deepEqual(await remove(window), ["gone", 1]);
  });

  it("waits for who is at it, and says so where that takes too long", async () => {
    const window = await withOwn();
    const slow = Promise.withResolvers<undefined>();
    window.zoho.onUnsubscribe = async ids => {
      await slow.promise;
      window.zoho.listed = [];
      return succeed(new Map(ids.map(each => [each, succeed(undefined)])));
    };
    const first = window.service.delete(id, [channelId]);
    const other = window.service.delete(id, [channelId]);
    for (let tries = 0; tries < 70; tries++) {
      await setImmediate();
      window.clock.advance(250);
    }
    const busy = (await other).get(channelId);
    assert.ok(busy?.ok === false && busy.error.code === "CHANNEL_BUSY");
    slow.resolve(undefined);
    assert.equal((await first).get(channelId)?.ok, true);
  });

  it("asks nothing of Zoho for no channel", async () => {
    const window = await withOwn();
    window.zoho.calls.length = 0;
    assert.deepEqual([...(await window.service.delete(id, []))], []);
    assert.deepEqual(window.zoho.calls, []);
  });
});
