import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loopbackAddressOf } from "../../../src/sandbox/deliveries/loopback.ts";

describe("deliveries stay on this machine", () => {
  it("reaches loopback addresses, written or by name", async () => {
    assert.equal(await loopbackAddressOf("127.0.0.1"), "127.0.0.1");
    assert.equal(await loopbackAddressOf("127.8.9.1"), "127.8.9.1");
    assert.equal(await loopbackAddressOf("[::1]"), "::1");
    assert.ok(["127.0.0.1", "::1"].includes((await loopbackAddressOf("localhost")) ?? ""));
  });

  it("reaches nothing else, however it is written", async () => {
    for (const host of [
      "0.0.0.0",
      "10.0.0.1",
      "192.168.1.1",
      "169.254.169.254",
      "[::]",
      "[::ffff:10.0.0.1]",
      "[fe80::1]",
    ]) {
      assert.equal(await loopbackAddressOf(host), undefined, host);
    }
  });
});
