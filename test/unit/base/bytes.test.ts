import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setUint32, setUint64 } from "../../../src/base/bytes.ts";

describe("writing numbers as bytes", () => {
  it("writes 64-bit numbers as a DataView does, up to the largest that is exact", () => {
    for (const value of [0, 1, 255, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1_750_102_639_787, Number.MAX_SAFE_INTEGER]) {
      const expected = new DataView(new ArrayBuffer(12));
      expected.setBigUint64(3, BigInt(value));
      const bytes = new Uint8Array(12);
      setUint64(bytes, 3, value);
      assert.deepEqual(bytes, new Uint8Array(expected.buffer), String(value));
    }
  });

  it("writes 32-bit numbers as a DataView does", () => {
    for (const value of [0, 1, 65_536, 2 ** 31, 2 ** 32 - 1]) {
      const expected = new DataView(new ArrayBuffer(4));
      expected.setUint32(0, value);
      const bytes = new Uint8Array(4);
      setUint32(bytes, 0, value);
      assert.deepEqual(bytes, new Uint8Array(expected.buffer), String(value));
    }
  });
});
