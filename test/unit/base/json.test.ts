import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseJson } from "../../../src/base/json.ts";

function valueOf(text: string): unknown {
  const parsed = parseJson(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

describe("parseJson", () => {
  it("gives integers beyond a double's reach as their digits", () => {
    assert.deepEqual(valueOf('{"channel_id":1105420521999070702,"low":-9007199254740993}'), {
      channel_id: "1105420521999070702",
      low: "-9007199254740993",
    });
  });

  it("leaves integers that a double holds exactly, and fractions, as numbers", () => {
    assert.deepEqual(
      valueOf("[0, -1, 9007199254740991, 1.5, 1e3, 12345678901234567890.5]"),
      [0, -1, 9007199254740991, 1.5, 1000, 12345678901234567890.5],
    );
  });

  it("takes the same for an integer as the engine does, whatever stands around it", () => {
    const integer = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(value => ({ text: String(value), value }));
    fc.assert(
      fc.property(
        fc.array(integer),
        fc.string(),
        fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }),
        (all, name, number) => {
          const numbers = all.map(({ text }) => text).join(", ");
          const json = `{"list":[${numbers}],${JSON.stringify(`${name}\\"1234567890123456789`)}:${JSON.stringify(number)}}`;
          const list = all.map(({ text, value }) => (Number.isSafeInteger(Number(value)) ? Number(value) : text));
          assert.deepEqual(valueOf(json), { list, [`${name}\\"1234567890123456789`]: Number(JSON.stringify(number)) });
        },
      ),
    );
    const odd = "[0.12345678901234567890, 1e12345678901234567890, 1e-12345678901234567890, -0]";
    assert.deepEqual(valueOf(odd), JSON.parse(odd));
  });

  it("takes no notice of where in a long text an integer stands, and of what strings beside it say", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), fc.string(), (texts, last) => {
        const strings = [...texts, String.raw`\\"[{-1234567890123456789`, "x".repeat(5_000), last];
        const json = `[${strings.map(text => JSON.stringify(text)).join(",")},-1234567890123456789,{"a":[12345678901234567]}]`;
        assert.deepEqual(valueOf(json), [...strings, "-1234567890123456789", { a: ["12345678901234567"] }]);
      }),
    );
  });

  it("leaves digits inside of strings alone", () => {
    assert.equal(valueOf('"1105420521999070702"'), "1105420521999070702");
  });

  it("takes __proto__ for a name like any other", () => {
    const value = valueOf('{"__proto__":{"polluted":1}}');
    assert.deepEqual(Object.keys(value as object), ["__proto__"]);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });

  it("says where a text stops being JSON", () => {
    const parsed = parseJson('{"a": 1,}');
    assert.ok(!parsed.ok);
    assert.equal(parsed.error.position, 8);
  });

  it("fails on nesting that is too deep instead of overflowing the stack", () => {
    const depth = 200_000;
    const parsed = parseJson("[".repeat(depth) + "]".repeat(depth));
    assert.equal(parsed.ok, false);
  });
});
