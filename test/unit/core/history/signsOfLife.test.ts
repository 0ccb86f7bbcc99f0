import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute, second } from "../../../../src/base/clock.ts";
import { SignsOfLife } from "../../../../src/core/history/signsOfLife.ts";

const start = Date.UTC(2026, 0, 5, 9);
const patience = 20 * second;

/** Looks every two seconds for so long, as by a clock that begins at `from`: nobody gives a sign meanwhile. */
function watch(signs: SignsOfLife, sign: number, from: number, duration: number): void {
  for (let now = from; now <= from + duration; now += 2 * second) signs.look([["other", sign]], now);
}

describe("somebody who gave a sign of life", () => {
  it("lives until nobody has seen another for so long", () => {
    const signs = new SignsOfLife(patience);
    watch(signs, start, start, patience);
    assert.equal(signs.isAlive("other", start), true);
    watch(signs, start, start + patience + 2 * second, 0);
    assert.equal(signs.isAlive("other", start), false);
  });

  it("lives on with another sign, before and after that is looked at", () => {
    const signs = new SignsOfLife(patience);
    watch(signs, start, start, minute);
    assert.equal(signs.isAlive("other", start + minute), true);
    watch(signs, start + minute, start + minute, patience);
    assert.equal(signs.isAlive("other", start + minute), true);
  });

  for (const jump of [hour, -hour]) {
    it(`is not gone because the clock is set ${jump > 0 ? "forward" : "back"}, but when it gives none from then on`, () => {
      const signs = new SignsOfLife(patience);
      watch(signs, start, start, 2 * second);
      watch(signs, start, start + jump, 12 * second);
      assert.equal(signs.isAlive("other", start), true);
      watch(signs, start, start + jump + 14 * second, 4 * second);
      assert.equal(signs.isAlive("other", start), false);
    });

    it(`is waited for a moment where the first sign that is seen is an hour ${jump > 0 ? "old" : "ahead"}`, () => {
      const signs = new SignsOfLife(patience);
      watch(signs, start, start + jump, 2 * second);
      assert.equal(signs.isAlive("other", start), true);
      watch(signs, start, start + jump + 4 * second, 0);
      assert.equal(signs.isAlive("other", start), false);
    });
  }

  it("lives where nobody looked yet", () => {
    assert.equal(new SignsOfLife(patience).isAlive("other", start), true);
  });
});
