import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import {
  type FieldKind,
  type FieldValue,
  type RecordField,
  readTyped,
  recordFieldsSchema,
} from "../../../../src/core/sandbox/recordFields.ts";

function field(kind: FieldKind, changes: Partial<RecordField> = {}): RecordField {
  const name = { apiName: "F", label: "The field", lookupModule: undefined };
  return { ...name, kind, mandatory: false, choices: [], longest: undefined, ...changes };
}

describe("what is typed for a field", () => {
  const good: readonly (readonly [FieldKind, string, FieldValue])[] = [
    ["integer", "42", 42],
    ["integer", "-7", -7],
    ["decimal", "99.5", 99.5],
    ["date", "2028-02-29", "2028-02-29"],
    ["datetime", "2026-03-31 14:30", "2026-03-31T14:30:00+00:00"],
    ["datetime", "2026-03-31T14:30:05+05:30", "2026-03-31T14:30:05+05:30"],
    ["datetime", "2026-03-31T14:30:05Z", "2026-03-31T14:30:05+00:00"],
    ["email", "ines@example.com", "ines@example.com"],
    ["text", "Ünïcode", "Ünïcode"],
    ["text", "", null],
  ];
  for (const [kind, typed, value] of good) {
    it(`“${typed}” is a ${kind}`, () => assert.deepEqual(readTyped(field(kind), typed), { ok: true, value }));
  }

  const bad: readonly (readonly [FieldKind, string, RegExp])[] = [
    ["integer", "4.2", /whole number/],
    ["integer", "1234567890", /at most nine digits/],
    ["decimal", "1,5", /Type a number/],
    ["date", "2026-02-30", /year-month-day/],
    ["date", "31.3.2026", /year-month-day/],
    ["datetime", "2026-03-31", /day and a time/],
    ["datetime", "2026-03-31 25:00", /day and a time/],
    ["email", "ines", /e-mail address/],
  ];
  for (const [kind, typed, sentence] of bad) {
    it(`“${typed}” is no ${kind}, and the sentence says what would be`, () => {
      const read = readTyped(field(kind), typed);
      assert.ok(!read.ok);
      assert.match(read.error, sentence);
    });
  }

  it("may not be empty where a value is mandatory, nor longer than the CRM takes", () => {
    assert.deepEqual(readTyped(field("text", { mandatory: true }), ""), {
      ok: false,
      error: "The field needs a value.",
    });
    const long = readTyped(field("text", { longest: 3 }), "four");
    assert.deepEqual(long, { ok: false, error: "At most 3 characters; these are 4." });
  });
});

describe("the fields of a module", () => {
  it("are those that can be set, mandatory ones first, with what a form needs", () => {
    const wire = (api_name: string, data_type: string, more: object = {}): object => ({
      id: "1",
      api_name,
      data_type,
      ...more,
    });
    const fields = v.parse(recordFieldsSchema, {
      fields: [
        wire("Modified_Time", "datetime", { read_only: true }),
        wire("Stage", "picklist", { pick_list_values: [{ actual_value: "-None-" }, { actual_value: "Won" }] }),
        wire("Account_Name", "lookup", { lookup: { module: { api_name: "Accounts" } } }),
        wire("Last_Name", "text", { system_mandatory: true, length: 80, field_label: "Last name" }),
        wire("Website", "website", { lookup: {} }),
      ],
    });
    assert.deepEqual(
      fields.map(({ apiName, kind, choices, lookupModule, longest }) => [
        apiName,
        kind,
        choices,
        lookupModule,
        longest,
      ]),
      [
        ["Last_Name", "text", [], undefined, 80],
        ["Stage", "choice", ["Won"], undefined, undefined],
        ["Account_Name", "lookup", [], "Accounts", undefined],
        ["Website", "text", [], undefined, undefined],
      ],
    );
  });
});
