import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonSource } from "../../../../../src/base/jsonSource.ts";
import {
  type NamedField,
  actorNamed,
  mostNamedFields,
  namedFields,
} from "../../../../../src/core/inspector/detail/namedFields.ts";
import { parseNotification } from "../../../../../src/zoho/notification.ts";
import { valueOf } from "../../../zoho/scriptedTransport.ts";

function sourceOf(text: string): JsonSource {
  const parsed = JsonSource.parse(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

/** Of a notification with these members beside its marks. */
function fieldsIn(members: string): NamedField[] {
  const text = members.replace("{", '{"ids":[],"operation":"edit","channel_id":"1",');
  return namedFields(sourceOf(text), valueOf(parseNotification(text)).changes);
}

describe("the changed fields of a notification", () => {
  it("come with their new values as written", () => {
    const text = `{"affected_fields":[{"9":["Phone","Amount"]}],
      "affected_values":[{"record_id":"9","values":{"Amount":12345678901234567890,"Phone":"555-1111"}}]}`;
    assert.deepEqual(fieldsIn(text), [
      { recordId: "9", field: "Phone", value: '"555-1111"' },
      { recordId: "9", field: "Amount", value: "12345678901234567890" },
    ]);
  });

  it("come without values where the body has none", () => {
    assert.deepEqual(fieldsIn('{"affected_fields":[{"9":["Phone"]}]}'), [{ recordId: "9", field: "Phone" }]);
  });

  it("include values of fields that are not named, and ids that are numbers", () => {
    const text = '{"affected_values":[{"record_id":6756839000000575405,"values":{"Stage":null}}]}';
    assert.deepEqual(fieldsIn(text), [{ recordId: "6756839000000575405", field: "Stage", value: "null" }]);
  });

  it("are none in a body of another shape", () => {
    assert.deepEqual(fieldsIn('{"affected_fields":5,"affected_values":[null,{"record_id":1}]}'), []);
  });

  it("are read without lists around them, as the notification is", () => {
    const text = '{"affected_fields":{"9":"Phone"},"affected_values":{"record_id":"9","values":{"Phone":1}}}';
    assert.deepEqual(fieldsIn(text), [{ recordId: "9", field: "Phone", value: "1" }]);
  });

  it("take prototype names as the names they are", () => {
    const text = '{"affected_values":[{"record_id":"9","values":{"__proto__":1,"constructor":2}}]}';
    assert.deepEqual(
      fieldsIn(text).map(({ field, value }) => [field, value]),
      [
        ["__proto__", "1"],
        ["constructor", "2"],
      ],
    );
  });

  it("are cut where a stranger names too many", () => {
    const names = Array.from({ length: mostNamedFields + 5 }, (_each, index) => `F${index}`);
    assert.equal(fieldsIn(JSON.stringify({ affected_fields: [{ "9": names }] })).length, mostNamedFields);
  });
});

describe("who made the change", () => {
  it("is named by the values of who modified or created", () => {
    const by = (values: object): string | undefined =>
      actorNamed(sourceOf(JSON.stringify({ affected_values: [{ record_id: "9", values }] })));
    assert.equal(by({ Modified_By: { name: "Asha", id: "1" }, Created_By: { name: "Ben" } }), "Asha");
    assert.equal(by({ Created_By: { name: "Ben", id: "2" } }), "Ben");
    assert.equal(by({ Modified_By: null }), undefined);
    assert.equal(by({ Modified_By: { name: 5 } }), undefined);
  });
});
