import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { Unsealer } from "../../../../src/core/relay/unsealer.ts";
import type { EventFrame } from "../../../../src/protocol/relayFrames.ts";
import { generateSealingKeyPair, sealedOverhead } from "../../../../src/protocol/sealing.ts";
import { openFrame, sealedFrames } from "../../../support/sealing.ts";

const channel = "channel-of-the-test";
const request = utf8Encode("what was sent");
const keys = await generateSealingKeyPair();
const others = await generateSealingKeyPair();

async function sealedFrame(): Promise<EventFrame> {
  const [frame] = await sealedFrames(channel, keys, [request]);
  assert.ok(frame !== undefined);
  return frame;
}

describe("opening a sealed event", () => {
  it("fails wherever a single bit of its payload was changed", async () => {
    const frame = await sealedFrame();
    for (let offset = 0; offset < frame.payload.byteLength; offset++) {
      const payload = Uint8Array.from(frame.payload);
      payload[offset] = (payload[offset] ?? 0) ^ 0x01;
      const opened = await openFrame(channel, [keys], { ...frame, payload });
      const reason = offset < 8 ? "no-key" : "damaged";
      assert.deepEqual(opened, { payload, unreadable: reason }, `byte ${offset}`);
    }
  });

  it("fails for another time, another channel, and when it is cut at any length", async () => {
    const frame = await sealedFrame();
    const { payload, receivedAt } = frame;
    const damaged = { payload, unreadable: "damaged" };
    assert.deepEqual(await openFrame(channel, [keys], { ...frame, receivedAt: receivedAt + 1 }), damaged);
    assert.deepEqual(await openFrame("another-channel-of-ours", [keys], frame), damaged);
    for (const length of [0, 1, 87, 99, sealedOverhead - 1, sealedOverhead, payload.byteLength - 1]) {
      const cut = payload.subarray(0, length);
      assert.deepEqual(await openFrame(channel, [keys], { ...frame, payload: cut }), { ...damaged, payload: cut });
    }
  });

  it("fails with the wrong key, also when that claims to be the right one", async () => {
    const frame = await sealedFrame();
    const { payload } = frame;
    assert.deepEqual(await openFrame(channel, [others], frame), { payload, unreadable: "no-key" });
    const mixed = { publicKey: keys.publicKey, privateKey: others.privateKey };
    assert.deepEqual(await openFrame(channel, [mixed], frame), { payload, unreadable: "damaged" });
  });

  it("looks for a key that it does not know once more, where another window may have put it", async () => {
    const [frame, second] = await sealedFrames(channel, keys, [request, request]);
    assert.ok(frame !== undefined && second !== undefined);
    let reloads = 0;
    const reload = async (): Promise<(typeof keys)[]> => Promise.resolve([others, keys]).finally(() => reloads++);
    const unsealer = new Unsealer(channel, { known: [others], reload });
    assert.equal(unsealer.isReady(frame), false);
    await unsealer.prepare(frame);
    assert.equal(unsealer.isReady(second), true, "the content key is the same");
    const opened = unsealer.open(second);
    assert.ok(typeof opened === "object" && opened.unreadable === undefined);
    assert.equal(reloads, 1);
  });

  it("leaves alone what is in the clear, and does not guess at schemes of later versions", async () => {
    const plain = { sequence: 1, receivedAt: 1, scheme: 0, payload: request };
    assert.deepEqual(await openFrame(channel, [], plain), { payload: request });
    assert.equal(await openFrame(channel, [keys], { ...(await sealedFrame()), scheme: 2 }), "unknown-scheme");
  });
});
