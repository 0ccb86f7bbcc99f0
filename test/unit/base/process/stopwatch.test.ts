import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatSpent, startStopwatch } from "../../../../src/base/process/stopwatch.ts";

describe("a stopwatch", () => {
  it("tells elapsed time, and the processor's share of it", () => {
    const spent = startStopwatch();
    const until = performance.now() + 30;
    while (performance.now() < until);
    const { elapsed, processor } = spent();
    assert.ok(elapsed >= 30, `${elapsed}`);
    assert.ok(processor !== undefined && processor > 0, `${processor}`);
  });

  it("may be asked more than once, and counts from its start each time", () => {
    const spent = startStopwatch();
    const first = spent();
    assert.ok(spent().elapsed >= first.elapsed);
  });

  it("knows nothing of the processor where Node does not tell", test => {
    const told = Object.getOwnPropertyDescriptor(process, "threadCpuUsage");
    Reflect.deleteProperty(process, "threadCpuUsage");
    test.after(() => Object.defineProperty(process, "threadCpuUsage", told ?? {}));
    assert.equal(startStopwatch()().processor, undefined);
  });

  it("says in words what was spent", () => {
    assert.equal(formatSpent({ elapsed: 12.4, processor: 8.6 }), "12 ms (9 of the processor)");
    assert.equal(formatSpent({ elapsed: 12.4, processor: undefined }), "12 ms");
  });
});
