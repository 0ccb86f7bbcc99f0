import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Remedy } from "../../../../src/base/problem.ts";
import { RenewalRecords } from "../../../../src/core/renewal/renewalRecords.ts";
import { SteadyNotes } from "../../../../src/core/windows/steadyNotes.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";

function open(agreement = openAgreement(new FakeClock())) {
  const logger = new RecordingLogger();
  return { ...agreement, logger, records: new RenewalRecords(new SteadyNotes(agreement.notes, logger)) };
}

/** Holds the list in the source against all there are. */
const remedies: Record<Remedy, true> = {
  none: true,
  retry: true,
  refresh: true,
  "sign-in": true,
  "create-subscription": true,
  "renew-subscription": true,
  "recreate-subscription": true,
  "point-here": true,
  "send-here": true,
  "configure-relay": true,
  "join-relay": true,
  "get-address": true,
  "reconnect-relay": true,
  "start-sandbox": true,
  "open-log": true,
};

describe("what is remembered of renewals", () => {
  it("is kept over restarts, and another window's once it is read again", () => {
    const first = open();
    const other = new RenewalRecords(new SteadyNotes(first.notes, first.logger));
    first.records.set("c", "1", { failures: 2, expiresAt: 7 });
    assert.deepEqual(other.get("c", "1"), { failures: 0 });
    other.reload();
    assert.deepEqual(other.get("c", "1"), { failures: 2, expiresAt: 7 });
    assert.deepEqual(first.records.get("c", "1"), { failures: 2, expiresAt: 7 });
    first.notes.delete("renewal/channel/c/1");
    assert.deepEqual(other.get("c", "2"), { failures: 0 });
  });

  it("keeps the remedy of a problem, and takes one of another version for none", () => {
    const { notes, logger, records } = open();
    const problem = { kind: "scope", code: "X", message: "It is X." };
    for (const remedy of Object.keys(remedies)) {
      records.set("c", remedy, { failures: 1, problem: { ...problem, remedy: remedy as Remedy } });
    }
    const after = new RenewalRecords(new SteadyNotes(notes, logger));
    for (const remedy of Object.keys(remedies)) assert.equal(after.get("c", remedy).problem?.remedy, remedy);
    const [key = ""] = notes.keys("renewal/").filter(each => each.endsWith("/retry"));
    notes.set(key, JSON.stringify({ failures: 1, problem: { ...problem, remedy: "ask-the-stars" } }));
    after.reload();
    assert.equal(after.get("c", "retry").problem?.remedy, "none");
  });

  it("counts as nothing where it cannot be read", () => {
    const { notes, records } = open();
    records.set("c", "1", { failures: 2 });
    const [key = ""] = notes.keys("renewal/");
    for (const text of ["{", '{"failures":"many"}']) {
      notes.set(key, text);
      records.reload();
      assert.deepEqual(records.get("c", "1"), { failures: 0 });
    }
  });

  it("goes with the channels that are not known any more, of that connection alone", () => {
    const { notes, logger, records } = open();
    for (const [connection, channel] of [
      ["c", "1"],
      ["c", "2"],
      ["d", "1"],
    ] as const) {
      records.set(connection, channel, { failures: 1 });
    }
    records.keepOnly("c", channelId => channelId === "2");
    for (const each of [records, new RenewalRecords(new SteadyNotes(notes, logger))]) {
      const failures = [each.get("c", "1"), each.get("c", "2"), each.get("d", "1")].map(record => record.failures);
      assert.deepEqual(failures, [0, 1, 1]);
    }
  });

  it("is known in this window also where it cannot be written, and the log says why", () => {
    const { database, logger, records } = open();
    database.prepare("DROP TABLE note").run();
    records.set("c", "1", { failures: 2 });
    records.reload();
    assert.deepEqual(records.get("c", "1"), { failures: 2 });
    records.keepOnly("c", () => false);
    assert.deepEqual(records.get("c", "1"), { failures: 0 });
    assert.equal(logger.lines.length, 3);
  });
});
