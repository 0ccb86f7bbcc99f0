import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonSource } from "../../../src/base/jsonSource.ts";
import { treeAction } from "../../../src/webview/detail/treeKeys.ts";
import { TreeModel, pathOf } from "../../../src/webview/detail/treeModel.ts";

function sourceOf(text: string): JsonSource {
  const parsed = JsonSource.parse(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

/** With its lines laid out, at the beginning and after each change. */
class LaidOut extends TreeModel {
  constructor(source: JsonSource, expanded?: readonly number[]) {
    super(source, expanded);
    this.settle();
  }

  /** Lays the lines out, and tells in how many pieces. */
  settle(): number {
    return [...this.layOut()].length + 1;
  }
}

function tree(value: unknown, expanded?: readonly number[]): LaidOut {
  return new LaidOut(sourceOf(JSON.stringify(value)), expanded);
}

function labels(model: TreeModel): string[] {
  return Array.from({ length: model.length }, (_each, row) => {
    const line = model.line(row);
    return `${"  ".repeat((line?.depth ?? 1) - 1)}${line?.label ?? ""}`;
  });
}

/** Its values in the order in which they begin: 0 all, 1 a, 2 b, 3 c, 4 d, 5 e. */
const sample = { a: 1, b: { c: { d: 2 } }, e: [] };

describe("the tree of a body", () => {
  it("opens with the entries of the root and what they hold", () => {
    assert.deepEqual(labels(tree(sample)), ["a", "b", "  c", "e"]);
  });

  it("opens and closes one level at a time", () => {
    const model = tree(sample, []);
    assert.deepEqual(labels(model), ["a", "b", "e"]);
    model.expand(2);
    model.expand(3);
    assert.deepEqual(labels(model), ["a", "b", "e"]);
    model.settle();
    assert.deepEqual(labels(model), ["a", "b", "  c", "    d", "e"]);
    model.toggle(2);
    model.settle();
    assert.deepEqual(labels(model), ["a", "b", "e"]);
    model.collapse(3);
    model.toggle(2);
    model.settle();
    assert.deepEqual(labels(model), ["a", "b", "  c", "e"]);
  });

  it("is one line when the body is a scalar or empty", () => {
    assert.equal(tree("text").length, 1);
    assert.equal(tree({}).length, 1);
    assert.equal(tree("text").line(0)?.size, undefined);
  });

  it("tells the place of a line among its siblings", () => {
    const line = tree(sample).line(1);
    assert.deepEqual([line?.position, line?.siblings, line?.size, line?.isExpanded], [2, 3, 1, true]);
  });

  it("names the elements of an array by their index", () => {
    const model = tree({ list: ["x", { y: 1 }] });
    assert.deepEqual(labels(model), ["list", "  0", "  1"]);
    assert.equal(model.line(1)?.isIndex, true);
    assert.equal(model.line(0)?.isIndex, false);
  });

  it("has a line for each of many entries, and opens only what is not too much", () => {
    const rows = Array.from({ length: 100_000 }, (_each, index) => ({ id: index }));
    const model = tree(rows);
    assert.equal(model.length, 100_000);
    assert.equal(model.line(99_999)?.label, "99999");
    assert.equal(model.line(0)?.isExpanded, false);
    assert.ok(model.settle() > 10);
  });

  it("tells repeated keys apart", () => {
    const source = sourceOf('{"a":{"x":1},"a":{"y":2}}');
    const model = new LaidOut(source, [3]);
    assert.deepEqual(labels(model), ["a", "a", "  y"]);
  });

  it("brings a value into view by opening all that it is in, at any depth", () => {
    const depth = 10_000;
    const source = sourceOf(`${"[".repeat(depth)}7${"]".repeat(depth)}`);
    const model = new LaidOut(source);
    assert.equal(model.length, 2);
    model.reveal(depth);
    model.settle();
    assert.equal(model.length, depth);
    assert.equal(model.rowOf(depth), depth - 1);
    assert.equal(model.line(depth - 1)?.depth, depth);
  });

  it("has no row for what is closed", () => {
    assert.equal(tree(sample, []).rowOf(4), undefined);
    assert.equal(tree(sample, [2, 3]).rowOf(4), 3);
  });
});

describe("the way to a value", () => {
  it("is written as programs write it", () => {
    const source = sourceOf('{"affected_values":[{"values":{"Stage":1,"odd key":[2],"__proto__":3}}]}');
    const paths = Array.from({ length: source.size }, (_each, node) => pathOf(source, node));
    assert.deepEqual(paths, [
      "",
      "affected_values",
      "affected_values[0]",
      "affected_values[0].values",
      "affected_values[0].values.Stage",
      'affected_values[0].values["odd key"]',
      'affected_values[0].values["odd key"][0]',
      "affected_values[0].values.__proto__",
    ]);
  });
});

describe("keys in the tree", () => {
  // a, b, c, e: of these, c is closed and e is empty.
  const model = tree(sample);
  const key = (name: string, row: number): unknown => treeAction(name, model, row, 2);

  it("move along the lines that are open", () => {
    assert.deepEqual(key("ArrowDown", 1), { kind: "focus", row: 2 });
    assert.deepEqual(key("ArrowUp", 1), { kind: "focus", row: 0 });
    assert.equal(key("ArrowUp", 0), undefined);
    assert.equal(key("ArrowDown", 3), undefined);
    assert.deepEqual(key("End", 0), { kind: "focus", row: 3 });
    assert.deepEqual(key("Home", 3), { kind: "focus", row: 0 });
    assert.deepEqual(key("PageDown", 0), { kind: "focus", row: 2 });
    assert.deepEqual(key("PageUp", 1), { kind: "focus", row: 0 });
    assert.equal(key("x", 1), undefined);
  });

  it("open to the right, then step in", () => {
    assert.deepEqual(key("ArrowRight", 2), { kind: "expand", row: 2 });
    assert.deepEqual(key("ArrowRight", 1), { kind: "focus", row: 2 });
    assert.equal(key("ArrowRight", 0), undefined);
    assert.equal(key("ArrowRight", 3), undefined);
  });

  it("close to the left, then step out", () => {
    assert.deepEqual(key("ArrowLeft", 1), { kind: "collapse", row: 1 });
    assert.deepEqual(key("ArrowLeft", 2), { kind: "focus", row: 1 });
    assert.equal(key("ArrowLeft", 0), undefined);
  });

  it("act on the line with Enter and the space bar", () => {
    assert.deepEqual(key("Enter", 1), { kind: "activate", row: 1 });
    assert.deepEqual(key(" ", 1), { kind: "activate", row: 1 });
  });
});
