import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forEachAtOnce } from "../../../src/base/forEachAtOnce.ts";

describe("work on many items", () => {
  it("is done for each once, in their order, and for no more at the same time than wanted", async () => {
    const begun: number[] = [];
    let [running, most] = [0, 0];
    await forEachAtOnce([1, 2, 3, 4, 5, 6, 7], 3, async item => {
      begun.push(item);
      most = Math.max(most, ++running);
      await new Promise(resolve => setImmediate(resolve));
      running -= 1;
    });
    assert.deepEqual(begun, [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual([running, most], [0, 3]);
  });

  it("begins with no other item after a failure, and rejects with it once the rest has ended", async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    const work = forEachAtOnce([1, 2, 3, 4, 5], 2, async item => {
      begun.push(item);
      if (item === 1) throw new Error("the first");
      await new Promise(resolve => setImmediate(resolve));
      ended.push(item);
    });
    await assert.rejects(work, { message: "the first" });
    assert.deepEqual([begun, ended], [[1, 2], [2]]);
  });
});
