import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import { type ChannelDetails, detailsOf } from "../../../../src/core/subscriptions/channelDetails.ts";
import type { SubscribeRequest, Subscription } from "../../../../src/zoho/subscription.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { errorOf, valueOf } from "../../zoho/scriptedTransport.ts";
import { aSubscription } from "./aSubscription.ts";
import { type Window, alive, channelId, id, openWindow, tellTime } from "./openWindow.ts";
import { zohoProblem } from "./playedZoho.ts";

const elsewhere = "https://elsewhere.example.com/in";
const toElsewhere = (now: ChannelDetails): ChannelDetails => ({ ...now, notifyUrl: elsewhere });
const throttled = { kind: "throttled", code: "THROTTLED", message: "", remedy: "retry", retryAt: 0 } as const;

/** A window and a channel of Zoho's with two modules, that is not ours. */
async function withChannel(): Promise<Window> {
  const window = await openWindow();
  window.zoho.listed = [alive({ module: "Deals", events: ["Deals.edit"], token: "t" }), alive({ token: "t" })];
  return window;
}

/** Takes a request as Zoho would, with what the test wants different of it. */
function take({ zoho }: Window, changes: Partial<Subscription> = {}) {
  return (request: Omit<SubscribeRequest, "returnAffectedFieldValues" | "notifyOnRelatedAction">) => {
    const { events, token, notificationCondition: _, ...rest } = request;
    zoho.listed = [...Map.groupBy(events, event => event.slice(0, event.lastIndexOf(".")))].map(([module, some]) =>
      aSubscription({ ...rest, module, events: some, ...(token === undefined ? {} : { token }), ...changes }),
    );
    return succeed({ granted: zoho.listed, refused: [] });
  };
}

function detailsIn({ zoho }: Window): ChannelDetails {
  return detailsOf(zoho.listed) ?? assert.fail("There is no channel.");
}

