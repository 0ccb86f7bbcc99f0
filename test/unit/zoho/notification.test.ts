import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Notification, mostItems, parseNotification } from "../../../src/zoho/notification.ts";
import { oddDelivery } from "../../support/oddDeliveries.ts";
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
      unread: [],
    });
  });

  it("reads the first of very many records, and counts the others", () => {
    const ids = Array.from({ length: 158_730 }, (_each, index) => String(3_652_397_000_000_000_000n + BigInt(index)));
    const read = valueOf(parseNotification(JSON.stringify({ ids, operation: "insert", channel_id: "1" })));
    assert.deepEqual(read.recordIds, ids.slice(0, mostItems));
    assert.equal(read.recordIds.length + (read.moreRecords ?? 0), ids.length);
    const change = { "1": ids.map(id => `Field_${id}`) };
    const fields = JSON.stringify({ ids: ["1"], operation: "update", channel_id: "1", affected_fields: [change] });
    assert.equal(valueOf(parseNotification(fields)).changes[0]?.fields.length, mostItems);
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
      unread: ["affected_fields", "server_time"],
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

  it("takes any three of the four names for the marks of a notification, and fewer not", () => {
    const members = { server_time: 1, channel_id: "2", ids: ["3"], operation: "edit" };
    for (const name of Object.keys(members)) {
      assert.ok(parseNotification(JSON.stringify({ ...members, [name]: undefined })).ok, `without ${name}`);
    }
    assert.ok(!parseNotification('{"ids":["3"],"operation":"edit","module":"Leads"}').ok);
    assert.ok(!parseNotification(`[${live}]`).ok);
  });

  it("takes the five words in any case, and shows any other word as it came", () => {
    const words = ["UPDATE", "Insert", " delete ", "restore", "Merge"];
    const read = words.map(word => valueOf(parseNotification(live.replace('"update"', `"${word}"`))));
    assert.deepEqual(
      read.map(({ operation }) => operation),
      ["edit", "create", "delete", "restore", "Merge"],
    );
    assert.ok(read.every(({ unread }) => unread.length === 0));
  });

  it("reads a token that is a number as its digits, however many", () => {
    assert.equal(readWith('"t-1"', "42").token, "42");
    assert.equal(readWith('"t-1"', "9223372036854775807").token, "9223372036854775807");
    assert.deepEqual(readWith('"t-1"', "9223372036854775807").unread, []);
  });

  it("takes a token of another form for one that nobody has set, rather than for none", () => {
    const { token, unread } = readWith('"t-1"', '{"value":"t-1"}');
    assert.equal(token, '{"value":"t-1"}');
    assert.deepEqual(unread, ["token"]);
  });

  it("takes null for what is not told", () => {
    const text = `{"server_time":null,"module":null,"token":null,"query_params":null,"affected_fields":[null],
      "affected_values":null,"ids":["1",null],"operation":"insert","channel_id":"2"}`;
    assert.deepEqual(valueOf(parseNotification(text)), {
      operation: "create",
      recordIds: ["1"],
      changes: [],
      channelId: "2",
      queryParams: {},
      unread: [],
    });
  });

  it("names what every notification needs and this one lacks", () => {
    const text = '{"server_time":1,"operation":null,"channel_id":null,"ids":null}';
    assert.deepEqual(valueOf(parseNotification(text)).unread.toSorted(), ["channel_id", "ids", "operation"]);
  });

  it("leaves out what has another form, names it, and reads the rest", () => {
    const read = readWith('["6756839000000575405"]', '["x",{"id":"1"},"6756839000000575405"]');
    assert.deepEqual(read.recordIds, ["6756839000000575405"]);
    assert.deepEqual(read.unread, ["ids"]);
    assert.deepEqual(readWith('"Leads"', '{"api_name":"Leads"}').unread, ["module"]);
    assert.equal(readWith('"Leads"', '{"api_name":"Leads"}').module, undefined);
    const fields = readWith('[{"6756839000000575405":["Phone"]}]', '[{"1":["A",5,null]},"Phone",{"x":["B"]}]');
    assert.deepEqual(fields.changes[0], { recordId: "1", fields: ["A"] });
    assert.deepEqual(fields.unread, ["affected_fields"]);
  });

  it("takes the records from the changes where ids are missing", () => {
    const { recordIds, unread } = readWith('"ids":["6756839000000575405"],', "");
    assert.deepEqual(recordIds, ["6756839000000575405"]);
    assert.deepEqual(unread, ["ids"]);
  });

  it("merges what is told of a record that stands twice in one delivery", () => {
    const text = `{"operation":"update","module":"Leads","ids":["1","1"],"channel_id":"3",
      "affected_fields":[{"1":["Phone"]},{"1":["Company"]}],
      "affected_values":[{"record_id":"1","values":{"Phone":"1"}},{"record_id":"1","values":{"Company":"Two"}}]}`;
    const { recordIds, changes } = valueOf(parseNotification(text));
    assert.deepEqual(recordIds, ["1"]);
    assert.deepEqual(changes, [
      { recordId: "1", fields: ["Phone", "Company"], values: { Phone: "1", Company: "Two" } },
    ]);
  });

  it("takes no longer for a record that stands in a delivery very often", () => {
    const often = Array.from({ length: mostItems }, (_each, index) => ({ "1": [`F${index}`] }));
    const values = often.map((_each, index) => ({ record_id: "1", values: { [`F${index}`]: index } }));
    const [change] = readWith(
      '"affected_fields":[{"6756839000000575405":["Phone"]}]',
      `"affected_fields":${JSON.stringify(often)},
      "affected_values":${JSON.stringify(values)}`,
    ).changes;
    assert.equal(change?.fields.length, often.length);
    assert.equal(Object.keys(change.values ?? {}).length, often.length);
  });

  it("reads a body behind a byte order mark", () => {
    assert.ok(parseNotification(`\uFEFF${live}`).ok);
  });

  it("never throws, and never names anything but members of a notification", () => {
    const names = new Set(["operation", "channel_id", "ids", "token", "module", "server_time", "query_params"]);
    fc.assert(
      fc.property(oddDelivery, body => {
        const parsed = parseNotification(body);
        if (!parsed.ok) return;
        for (const name of parsed.value.unread) assert.ok(names.has(name) || name.startsWith("affected_"), name);
        assert.equal(new Set(parsed.value.recordIds).size, parsed.value.recordIds.length);
      }),
    );
  });

  it("takes no instant for a server time that no change in a CRM can have had", () => {
    for (const time of ["99999999999999999999", "1e300", "-1", "4102444800000", '"99999999999999999999"', '"-1"']) {
      const read = readWith("1750102639787", time);
      assert.deepEqual([read.serverTime, read.unread], [undefined, ["server_time"]], time);
    }
    assert.equal(readWith("1750102639787", "4102444799999").serverTime, 4_102_444_799_999);
  });

  it("says where JSON is broken", () => {
    const broken = '{"ids":["1"],"operation":"edit","channel_id":"7",x}';
    assert.deepEqual(errorOf(parseNotification(broken)), { kind: "unreadable", position: 49 });
    const other = parseNotification('{"ids":["1"],x}');
    assert.deepEqual(errorOf(other), { kind: "not-notification", broken: { position: 13 } });
  });

  it("survives hostile nesting and names", () => {
    assert.equal(errorOf(parseNotification('{"a":'.repeat(200_000))).kind, "not-notification");
    const text = `{"operation":"edit","module":"L","ids":["1"],"channel_id":"3","affected_fields":[{"__proto__":["A"]}]}`;
    assert.ok(parseNotification(text).ok);
  });
});

function readWith(part: string, instead: string): Notification {
  assert.ok(live.includes(part));
  return valueOf(parseNotification(live.replace(part, instead)));
}
