import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonSource } from "../../../src/base/jsonSource.ts";
import { treeAction } from "../../../src/webview/detail/treeKeys.ts";
import { TreeModel, entriesAtOnce } from "../../../src/webview/detail/treeModel.ts";

function tree(value: unknown, expanded?: readonly string[]): TreeModel {
  const parsed = JsonSource.parse(JSON.stringify(value));
  assert.ok(parsed.ok);
  return new TreeModel(parsed.value, expanded);
}

function labels(model: TreeModel): string[] {
  return model.lines().map(line => `${"  ".repeat(line.depth - 1)}${line.kind === "value" ? line.label : "…"}`);
}

const sample = { a: 1, b: { c: { d: 2 } }, e: [] };

describe("the tree of a body", () => {
  it("opens with the entries of the root and what they hold", () => {
    assert.deepEqual(labels(tree(sample)), ["a", "b", "  c", "e"]);
  });

  it("opens and closes one level at a time", () => {
    const model = tree(sample, []);
    assert.deepEqual(labels(model), ["a", "b", "e"]);
    model.expand("$/1");
    model.expand("$/1/0");
    assert.deepEqual(labels(model), ["a", "b", "  c", "    d", "e"]);
    model.toggle("$/1");
    assert.deepEqual(labels(model), ["a", "b", "e"]);
  });

  it("is one line when the body is a scalar or empty", () => {
    assert.equal(tree("text").lines().length, 1);
    assert.equal(tree({}).lines().length, 1);
  });

  it("tells the place of a line among its siblings", () => {
    const line = tree(sample).lines()[1];
    assert.ok(line?.kind === "value");
    assert.deepEqual([line.position, line.siblings, line.size, line.isExpanded], [2, 3, 1, true]);
  });

  it("draws a long array in parts", () => {
    const model = tree(Array.from({ length: 1_000 }, (_each, index) => index));
    const before = model.lines();
    const more = before.at(-1);
    assert.equal(before.length, entriesAtOnce + 1);
    assert.ok(more?.kind === "more");
    assert.equal(more.remaining, 1_000 - entriesAtOnce);
    model.showMore(more.path);
    assert.equal(model.lines().length, 2 * entriesAtOnce + 1);
  });

  it("tells repeated keys apart", () => {
    const parsed = JsonSource.parse('{"a":{"x":1},"a":{"y":2}}');
    assert.ok(parsed.ok);
    const model = new TreeModel(parsed.value, ["$/1"]);
    assert.deepEqual(labels(model), ["a", "a", "  y"]);
  });
});

describe("keys in the tree", () => {
  const lines = tree(sample).lines();
  const key = (name: string, path: string): unknown => treeAction(name, lines, path);

  it("move along the lines that are open", () => {
    assert.deepEqual(key("ArrowDown", "$/1"), { kind: "focus", path: "$/1/0" });
    assert.deepEqual(key("ArrowUp", "$/1"), { kind: "focus", path: "$/0" });
    assert.equal(key("ArrowUp", "$/0"), undefined);
    assert.deepEqual(key("End", "$/0"), { kind: "focus", path: "$/2" });
    assert.deepEqual(key("Home", "$/2"), { kind: "focus", path: "$/0" });
  });

  it("open to the right, then step in", () => {
    assert.deepEqual(key("ArrowRight", "$/1/0"), { kind: "expand", path: "$/1/0" });
    assert.deepEqual(key("ArrowRight", "$/1"), { kind: "focus", path: "$/1/0" });
    assert.equal(key("ArrowRight", "$/0"), undefined);
    assert.equal(key("ArrowRight", "$/2"), undefined);
  });

  it("close to the left, then step out", () => {
    assert.deepEqual(key("ArrowLeft", "$/1"), { kind: "collapse", path: "$/1" });
    assert.deepEqual(key("ArrowLeft", "$/1/0"), { kind: "focus", path: "$/1" });
    assert.equal(key("ArrowLeft", "$/0"), undefined);
  });
});
