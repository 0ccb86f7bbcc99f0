import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { day, hour, minute } from "../../../../src/base/clock.ts";
import { type Result, fail, succeed } from "../../../../src/base/result.ts";
import type { CreateRequest } from "../../../../src/core/subscriptions/subscriptionService.ts";
import type { ZohoProblem } from "../../../../src/zoho/problem.ts";
import type { SubscribeRequest, Subscription } from "../../../../src/zoho/subscription.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { errorOf, valueOf } from "../../zoho/scriptedTransport.ts";
import { aConnection } from "../connections/aConnection.ts";
import { aSubscription } from "./aSubscription.ts";
import { recreate, renew } from "./oneChannel.ts";
import { type Window, alive, channelId, id, openWindow, tellTime } from "./openWindow.ts";
import { PlayedZoho, zohoProblem } from "./playedZoho.ts";

/** Lets the server take a subscription as Zoho would, for as long as `life` says. */
function accept(zoho: PlayedZoho, expiresAt: (request: SubscribeRequest) => number, modules?: readonly string[]): void {
  zoho.onSubscribe = request => {
    const taken = modules ?? [...new Set(request.events.map(event => event.slice(0, event.lastIndexOf("."))))];
    const subscriptions = taken.map(module => listed(request, module, expiresAt(request)));
    zoho.listed = [...zoho.listed, ...subscriptions];
    return succeed({ granted: subscriptions, refused: [] });
  };
}

function listed(request: SubscribeRequest, module: string, expiresAt: number): Subscription {
  const { notifyUrl, notifyOnRelatedAction, returnAffectedFieldValues, token } = request;
  const events = request.events.filter(event => event.startsWith(`${module}.`));
  return aSubscription({
    ...{ channelId: request.channelId, module, events, expiresAt, notifyUrl },
    ...{ notifyOnRelatedAction, returnAffectedFieldValues, ...(token === undefined ? {} : { token }) },
  });
}

const wanted: CreateRequest = {
  modules: [
    { module: "Leads", operations: ["create", "edit"] },
    { module: "Deals", operations: ["all", "edit"] },
  ],
  expiresInMs: 30 * day,
  notifyUrl: "https://relay.example.com/in/abc",
  returnAffectedFieldValues: true,
  notifyOnRelatedAction: false,
};

function channelsOf({ service }: Window): string[] {
  const state = service.stateOf(id);
  return state.kind === "loading" ? [] : state.channels.map(channel => channel.channelId);
}

/** A subscription of this editor's own that has been listed once, and is then taken away at the server. */
async function createThenLose(window: Window): Promise<string> {
  accept(window.zoho, request => request.expiresAt);
  const created = valueOf(await window.service.create(id, wanted));
  window.zoho.listed = [];
  return created.channelId;
}

describe("SubscriptionService.refresh", () => {
  it("is loading until the first answer, then shows the server's channels", async () => {
    const window = await openWindow();
    window.zoho.listed = [aSubscription({ token: "t" }), aSubscription({ module: "Deals", token: "t" })];
    assert.deepEqual(window.service.stateOf(id), { kind: "loading" });
    await window.service.refresh();
    const state = window.service.stateOf(id);
    assert.ok(state.kind === "loaded");
    assert.equal(state.refreshedAt, window.clock.now());
    assert.deepEqual(
      state.channels.map(channel => [channel.channelId, channel.createdHere, channel.subscriptions.length]),
      [[channelId, false, 2]],
    );
    assert.deepEqual(window.changes, [id]);
    assert.equal(window.tokenBook.verify(channelId, "t"), "verified");
  });

  it("asks once for those who ask at the same time", async () => {
    const { service, zoho } = await openWindow();
    await Promise.all([service.refresh(id), service.refresh(), service.refresh(id)]);
    assert.deepEqual(zoho.calls, ["list"]);
  });

  it("keeps the channels last known when the server cannot be asked", async () => {
    const window = await openWindow();
    window.zoho.listed = [aSubscription()];
    await window.service.refresh();
    window.zoho.onList = () => fail(zohoProblem("signed-out"));
    await window.service.refresh();
    const state = window.service.stateOf(id);
    assert.ok(state.kind === "failed");
    assert.equal(state.problem.code, "X");
    assert.deepEqual(channelsOf(window), [channelId]);
    window.zoho.onList = () => succeed([]);
    await window.service.refresh();
    assert.deepEqual(channelsOf(window), []);
  });

  it("is not stuck after something that nobody foresaw", async () => {
    const window = await openWindow();
    window.zoho.onList = async () => Promise.reject(new Error("A fault of ours"));
    await window.service.refresh();
    const state = window.service.stateOf(id);
    assert.ok(state.kind === "failed");
    assert.equal(state.problem.code, "UNEXPECTED");
    window.zoho.onList = () => succeed([]);
    await window.service.refresh();
    assert.equal(window.service.stateOf(id).kind, "loaded");
  });

  it("never shows an answer to a question that was asked before a change", async () => {
    const window = await openWindow();
    const slow = Promise.withResolvers<Result<readonly Subscription[], ZohoProblem>>();
    let aborted = false;
    window.zoho.onList = async options => {
      options?.signal?.addEventListener("abort", () => (aborted = true));
      return slow.promise;
    };
    const early = window.service.refresh(id);
    window.zoho.onList = () => succeed(window.zoho.listed);
    accept(window.zoho, request => request.expiresAt);
    const created = valueOf(await window.service.create(id, wanted));
    assert.equal(aborted, true);
    slow.resolve(succeed([aSubscription({ channelId: "1" })]));
    await early;
    assert.deepEqual(channelsOf(window), [created.channelId]);
    assert.deepEqual(window.changes, [id]);
  });

  it("reads a connection that is new or signed in anew, and forgets one that is gone", async () => {
    const window = await openWindow();
    await window.service.refresh();
    const read = async (): Promise<void> =>
      new Promise(resolve => {
        const once = window.service.onDidChange(() => {
          once.dispose();
          resolve();
        });
      });
    let changed = read();
    await window.store.add(aConnection({ id: "new" }));
    await changed;
    assert.equal(window.service.stateOf("new").kind, "loaded");
    changed = read();
    await window.store.add(aConnection({ refreshToken: "newer" }));
    await changed;
    assert.equal(window.zoho.calls.length, 3);
    await window.store.remove("new");
    assert.equal(window.service.stateOf("new").kind, "loading");
    assert.equal(window.changes.at(-1), "new");
    changed = read();
    await window.store.add(aConnection({ id: "new" }));
    await changed;
    assert.equal(window.service.stateOf("new").kind, "loaded");
    assert.equal(window.zoho.calls.length, 4, "one that was signed in anew before is not read again with each change");
  });

  it("gives up reading a connection that goes, and says nothing more of it", async () => {
    const window = await openWindow();
    const slow = Promise.withResolvers<Result<readonly Subscription[], ZohoProblem>>();
    let signal: AbortSignal | undefined;
    window.zoho.onList = async options => {
      signal = options?.signal;
      return slow.promise;
    };
    const reading = window.service.refresh(id);
    await window.store.remove(id);
    assert.equal(signal?.aborted, true);
    const said = window.changes.length;
    slow.resolve(succeed([aSubscription()]));
    await reading;
    assert.deepEqual([window.changes.length, window.service.stateOf(id).kind], [said, "loading"]);
  });

  it("says nothing more after it is disposed, though an answer comes", async () => {
    const window = await openWindow();
    const slow = Promise.withResolvers<Result<readonly Subscription[], ZohoProblem>>();
    window.zoho.onList = async () => slow.promise;
    const reading = window.service.refresh();
    window.service.dispose();
    slow.resolve(succeed([aSubscription()]));
    await reading;
    assert.deepEqual(window.changes, []);
  });
});

