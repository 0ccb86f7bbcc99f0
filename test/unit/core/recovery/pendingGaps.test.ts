import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day } from "../../../../src/base/clock.ts";
import { PendingGaps } from "../../../../src/core/recovery/pendingGaps.ts";
import { KeptNotes } from "./keptNotes.ts";

const gap = { id: 17, from: 100, to: 200 };

describe("gaps of the relay", () => {
  it("are kept over restarts until every connection has said which of its channels lost deliveries", () => {
    const notes = new KeptNotes();
    const gaps = new PendingGaps(notes);
    gaps.add(gap);
    assert.deepEqual(new PendingGaps(notes).list(), [gap]);
    gaps.advance(gap, ["c", "d"]);
    assert.deepEqual(new PendingGaps(notes).list(), [{ ...gap, waiting: ["c", "d"] }]);
    gaps.advance(gap, ["d"]);
    assert.deepEqual(gaps.list(), [{ ...gap, waiting: ["d"] }]);
    gaps.advance(gap, []);
    assert.deepEqual(gaps.list(), []);
  });

  it("are noted once, however many windows hear of them and whenever they do", () => {
    const gaps = new PendingGaps(new KeptNotes());
    gaps.add(gap);
    gaps.advance(gap, ["d"]);
    gaps.add({ ...gap, from: 0 });
    assert.deepEqual(gaps.list(), [{ ...gap, waiting: ["d"] }]);
    gaps.advance(gap, []);
    gaps.add(gap);
    assert.deepEqual(gaps.list(), []);
  });

  it("are forgotten a week after their end, but never before they were seen to", () => {
    const notes = new KeptNotes();
    const gaps = new PendingGaps(notes);
    const open = { id: 18, from: 100, to: 200 };
    gaps.add(gap);
    gaps.add(open);
    gaps.advance(gap, []);
    gaps.sweep(gap.to + 7 * day);
    assert.deepEqual(notes.keys(""), ["recovery/gap/17/200", "recovery/gap/18/200"]);
    gaps.sweep(gap.to + 7 * day + 1);
    assert.deepEqual(notes.keys(""), ["recovery/gap/18/200"]);
    assert.deepEqual(gaps.list(), [open]);
  });

  it("are others where a history that began again numbers them alike", () => {
    const gaps = new PendingGaps(new KeptNotes());
    gaps.add(gap);
    gaps.advance(gap, []);
    const later = { id: 17, from: 250, to: 300 };
    gaps.add(later);
    assert.deepEqual(gaps.list(), [later]);
    gaps.advance(later, []);
    assert.deepEqual(gaps.list(), []);
  });

  it("are the same as an earlier version noted them, by their numbers alone", () => {
    const notes = new KeptNotes();
    const gaps = new PendingGaps(notes);
    notes.set("recovery/gap/17", JSON.stringify({ from: 100, to: 200 }));
    gaps.add(gap);
    assert.deepEqual(gaps.list(), [gap]);
    gaps.advance(gap, []);
    gaps.add(gap);
    assert.deepEqual([gaps.list(), notes.keys("")], [[], ["recovery/gap/17"]]);
    const later = { id: 17, from: 250, to: 300 };
    gaps.add(later);
    assert.deepEqual(gaps.list(), [later]);
    gaps.advance(later, []);
    gaps.sweep(later.to + 7 * day + 1);
    assert.deepEqual(notes.keys(""), []);
  });

  it("are those of this form only: what another version wrote is left alone, and keeps nobody from the others", () => {
    const notes = new KeptNotes();
    const gaps = new PendingGaps(notes);
    notes.set("recovery/gap/1", "{");
    notes.set("recovery/gap/2", JSON.stringify({ from: "yesterday", to: 200 }));
    notes.set("recovery/gap/3", JSON.stringify({ from: 100, to: 200 }));
    gaps.sweep(100 * day);
    assert.deepEqual(gaps.list(), [{ id: 3, from: 100, to: 200 }]);
    assert.equal(notes.keys("recovery/gap/").length, 3);
  });
});
