import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseNotification } from "../../../src/zoho/notification.ts";
import { errorOf, valueOf } from "./scriptedTransport.ts";

const live = `{"server_time":1750102639787,"affected_values":[{"record_id":"6756839000000575405","values":{"Phone":"555-1111"}}],
 "query_params":{},"module":"Leads","resource_uri":"https://www.zohoapis.com/crm/v2/Leads","ids":["6756839000000575405"],
 "affected_fields":[{"6756839000000575405":["Phone"]}],"operation":"update","channel_id":"1105420521999070702","token":"t-1"}`;

describe("parseNotification", () => {
  it("reads an update as Zoho sends it", () => {
    assert.deepEqual(valueOf(parseNotification(live)), {
      operation: "edit",
      module: "Leads",
      recordIds: ["6756839000000575405"],
      changes: [{ recordId: "6756839000000575405", fields: ["Phone"], values: { Phone: "555-1111" } }],
      channelId: "1105420521999070702",
      queryParams: {},
      token: "t-1",
      serverTime: 1750102639787,
    });
  });

  it("takes all five words for an operation", () => {
    const read = ["insert", "create", "update", "edit", "delete"].map(
      word => valueOf(parseNotification(live.replace('"update"', `"${word}"`))).operation,
    );
    assert.deepEqual(read, ["create", "create", "edit", "edit", "delete"]);
  });

  it("keeps ids that come as numbers to the digit", () => {
    const text = `{"operation":"insert","module":"Leads","ids":[6756839000000575405,42],"channel_id":1105420521999070702}`;
    const read = valueOf(parseNotification(text));
    assert.deepEqual(read.recordIds, ["6756839000000575405", "42"]);
    assert.equal(read.channelId, "1105420521999070702");
  });

  it("reads a deletion with a null token", () => {
    const text = `{"operation":"delete","module":"Leads","ids":["1"],"channel_id":"2","token":null,
      "affected_fields":[{"1":["Modified_By","Record_Status__s"]}],
      "affected_values":[{"record_id":"1","values":{"Modified_By":{"name":"A","id":"9"},"Record_Status__s":0}}]}`;
    const read = valueOf(parseNotification(text));
    assert.equal(read.token, undefined);
    assert.deepEqual(read.changes[0]?.fields, ["Modified_By", "Record_Status__s"]);
  });

  it("reads what is left when optional parts are missing or of a strange form", () => {
    const text = `{"operation":"edit","module":"Leads","ids":["1"],"channel_id":"2","affected_fields":"?","server_time":"soon","query_params":[]}`;
    const read = valueOf(parseNotification(text));
    assert.deepEqual(read, {
      operation: "edit",
      module: "Leads",
      recordIds: ["1"],
      changes: [],
      channelId: "2",
      queryParams: {},
    });
  });

  it("brings several records of one delivery apart", () => {
    const text = `{"operation":"edit","module":"Leads","ids":["1","2"],"channel_id":"3",
      "affected_fields":[{"1":["A"]},{"2":["B"],"1":["A","C"]}],"affected_values":[{"record_id":"2","values":{"B":1}}]}`;
    assert.deepEqual(valueOf(parseNotification(text)).changes, [
      { recordId: "1", fields: ["A", "C"] },
      { recordId: "2", fields: ["B"], values: { B: 1 } },
    ]);
  });

  it("says that other bodies are no notifications", () => {
    for (const text of ["", "hello", "a=1&b=2", "[1,2]", "<xml/>", "{}", '{"module":"Leads"}', "null", '"x"']) {
      assert.deepEqual(errorOf(parseNotification(text)), { kind: "not-notification" }, text);
    }
  });

  it("says in a sentence where a notification is damaged", () => {
    assert.match(sentence(live.slice(0, 100)), /^The body begins like JSON but is broken( at character \d+)?\.$/);
    assert.equal(
      sentence(live.replace('"update"', '"merge"')),
      "The body looks like a Zoho notification, but “operation” is missing or of an unknown form.",
    );
    assert.equal(
      sentence(live.replace('["6756839000000575405"]', '["x"]')),
      "The body looks like a Zoho notification, but “ids.0” is missing or of an unknown form.",
    );
  });

  it("survives hostile nesting and names", () => {
    assert.equal(errorOf(parseNotification('{"a":'.repeat(200_000))).kind, "unreadable");
    const text = `{"operation":"edit","module":"L","ids":["1"],"channel_id":"3","affected_fields":[{"__proto__":["A"]}]}`;
    assert.ok(parseNotification(text).ok);
  });
});

function sentence(text: string): string {
  const problem = errorOf(parseNotification(text));
  assert.ok(problem.kind === "unreadable");
  return problem.message;
}
