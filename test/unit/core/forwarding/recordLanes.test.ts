import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Laned, RecordLanes } from "../../../../src/core/forwarding/recordLanes.ts";

interface Named extends Laned {
  readonly name: string;
}

const job = (name: string, ...lanes: string[]): Named => ({ name, lanes });

describe("lanes", () => {
  it("let jobs of one record go one after another, and others at once", () => {
    const started: string[] = [];
    const lanes = new RecordLanes<Named>(({ name }) => started.push(name));
    const [a1, a2, b1] = [job("a1", "a"), job("a2", "a"), job("b1", "b")];
    for (const each of [a1, a2, b1]) lanes.add(each);
    assert.deepEqual(started, ["a1", "b1"]);
    lanes.finish(a1);
    assert.deepEqual(started, ["a1", "b1", "a2"]);
  });

  it("hold back a job of several records until it is first in all of them", () => {
    const started: string[] = [];
    const lanes = new RecordLanes<Named>(({ name }) => started.push(name));
    const [a, b, both, after] = [job("a", "a"), job("b", "b"), job("both", "a", "b"), job("after", "b")];
    for (const each of [a, b, both, after]) lanes.add(each);
    lanes.finish(a);
    assert.deepEqual(started, ["a", "b"]);
    lanes.finish(b);
    assert.deepEqual(started, ["a", "b", "both"]);
    lanes.finish(both);
    assert.deepEqual(started, ["a", "b", "both", "after"]);
  });

  it("let nobody wait for a job that was taken out", () => {
    const started: string[] = [];
    const lanes = new RecordLanes<Named>(({ name }) => started.push(name));
    const [a1, a2, a3] = [job("a1", "a"), job("a2", "a"), job("a3", "a")];
    for (const each of [a1, a2, a3]) lanes.add(each);
    lanes.finish(a2);
    lanes.finish(a1);
    assert.deepEqual(started, ["a1", "a3"]);
  });

  it("keep order in every lane and forget no job, whatever the lanes", () => {
    const lists = fc.array(fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 3 }), { maxLength: 12 });
    fc.assert(
      fc.property(lists, fc.infiniteStream(fc.nat()), (each, choices) => {
        const running: Named[] = [];
        const ended: Named[] = [];
        const lanes = new RecordLanes<Named>(started => running.push(started));
        const jobs = each.map((names, index) => job(String(index), ...names));
        for (const added of jobs) lanes.add(added);
        while (running.length > 0) {
          const index = Number(choices.next().value) % running.length;
          const [next] = running.splice(index, 1);
          if (next === undefined) break;
          ended.push(next);
          lanes.finish(next);
        }
        assert.equal(ended.length, jobs.length);
        for (const lane of ["a", "b", "c"]) {
          const order = (all: readonly Named[]): string[] =>
            all.filter(({ lanes: own }) => own.includes(lane)).map(({ name }) => name);
          assert.deepEqual(order(ended), order(jobs));
        }
      }),
    );
  });
});
