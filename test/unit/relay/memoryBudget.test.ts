import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryBudget } from "../../../src/relay/memoryBudget.ts";

describe("a budget of bytes", () => {
  it("is spent by all together", () => {
    const budget = new MemoryBudget(100);
    const [one, other, third] = [budget.hold("a"), budget.hold("b"), budget.hold("c")];
    assert.deepEqual([one.add(50), other.add(50), third.add(1)], [true, true, false]);
    assert.equal(budget.held, 101);
    third.release();
    assert.ok(one.hasRoom() && third.hasRoom());
  });

  it("gives one owner half of it, and the rest to others", () => {
    const budget = new MemoryBudget(100);
    const [first, second] = [budget.hold("channel", "one address"), budget.hold("channel", "another address")];
    assert.deepEqual([first.add(40), second.add(11)], [true, false]);
    assert.ok(!first.hasRoom() && budget.hold("one address").hasRoom() && budget.hold("another channel").hasRoom());
    second.remove(1);
    assert.ok(first.hasRoom() && second.hasRoom());
  });

  it("remembers nobody who holds nothing", () => {
    const budget = new MemoryBudget(100);
    const hold = budget.hold("channel");
    hold.add(60);
    hold.release();
    hold.release();
    assert.equal(budget.held, 0);
    assert.ok(budget.hold("channel").hasRoom());
  });
});
