import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute, second } from "../../../../src/base/clock.ts";
import { needsPerson, planRenewal, retryAt } from "../../../../src/core/renewal/renewalPlan.ts";

const week = 7 * day - hour;
const now = Date.UTC(2026, 0, 5, 9);
const ids = Array.from({ length: 200 }, (_, index) => String(1_105_420_521_999_070_702n + BigInt(index)));

/** Milliseconds from the grant until a channel of a week's life is due. */
function ageWhenDue(channelId: string): number {
  const memory = { expiresAt: now + week, grantedAt: now };
  return planRenewal({ channelId, expiresAt: now + week }, memory, week).dueAt - now;
}

describe("planRenewal", () => {
  it("is due after a fifth to three tenths of its life, so that an absence of almost five days does no harm", () => {
    for (const age of ids.map(ageWhenDue)) assert.ok(age >= 0.2 * week && age <= 0.3 * week, `${age / hour} hours`);
  });

  it("spreads channels that were granted together, and gives the same channel the same time again", () => {
    assert.equal(new Set(ids.map(ageWhenDue)).size, ids.length);
    assert.deepEqual(ids.map(ageWhenDue), ids.map(ageWhenDue));
    const early = ids.filter(id => ageWhenDue(id) < 0.25 * week).length;
    assert.ok(early > 60 && early < 140, `${early} of 200 in the first half`);
  });

  it("may come along with others a little before it is due", () => {
    for (const channelId of ids) {
      const { dueAt, fromAt } = planRenewal({ channelId, expiresAt: now + week }, {}, week);
      assert.ok(Math.abs(dueAt - fromAt - 0.05 * week) < 1);
    }
  });

  it("takes a life that it does not know for a usual one, and so renews what has a day left at once", () => {
    const memory = { expiresAt: now + 5 * day, grantedAt: now - day };
    assert.ok(planRenewal({ channelId: "1", expiresAt: now + day }, memory, week).dueAt < now);
    assert.ok(planRenewal({ channelId: "1", expiresAt: now + week }, {}, week).dueAt > now + day);
  });

  it("goes by the life that was granted where Zoho grants an hour only", () => {
    const { dueAt } = planRenewal(
      { channelId: "1", expiresAt: now + hour },
      { expiresAt: now + hour, grantedAt: now },
      week,
    );
    assert.ok(dueAt > now + 10 * minute && dueAt < now + 20 * minute);
  });

  it("does not come before a retry is due", () => {
    const plan = planRenewal({ channelId: "1", expiresAt: now + hour }, { retryAt: now + minute }, week);
    assert.deepEqual(plan, { dueAt: now + minute, fromAt: now + minute });
  });
});

describe("retryAt", () => {
  const after = (left: number, failures: number, kind: string, wait = 0): number =>
    retryAt(now, left, failures, { kind, wait }, () => 0.5) - now;

  it("waits longer after each failure, up to an hour", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 10, 100].map(failures => after(day, failures, "server") / second),
      [45, 90, 180, 360, 720, 2700, 2700],
    );
  });

  it("never waits so long that no time would be left for another try", () => {
    for (const kind of ["server", "offline", "scope"]) assert.equal(after(30 * minute, 20, kind), 10 * minute);
    assert.equal(after(minute / 2, 20, "server"), 30 * second, "but never less than half a minute");
    assert.equal(after(1, 20, "server"), 30 * second);
    assert.equal(after(0, 20, "server"), after(day, 20, "server"), "nor in a hurry once it is over");
  });

  it("waits as long as a throttle says", () => {
    assert.equal(after(day, 1, "throttled", 10 * minute), 10 * minute);
  });

  it("tries each hour what only a person can mend, as somebody may", () => {
    assert.equal(after(day, 1, "signed-out"), hour);
    assert.equal(after(-day, 7, "denied"), hour);
    assert.equal(needsPerson("offline"), false);
  });
});
