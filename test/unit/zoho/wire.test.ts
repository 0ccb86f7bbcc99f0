import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { flagSchema, idSchema, plainFlag, readJson, timeSchema } from "../../../src/zoho/wire.ts";
import { answer, valueOf } from "./scriptedTransport.ts";

function read(schema: v.GenericSchema, value: unknown): unknown {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : "odd";
}

describe("what values of Zoho's answers mean", () => {
  const table: readonly (readonly [name: string, schema: v.GenericSchema, value: unknown, means: unknown])[] = [
    ["an id", idSchema, "1105420521999070702", "1105420521999070702"],
    ["an id", idSchema, "-9223372036854775808", "-9223372036854775808"],
    ["an id", idSchema, "9223372036854775808", "odd"],
    ["an id", idSchema, 9_007_199_254_740_991, "9007199254740991"],
    ["an id", idSchema, -5, "-5"],
    ["an id", idSchema, 2 ** 60, "odd"],
    ["an id", idSchema, 1.5, "odd"],
    ["an id", idSchema, "", "odd"],
    ["an id", idSchema, " 5", "odd"],
    ["an id", idSchema, null, "odd"],
    ["a time", timeSchema, "2026-01-06T14:30:00+05:30", Date.UTC(2026, 0, 6, 9)],
    ["a time", timeSchema, "2026-01-06T14:30:00+0530", Date.UTC(2026, 0, 6, 9)],
    ["a time", timeSchema, "2026-01-06T09:00:00.123Z", Date.UTC(2026, 0, 6, 9, 0, 0, 123)],
    ["a time", timeSchema, "2026-01-06T09:00:00", "odd"],
    ["a time", timeSchema, "2026-01-06", "odd"],
    ["a time", timeSchema, "2026-13-06T09:00:00Z", "odd"],
    ["a time", timeSchema, "1", "odd"],
    ["a time", timeSchema, 1_767_690_000_000, "odd"],
    ["a flag", flagSchema, "TRUE", true],
    ["a flag", flagSchema, "false", false],
    ["a flag", flagSchema, null, undefined],
    ["a flag", flagSchema, undefined, undefined],
    ["a flag", flagSchema, 1, "odd"],
    ["a plain flag", plainFlag, "true", true],
    ["a plain flag", plainFlag, null, false],
    ["a plain flag", plainFlag, {}, false],
  ];
  for (const [name, schema, value, means] of table) {
    it(`${name}: ${JSON.stringify(value)} is ${String(means)}`, () => assert.deepEqual(read(schema, value), means));
  }

  it("a byte order mark before JSON means nothing", () => {
    assert.deepEqual(valueOf(readJson(answer(200, "\uFEFF[1]"))), [1]);
  });
});
