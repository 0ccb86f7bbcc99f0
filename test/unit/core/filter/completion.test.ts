import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { completeFilter } from "../../../../src/core/filter/completion.ts";

const known = {
  module: ["Deals", "Leads", "My Module"],
  field: ["Stage"],
  channel: ["1000000068001"],
  operation: ["update", "restore", "Merge", "insert"],
};

/** The text after taking the first option at the end of `typed`, with all options. */
function complete(typed: string): { readonly options: readonly string[]; readonly taken: string } {
  const { from, to, options } = completeFilter(typed, typed.length, known);
  return { options, taken: typed.slice(0, from) + (options[0] ?? "") + typed.slice(to) };
}

describe("completing a filter", () => {
  it("offers all keys at its beginning and after a blank", () => {
    assert.ok(complete("").options.includes("module:"));
    assert.ok(complete("module:Deals ").options.includes("operation:"));
  });

  it("completes a key, also behind a minus", () => {
    assert.deepEqual(complete("op"), { options: ["operation:"], taken: "operation:" });
    assert.deepEqual(complete("module:Deals -to"), { options: ["token:"], taken: "module:Deals -token:" });
  });

  it("completes names that events have, quoted where that is needed", () => {
    assert.deepEqual(complete("module:d"), { options: ["Deals"], taken: "module:Deals" });
    assert.deepEqual(complete("module:Deals,my"), { options: ['"My Module"'], taken: 'module:Deals,"My Module"' });
    assert.deepEqual(complete("field:").options, ["Stage"]);
  });

  it("completes the words of choices, statuses and times", () => {
    assert.deepEqual(complete("operation:").options, ["create", "edit", "delete", "restore", "Merge", "none"]);
    assert.deepEqual(complete("source:rec"), { options: ["recovered"], taken: "source:recovered" });
    assert.deepEqual(complete("status:5").options, ["5xx"]);
    assert.ok(complete("since:").options.includes("1h"));
  });

  it("offers “none”, last, for what events may not name", () => {
    assert.deepEqual(complete("module:").options, ["Deals", "Leads", '"My Module"', "none"]);
    assert.deepEqual(complete("channel:n").options, ["none"]);
    const many = { ...known, module: Array.from({ length: 50 }, (_each, index) => `Module${index}`) };
    const { options } = completeFilter("module:", 7, many);
    assert.deepEqual([options.length, options.at(-1)], [20, "none"]);
    assert.ok(!complete("field:").options.includes("none"));
  });

  it("offers nothing for text and ids", () => {
    assert.deepEqual(complete("id:36").options, []);
    assert.deepEqual(complete("visit").options, []);
  });
});
