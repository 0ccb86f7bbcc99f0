import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { arrivesHere, leadsToFormer } from "../../../../src/core/address/arrivals.ts";
import { type FormerAddress, formerAddresses, inVain } from "../../../../src/core/address/formerAddresses.ts";
import { formerSentence, placeOf } from "../../../../src/core/address/formerWords.ts";
import type { SubscriptionsState } from "../../../../src/core/subscriptions/channelList.ts";
import type { FormerChannel } from "../../../../src/core/tunnel/formerChannels.ts";
import { aChannel } from "./aChannel.ts";

const place = "https://relay.example.com";
const former: FormerChannel = {
  ...{ channel: "abc", relay: place, ingestPath: "/in/abc", isDrained: false, daysAway: undefined },
  ...{ isReplaced: true, isGone: false, problem: undefined },
};
const down = { code: "DOWN", message: "It does not answer.", remedy: "retry" } as const;

function loaded(...notifyUrls: readonly string[]): SubscriptionsState {
  const channels = notifyUrls.map(notifyUrl => aChannel({ notifyUrl, createdHere: true }));
  return { kind: "loaded", channels, unreadable: [], complete: true, refreshedAt: 0 };
}

function addressOf(states: readonly SubscriptionsState[], changes: Partial<FormerChannel> = {}): FormerAddress {
  const [address] = formerAddresses({
    former: { list: () => [{ ...former, ...changes }] },
    connections: { isLoaded: true, list: () => states.map((_, index) => ({ id: String(index) })) },
    subscriptions: { stateOf: id => states[Number(id)] ?? assert.fail() },
  });
  return address ?? assert.fail();
}

describe("a former address", () => {
  it("counts who sends to it, over all connections, whatever host leads there", () => {
    const states = [loaded(`${place}/in/abc`, `${place}/in/other`), loaded("https://tunnel.example.com/in/abc?a=b")];
    assert.equal(addressOf(states).senders, 2);
  });

  it("is unused only where that is certain of every connection", () => {
    assert.equal(addressOf([loaded(`${place}/in/other`)]).isUnused, true);
    assert.equal(addressOf([]).isUnused, true);
    assert.equal(addressOf([loaded(), { kind: "loading" }]).isUnused, false);
    assert.equal(addressOf([{ ...loaded(), complete: false } as SubscriptionsState]).isUnused, false);
    assert.equal(addressOf([loaded(`${place}/in/abc`)]).isUnused, false);
  });

  it("is sent to in vain where its relay cannot be reached or has deleted it, and something sends to it", () => {
    const used = [loaded(`${place}/in/abc`)];
    assert.equal(inVain([addressOf(used)]), undefined);
    assert.equal(inVain([addressOf([loaded()], { problem: down })]), undefined, "nobody sends to it");
    assert.equal(inVain([addressOf(used), addressOf(used, { problem: down })])?.problem, down);
    assert.equal(inVain([addressOf(used, { isGone: true })])?.isGone, true);
  });

  it("says how it stands: read, not to be read, gone, or about to be deleted", () => {
    const used = [loaded(`${place}/in/abc`)];
    const sentences: readonly (readonly [FormerAddress, RegExp])[] = [
      [addressOf(used), /relay\.example\.com, still read here\. Subscriptions that send to it: 1\.$/],
      [
        addressOf(used, { problem: down }),
        /can't be read now\. Subscriptions that still send to it: 1\. It does not answer\.$/,
      ],
      [addressOf(used, { isGone: true, problem: down }), /deleted there\. Subscriptions that still send to it: 1\.$/],
      [addressOf([loaded()]), /it's deleted once nothing has arrived for an hour/],
      [addressOf([loaded()], { isReplaced: false }), /still read here\. Subscriptions that send to it: 0\.$/],
    ];
    for (const [address, words] of sentences) assert.match(formerSentence(address), words);
    assert.equal(placeOf("embedded"), "this machine's relay");
  });

  it("leads here as the current one does, by its path and what follows it", () => {
    const arrivals = { addresses: [`${place}/in/now`], formerPaths: ["/in/abc"] };
    const arrives = (notifyUrl: string): boolean => arrivesHere({ notifyUrl }, arrivals);
    assert.ok(arrives(`${place}/in/now`));
    assert.ok(arrives(`${place}/in/abc/extra`));
    assert.ok(!arrives(`${place}/in/abcd`));
    assert.ok(!leadsToFormer({ notifyUrl: `${place}/in/now` }, arrivals.formerPaths));
  });
});
