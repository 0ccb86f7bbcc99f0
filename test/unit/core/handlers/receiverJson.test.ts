import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  NotANotification,
  parseNotification as readInHandler,
  parseJson,
} from "../../../../media/scaffold/receiver/notification.ts";
import { parseNotification } from "../../../../src/zoho/notification.ts";

const manyEscapes = '\\"'.repeat(4_000_000);

function nested(depth: number): string {
  return `{"server_time":1,"channel_id":"1","ids":["2"],"operation":"insert","token":${"[".repeat(depth)}${"]".repeat(depth)}}`;
}

describe("the handler's JSON", () => {
  it("is refused where it is broken before anything is replaced in it", test => {
    const replace = test.mock.method(String.prototype, "replace");
    for (const body of ['{"a":"\\"\\"', '{"a":12345678901234567890', '{"a":"12345678901234567890']) {
      assert.throws(() => parseJson(body), NotANotification);
    }
    assert.equal(replace.mock.callCount(), 0);
  });

  it("is read whatever number of escapes a string has", () => {
    assert.deepEqual(parseJson(`{"a":12345678901234567890,"b":"${manyEscapes}"}`), {
      a: "12345678901234567890",
      b: '"'.repeat(4_000_000),
    });
  });

  it("keeps the digits of long integers, and leaves strings and other numbers as they are", () => {
    const text = String.raw`{"12345678901234567890":-12345678901234567890,"a":["\\",9007199254740993,"\"9007199254740993",1.5e3],
      "b":"12345678901234567890\u0034","c":0.12345678901234567,"d":[7]}`;
    assert.deepEqual(parseJson(text), {
      "12345678901234567890": "-12345678901234567890",
      a: ["\\", "9007199254740993", '"9007199254740993', 1500],
      b: "123456789012345678904",
      c: 0.12345678901234567,
      d: [7],
    });
  });

  it("is no notification where it nests deeper than can be read, and the inspector reads none there either", () => {
    assert.deepEqual(readInHandler(nested(499)).records.length, 1);
    assert.ok(parseNotification(nested(499)).ok);
    for (const depth of [500, 5_000, 100_000]) {
      assert.throws(() => readInHandler(nested(depth)), NotANotification);
      assert.ok(!parseNotification(nested(depth)).ok);
    }
  });
});