describe("a change of a channel", () => {
  it("is made of the channel as it is just then, and read back", async () => {
    const window = await withChannel();
    await window.service.refresh(id);
    window.zoho.calls.length = 0;
    window.zoho.listed = window.zoho.listed.slice(1);
    const before = detailsIn(window);
    window.zoho.onRenew = take(window);
    const outcome = valueOf(await window.service.change(id, channelId, toElsewhere));
    assert.deepEqual(outcome, { before, after: { ...before, notifyUrl: elsewhere }, warnings: [] });
    assert.deepEqual(window.zoho.calls, ["list", "renew", "list"]);
    assert.deepEqual(window.zoho.renewed, [
      { channelId, events: ["Leads.create"], token: "t", expiresAt: before.expiresAt, notifyUrl: elsewhere },
    ]);
  });

  it("is decided again where somebody else may have written since the channel was read", async () => {
    for (const isAsleep of [true, false]) {
      const window = await withChannel();
      await window.service.refresh(id);
      window.zoho.onRenew = take(window);
      let isFirst = true;
      const takeLong = (): void => {
        if (!isFirst) return;
        isFirst = false;
        window.clock.jump(3 * minute);
        window.zoho.listed = window.zoho.listed.map(each => ({ ...each, token: "theirs" }));
      };
      if (isAsleep) {
        window.zoho.onList = () => {
          const { listed } = window.zoho;
          takeLong();
          return succeed(listed);
        };
      }
      const changed = await window.service.change(id, channelId, async now => {
        if (!isAsleep) takeLong();
        return Promise.resolve(toElsewhere(now));
      });
      assert.equal(valueOf(changed).before.token, "theirs");
      assert.deepEqual(
        window.zoho.renewed.map(({ token, notifyUrl }) => [token, notifyUrl]),
        [["theirs", elsewhere]],
      );
    }
  });

  it("is not sent where each try takes so long", async () => {
    const window = await withChannel();
    const changed = await window.service.change(id, channelId, now => {
      window.clock.jump(minute);
      return toElsewhere(now);
    });
    assert.equal(errorOf(changed).code, "CHANNEL_BUSY");
    const { notifyUrl } = detailsIn(window);
    window.zoho.listed = [];
    window.zoho.onList = () => {
      window.clock.jump(minute);
      return succeed([]);
    };
    const details = { ...(detailsOf([alive()]) ?? assert.fail()), notifyUrl };
    assert.equal(errorOf(await window.service.restore(id, details)).code, "CHANNEL_BUSY");
    assert.deepEqual([window.zoho.renewed, window.zoho.subscribed], [[], []]);
  });

  it("asks Zoho nothing where nothing changes, or nothing would be left", async () => {
    const window = await withChannel();
    const before = detailsIn(window);
    assert.deepEqual(valueOf(await window.service.change(id, channelId, now => now)), {
      ...{ before, after: before, warnings: [] },
    });
    const problem = errorOf(await window.service.change(id, channelId, now => ({ ...now, events: [] })));
    assert.equal(problem.code, "NOTHING_LEFT");
    assert.deepEqual(new Set(window.zoho.calls), new Set(["list"]));
  });

  it("is none of a channel that is gone or over, or cannot be read", async () => {
    const window = await withChannel();
    const over = window.zoho.listed.map(each => ({ ...each, expiresAt: window.clock.now() - 1 }));
    for (const listed of [[], over]) {
      window.zoho.listed = listed;
      assert.equal(errorOf(await window.service.change(id, channelId, toElsewhere)).code, "NOT_SUBSCRIBED");
      assert.equal(valueOf(await window.service.read(id, channelId)), undefined);
    }
    window.zoho.onList = () => fail(zohoProblem("signed-out", "SIGNED_OUT"));
    assert.equal(errorOf(await window.service.change(id, channelId, toElsewhere)).code, "SIGNED_OUT");
    assert.equal(errorOf(await window.service.read(id, channelId)).code, "SIGNED_OUT");
  });

  it("goes by Zoho's clock in what is over, wherever this machine's stands", async () => {
    for (const ahead of [2 * hour, -2 * hour]) {
      const window = await withChannel();
      tellTime(window, ahead);
      const now = window.clock.now() + ahead;
      window.zoho.listed = window.zoho.listed.map(each => ({ ...each, expiresAt: now - minute }));
      assert.equal(valueOf(await window.service.read(id, channelId)), undefined);
      window.zoho.listed = window.zoho.listed.map(each => ({ ...each, expiresAt: now + minute }));
      assert.deepEqual(valueOf(await window.service.read(id, channelId)), detailsIn(window));
    }
  });

  it("drops events where it only drops some, and replaces the channel where it must", async () => {
    const window = await withChannel();
    window.zoho.onRemoveEvents = ({ events }) => {
      assert.deepEqual(events, ["Deals.edit"]);
      window.zoho.listed = window.zoho.listed.slice(1);
      return succeed(undefined);
    };
    const dropped = await window.service.change(id, channelId, now => ({ ...now, events: ["Leads.create"] }));
    assert.deepEqual([valueOf(dropped).after.events, valueOf(dropped).warnings], [["Leads.create"], []]);
    window.zoho.onUpdate = take(window);
    const { token: _, ...rest } = detailsIn(window);
    assert.deepEqual(valueOf(await window.service.change(id, channelId, () => rest)).after, rest);
    window.zoho.onRemoveEvents = () => fail(zohoProblem("invalid", "INVALID_DATA"));
    window.zoho.listed = [alive({ events: ["Leads.create", "Leads.edit"] })];
    const refused = await window.service.change(id, channelId, now => ({ ...now, events: ["Leads.edit"] }));
    assert.equal(errorOf(refused).code, "INVALID_DATA");
  });

  it("knows another token of a channel of ours before Zoho does, keeps it once Zoho has it, and still knows the former", async () => {
    const window = await withChannel();
    await window.ownership.add({ channelId, connectionId: id, token: "t" });
    const takes = take(window);
    window.zoho.onRenew = request => {
      assert.equal(window.tokenBook.verify(channelId, "new"), "verified");
      assert.deepEqual(window.ownership.get(channelId)?.formerTokens, ["new"], "a window that dies now still knows it");
      assert.equal(window.ownership.get(channelId)?.token, "t");
      return takes(request);
    };
    valueOf(await window.service.change(id, channelId, now => ({ ...now, token: "new" })));
    window.zoho.onRenew = takes;
    assert.equal(window.ownership.get(channelId)?.token, "new");
    assert.deepEqual(window.ownership.get(channelId)?.formerTokens, ["t"]);
    assert.equal(window.tokenBook.verify(channelId, "t"), "verified");
    valueOf(await window.service.change(id, channelId, toElsewhere));
    assert.deepEqual(window.ownership.get(channelId)?.formerTokens, ["t"]);
  });

  it("knows another token of somebody else's channel, too, before Zoho does", async () => {
    const window = await withChannel();
    const takes = take(window);
    window.zoho.onRenew = request => {
      assert.equal(window.tokenBook.verify(channelId, "new"), "verified");
      return takes(request);
    };
    valueOf(await window.service.change(id, channelId, now => ({ ...now, token: "new" })));
    assert.equal(window.zoho.renewed.length, 1);
  });

  it("is done only once all is kept, and asks Zoho only once a token is, where the vault takes its time", async () => {
    const window = await withChannel();
    const [deals, leads] = window.zoho.listed;
    assert.ok(leads !== undefined && deals !== undefined);
    const kept = [{ ...deals, expiresAt: window.clock.now() - hour }];
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads], refused: kept });
    window.zoho.listed = [leads];
    const store = window.vault.store.bind(window.vault);
    window.vault.store = async (key, value) => {
      await new Promise(resolve => void setImmediate(resolve));
      await store(key, value);
    };
    const takes = take(window);
    window.zoho.onRenew = request => {
      assert.deepEqual(window.ownership.get(channelId)?.formerTokens, ["new"]);
      return takes(request);
    };
    valueOf(await window.service.change(id, channelId, now => ({ ...now, events: ["Leads.create"] })));
    assert.equal(window.ownership.kept(channelId)?.refused, undefined);
    valueOf(await window.service.change(id, channelId, now => ({ ...now, token: "new" })));
    assert.equal(window.ownership.kept(channelId)?.token, "new");
    window.zoho.onRenew = request => {
      window.zoho.onList = () => fail(zohoProblem("unreadable", "UNREADABLE"));
      return takes(request);
    };
    valueOf(await window.service.change(id, channelId, now => ({ ...toElsewhere(now), token: "newest" })));
    const { token, lastKnown = [] } = window.ownership.kept(channelId) ?? {};
    assert.deepEqual([token, lastKnown[0]?.notifyUrl], ["newest", elsewhere]);
  });

  it("is done once another token is kept, also where the channel cannot be read back", async () => {
    const window = await withChannel();
    await window.ownership.add({ channelId, connectionId: id, token: "t" });
    window.zoho.onRenew = ({ expiresAt }) => {
      window.zoho.onList = () => fail(zohoProblem("unreadable", "UNREADABLE"));
      const granted = window.zoho.listed.map(each => ({ ...each, expiresAt }));
      return succeed({ granted, refused: [] });
    };
    valueOf(await window.service.change(id, channelId, now => ({ ...now, token: "new" })));
    assert.equal(window.ownership.get(channelId)?.token, "new");
  });

  it("is remembered where the channel cannot be read back, so that it is made again so", async () => {
    const window = await withChannel();
    await window.ownership.add({ channelId, connectionId: id, token: "t" });
    await window.service.refresh(id);
    window.zoho.onUpdate = ({ expiresAt }) => {
      window.zoho.onList = () => fail(zohoProblem("unreadable", "UNREADABLE"));
      return succeed({ granted: [{ channelId, module: "Leads", expiresAt }], refused: [] });
    };
    const wanted = { notifyOnRelatedAction: true, events: ["Leads.edit"] };
    valueOf(await window.service.change(id, channelId, now => ({ ...now, ...wanted })));
    const { lastKnown = [] } = window.ownership.get(channelId) ?? {};
    assert.deepEqual(
      lastKnown.map(({ module, events, notifyOnRelatedAction }) => ({ module, events, notifyOnRelatedAction })),
      [{ module: "Leads", ...wanted }],
    );
  });

  it("asks again for modules that had ended as Zoho did not renew them, unless they are not wanted any more", async () => {
    for (const wantsDeals of [true, false]) {
      const window = await withChannel();
      const [deals, leads] = window.zoho.listed;
      assert.ok(leads !== undefined && deals !== undefined);
      const lapsed = { ...deals, expiresAt: window.clock.now() - hour };
      await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads], refused: [lapsed] });
      window.zoho.listed = [leads];
      window.zoho.onRenew = take(window);
      const outcome = await window.service.change(id, channelId, now => {
        assert.deepEqual(now.events, ["Leads.create", "Deals.edit"]);
        return { ...toElsewhere(now), events: wantsDeals ? now.events : ["Leads.create"] };
      });
      const events = wantsDeals ? ["Leads.create", "Deals.edit"] : ["Leads.create"];
      assert.deepEqual(valueOf(outcome).after.events, events.toReversed());
      assert.deepEqual(window.zoho.renewed[0]?.events, events);
      assert.equal(window.ownership.get(channelId)?.refused, undefined);
    }
  });

  it("asks again for a module of ours that was there and that Zoho did not grant with it, and for no new one", async () => {
    for (const isRead of [true, false]) {
      const window = await withChannel();
      const { zoho, ownership } = window;
      await ownership.add({ channelId, connectionId: id, token: "t", lastKnown: zoho.listed });
      zoho.onRenew = request => {
        const granted = take(window)({ ...request, events: ["Deals.edit"] });
        if (!isRead) zoho.onList = () => fail(zohoProblem("unreadable", "UNREADABLE"));
        return granted;
      };
      const events = ["Deals.edit", "Leads.create", "Tasks.edit"];
      const towards = (now: ChannelDetails): ChannelDetails => ({ ...now, events });
      const [warning] = valueOf(await window.service.change(id, channelId, towards)).warnings;
      assert.match(warning?.message ?? "", /Leads, Tasks/);
      zoho.onList = () => succeed(zoho.listed);
      zoho.onRenew = take(window);
      await window.service.refresh(id);
      await window.service.renewMany(id, [channelId]);
      assert.deepEqual(zoho.renewed.at(-1)?.events.toSorted(), ["Deals.edit", "Leads.create"]);
    }
  });

  it("leaves what is remembered as it was where Zoho refuses it or nobody answers, until the list shows that it was done", async () => {
    for (const kind of ["invalid", "unreadable"] as const) {
      const window = await withChannel();
      const [deals, leads] = window.zoho.listed;
      assert.ok(leads !== undefined && deals !== undefined);
      const lapsed = { ...deals, expiresAt: window.clock.now() - hour };
      await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads], refused: [lapsed] });
      window.zoho.listed = [leads];
      window.zoho.onRenew = () => fail(zohoProblem(kind));
      const withoutDeals = (now: ChannelDetails): ChannelDetails => ({
        ...now,
        events: ["Leads.create"],
        token: "new",
      });
      assert.equal((await window.service.change(id, channelId, withoutDeals)).ok, false);
      const { token, refused } = window.ownership.get(channelId) ?? {};
      assert.deepEqual([token, refused?.map(({ module }) => module)], ["t", ["Deals"]]);
      window.zoho.listed = [{ ...leads, token: "new" }];
      await window.service.refresh(id);
      assert.equal(window.ownership.get(channelId)?.token, "new");
    }
  });

  it("forgets a module that had ended where nothing else changes but that it is not wanted any more", async () => {
    const window = await withChannel();
    const [deals, leads] = window.zoho.listed;
    assert.ok(leads !== undefined && deals !== undefined);
    const lapsed = { ...deals, expiresAt: window.clock.now() - hour };
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads], refused: [lapsed] });
    window.zoho.listed = [leads];
    valueOf(await window.service.change(id, channelId, now => ({ ...now, events: ["Leads.create"] })));
    assert.equal(window.ownership.get(channelId)?.refused, undefined);
  });

  it("forgets no module that had ended and is listed by another name than its events have", async () => {
    const window = await withChannel();
    const [, leads] = window.zoho.listed;
    assert.ok(leads !== undefined);
    const meetings = { ...leads, module: "Meetings", events: ["Events.create"], expiresAt: window.clock.now() - hour };
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads], refused: [meetings] });
    window.zoho.listed = [leads];
    window.zoho.onRenew = ({ notifyUrl }) => {
      window.zoho.listed = [{ ...leads, notifyUrl }];
      return succeed({ granted: window.zoho.listed, refused: [] });
    };
    valueOf(await window.service.change(id, channelId, toElsewhere));
    assert.deepEqual(window.ownership.get(channelId)?.refused, [meetings]);
  });

  it("is done where the answer got lost and the channel is as it was to be, and is not where it isn't", async () => {
    for (const wasDone of [true, false]) {
      const window = await withChannel();
      const before = detailsIn(window);
      const takes = take(window);
      window.zoho.onRenew = request => {
        if (wasDone) takes(request);
        return fail(zohoProblem("unreadable", "UNANSWERED"));
      };
      const outcome = await window.service.change(id, channelId, toElsewhere);
      if (wasDone) assert.deepEqual(valueOf(outcome), { before, after: detailsIn(window), warnings: [] });
      else assert.equal(errorOf(outcome).code, "UNANSWERED");
    }
  });

  it("was done where the channel is as wanted though Zoho refused a second try, and after a throttle nothing is read", async () => {
    const window = await withChannel();
    const takes = take(window);
    window.zoho.onRenew = request => {
      takes(request);
      return fail(zohoProblem("invalid", "INVALID_DATA"));
    };
    const done = valueOf(await window.service.change(id, channelId, toElsewhere));
    assert.deepEqual([done.after.notifyUrl, done.warnings], [elsewhere, []]);
    window.zoho.calls.length = 0;
    window.zoho.onRenew = () => fail(throttled);
    const further = (now: ChannelDetails): ChannelDetails => ({ ...now, notifyUrl: `${elsewhere}/further` });
    assert.equal(errorOf(await window.service.change(id, channelId, further)).code, "THROTTLED");
    assert.deepEqual(window.zoho.calls, ["list", "renew"]);
  });

  it("says what Zoho took and shows otherwise, once", async () => {
    const window = await withChannel();
    window.zoho.onRenew = take(window, { notifyUrl: "https://third.example.com" });
    const outcome = valueOf(await window.service.change(id, channelId, toElsewhere));
    assert.deepEqual(outcome.warnings, [
      {
        code: "NOT_AS_ASKED",
        message: `Zoho took the change, but shows another value. Events go to: ${elsewhere} → https://third.example.com.`,
        remedy: "none",
      },
    ]);
    window.zoho.onRenew = take(window, { expiresAt: window.clock.now() + hour / 2 });
    const longer = (now: ChannelDetails): ChannelDetails => ({ ...now, expiresAt: window.clock.now() + 5 * hour });
    const shorter = valueOf(await window.service.change(id, channelId, longer));
    assert.deepEqual(
      shorter.warnings.map(({ code }) => code),
      ["EXPIRY_SHORTENED"],
    );
  });

  it("counts as it was asked for where it cannot be read back", async () => {
    const window = await withChannel();
    const before = detailsIn(window);
    const takes = take(window);
    window.zoho.onRenew = request => {
      window.zoho.onList = () => fail(zohoProblem("unreadable"));
      return takes(request);
    };
    const outcome = valueOf(await window.service.change(id, channelId, toElsewhere));
    assert.deepEqual(outcome, { before, after: { ...before, notifyUrl: elsewhere }, warnings: [] });
  });
});

