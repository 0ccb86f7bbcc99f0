import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { longestShape, shapeOf } from "../../../../../src/core/diagnose/shapes/shapeOf.ts";
import { usualDelivery } from "../../../../support/oddDeliveries.ts";

/** What a shape may say, apart from names of Zoho's API: with these taken out, nothing is left of any value. */
const vocabulary = new RegExp(
  [
    ...["text", "list", "of", "or", "null", "boolean", "whole", "number", "nothing", "empty", "digits", "lowercase"],
    ...["uppercase", "capitalised", "with", "underscores", "name", "time", "date", "address", "HTML", "broken", "JSON"],
    ...["letters", "and", "mixed", "over", "id"],
  ]
    .map(word => `\\b${word}\\b`)
    .join("|"),
  "g",
);

/** Texts that a person would not want to see elsewhere; none is a word of a shape. */
const personal = fc.oneof(
  fc.string({ minLength: 6, unit: "grapheme" }).map(text => `q${text}z`),
  fc.emailAddress(),
  fc.uuid(),
  fc.webUrl(),
  fc.bigInt({ min: 10n ** 15n, max: 2n ** 63n - 1n }).map(String),
  fc.ipV4(),
);
const number = fc.integer({ min: 10_000_001 });

const value = fc.letrec(tie => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    personal,
    number,
    fc.constantFrom(null, true, 0.5),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(personal, fc.constantFrom("ids", "operation", "__proto__")), tie("tree"), { maxKeys: 4 }),
  ),
})).tree;

function leavesOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(leavesOf);
  if (typeof node === "object" && node !== null)
    return Object.entries(node).flatMap(([key, one]) => [key, ...leavesOf(one)]);
  return [String(node)];
}

describe("the shape of a value", () => {
  it("has names and types as Zoho's API has them", () => {
    assert.equal(
      shapeOf({ ...usualDelivery, operation: "restore", module: null }),
      "{affected_fields: list(1) of {<id>: list(1) of text(5, capitalised)}, " +
        "affected_values: list(1) of {record_id: text(19, digits), values: {<name>: text(8, mixed)}}, " +
        "channel_id: text(19, digits), ids: list(1) of text(19, digits), module: null, operation: text(7, lowercase), " +
        "query_params: {}, resource_uri: text(21–100, address), server_time: whole number, token: text(17, mixed)}",
    );
  });

  it("says alternatives, and which members are not always there", () => {
    const items = [{ id: "1", type: null }, { id: 5 }, "x"];
    assert.equal(
      shapeOf(items),
      "list(2–10) of ({id: text(1, digits) or whole number, type?: null} or text(1, lowercase))",
    );
  });

  it("says of text what it looks like", () => {
    assert.equal(shapeOf("<html><body>Asha</body></html>"), "text(21–100, HTML)");
    assert.equal(shapeOf('{"watch": [{"token": "s3cret"'), "text(21–100, broken JSON)");
    assert.equal(shapeOf(""), "text(empty)");
  });

  it("lets nothing of any value or foreign name through", () => {
    fc.assert(
      fc.property(value, tree => {
        const shape = shapeOf(tree);
        for (const leaf of leavesOf(tree).filter(
          text => text.length >= 6 && !/^(?:ids|operation|__proto__)$/.test(text),
        )) {
          assert.ok(!shape.includes(leaf), `${leaf} in ${shape}`);
        }
        const rest = shape.replaceAll(vocabulary, "").replaceAll(/\b(?:ids|operation)\b/g, "");
        assert.match(rest, /^[\d\s{}()<>,:?–…]*$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is the same for deliveries that differ in values only", () => {
    const other = { ...usualDelivery, token: "another-of-the-te", server_time: 1, ids: ["1234567890123456789"] };
    assert.equal(shapeOf(other), shapeOf(usualDelivery));
  });

  it("is bounded, however deep, wide or long the value", () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_each, index) => [`F${index}`, [index]]));
    let deep: unknown = 1;
    for (let depth = 0; depth < 5_000; depth++) deep = { data: [deep] };
    for (const one of [wide, deep, Array.from({ length: 100_000 }, () => wide), "x".repeat(10_000_000)]) {
      assert.ok(shapeOf(one).length <= longestShape);
    }
  });
});
