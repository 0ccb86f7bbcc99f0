import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Condition,
  combine,
  conditionFaults,
  conditionWords,
  isSameCondition,
  moduleOfCondition,
  readCondition,
  writeCondition,
} from "../../../../src/core/subscriptions/condition.ts";

const field = (name: string): Condition => ({ kind: "field", field: name });

/** The example of Zoho's documentation in shape: one field, or two others together. */
const asZohoHasIt = {
  type: "field_selection",
  module: { api_name: "Deals", id: "3652397000000002181" },
  field_selection: {
    group_operator: "or",
    group: [
      { field: { api_name: "Stage", id: "3652397000000002565" } },
      { group_operator: "and", group: [{ field: { api_name: "Amount" } }, { field: { api_name: "Probability" } }] },
    ],
  },
};

describe("a field condition", () => {
  it("is the same as another that differs in the ids that Zoho adds, and in nothing else", () => {
    const shown = {
      ...asZohoHasIt,
      field_selection: {
        ...asZohoHasIt.field_selection,
        group: [
          { field: { api_name: "Stage", id: "1" }, group_operator: null, group: null },
          asZohoHasIt.field_selection.group[1],
        ],
      },
    };
    const { group } = asZohoHasIt.field_selection;
    assert.ok(isSameCondition(asZohoHasIt, shown));
    for (const other of [
      undefined,
      { ...asZohoHasIt, module: { api_name: "Leads" } },
      { ...asZohoHasIt, field_selection: { group_operator: "and", group } },
      { ...asZohoHasIt, field_selection: { group_operator: "or", group: group.toReversed() } },
      { ...asZohoHasIt, field_selection: group[0] },
      { type: "weather" },
    ]) {
      assert.ok(!isSameCondition(asZohoHasIt, other), JSON.stringify(other));
      assert.ok(isSameCondition(other, other));
    }
  });

  it("is read as Zoho has it, and written back the same", () => {
    const read = readCondition(asZohoHasIt);
    assert.ok(read !== undefined);
    assert.deepEqual([read.module, read.moduleId], ["Deals", "3652397000000002181"]);
    assert.equal(conditionWords(read.condition), "Stage or (Amount and Probability)");
    assert.deepEqual(writeCondition(read), asZohoHasIt);
  });

  it("of one field has no group", () => {
    const written = writeCondition({ module: "Leads", condition: field("Phone") });
    assert.deepEqual(written, {
      type: "field_selection",
      module: { api_name: "Leads" },
      field_selection: { field: { api_name: "Phone" } },
    });
    assert.deepEqual(readCondition(written)?.condition, field("Phone"));
  });

  it("of many is nested, as a group has two entries, and read as one list", () => {
    const all = combine("or", ["A", "B", "C", "D"].map(field));
    assert.ok(all?.kind === "or");
    assert.equal(all.members.length, 2);
    assert.equal(conditionWords(all), "A or B or C or D");
    assert.equal(combine("and", []), undefined);
  });

  it("of a kind that is not known here is not guessed at, but its module is known", () => {
    assert.equal(readCondition({ ...asZohoHasIt, type: "value_match" }), undefined);
    assert.equal(moduleOfCondition({ ...asZohoHasIt, type: "value_match" }), "Deals");
    assert.equal(readCondition({ ...asZohoHasIt, field_selection: { group_operator: "or", group: [] } }), undefined);
    assert.equal(moduleOfCondition("nonsense"), undefined);
  });

  it("says in sentences why Zoho would not take it", () => {
    const many = combine(
      "or",
      Array.from({ length: 11 }, (_, index) => field(`F${index}`)),
    );
    assert.ok(many !== undefined);
    assert.deepEqual(conditionFaults(many), ["Zoho takes at most 10 fields; these are 11."]);
    const twice = combine("and", [field("A"), field("B"), field("A")]);
    assert.ok(twice !== undefined);
    assert.deepEqual(conditionFaults(twice, ["A"]), ["A is there more than once.", "The module has no field B."]);
    assert.deepEqual(conditionFaults(field("A"), ["A"]), []);
  });
});
