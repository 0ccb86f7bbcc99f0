import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FieldChange, fieldChanges } from "../../../src/webview/detail/fieldChanges.ts";
import { JsonSource } from "../../../src/base/jsonSource.ts";

function changesIn(text: string): FieldChange[] {
  const parsed = JsonSource.parse(text);
  assert.ok(parsed.ok);
  return fieldChanges(parsed.value);
}

describe("the changed fields of a notification", () => {
  it("come with their new values as written", () => {
    const text = `{"affected_fields":[{"9":["Phone","Amount"]}],
      "affected_values":[{"record_id":"9","values":{"Amount":12345678901234567890,"Phone":"555-1111"}}]}`;
    assert.deepEqual(changesIn(text), [
      { recordId: "9", field: "Phone", value: '"555-1111"' },
      { recordId: "9", field: "Amount", value: "12345678901234567890" },
    ]);
  });

  it("come without values where the body has none", () => {
    assert.deepEqual(changesIn('{"affected_fields":[{"9":["Phone"]}]}'), [{ recordId: "9", field: "Phone" }]);
  });

  it("include values of fields that are not named, and ids that are numbers", () => {
    const text = '{"affected_values":[{"record_id":6756839000000575405,"values":{"Stage":null}}]}';
    assert.deepEqual(changesIn(text), [{ recordId: "6756839000000575405", field: "Stage", value: "null" }]);
  });

  it("are none in a body of another shape", () => {
    for (const text of ["[]", "5", '{"affected_fields":5,"affected_values":[null,{"record_id":1}]}']) {
      assert.deepEqual(changesIn(text), []);
    }
  });
});