describe("SubscriptionService.create", () => {
  it("asks for one channel with the events of all modules and less than a week", async () => {
    const window = await openWindow();
    accept(window.zoho, request => request.expiresAt);
    const created = valueOf(await window.service.create(id, wanted));
    const [request] = window.zoho.subscribed;
    assert.deepEqual(request?.events, ["Leads.create", "Leads.edit", "Deals.all"]);
    assert.equal(request.expiresAt, window.clock.now() + 7 * day - hour);
    assert.equal(request.channelId, created.channelId);
    assert.ok(request.token !== undefined && request.token.length <= 50);
    assert.deepEqual(created.warnings, []);
    assert.equal(created.createdHere, true);
    assert.deepEqual(channelsOf(window), [created.channelId]);
  });

  it("asks for an end by Zoho's clock, wherever this machine's stands: of more than a week Zoho makes an hour", async () => {
    for (const ahead of [2 * hour, -2 * hour]) {
      const window = await openWindow();
      tellTime(window, ahead);
      accept(window.zoho, request => request.expiresAt);
      valueOf(await window.service.create(id, wanted));
      const life = (window.zoho.subscribed[0]?.expiresAt ?? 0) - (window.clock.now() + ahead);
      assert.ok(Math.abs(life - (7 * day - hour)) <= 1_000, `${life} ms`);
    }
  });

  it("knows the token before the first delivery can come, and after a restart", async () => {
    const window = await openWindow();
    accept(window.zoho, request => {
      assert.equal(window.tokenBook.verify(request.channelId, request.token), "verified");
      return request.expiresAt;
    });
    const created = valueOf(await window.service.create(id, wanted));
    const later = await openWindow(window.vault);
    assert.equal(later.tokenBook.verify(created.channelId, created.token), "verified");
  });

  it("knows the token of one that another window made", async () => {
    const window = await openWindow();
    const other = await openWindow(window.vault);
    accept(other.zoho, request => request.expiresAt);
    const created = valueOf(await other.service.create(id, wanted));
    await setImmediate();
    assert.equal(window.tokenBook.verify(created.channelId, created.token), "verified");
  });

  it("tells the truth about an expiry that Zoho shortened", async () => {
    const window = await openWindow();
    accept(window.zoho, () => window.clock.now() + hour - minute);
    const created = valueOf(await window.service.create(id, wanted));
    assert.equal(created.expiresAt, window.clock.now() + hour - minute);
    assert.deepEqual(
      created.warnings.map(({ code, message }) => [code, message]),
      [["EXPIRY_SHORTENED", "Zoho granted less time than was asked for: 59m."]],
    );
  });

  it("names the modules that Zoho left out, and why", async () => {
    const window = await openWindow();
    window.zoho.onSubscribe = request => {
      window.zoho.listed = [listed(request, "Leads", request.expiresAt)];
      return succeed({ granted: window.zoho.listed, refused: [zohoProblem("invalid", "INVALID_DATA")] });
    };
    const created = valueOf(await window.service.create(id, wanted));
    assert.deepEqual(
      created.warnings.map(({ message }) => message),
      ["Zoho did not subscribe Deals. It is INVALID_DATA."],
    );
  });

  it("still gives the channel when the server cannot be read afterwards", async () => {
    const window = await openWindow();
    accept(window.zoho, request => request.expiresAt);
    window.zoho.onList = () => fail(zohoProblem("unreadable"));
    const created = valueOf(await window.service.create(id, wanted));
    assert.deepEqual(
      created.subscriptions.map(({ module, events }) => [module, events]),
      [
        ["Deals", ["Deals.all"]],
        ["Leads", ["Leads.create", "Leads.edit"]],
      ],
    );
  });

  it("counts a channel as made when the answer was lost but the server has it", async () => {
    const window = await openWindow();
    window.zoho.onSubscribe = request => {
      window.zoho.listed = [listed(request, "Leads", request.expiresAt)];
      return fail(zohoProblem("unreadable"));
    };
    assert.equal(valueOf(await window.service.create(id, wanted)).createdHere, true);
  });

  it("counts a channel as made when the second try is refused because the first had its effect", async () => {
    const window = await openWindow();
    window.zoho.onSubscribe = request => {
      window.zoho.listed = [listed(request, "Leads", request.expiresAt)];
      return fail(zohoProblem("invalid", "ALREADY_USED"));
    };
    assert.equal(valueOf(await window.service.create(id, wanted)).createdHere, true);
  });

  it("remembers how one is that was read back while the secret storage failed", async () => {
    const window = await openWindow();
    const { zoho, vault } = window;
    const get = vault.get.bind(vault);
    zoho.onSubscribe = request => {
      const made = alive({ channelId: request.channelId, token: request.token ?? "" });
      zoho.listed = [made];
      vault.get = async key => {
        vault.get = get;
        return Promise.reject(new Error(`${key} cannot be read now`));
      };
      return succeed({ granted: [made], refused: [] });
    };
    const made = valueOf(await window.service.create(id, wanted));
    assert.deepEqual(
      window.ownership.get(made.channelId)?.lastKnown?.map(({ module, events }) => [module, events]),
      zoho.listed.map(({ module, events }) => [module, events]),
    );
  });

  it("makes again one that ended before it could be read back", async () => {
    const window = await openWindow();
    accept(window.zoho, request => request.expiresAt);
    window.zoho.onList = () => fail(zohoProblem("unreadable"));
    const created = valueOf(await window.service.create(id, wanted));
    window.zoho.listed = [];
    window.zoho.onList = () => succeed(window.zoho.listed);
    window.clock.advance(8 * day);
    await window.service.refresh(id);
    assert.deepEqual(channelsOf(window), [created.channelId]);
    valueOf(await recreate(window.service, id, created.channelId));
    assert.deepEqual(window.zoho.subscribed[1]?.events.toSorted(), window.zoho.subscribed[0]?.events.toSorted());
  });

  it("says why Zoho refused", async () => {
    const window = await openWindow();
    window.zoho.onSubscribe = () => fail(zohoProblem("invalid", "INVALID_DATA"));
    assert.equal(errorOf(await window.service.create(id, wanted)).code, "INVALID_DATA");
    assert.deepEqual(channelsOf(window), []);
  });

  it("asks Zoho nothing when there is nothing to subscribe to", async () => {
    const window = await openWindow();
    assert.equal(errorOf(await window.service.create(id, { ...wanted, modules: [] })).code, "NOTHING_TO_WATCH");
    assert.deepEqual(window.zoho.calls, []);
  });

  it("does not subscribe when the token cannot be kept", async () => {
    const window = await openWindow();
    window.vault.store = async () => Promise.reject(new Error("locked"));
    assert.equal(errorOf(await window.service.create(id, wanted)).code, "VAULT_UNAVAILABLE");
    assert.deepEqual(window.zoho.calls, []);
  });
});

