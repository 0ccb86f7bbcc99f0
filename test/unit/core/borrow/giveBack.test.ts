import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute } from "../../../../src/base/clock.ts";
import { planGiveBack } from "../../../../src/core/borrow/giveBack.ts";
import type { Loan } from "../../../../src/core/borrow/loan.ts";
import type { ChannelDetails } from "../../../../src/core/subscriptions/channelDetails.ts";
import { longestExpiry } from "../../../../src/core/subscriptions/grants.ts";
import { connectionId, here, original } from "./borrowWorld.ts";

const { token, ...terms } = original;
const { channelId, expiresAt } = original;
const loan: Loan = { connectionId, channelId, original: terms, borrowedUrl: here, expiresAt, seenAt: 0 };

function plan(found: ChannelDetails | undefined, now = expiresAt - hour, resolution?: "address" | "everything") {
  return planGiveBack(loan, { token }, found, now, resolution);
}

describe("the step that gives a channel back", () => {
  it("makes it again where its time was over, give or take two minutes that clocks differ, and asks before", () => {
    const restored = { kind: "restore", details: { ...original, expiresAt: expiresAt - 2 * minute + longestExpiry } };
    assert.deepEqual(plan(undefined, expiresAt - 2 * minute), restored);
    assert.deepEqual(plan(undefined, expiresAt - 2 * minute - 1), { kind: "ask", found: { kind: "deleted" } });
    assert.equal(plan(undefined, expiresAt - hour, "everything").kind, "restore");
  });

  it("makes it again with what somebody had changed before its time was over, unless everything is to be put back", () => {
    const { token: _, ...found } = { ...original, notifyUrl: here, events: ["Leads.edit"], conditions: [] };
    const changed: Loan = { ...loan, changed: found };
    const restored = (resolution?: "address" | "everything") =>
      planGiveBack(changed, { token, changed: "another" }, undefined, expiresAt, resolution);
    const details = { ...original, expiresAt: expiresAt + longestExpiry };
    const kept = { kind: "restore", details: { ...details, events: ["Leads.edit"], conditions: [], token: "another" } };
    assert.deepEqual(restored(), kept);
    assert.deepEqual(restored("address"), kept);
    assert.deepEqual(restored("everything"), { kind: "restore", details });
  });

  it("takes another token for somebody's decision, and one that is lost for none", () => {
    const step = plan({ ...original, notifyUrl: here, token: "another" });
    assert.ok(step.kind === "ask" && step.found.kind === "changed");
    assert.deepEqual(
      step.found.differences.map(({ kind }) => kind),
      ["token"],
    );
    const { token: _, ...lost } = original;
    const back = plan({ ...lost, notifyUrl: here });
    assert.ok(back.kind === "change");
    assert.deepEqual(back.towards({ ...lost, notifyUrl: here }), original);
  });

  it("puts the address back and leaves the rest, or puts everything back, as it is told", () => {
    const found = { ...original, notifyUrl: here, token: "another", events: ["Leads.edit"], expiresAt: expiresAt + 1 };
    const address = plan(found, 0, "address");
    const everything = plan(found, 0, "everything");
    assert.ok(address.kind === "change" && everything.kind === "change");
    assert.deepEqual(address.towards(found), { ...found, notifyUrl: original.notifyUrl });
    assert.deepEqual(everything.towards(found), { ...original, expiresAt: expiresAt + 1 });
    const moved = { ...found, notifyUrl: "https://third.example.com" };
    assert.equal(plan(moved, 0, "address").kind, "change");
    const asked = { kind: "moved", notifyUrl: moved.notifyUrl, details: moved };
    assert.deepEqual(plan(moved), { kind: "ask", found: asked });
  });

  it("is none where it is back already, unless something else is to be put back", () => {
    assert.deepEqual(plan({ ...original, events: ["Leads.edit"] }), { kind: "done" });
    assert.equal(plan({ ...original, events: ["Leads.edit"] }, 0, "everything").kind, "change");
  });
});