describe("a channel that is to be as it was", () => {
  it("is subscribed with all it had where it is gone, and its token is known", async () => {
    const window = await withChannel();
    const details = detailsIn(window);
    window.zoho.listed = [];
    window.zoho.onSubscribe = take(window);
    const outcome = valueOf(await window.service.restore(id, details));
    assert.deepEqual(outcome, { before: details, after: details, warnings: [] });
    const { conditions: _, ...request } = details;
    assert.deepEqual(window.zoho.subscribed, [request]);
    assert.equal(window.tokenBook.verify(channelId, "t"), "verified");
    assert.equal(window.ownership.get(channelId), undefined);
  });

  it("has its token known before Zoho can send with it, also where no list had it", async () => {
    const window = await openWindow();
    const details = detailsOf([alive({ token: "unheard" })]) ?? assert.fail();
    const takes = take(window);
    let known: string | undefined;
    window.zoho.onSubscribe = request => {
      known = window.tokenBook.verify(channelId, "unheard");
      return takes(request);
    };
    valueOf(await window.service.restore(id, details));
    assert.equal(known, "verified");
  });

  it("is left alone where somebody made it again: as it was to be, or otherwise", async () => {
    const window = await withChannel();
    const found = detailsIn(window);
    const details = { ...found, expiresAt: found.expiresAt + 5 * hour };
    assert.deepEqual(valueOf(await window.service.restore(id, details)), {
      ...{ before: found, after: found, warnings: [] },
    });
    assert.equal(errorOf(await window.service.restore(id, toElsewhere(details))).code, "CHANGED_MEANWHILE");
    window.zoho.onList = () => fail(zohoProblem("signed-out", "SIGNED_OUT"));
    assert.equal(errorOf(await window.service.restore(id, details)).code, "SIGNED_OUT");
    assert.deepEqual(window.zoho.subscribed, []);
  });
});