describe("SubscriptionService.renew", () => {
  it("sends all events, the address and the token again, and gives the expiry of the answer", async () => {
    const window = await openWindow();
    window.zoho.listed = [alive({ token: "t" }), alive({ module: "Deals", events: ["Deals.edit"], token: "t" })];
    const granted = window.clock.now() + hour;
    window.zoho.onRenew = () => {
      window.zoho.listed = window.zoho.listed.map(each => ({ ...each, expiresAt: granted }));
      return succeed({ granted: window.zoho.listed, refused: [] });
    };
    const outcome = valueOf(await renew(window.service, id, channelId, hour));
    assert.deepEqual(outcome, { expiresAt: granted, warnings: [] });
    assert.deepEqual(window.zoho.renewed, [
      {
        channelId,
        events: ["Deals.edit", "Leads.create"],
        notifyUrl: alive().notifyUrl,
        token: "t",
        expiresAt: granted,
      },
    ]);
    assert.deepEqual(window.zoho.calls, ["list", "renew many", "list"]);
  });

  it("is none where Zoho renews one module and not another, and asks again for that one, also after its end", async () => {
    const window = await openWindow();
    const [leads, deals] = [alive({ token: "t", expiresAt: window.clock.now() + hour }), "Deals"];
    const both = [leads, { ...leads, module: deals, events: ["Deals.edit"] }];
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: both });
    window.zoho.listed = both;
    let modules = ["Leads"];
    window.zoho.onRenew = ({ expiresAt }) => {
      const isAlive = (each: Subscription): boolean => each.expiresAt > window.clock.now();
      const granted = both.filter(({ module }) => modules.includes(module)).map(each => ({ ...each, expiresAt }));
      const others = window.zoho.listed.filter(each => isAlive(each) && !modules.includes(each.module));
      window.zoho.listed = [...granted, ...others];
      return succeed({ granted, refused: [] });
    };
    const problem = errorOf(await renew(window.service, id, channelId));
    assert.deepEqual(
      [problem.code, problem.message],
      ["PARTLY_RENEWED", "Zoho renewed this subscription, but not Deals, and doesn't say why."],
    );
    window.clock.advance(2 * hour);
    window.zoho.listed = window.zoho.listed.filter(({ module }) => module === "Leads");
    await window.service.refresh(id);
    const state = window.service.stateOf(id);
    assert.ok(state.kind === "loaded");
    assert.deepEqual(
      state.channels[0]?.subscriptions.map(({ module }) => module),
      ["Deals", "Leads"],
    );
    modules = ["Leads", "Deals"];
    assert.ok((await renew(window.service, id, channelId)).ok);
    assert.deepEqual(window.zoho.renewed.at(-1)?.events, ["Deals.edit", "Leads.create"]);
    const [from, to] = [leads.expiresAt, window.clock.now()];
    const watched = [{ module: "Deals", operations: ["edit"], hasCondition: false }];
    assert.deepEqual(window.lapses.list(), [{ connectionId: id, channelId, watched, from, to, clock: "zoho" }]);
    assert.equal(window.ownership.get(channelId)?.refused, undefined);
  });

  it("gives a module that ended its condition again, as Zoho no longer has it", async () => {
    const window = await openWindow();
    const condition = { resource_name: "Deals", field_selection: {} };
    const deals = alive({ token: "t", module: "Deals", events: ["Deals.edit"], notificationCondition: [condition] });
    const leads = alive({ token: "t", expiresAt: window.clock.now() + 2 * day });
    await window.ownership.add({
      channelId,
      connectionId: id,
      token: "t",
      lastKnown: [leads, deals],
      refused: [deals],
    });
    window.zoho.listed = [leads];
    window.zoho.onRenew = ({ expiresAt }) => {
      window.zoho.listed = [leads, deals].map(each => ({ ...each, expiresAt }));
      return succeed({ granted: window.zoho.listed, refused: [] });
    };
    window.clock.advance(2 * hour);
    valueOf(await renew(window.service, id, channelId));
    assert.deepEqual(window.zoho.renewed[0]?.notificationCondition, [condition]);
    valueOf(await renew(window.service, id, channelId));
    assert.equal(window.zoho.renewed[1]?.notificationCondition, undefined);
  });

  it("leaves alone a channel of which something cannot be read, and renews its neighbours", async () => {
    const window = await openWindow();
    window.zoho.listed = [alive({ channelId: "1" }), alive({ channelId: "2" })];
    window.zoho.unreadable = [{ channelId: "1", module: "Deals", faults: ["channel_expiry"] }];
    window.zoho.onRenew = ({ channelId: renewed }) =>
      succeed({ granted: window.zoho.listed.filter(each => each.channelId === renewed), refused: [] });
    await window.service.refresh(id);
    const outcomes = await window.service.renewMany(id, ["1", "2"]);
    const left = outcomes.get("1");
    assert.ok(left?.ok === false && left.error.code === "UNREADABLE_SUBSCRIPTION");
    assert.equal(outcomes.get("2")?.ok, true);
    assert.deepEqual(
      window.zoho.renewed.map(request => request.channelId),
      ["2"],
    );
    const changed = await window.service.change(id, "1", now => ({ ...now, events: ["Leads.edit"] }));
    assert.ok(!changed.ok && changed.error.code === "UNREADABLE_SUBSCRIPTION");
  });

  it("forgets no module that a reading may hide, and reads the channel itself before it renews", async () => {
    const window = await openWindow();
    const [leads, deals] = [alive({ token: "t" }), alive({ token: "t", module: "Deals", events: ["Deals.edit"] })];
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads, deals] });
    window.zoho.onList = options => succeed(options?.channelId === undefined ? [leads] : [leads, deals]);
    window.zoho.onRenew = ({ expiresAt }) =>
      succeed({ granted: [leads, deals].map(each => ({ ...each, expiresAt })), refused: [] });
    const others = Array.from({ length: 3 }, (_, index) => `${index}`);
    for (const unreadable of [[], [{ faults: ["channel_id"] }]]) {
      window.zoho.unreadable = unreadable;
      window.zoho.complete = unreadable.length > 0;
      await window.service.refresh(id);
      assert.deepEqual(window.ownership.get(channelId)?.lastKnown, [leads, deals]);
      window.zoho.onList = options => {
        const isOne = options?.channelId !== undefined;
        if (isOne) [window.zoho.unreadable, window.zoho.complete] = [[], true];
        return succeed(isOne ? [leads, deals] : [leads]);
      };
      const outcomes = await window.service.renewMany(id, [channelId, ...others]);
      assert.equal(outcomes.get(channelId)?.ok, true);
      assert.deepEqual(window.zoho.renewed.at(-1)?.events, ["Deals.edit", "Leads.create"]);
    }
  });

  it("renews nothing of a channel of which a module may be hidden, and makes it again with that module", async () => {
    const window = await openWindow();
    const [leads, deals] = [alive({ token: "t" }), alive({ token: "t", module: "Deals", events: ["Deals.edit"] })];
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads, deals] });
    window.zoho.listed = [leads];
    window.zoho.complete = false;
    assert.equal(errorOf(await renew(window.service, id, channelId)).code, "LIST_INCOMPLETE");
    window.zoho.listed = [];
    window.zoho.complete = true;
    window.clock.advance(2 * hour);
    accept(window.zoho, request => request.expiresAt);
    valueOf(await recreate(window.service, id, channelId));
    assert.deepEqual(window.zoho.subscribed[0]?.events, ["Deals.edit", "Leads.create"]);
  });

  it("goes on where the list never is whole, with what is remembered of the channel", async () => {
    const window = await openWindow();
    const leads = alive({ token: "t" });
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads] });
    window.zoho.listed = [leads];
    window.zoho.complete = false;
    window.zoho.cutAt = 1;
    window.zoho.onRenew = ({ expiresAt }) => succeed({ granted: [{ ...leads, expiresAt }], refused: [] });
    valueOf(await renew(window.service, id, channelId));
    const changed = await window.service.change(id, channelId, now => ({ ...now, events: ["Leads.edit"] }));
    assert.ok(!changed.ok && changed.error.code === "LIST_INCOMPLETE", "a change must know all of it");
  });

  it("knows a module by the name of its events too", async () => {
    const window = await openWindow();
    for (const [listedAs, grantedAs] of [
      ["Meetings", "Meetings"],
      ["Meetings", "Events"],
    ] as const) {
      const meetings = alive({ token: "t", module: listedAs, events: ["Events.create"] });
      await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [meetings] });
      window.zoho.listed = [meetings];
      window.zoho.onRenew = ({ expiresAt }) => {
        window.zoho.listed = [{ ...meetings, expiresAt }];
        return succeed({ granted: [{ ...meetings, module: grantedAs, expiresAt }], refused: [] });
      };
      assert.deepEqual(valueOf(await renew(window.service, id, channelId)).warnings, []);
      assert.equal(window.ownership.get(channelId)?.refused, undefined);
    }
  });

  it("was changed where Zoho has it as wanted, though a second try was refused", async () => {
    const window = await openWindow();
    const leads = alive({ token: "t" });
    window.zoho.listed = [leads];
    window.zoho.onRenew = ({ events }) => {
      window.zoho.listed = [{ ...leads, events }];
      return fail(zohoProblem("invalid", "INVALID_DATA"));
    };
    const events = ["Leads.create", "Leads.edit"];
    const changed = valueOf(await window.service.change(id, channelId, now => ({ ...now, events })));
    assert.deepEqual([changed.after.events, changed.warnings], [events, []]);
    window.zoho.onRenew = () => fail(zohoProblem("invalid", "INVALID_DATA"));
    const more = [...events, "Leads.delete"];
    const refused = await window.service.change(id, channelId, now => ({ ...now, events: more }));
    assert.equal(errorOf(refused).code, "INVALID_DATA");
  });

  it("sends what the channel has now, not what was shown of it", async () => {
    const window = await openWindow();
    window.zoho.listed = [alive({ token: "old" })];
    await window.service.refresh(id);
    const theirs = [alive({ token: "new" }), alive({ module: "Deals", events: ["Deals.edit"], token: "new" })];
    window.zoho.listed = theirs;
    window.zoho.onRenew = () => succeed({ granted: theirs, refused: [] });
    valueOf(await renew(window.service, id, channelId));
    const [sent] = window.zoho.renewed;
    assert.deepEqual([sent?.events, sent?.token], [["Deals.edit", "Leads.create"], "new"]);
  });

  it("asks for the time once more before it takes a channel for over, where this machine's clock was set", async () => {
    const window = await openWindow();
    const { zoho, clock } = window;
    let ahead = 0;
    const tell = (): void => {
      const [sentAt, date] = [clock.now(), new Date(clock.now() + ahead).toUTCString()];
      zoho.time.note({ headers: { date } }, { sentAt, receivedAt: sentAt });
    };
    tell();
    const leads = alive({ token: "t", expiresAt: clock.now() + day });
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads] });
    zoho.onList = () => {
      tell();
      return succeed([leads]);
    };
    zoho.onRenew = ({ expiresAt }) => succeed({ granted: [{ ...leads, expiresAt }], refused: [] });
    clock.jump(8 * day);
    ahead = -8 * day;
    assert.ok((await renew(window.service, id, channelId)).ok, "it is alive, and is not made again");
    assert.deepEqual(zoho.subscribed, []);
    assert.ok(Math.abs((zoho.renewed[0]?.expiresAt ?? 0) - (clock.now() - 8 * day + 7 * day - hour)) < minute);
  });

  it("renews fifty of a thousand with eight calls at most", async () => {
    const window = await openWindow();
    window.zoho.listed = Array.from({ length: 1_000 }, (_, index) => alive({ channelId: `${index}` }));
    await window.service.refresh(id);
    window.zoho.onRenew = request => {
      const granted = [alive({ channelId: request.channelId, expiresAt: request.expiresAt })];
      return succeed({ granted, refused: [] });
    };
    window.zoho.calls.length = 0;
    const ids = Array.from({ length: 50 }, (_, index) => `${index * 20}`);
    const outcomes = await window.service.renewMany(id, ids);
    assert.ok([...outcomes.values()].every(({ ok }) => ok));
    // Reading the list takes six calls where it has a thousand entries (test/integration/renewal).
    assert.deepEqual(window.zoho.calls, ["list", "renew many"]);
    const state = window.service.stateOf(id);
    const renewed = state.kind === "loaded" ? state.channels.filter(each => ids.includes(each.channelId)) : [];
    assert.ok(renewed.length === 50 && renewed.every(({ expiresAt }) => expiresAt > window.clock.now() + 6 * day));
  });

  it("remembers what was granted to many, so that what ends before it is read again is made again", async () => {
    const window = await openWindow();
    const ids = ["1", "2", "3"];
    for (const channelId of ids) await window.ownership.add({ channelId, connectionId: id, token: channelId });
    window.zoho.listed = ids.map(each =>
      alive({ channelId: each, token: each, expiresAt: window.clock.now() + 4 * day }),
    );
    await window.service.refresh(id);
    window.zoho.onRenew = ({ channelId: renewed }) => {
      const granted = [alive({ channelId: renewed, token: renewed, expiresAt: window.clock.now() + hour })];
      return succeed({ granted, refused: [] });
    };
    await window.service.renewMany(id, ids);
    window.service.dispose();
    window.clock.advance(3 * hour);
    window.zoho.listed = [];
    const later = await openWindow(window.vault, window.clock, window.zoho);
    await later.service.refresh(id);
    assert.deepEqual(channelsOf(later), ids);
    assert.ok(ids.every(each => later.ownership.get(each)?.over !== true));
  });

  it("tells the other windows nothing where it could do nothing", async test => {
    const [file, clock] = [join(temporaryFolder(test), "windows.sqlite"), new FakeClock()];
    const one = await openWindow(new MemoryVault(), clock, new PlayedZoho(clock), file);
    const other = await openWindow(one.vault, clock, one.zoho, file);
    one.zoho.listed = [alive()];
    await Promise.all([one.service.refresh(id), other.service.refresh(id)]);
    const held = await other.turns.take([`channel/${id}/${channelId}`], { life: hour, patience: 0 });
    one.zoho.calls.length = 0;
    const kept = await one.service.keep(id, [channelId], { renews: true, recreates: true, byHand: false });
    assert.equal(kept.get(channelId)?.outcome.ok, false);
    clock.advance(5_000);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    assert.deepEqual(one.zoho.calls, []);
    held.dispose();
    for (const { service } of [one, other]) service.dispose();
  });

  it("asks for nothing where it cannot be written down first, and forgives where the end cannot be", async () => {
    const window = await openWindow();
    const [leads, deals] = [alive({ token: "t", expiresAt: window.clock.now() + day }), alive({ module: "Deals" })];
    await window.ownership.add({
      channelId,
      connectionId: id,
      token: "t",
      lastKnown: [leads, deals],
      refused: [deals],
    });
    window.zoho.listed = [leads];
    window.clock.advance(2 * hour);
    window.lapses.begin = () => {
      throw new Error("The disk is full.");
    };
    assert.equal((await renew(window.service, id, channelId)).ok, false);
    assert.deepEqual(window.zoho.renewed, []);
    Reflect.deleteProperty(window.lapses, "begin");
    window.lapses.end = () => {
      throw new Error("The disk is full.");
    };
    window.zoho.onRenew = ({ expiresAt }) => {
      window.zoho.listed = [leads, deals].map(each => ({ ...each, expiresAt }));
      return succeed({ granted: window.zoho.listed, refused: [] });
    };
    valueOf(await renew(window.service, id, channelId));
    Reflect.deleteProperty(window.lapses, "end");
    await window.service.refresh(id);
    assert.deepEqual(window.lapses.open(id), [], "the next reading ends it");
  });

  it("waits for another window that is at the channel, and says so where that does not come to an end", async () => {
    const window = await openWindow();
    window.zoho.listed = [alive()];
    window.zoho.onRenew = () => succeed({ granted: window.zoho.listed, refused: [] });
    await window.service.refresh(id);
    const other = await window.turns.take([`channel/${id}/${channelId}`], { life: hour, patience: 0 });
    const busy = renew(window.service, id, channelId);
    for (let seconds = 0; seconds < 20; seconds++) {
      await setImmediate();
      window.clock.advance(1_000);
    }
    assert.equal(errorOf(await busy).code, "CHANNEL_BUSY");
    const waiting = renew(window.service, id, channelId);
    await setImmediate();
    other.dispose();
    window.clock.advance(1_000);
    valueOf(await waiting);
  });

  it("shows in another window within a second", async test => {
    const [file, clock] = [join(temporaryFolder(test), "windows.sqlite"), new FakeClock()];
    const one = await openWindow(new MemoryVault(), clock, new PlayedZoho(clock), file);
    const other = await openWindow(one.vault, clock, one.zoho, file);
    one.zoho.listed = [alive({ expiresAt: clock.now() + hour })];
    await Promise.all([one.service.refresh(id), other.service.refresh(id)]);
    one.zoho.onRenew = ({ expiresAt }) => {
      one.zoho.listed = [alive({ expiresAt })];
      return succeed({ granted: one.zoho.listed, refused: [] });
    };
    valueOf(await renew(one.service, id, channelId));
    clock.advance(1_000);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    const state = other.service.stateOf(id);
    assert.ok(state.kind === "loaded" && (state.channels[0]?.expiresAt ?? 0) > clock.now() + 6 * day);
    for (const { service } of [one, other]) service.dispose();
  });

  it("writes none of many channels from a list that may hide a module of theirs", async () => {
    const window = await openWindow();
    window.zoho.listed = ["1", "2", "3"].map(listed => alive({ channelId: listed }));
    window.zoho.onRenew = () => succeed({ granted: window.zoho.listed, refused: [] });
    window.zoho.complete = false;
    const outcomes = await window.service.renewMany(id, ["1", "2", "3"]);
    assert.deepEqual(
      [...outcomes.values()].map(({ ok }) => ok),
      [false, false, false],
    );
    assert.deepEqual(window.zoho.renewed, []);
  });

  it("uses the token it made when Zoho lists none", async () => {
    const window = await openWindow();
    await window.ownership.add({ channelId, connectionId: id, token: "mine" });
    window.zoho.listed = [alive()];
    window.zoho.onRenew = () => succeed({ granted: window.zoho.listed, refused: [] });
    await renew(window.service, id, channelId);
    assert.equal(window.zoho.renewed[0]?.token, "mine");
  });

  it("says that an unknown channel is not there, without asking to renew it", async () => {
    const window = await openWindow();
    const problem = errorOf(await renew(window.service, id, channelId));
    assert.deepEqual([problem.code, problem.remedy], ["UNKNOWN_CHANNEL", "refresh"]);
    assert.deepEqual(window.zoho.calls, ["list"]);
  });

  it("leaves a channel that Zoho no longer has to be made again, ours and others'", async () => {
    const window = await openWindow();
    accept(window.zoho, request => request.expiresAt);
    const { channelId: own } = valueOf(await window.service.create(id, wanted));
    window.zoho.listed = [...window.zoho.listed, alive({ channelId: "7", token: "theirs" })];
    await window.service.refresh();
    window.zoho.listed = [];
    window.zoho.onRenew = () => fail({ ...zohoProblem("not-subscribed"), remedy: "recreate-subscription" });
    assert.equal(errorOf(await renew(window.service, id, own)).remedy, "recreate-subscription");
    window.zoho.listed = [alive({ channelId: "7", token: "theirs" })];
    await window.service.refresh();
    window.zoho.listed = [];
    assert.equal(errorOf(await renew(window.service, id, "7")).remedy, "recreate-subscription");
    accept(window.zoho, request => request.expiresAt);
    valueOf(await recreate(window.service, id, own));
    valueOf(await recreate(window.service, id, "7"));
    assert.deepEqual(
      window.zoho.subscribed.slice(1).map(request => [request.channelId, request.token]),
      [
        [own, window.zoho.subscribed[0]?.token],
        ["7", "theirs"],
      ],
    );
  });
});

