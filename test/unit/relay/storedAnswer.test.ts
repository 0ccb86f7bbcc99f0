import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { storedAnswerSchema, storedAnswerTextSchema } from "../../../src/relay/storedAnswer.ts";

const answer = { status: 202, headers: [["X-A", "1"]], body: "thanks" };

describe("an answer as it is kept", () => {
  it("is what was put there", () => {
    assert.deepEqual(v.parse(storedAnswerSchema, answer), answer);
    assert.deepEqual(v.parse(storedAnswerTextSchema, JSON.stringify(answer)), answer);
    assert.equal(v.parse(storedAnswerSchema, undefined), undefined);
    assert.equal(v.parse(storedAnswerTextSchema, null), null);
  });

  it("counts as none where a relay of this version would not have taken it, and takes nothing else along", () => {
    for (const other of [
      { ...answer, status: 101 },
      { ...answer, headers: [["Set-Cookie", "a=b"]] },
      { ...answer, headers: [["X-A", "1\r\nSet-Cookie: a=b"]] },
      { ...answer, headers: "none" },
      "thanks",
      7,
    ]) {
      assert.equal(v.parse(storedAnswerSchema, other), undefined);
      assert.equal(v.parse(storedAnswerTextSchema, JSON.stringify(other)), null);
    }
    assert.equal(v.parse(storedAnswerTextSchema, "{"), null);
  });
});
