import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Door, broughtAlong, leftBehind } from "../../../../src/core/address/readdress.ts";
import { isUsed } from "../../../../src/core/address/formerPath.ts";
import type { ChannelDetails } from "../../../../src/core/subscriptions/channelDetails.ts";
import { aChannel } from "./aChannel.ts";

const ingestPath = "/in/abcdefghijklmnop";
const here = `https://new.trycloudflare.com${ingestPath}`;
const former = `https://old.trycloudflare.com${ingestPath}`;
const door: Door = { address: here, addresses: [here], ingestPath };

describe("channels that a tunnel left behind", () => {
  const alive = { now: -1, isLent: () => false };
  const left = (notifyUrl: string, createdHere = true, moment = alive): boolean =>
    leftBehind([aChannel({ notifyUrl, createdHere })], door, moment).length > 0;

  it("are this editor's, with its ingest path under another address", () => {
    assert.ok(left(former));
    assert.ok(left(`https://old.example.com/prefix${ingestPath}/extra?a=b`));
    assert.ok(!left(here), "this one leads here");
    assert.ok(!left(`${former}qrst`), "another channel's");
    assert.ok(!left(former, false), "made elsewhere");
    assert.ok(!left("not an address"));
  });

  it("are none that have expired, as nothing can be changed of those", () => {
    assert.ok(!left(former, true, { ...alive, now: 0 }));
  });

  it("are none that are lent: what gives them back must find them where they were pointed at", () => {
    assert.ok(!left(former, true, { ...alive, isLent: () => true }));
  });
});

describe("channels that send to a relay that was left", () => {
  const formerPath = "/in/at-the-relay-before";
  const moved: Door = { ...door, formerPaths: [formerPath] };

  it("are left behind, and brought along with what follows the path", () => {
    const notifyUrl = `https://relay.example.com${formerPath}/extra?a=b`;
    const channel = aChannel({ notifyUrl, createdHere: true });
    const moment = { now: -1, isLent: () => false };
    assert.deepEqual(leftBehind([channel], door, moment), []);
    assert.deepEqual(leftBehind([channel], moved, moment), [channel]);
    const details: ChannelDetails = {
      ...{ channelId: "1", events: ["Leads.create"], notifyUrl, expiresAt: 7, token: "t" },
      ...{ notifyOnRelatedAction: false, returnAffectedFieldValues: true, conditions: [] },
    };
    assert.equal(broughtAlong(details, notifyUrl, moved).notifyUrl, `${here}/extra?a=b`);
  });

  it("keep its address in use, and nobody may say that they do not where not all is known", () => {
    const channels = [aChannel({ notifyUrl: `https://relay.example.com${formerPath}`, createdHere: false })];
    const loaded = { kind: "loaded", channels, unreadable: [], complete: true, refreshedAt: 0 } as const;
    assert.equal(isUsed(formerPath, loaded), true);
    assert.equal(isUsed("/in/another-one", loaded), false);
    assert.equal(isUsed("/in/another-one", { ...loaded, complete: false }), undefined);
    assert.equal(isUsed("/in/another-one", { kind: "loading" }), undefined);
  });
});

describe("a channel that is brought along", () => {
  const details: ChannelDetails = {
    ...{ channelId: "1", events: ["Leads.create"], notifyUrl: former, expiresAt: 7, token: "t" },
    ...{ notifyOnRelatedAction: false, returnAffectedFieldValues: true, conditions: [] },
  };
  const along = (notifyUrl: string, from = notifyUrl): string =>
    broughtAlong({ ...details, notifyUrl }, from, door).notifyUrl;

  it("sends to the new address, with what follows the path, and is otherwise as it was", () => {
    assert.deepEqual(broughtAlong(details, former, door), { ...details, notifyUrl: here });
    assert.equal(along(`https://old.example.com/p${ingestPath}/extra?a=b`), `${here}/extra?a=b`);
  });

  it("is left as it is where somebody has pointed it elsewhere meanwhile", () => {
    for (const elsewhere of ["https://staging.example.com/hook", `https://other.example.com${ingestPath}`, here]) {
      assert.equal(along(elsewhere, former), elsewhere);
    }
  });
});