describe("what a channel missed while it or a module of it had ended", () => {
  const rows = ({ lapses, clock }: Window) =>
    lapses.list().map(({ watched, from, to }) => [watched.map(({ module }) => module), clock.now() - from, to - from]);

  it("is to be looked for once a change brings the module back, and not before or without it", async () => {
    for (const wantsDeals of [true, false]) {
      const window = await withChannel();
      const [deals, leads] = window.zoho.listed;
      assert.ok(leads !== undefined && deals !== undefined);
      const lapsed = { ...deals, expiresAt: window.clock.now() - hour };
      await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads], refused: [lapsed] });
      window.zoho.listed = [leads];
      window.zoho.onRenew = request => {
        assert.equal(window.lapses.open(id).length, wantsDeals ? 1 : 0);
        return take(window)(request);
      };
      const events = wantsDeals ? ["Leads.create", "Deals.edit"] : ["Leads.create"];
      valueOf(await window.service.change(id, channelId, now => ({ ...toElsewhere(now), events })));
      assert.deepEqual(rows(window), wantsDeals ? [[["Deals"], hour, hour]] : []);
    }
  });

  it("is over with the change, also where the channel cannot be read back", async () => {
    const window = await withChannel();
    const [deals, leads] = window.zoho.listed;
    assert.ok(leads !== undefined && deals !== undefined);
    const lapsed = { ...deals, expiresAt: window.clock.now() - hour };
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads], refused: [lapsed] });
    window.zoho.listed = [leads];
    window.zoho.onRenew = request => {
      window.zoho.onList = () => fail(zohoProblem("unreadable", "UNREADABLE"));
      return take(window)(request);
    };
    valueOf(await window.service.change(id, channelId, toElsewhere));
    assert.deepEqual(window.lapses.open(id), []);
    assert.deepEqual(rows(window), [[["Deals"], hour, hour]]);
  });

  it("keeps no change from being done where its end cannot be written, which the next reading does", async () => {
    const window = await withChannel();
    const [deals, leads] = window.zoho.listed;
    assert.ok(leads !== undefined && deals !== undefined);
    const lapsed = { ...deals, expiresAt: window.clock.now() - hour };
    await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown: [leads], refused: [lapsed] });
    window.zoho.listed = [leads];
    window.zoho.onRenew = take(window);
    window.lapses.end = () => {
      throw new Error("database is locked");
    };
    assert.equal(valueOf(await window.service.change(id, channelId, toElsewhere)).after.notifyUrl, elsewhere);
    assert.equal(window.lapses.open(id).length, 1);
    Reflect.deleteProperty(window.lapses, "end");
    await window.service.refresh(id);
    assert.deepEqual(rows(window), [[["Deals"], hour, hour]]);
  });

  it("is to be looked for once a channel of ours is restored, stays noted where it is not, and isn't of others'", async () => {
    for (const [isOurs, succeeds] of [
      [true, true],
      [true, false],
      [false, true],
    ]) {
      const window = await withChannel();
      const details = { ...detailsIn(window), expiresAt: window.clock.now() + 9 * hour };
      const lastKnown = window.zoho.listed.map(each => ({ ...each, expiresAt: window.clock.now() - hour }));
      if (isOurs === true) await window.ownership.add({ channelId, connectionId: id, token: "t", lastKnown });
      window.zoho.listed = [];
      window.zoho.onSubscribe = succeeds === true ? take(window) : () => fail(zohoProblem("invalid", "INVALID_DATA"));
      assert.equal((await window.service.restore(id, details)).ok, succeeds);
      assert.deepEqual(rows(window), isOurs === true && succeeds === true ? [[["Deals", "Leads"], hour, hour]] : []);
      assert.equal(window.lapses.open(id).length, succeeds === true ? 0 : 1);
    }
  });
});

