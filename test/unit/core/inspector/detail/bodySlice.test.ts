import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8Encode } from "../../../../../src/base/bytes.ts";
import { type BodySlice, sliceBody } from "../../../../../src/core/inspector/detail/bodySlice.ts";

function slicesOf(body: Uint8Array, isText: boolean): BodySlice[] {
  const slices: BodySlice[] = [];
  for (let at = 0; at < body.byteLength; at = slices.at(-1)?.next ?? body.byteLength)
    slices.push(sliceBody(body, at, isText));
  return slices;
}

describe("a large body", () => {
  it("comes in slices of text that end between characters", () => {
    const text = "aé😀".repeat(400_000);
    const slices = slicesOf(utf8Encode(text), true);
    assert.ok(slices.length > 2);
    assert.equal(slices.map(slice => slice.text).join(""), text);
  });

  it("comes in slices of Base64 that can be put together where it is no text", () => {
    const bytes = Uint8Array.from({ length: 2_000_000 }, (_each, index) => index % 256);
    const slices = slicesOf(bytes, false);
    assert.ok(slices.length > 2);
    assert.deepEqual(Buffer.from(slices.map(slice => slice.base64).join(""), "base64"), Buffer.from(bytes));
  });

  it("has nothing after its end", () => {
    assert.deepEqual(sliceBody(utf8Encode("abc"), 3, true), { from: 3, next: 3, text: "" });
  });
});
