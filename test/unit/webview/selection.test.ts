import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  contains,
  countOffsets,
  moveRanges,
  rangesOf,
  withRange,
  withoutOffset,
} from "../../../src/webview/list/offsetRanges.ts";
import {
  type Selection,
  type SelectionEvent,
  movedSelection,
  nextSelection,
  nothingSelected,
  selectionOf,
} from "../../../src/webview/list/selection.ts";

function after(...events: SelectionEvent[]): Selection {
  return events.reduce(nextSelection, nothingSelected);
}

const only = (offset: number): SelectionEvent => ({ kind: "only", offset });
const toggled = (offset: number): SelectionEvent => ({ kind: "toggled", offset });
const extended = (offset: number, added = false): SelectionEvent => ({ kind: "extended", offset, added });

describe("runs of offsets", () => {
  it("join where they touch or overlap, and stay in order", () => {
    assert.deepEqual(rangesOf([5, 1, 2, 9, 6]), [
      [1, 2],
      [5, 6],
      [9, 9],
    ]);
    assert.deepEqual(
      withRange(
        [
          [0, 1],
          [4, 5],
          [9, 9],
        ],
        [2, 6],
      ),
      [
        [0, 6],
        [9, 9],
      ],
    );
  });

  it("part around an offset that is taken out", () => {
    assert.deepEqual(withoutOffset([[1, 3]], 2), [
      [1, 1],
      [3, 3],
    ]);
    assert.deepEqual(withoutOffset([[1, 1]], 1), []);
    assert.deepEqual(withoutOffset([[1, 3]], 7), [[1, 3]]);
  });

  it("tell what they hold and how much", () => {
    const ranges = rangesOf([1, 2, 3, 8]);
    assert.deepEqual([countOffsets(ranges), contains(ranges, 3), contains(ranges, 4)], [4, true, false]);
  });

  it("move with the list, and lose what falls out of it", () => {
    assert.deepEqual(
      moveRanges(
        [
          [0, 3],
          [8, 9],
        ],
        -2,
        7,
      ),
      [
        [0, 1],
        [6, 6],
      ],
    );
  });
});

describe("choosing events", () => {
  it("takes one, and another in its place", () => {
    assert.deepEqual(after(only(3), only(5)), { ranges: [[5, 5]], lead: 5, anchor: 5 });
  });

  it("takes one more, or one less", () => {
    assert.deepEqual(after(only(3), toggled(5)).ranges, [
      [3, 3],
      [5, 5],
    ]);
    assert.deepEqual(after(only(3), toggled(5), toggled(3)).ranges, [[5, 5]]);
  });

  it("extends from where the choice began, in both directions", () => {
    assert.deepEqual(after(only(5), extended(8)).ranges, [[5, 8]]);
    assert.deepEqual(after(only(5), extended(8), extended(3)), { ranges: [[3, 5]], lead: 3, anchor: 5 });
  });

  it("extends by a run and keeps the rest when asked to", () => {
    assert.deepEqual(after(only(1), toggled(5), extended(7, true)).ranges, [
      [1, 1],
      [5, 7],
    ]);
  });

  it("lets the keyboard go on without choosing, and choose from there", () => {
    const moved = after(only(1), { kind: "moved", offset: 4 });
    assert.deepEqual([moved.ranges, moved.lead], [[[1, 1]], 4]);
    assert.deepEqual(nextSelection(moved, extended(6)).ranges, [[4, 6]]);
  });

  it("takes a hundred thousand in one run, and none of an empty list", () => {
    assert.deepEqual(after({ kind: "all", total: 100_000 }).ranges, [[0, 99_999]]);
    assert.deepEqual(after({ kind: "all", total: 0 }), nothingSelected);
    assert.deepEqual(after(only(1), { kind: "cleared" }), nothingSelected);
  });

  it("moves with the rows when the past is cut off", () => {
    const selection = after(only(10), extended(20));
    assert.deepEqual(movedSelection(selection, -15, 50), { ranges: [[0, 5]], lead: 5, anchor: undefined });
  });

  it("is found again one by one in another list", () => {
    assert.deepEqual(selectionOf([7, 6, 2]), {
      ranges: [
        [2, 2],
        [6, 7],
      ],
      lead: 7,
      anchor: 7,
    });
    assert.deepEqual(selectionOf([]), nothingSelected);
  });
});
