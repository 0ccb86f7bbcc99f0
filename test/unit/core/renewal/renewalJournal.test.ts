import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import { KeptChannels } from "../../../../src/core/renewal/keptChannels.ts";
import { RenewalJournal } from "../../../../src/core/renewal/renewalJournal.ts";
import type { Attempt } from "../../../../src/core/renewal/renewalPass.ts";
import { RenewalRecords } from "../../../../src/core/renewal/renewalRecords.ts";
import { makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import { SteadyNotes } from "../../../../src/core/windows/steadyNotes.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";
import { zohoProblem } from "../subscriptions/playedZoho.ts";

/** A window that is at renewing a channel, and what another window has of the same notes. */
function whileRenewing() {
  const clock = new FakeClock();
  const { notes } = openAgreement(clock);
  const steady = new SteadyNotes(notes, silentLogger);
  const records = new RenewalRecords(steady);
  const there = new RenewalRecords(new SteadyNotes(notes, silentLogger));
  const channel = makeChannel("c", "1", [aSubscription({ channelId: "1", expiresAt: clock.now() + hour })], true);
  const service = { stateOf: () => ({ kind: "loading" }) as const, nowAt: () => clock.now() };
  const kept = new KeptChannels({
    ...{ service, records, ownership: { list: () => [] } },
    ...{ life: () => hour, isLent: () => false },
  });
  const nowAt = (): number => clock.now();
  const journal = new RenewalJournal({
    ...{ records, kept, notes: steady, nowAt, clock },
    random: () => 0.5,
    logger: silentLogger,
  });
  const attempt = (outcome: Attempt["outcome"]): Attempt => ({
    kept: { channel, record: records.get("c", "1"), plan: { fromAt: 0, dueAt: 0 } },
    recreated: false,
    outcome,
  });
  return { clock, journal, there, attempt };
}

describe("what became of a renewal", () => {
  it("leaves what a person chose in another window meanwhile", () => {
    for (const outcome of [fail(zohoProblem("invalid")), succeed(Date.UTC(2030, 0))]) {
      const { journal, there, attempt } = whileRenewing();
      there.set("c", "1", { failures: 0, stopped: true });
      journal.write("c", [attempt(outcome)]);
      there.reload();
      assert.equal(there.get("c", "1").stopped, true);
      assert.equal(there.get("c", "1").failures, outcome.ok ? 0 : 1);
    }
  });
});
