import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mostRemembered, recall, remember } from "../../../src/webview/filter/filterHistory.ts";
import { suggest } from "../../../src/webview/filter/suggestions.ts";

describe("filters that were typed before", () => {
  it("are remembered once each, the newest first, and not without end", () => {
    assert.deepEqual(remember(["a", "b"], " b "), ["b", "a"]);
    const many = Array.from({ length: 50 }, (_each, index) => `id:${index}`).reduce<readonly string[]>(remember, []);
    assert.equal(many.length, mostRemembered);
    assert.equal(many[0], "id:49");
  });

  it("are not changed by an empty one", () => {
    const history = ["a"];
    assert.equal(remember(history, "  "), history);
  });

  it("come back by any part of them, but not as what is there already", () => {
    assert.deepEqual(recall(["module:Deals", "module:Leads", "Deals"], "deals"), ["module:Deals", "Deals"]);
    assert.deepEqual(recall(["module:Deals"], "module:Deals "), []);
  });
});

describe("what is offered below the filter box", () => {
  it("replaces the piece at the cursor, and leaves a blank to type on after a value", () => {
    const [first] = suggest("module:De -token:bad", { from: 7, to: 9, options: ["Deals"] }, []);
    assert.deepEqual([first?.text, first?.cursor], ["module:Deals -token:bad", 12]);
    const [value] = suggest("module:De", { from: 7, to: 9, options: ["Deals"] }, []);
    assert.deepEqual([value?.text, value?.cursor], ["module:Deals ", 13]);
  });

  it("leaves a key open for its value", () => {
    const [key] = suggest("mod", { from: 0, to: 3, options: ["module:"] }, []);
    assert.deepEqual([key?.text, key?.cursor], ["module:", 7]);
  });

  it("begins with earlier filters when nothing is typed, and ends with them otherwise", () => {
    const completions = { from: 0, to: 0, options: ["module:"] };
    const kinds = suggest("", completions, ["is:pinned"]).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["earlier", "completion"]);
    const typed = suggest("m", { from: 0, to: 1, options: ["module:"] }, ["module:Deals", "id:7"]);
    assert.deepEqual(
      typed.map(({ label }) => label),
      ["module:", "module:Deals"],
    );
  });

  it("does not offer what stands there", () => {
    assert.deepEqual(suggest("module:Deals", { from: 7, to: 12, options: ["Deals"] }, []), []);
  });
});
