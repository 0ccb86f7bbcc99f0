import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Door, broughtAlong, leftBehind } from "../../../../src/core/address/readdress.ts";
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
