import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute } from "../../../../src/base/clock.ts";
import { type ChannelReading, makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import {
  afterReading,
  afterRenewal,
  hasAllOf,
  hasAllRemembered,
} from "../../../../src/core/subscriptions/ownedReading.ts";
import { withFormer, withListedToken, withToken } from "../../../../src/core/subscriptions/ownedTokens.ts";
import type { OwnedChannel } from "../../../../src/core/subscriptions/ownership.ts";
import type { Subscription } from "../../../../src/zoho/subscription.ts";
import { aSubscription } from "./aSubscription.ts";

const { channelId } = aSubscription();
const now = 10 * hour;
const leads = aSubscription({ expiresAt: now + hour });
const deals = aSubscription({ module: "Deals", expiresAt: now - hour });
const owned: OwnedChannel = { channelId, connectionId: "c", token: "t", lastKnown: [leads] };

function reading(subscriptions: readonly Subscription[], changes: Partial<ChannelReading> = {}): ChannelReading {
  const channels = subscriptions.length === 0 ? [] : [makeChannel("c", channelId, subscriptions, true)];
  return { channels, unreadable: [], complete: true, ...changes };
}

function read(before: OwnedChannel, of: ChannelReading): OwnedChannel {
  return afterReading(before, of, lastKnown => lastKnown.length > 0 && lastKnown.every(each => each.expiresAt <= now));
}

describe("what is remembered of a channel of ours", () => {
  it("is how it is listed, whatever was thought of it before", () => {
    const lost = { ...owned, lastKnown: undefined, over: true, missed: true };
    const none = { refused: undefined, over: undefined, missed: undefined, unread: undefined, isPart: undefined };
    assert.deepEqual(read(lost, reading([leads])), { ...owned, ...none });
  });

  it("stays as it was where it is not listed as its time had come, or as the list proves nothing", () => {
    const over = { ...owned, lastKnown: [deals] };
    assert.equal(read(over, reading([])), over);
    for (const changes of [
      { complete: false },
      { unreadable: [{ faults: ["channel_id"] }] },
      { unreadable: [{ channelId, faults: ["events"] }] },
    ]) {
      assert.equal(read(owned, reading([], changes)), owned);
    }
    assert.equal(hasAllOf(reading([], { unreadable: [{ channelId: "2", faults: [] }] }), channelId), true);
  });

  it("is read in full where only another channel has something that cannot be read", () => {
    const odd = (of: string): ChannelReading =>
      reading([leads], {
        channels: [channelId, "2"].map(each => ({
          ...makeChannel("c", each, [leads], true),
          unreadable: each === of ? [{ channelId: each, faults: ["events"] }] : [],
        })),
      });
    assert.deepEqual([hasAllOf(odd("2"), channelId), hasAllOf(odd(channelId), channelId)], [true, false]);
  });

  it("is a part where it shows more than can be read, or was unknown before, until all of it is read", () => {
    const hiding: ChannelReading = reading([leads], { complete: false });
    const unreadable = [{ channelId, faults: ["events"] }];
    const odd = reading([leads], { channels: [{ ...makeChannel("c", channelId, [leads], true), unreadable }] });
    const gone: OwnedChannel = { ...owned, lastKnown: undefined, over: true };
    const part: OwnedChannel = { ...owned, isPart: true };
    const isPart = (before: OwnedChannel, of: ChannelReading): boolean => read(before, of).isPart === true;
    assert.deepEqual([isPart(owned, odd), isPart(gone, hiding), isPart(part, hiding)], [true, true, true]);
    // Channels that versions before have kept are whole.
    const whole = reading([leads]);
    assert.deepEqual([isPart(owned, hiding), isPart(part, whole), isPart(gone, whole)], [false, false, false]);
    assert.equal(hasAllRemembered({ subscriptions: [leads] }, owned), true);
    assert.equal(hasAllRemembered({ subscriptions: [leads] }, part), false);
  });

  it("keeps a module that a renewal did not ask for", () => {
    const channel = { channelId, subscriptions: [leads] };
    const granted = new Map([["Leads", { expiresAt: now + 2 * hour }]]);
    const renewed = afterRenewal({ ...owned, lastKnown: [leads, deals] }, { channel, granted });
    assert.deepEqual(renewed.lastKnown, [{ ...leads, expiresAt: now + 2 * hour }, deals]);
    assert.deepEqual(afterRenewal({ ...owned, lastKnown: undefined }, { channel, granted }).lastKnown?.length, 1);
  });

  it("has the five tokens that were its own last beside the one it has, each once", () => {
    const tokens = ["a", "b", "c", "a", "d", "e", "f", "g"];
    const renamed = tokens.reduce(withToken, owned);
    assert.deepEqual([renamed.token, renamed.formerTokens], ["g", ["c", "a", "d", "e", "f"]]);
    const back = withListedToken(withFormer(renamed, "expected"), "expected");
    assert.deepEqual([back.token, back.formerTokens], ["expected", ["a", "d", "e", "f", "g"]]);
    assert.equal(withListedToken(renamed, "somebody's"), renamed);
  });

  it("is that it is over once a list lacks it that was there, or two lists lack it that never was", () => {
    const gone = { ...owned, lastKnown: undefined, refused: undefined, unread: undefined };
    assert.deepEqual(read(owned, reading([])), { ...gone, over: true });
    const { lastKnown: _, ...nothingKnown } = owned;
    const granted = { ...owned, unread: true };
    for (const fresh of [nothingKnown, granted]) {
      const missed = read(fresh, reading([]));
      assert.deepEqual(missed, { ...fresh, missed: true });
      assert.deepEqual(read(missed, reading([])), { ...gone, missed: true, over: true });
    }
  });

  it("has the modules that Zoho did not renew, also after their end", () => {
    const refused = [deals];
    const remembered = read({ ...owned, refused }, reading([leads]));
    assert.deepEqual([remembered.lastKnown, remembered.refused], [[leads, deals], refused]);
    const still = read({ ...owned, refused: [leads] }, reading([{ ...leads, expiresAt: leads.expiresAt + minute }]));
    assert.deepEqual(still.refused, [leads]);
    assert.equal(still.lastKnown?.length, 1);
  });

  it("no longer has those that were renewed after all, or that somebody took away before their end", () => {
    const later = { ...leads, expiresAt: leads.expiresAt + minute + 1 };
    assert.equal(read({ ...owned, refused: [leads] }, reading([later])).refused, undefined);
    const early = { ...deals, expiresAt: now + hour };
    assert.equal(read({ ...owned, refused: [early] }, reading([leads])).refused, undefined);
  });

  it("lacks what ended without being renewed where somebody else has renewed the rest: they may have taken it away", () => {
    const before = { ...owned, refused: [deals] };
    const renewed = { ...leads, expiresAt: leads.expiresAt + hour };
    const remembered = read(before, reading([renewed]));
    assert.deepEqual([remembered.lastKnown, remembered.refused], [[renewed], undefined]);
    assert.deepEqual(read(before, reading([leads])).refused, [deals]);
  });

  it("has what a renewal did not grant, besides what others did not, and no longer what it did", () => {
    const tasks = aSubscription({ module: "Tasks" });
    const before = { ...owned, refused: [deals, tasks] };
    const channel = { channelId, subscriptions: [leads, deals] };
    const until = { expiresAt: now + 9 * hour };
    const some = afterRenewal(before, { channel, granted: new Map([["Deals", until]]) });
    assert.deepEqual(some.refused, [tasks, leads]);
    assert.deepEqual(some.lastKnown?.slice(0, 2), [leads, { ...deals, ...until }], "what was granted ends then");
    const granted = new Map(["Leads", "Deals"].map(module => [module, until]));
    const all = afterRenewal({ ...owned, refused: [deals] }, { channel, granted });
    assert.equal(all.refused, undefined);
  });
});