describe("SubscriptionService and channels that end", () => {
  it("looks for what was missed though the answer to making one again got lost", async () => {
    const window = await openWindow();
    const lost = await createThenLose(window);
    await window.service.refresh();
    window.zoho.listed = window.zoho.subscribed.flatMap(request => [listed(request, "Leads", request.expiresAt)]);
    await window.service.refresh();
    window.zoho.listed = [];
    window.clock.advance(8 * day);
    window.zoho.onSubscribe = request => {
      window.zoho.listed = ["Deals", "Leads"].map(module => listed(request, module, request.expiresAt));
      return fail({ kind: "server", status: 502, code: "HTTP_502", message: "", remedy: "retry" });
    };
    valueOf(await recreate(window.service, id, lost));
    const [missed] = window.lapses.list();
    assert.deepEqual([missed?.channelId, missed?.to], [lost, window.clock.now()]);
    assert.ok(missed !== undefined && missed.from <= window.clock.now() - day);
  });

  it("has it written down that one had lapsed before it asks for it, and closes that with the next reading", async () => {
    const window = await openWindow();
    const lost = await createThenLose(window);
    window.zoho.listed = window.zoho.subscribed.flatMap(request => [listed(request, "Leads", request.expiresAt)]);
    await window.service.refresh();
    window.zoho.listed = [];
    window.clock.advance(8 * day);
    let written: readonly string[] = [];
    window.zoho.onSubscribe = () => {
      written = window.lapses.open(id).map(({ channelId: open }) => open);
      return fail({ kind: "offline", reason: "interrupted", code: "ECONNRESET", message: "", remedy: "retry" });
    };
    errorOf(await recreate(window.service, id, lost));
    assert.deepEqual([written, window.lapses.list()], [[lost], []]);
    // It had come to be after all, as another window or the next start finds.
    const [request] = window.zoho.subscribed;
    assert.ok(request !== undefined);
    window.zoho.listed = [listed(request, "Leads", window.clock.now() + hour)];
    await window.service.refresh();
    assert.deepEqual(
      window.lapses.list().map(({ channelId: ended }) => ended),
      [lost],
    );
  });

  it("takes none for deleted that a list may only hide", async () => {
    for (const hide of [
      (zoho: PlayedZoho) => (zoho.complete = false),
      (zoho: PlayedZoho) => (zoho.unreadable = [{ faults: ["channel_id"] }]),
    ]) {
      const window = await openWindow();
      const lost = await createThenLose(window);
      hide(window.zoho);
      await window.service.refresh();
      assert.ok(window.ownership.get(lost)?.lastKnown !== undefined);
    }
  });

  it("drops a channel that was deleted elsewhere", async () => {
    const window = await openWindow();
    await createThenLose(window);
    await window.service.refresh();
    assert.deepEqual(channelsOf(window), []);
    window.clock.advance(8 * day);
    await window.service.refresh();
    assert.deepEqual(channelsOf(window), []);
  });

  it("drops one that was deleted elsewhere also where a module of it had ended before", async () => {
    const window = await openWindow();
    const leads = alive({ token: "t", expiresAt: window.clock.now() + hour });
    const deals = { ...leads, module: "Deals", events: ["Deals.edit"], expiresAt: window.clock.now() - hour };
    await window.ownership.add({
      channelId,
      connectionId: id,
      token: "t",
      lastKnown: [leads, deals],
      refused: [deals],
    });
    await window.service.refresh();
    assert.deepEqual(channelsOf(window), []);
    assert.equal(window.ownership.get(channelId)?.over, true);
  });

  it("takes for over, and not for deleted, what ended by Zoho's clock, wherever this machine's stands", async () => {
    for (const ahead of [2 * hour, -2 * hour]) {
      for (const hasEnded of [true, false]) {
        const window = await openWindow();
        tellTime(window, ahead);
        const end = window.clock.now() + ahead + (hasEnded ? -minute : minute);
        await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [alive({ expiresAt: end })] });
        await window.service.refresh(id);
        const { lastKnown = [], over = false } = window.ownership.get(channelId) ?? {};
        assert.deepEqual([channelsOf(window).length, lastKnown.length, over], hasEnded ? [1, 1, false] : [0, 0, true]);
      }
    }
  });

  it("ends what was noted of a lapse once the channel is there by Zoho's clock, wherever this machine's stands", async () => {
    for (const ahead of [2 * hour, -2 * hour]) {
      for (const isBack of [true, false]) {
        const window = await openWindow();
        tellTime(window, ahead);
        const now = window.clock.now() + ahead;
        window.lapses.begin({ connectionId: id, channelId, subscriptions: [alive()], from: now - hour });
        window.zoho.listed = [alive({ expiresAt: now + (isBack ? minute : -minute) })];
        await window.service.refresh(id);
        const ended = window.lapses.list().map(({ to }) => Math.abs(to - now) <= 1_000);
        assert.deepEqual(ended, isBack ? [true] : []);
      }
    }
  });

  it("still shows our own that expired, also after a restart, and makes it again as it was", async () => {
    const window = await openWindow();
    const lost = await createThenLose(window);
    window.clock.advance(7 * day);
    const later = await openWindow(window.vault, window.clock, window.zoho);
    await later.service.refresh();
    const state = later.service.stateOf(id);
    assert.ok(state.kind === "loaded" && state.channels[0] !== undefined);
    assert.ok(state.channels[0].expiresAt <= later.clock.now());
    const again = valueOf(await recreate(later.service, id, lost));
    const [first, second] = window.zoho.subscribed;
    assert.deepEqual(second, { ...first, ...second, events: ["Deals.all", "Leads.create", "Leads.edit"] });
    assert.deepEqual(
      [second.channelId, second.token, second.notifyUrl, second.expiresAt],
      [lost, first?.token, first?.notifyUrl, later.clock.now() + 7 * day - hour],
    );
    assert.ok(again.expiresAt > later.clock.now());
    assert.deepEqual(channelsOf(later), [lost]);
  });

  it("drops an expired one when the person deletes it, and still knows its token", async () => {
    const window = await openWindow();
    const lost = await createThenLose(window);
    window.clock.advance(7 * day);
    await window.service.refresh();
    assert.deepEqual(channelsOf(window), [lost]);
    window.zoho.onUnsubscribe = ids => succeed(new Map(ids.map(each => [each, fail(zohoProblem("not-subscribed"))])));
    const outcomes = await window.service.delete(id, [lost]);
    assert.deepEqual(outcomes.get(lost), succeed(undefined));
    assert.deepEqual(channelsOf(window), []);
    assert.equal(window.tokenBook.verify(lost, window.zoho.subscribed[0]?.token), "verified");
  });
});

