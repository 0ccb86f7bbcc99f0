import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Viewport,
  drawnRange,
  firstInView,
  isAtEnd,
  rowsBelow,
  scrollHeight,
  scrollToEnd,
  scrollToShow,
  scrollToTop,
  tallest,
} from "../../../src/webview/list/windowing.ts";

function view(changes: Partial<Viewport> = {}): Viewport {
  return { total: 1_000, rowHeight: 20, height: 200, scrollTop: 0, ...changes };
}

describe("the drawn part of a list", () => {
  it("is what is in view and a little beyond", () => {
    assert.deepEqual(drawnRange(view({ scrollTop: 1_000 })), { first: 42, end: 68, top: 840 });
  });

  it("ends where the list ends", () => {
    assert.deepEqual(drawnRange(view({ total: 3 })), { first: 0, end: 3, top: 0 });
    assert.deepEqual(drawnRange(view({ total: 0 })), { first: 0, end: 0, top: 0 });
  });

  it("is no longer for a hundred thousand rows than for a thousand", () => {
    const { first, end } = drawnRange(view({ total: 100_000, scrollTop: 1_999_000 }));
    assert.ok(end - first <= 30);
  });
});

describe("scrolling", () => {
  it("moves no further than it must to show a row", () => {
    const viewport = view({ scrollTop: 1_000 });
    assert.equal(scrollToShow(55, viewport), 1_000);
    assert.equal(scrollToShow(10, viewport), 200);
    assert.equal(scrollToShow(60, viewport), 1_020);
  });

  it("knows the end, give or take half a row", () => {
    const end = scrollToEnd(view());
    assert.equal(end, 19_800);
    assert.equal(isAtEnd(view({ scrollTop: end - 9 })), true);
    assert.equal(isAtEnd(view({ scrollTop: end - 11 })), false);
    assert.equal(isAtEnd(view({ total: 3 })), true);
  });

  it("knows how many rows are below, none of which is seen", () => {
    assert.equal(rowsBelow(view()), 990);
    assert.equal(rowsBelow(view({ scrollTop: 19_799 })), 1);
    assert.equal(rowsBelow(view({ scrollTop: 19_800 })), 0);
    assert.equal(rowsBelow(view({ total: 3 })), 0);
  });
});

describe("a list too tall for a browser", () => {
  const huge = view({ total: 5_000_000 });

  it("is drawn in an area of bounded height", () => {
    assert.equal(scrollHeight(huge), tallest);
  });

  it("shows its first row at the top and its last at the end", () => {
    assert.equal(drawnRange(huge).first, 0);
    const end = { ...huge, scrollTop: scrollToEnd(huge) };
    const drawn = drawnRange(end);
    assert.equal(drawn.end, 5_000_000);
    const lastRowBottom = drawn.top + (drawn.end - drawn.first) * huge.rowHeight;
    assert.ok(Math.abs(lastRowBottom - tallest) < 0.01);
  });

  it("reaches any row", () => {
    for (const offset of [0, 1, 123_456, 2_500_000, 4_999_980]) {
      const scrollTop = scrollToTop(offset, huge);
      assert.ok(Math.abs(firstInView({ ...huge, scrollTop: scrollTop + 0.01 }) - offset) <= 1, `row ${offset}`);
    }
  });
});
