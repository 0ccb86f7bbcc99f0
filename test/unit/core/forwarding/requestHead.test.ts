import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flat, headOf, pairs } from "../../../../src/core/forwarding/requestHead.ts";
import type { Header } from "../../../../src/protocol/capturedRequest.ts";

const none = new Uint8Array();

describe("the head of a request to a handler", () => {
  it("begins with the host, has what came in its order, and ends the connection", () => {
    const headers: readonly Header[] = [
      ["X-B", "2"],
      ["X-A", "1"],
    ];
    assert.deepEqual(headOf({ method: "GET", headers, body: none }, "localhost:3000"), [
      ["Host", "localhost:3000"],
      ["X-B", "2"],
      ["X-A", "1"],
      ["Connection", "close"],
    ]);
  });

  for (const method of ["GET", "HEAD", "OPTIONS", "DELETE", "TRACE"]) {
    it(`gives a length for ${method} only where there is a body`, () => {
      const lengthOf = (body: Uint8Array): readonly Header[] =>
        headOf({ method, headers: [], body }, "localhost").filter(([name]) => name === "Content-Length");
      assert.deepEqual(lengthOf(none), []);
      assert.deepEqual(lengthOf(new Uint8Array(1)), [["Content-Length", "1"]]);
    });
  }

  it("gives a length for every other method, also of nothing", () => {
    for (const method of ["POST", "PUT", "PATCH", "REPORT"]) {
      const head = headOf({ method, headers: [], body: none }, "localhost");
      assert.deepEqual(head.slice(1), [
        ["Content-Length", "0"],
        ["Connection", "close"],
      ]);
    }
  });

  it("is written and read in pairs, duplicates kept", () => {
    const raw = ["Set-Cookie", "a=1", "Set-Cookie", "b=2"];
    const headers = [
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
    ] as const;
    assert.deepEqual(pairs(raw), headers);
    assert.deepEqual(flat(headers), raw);
  });
});