describe("SubscriptionService.delete", () => {
  it("is over though it cannot be read back: nothing makes it again unasked", async () => {
    for (const answer of [succeed(undefined), fail(zohoProblem("not-subscribed"))]) {
      const window = await openWindow();
      const lost = await createThenLose(window);
      window.clock.advance(8 * day);
      await window.service.refresh(id);
      assert.deepEqual(channelsOf(window), [lost]);
      window.zoho.onUnsubscribe = ids => succeed(new Map(ids.map(each => [each, answer])));
      window.zoho.onList = () => fail(zohoProblem("unreadable"));
      assert.deepEqual((await window.service.delete(id, [lost])).get(lost), succeed(undefined));
      assert.deepEqual(channelsOf(window), []);
      window.zoho.onList = () => succeed([]);
      await window.service.keep(id, [lost], { renews: true, recreates: true, byHand: false });
      assert.equal(window.zoho.subscribed.length, 1, "made once, by the person");
    }
  });

  it("is none while a module is still there, and is asked for once more", async () => {
    const window = await openWindow();
    const both = [alive(), alive({ module: "Deals" })];
    for (const leavesForGood of [false, true]) {
      window.zoho.calls.length = 0;
      window.zoho.listed = both;
      window.zoho.onUnsubscribe = ids => {
        window.zoho.listed = leavesForGood ? both.slice(1) : window.zoho.listed.slice(1);
        return succeed(new Map(ids.map(each => [each, succeed(undefined)])));
      };
      const outcome = (await window.service.delete(id, [channelId])).get(channelId);
      assert.deepEqual(
        outcome?.ok === false ? outcome.error.message : "gone",
        leavesForGood ? "Zoho still has this subscription for Deals. Delete it again." : "gone",
      );
      assert.deepEqual(window.zoho.calls, ["unsubscribe", "list", "unsubscribe", "list"]);
    }
  });

  it("tells for each channel, and counts one that is gone already as deleted", async () => {
    const window = await openWindow();
    window.zoho.listed = [alive({ channelId: "1" }), alive({ channelId: "2" })];
    await window.service.refresh();
    window.zoho.onUnsubscribe = () => {
      window.zoho.listed = [alive({ channelId: "2" })];
      return succeed(
        new Map<string, Result<void, ZohoProblem>>([
          ["1", succeed(undefined)],
          ["2", fail(zohoProblem("invalid", "INVALID_DATA"))],
          ["3", fail(zohoProblem("not-subscribed"))],
        ]),
      );
    };
    const outcomes = await window.service.delete(id, ["1", "2", "3", "1"]);
    assert.deepEqual(
      [...outcomes].map(([channel, outcome]) => [channel, outcome.ok ? "gone" : outcome.error.code]),
      [
        ["1", "gone"],
        ["2", "INVALID_DATA"],
        ["3", "gone"],
      ],
    );
    assert.deepEqual(channelsOf(window), ["2"]);
  });

  it("fails for each channel when the server cannot be asked, and keeps showing them", async () => {
    const window = await openWindow();
    window.zoho.listed = [alive()];
    await window.service.refresh();
    window.zoho.onUnsubscribe = () => fail(zohoProblem("unreadable"));
    window.zoho.onList = () => fail(zohoProblem("unreadable"));
    const outcomes = await window.service.delete(id, [channelId]);
    assert.equal(outcomes.get(channelId)?.ok, false);
    assert.deepEqual(channelsOf(window), [channelId]);
  });

  it("does not read after a throttle", async () => {
    const window = await openWindow();
    const throttled = { kind: "throttled", code: "X", message: "", remedy: "retry", retryAt: 0 } as const;
    window.zoho.onUnsubscribe = () => fail(throttled);
    await window.service.delete(id, [channelId]);
    assert.deepEqual(window.zoho.calls, ["unsubscribe"]);
  });
});