describe("changes of a channel in two windows", () => {
  it("are made one after the other; who waits too long is told", async () => {
    const window = await withChannel();
    const slow = Promise.withResolvers<undefined>();
    window.zoho.onRenew = async request => {
      await slow.promise;
      return take(window)(request);
    };
    const first = window.service.change(id, channelId, toElsewhere);
    const other = window.service.change(id, channelId, now => ({ ...now, notifyUrl: `${elsewhere}/2` }));
    for (let tries = 0; tries < 70; tries++) {
      await new Promise(resolve => void setImmediate(resolve));
      window.clock.advance(hour / 3600 / 4);
    }
    assert.equal(errorOf(await other).code, "CHANNEL_BUSY");
    slow.resolve(undefined);
    assert.equal(valueOf(await first).after.notifyUrl, elsewhere);
    const restored = await window.service.restore(id, detailsIn(window));
    assert.equal(valueOf(restored).after.notifyUrl, elsewhere);
  });

  it("are not written once the turn went to another window while the channel was read, nor is one made again", async () => {
    for (const isThere of [true, false]) {
      const window = await withChannel();
      await window.service.refresh(id);
      const details = detailsIn(window);
      if (!isThere) window.zoho.listed = [];
      window.zoho.onList = async () => {
        window.clock.jump(3 * minute);
        await window.turns.take([`channel/${id}/${channelId}`], { life: hour, patience: 0 });
        return succeed(window.zoho.listed);
      };
      window.zoho.calls.length = 0;
      const token = { ...details, token: "new" };
      const outcome = await (isThere
        ? window.service.change(id, channelId, () => token)
        : window.service.restore(id, token));
      assert.equal(errorOf(outcome).code, "CHANNEL_BUSY");
      assert.deepEqual(window.zoho.calls, ["list"]);
    }
  });

  it("are not written either where deciding took so long that the turn went to another window", async () => {
    const window = await withChannel();
    const outcome = await window.service.change(id, channelId, async now => {
      window.clock.jump(3 * minute);
      await window.turns.take([`channel/${id}/${channelId}`], { life: hour, patience: 0 });
      return toElsewhere(now);
    });
    assert.equal(errorOf(outcome).code, "CHANNEL_BUSY");
    assert.deepEqual(window.zoho.renewed, []);
  });

  it("are read by the other once something was sent, and not where nothing was", async test => {
    const file = join(temporaryFolder(test), "windows.sqlite");
    const [one, other] = [
      await openWindow(undefined, undefined, undefined, file),
      await openWindow(undefined, undefined, undefined, file),
    ];
    one.zoho.listed = [alive({ token: "t" })];
    const details = detailsIn(one);
    await other.service.refresh(id);
    const readsOf = async (write: () => Promise<unknown>): Promise<readonly string[]> => {
      other.zoho.calls.length = 0;
      await write();
      other.clock.advance(second);
      await new Promise(resolve => void setImmediate(resolve));
      return other.zoho.calls;
    };
    one.zoho.onRenew = take(one);
    one.zoho.onSubscribe = take(one);
    assert.deepEqual(await readsOf(async () => one.service.change(id, channelId, now => now)), []);
    assert.deepEqual(await readsOf(async () => one.service.change(id, channelId, toElsewhere)), ["list"]);
    assert.deepEqual(await readsOf(async () => one.service.restore(id, details)), []);
    one.zoho.listed = [];
    assert.deepEqual(await readsOf(async () => one.service.restore(id, details)), ["list"]);
  });
});
