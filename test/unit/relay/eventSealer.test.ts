import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour } from "../../../src/base/clock.ts";
import { utf8Encode } from "../../../src/base/bytes.ts";
import { sealedPayload } from "../../../src/protocol/relayFrames.ts";
import { envelopeBytes, generateSealingKeyPair, nonceEnd, sealedOverhead } from "../../../src/protocol/sealing.ts";
import { EventSealer, canSealTo } from "../../../src/relay/eventSealer.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { openFrame } from "../../support/sealing.ts";

const channel = "channel-of-the-test";
const request = utf8Encode("what was sent, in the clear");

const prime = 2n ** 255n - 19n;
/** All points of a small order, and other ways to write them: RFC 7748 has X25519 give zero for each. */
const pointsWithoutSecret = [
  ...[0n, 1n, prime - 1n, prime, prime + 1n],
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
];

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}

function envelopeOf(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(0, envelopeBytes)).toString("hex");
}

describe("sealing events", () => {
  it("gives what the private key opens, longer by a fixed length, and never the same twice", async () => {
    const keys = await generateSealingKeyPair();
    const sealer = new EventSealer(new FakeClock());
    const payloads = await Promise.all([1, 1, 2].map(async at => sealer.seal(channel, keys.publicKey, at, request)));
    for (const [index, payload] of payloads.entries()) {
      assert.equal(payload.byteLength, request.byteLength + sealedOverhead);
      assert.equal(Buffer.from(payload).includes("in the clear"), false);
      const frame = { sequence: 1, receivedAt: [1, 1, 2][index] ?? 0, scheme: sealedPayload, payload };
      const opened = await openFrame(channel, [keys], frame);
      assert.ok(typeof opened === "object" && opened.unreadable === undefined);
      assert.deepEqual(Buffer.from(opened.payload), Buffer.from(request));
    }
    assert.equal(new Set(payloads.map(envelopeOf)).size, 1, "one content key, sealed once");
    const nonces = payloads.map(payload => Buffer.from(payload.subarray(envelopeBytes, nonceEnd)).toString("hex"));
    assert.equal(new Set(nonces).size, 3);
    sealer.dispose();
  });

  it("takes another content key after an hour, for another public key, and for another channel", async () => {
    const [keys, others] = [await generateSealingKeyPair(), await generateSealingKeyPair()];
    const clock = new FakeClock();
    const sealer = new EventSealer(clock);
    const seal = async (to: string, publicKey: string): Promise<string> =>
      envelopeOf(await sealer.seal(to, publicKey, 1, request));
    const first = await seal(channel, keys.publicKey);
    assert.equal(await seal(channel, keys.publicKey), first);
    clock.advance(hour);
    const envelopes = [first, await seal(channel, keys.publicKey)];
    envelopes.push(await seal(channel, others.publicKey), await seal("another-channel", keys.publicKey));
    assert.equal(new Set(envelopes).size, 4);
    clock.setBack(hour);
    clock.advance(hour);
    envelopes.push(await seal(channel, keys.publicKey));
    assert.equal(new Set(envelopes).size, 5, "also where the clock was set back meanwhile");
    sealer.dispose();
  });

  it("makes content keys ahead, and is held up by no key that seals nothing", async () => {
    const sealer = new EventSealer(new FakeClock());
    const { publicKey } = await generateSealingKeyPair();
    await Promise.all([
      sealer.prepare("useless", littleEndian(0n).toString("base64url")),
      sealer.prepare(channel, publicKey),
    ]);
    assert.ok(!(sealer.contentKey(channel, publicKey, 1) instanceof Promise));
    const made = sealer.contentKey(channel, publicKey, 1);
    await sealer.prepare(channel, publicKey);
    assert.equal(sealer.contentKey(channel, publicKey, 1), made);
    sealer.dispose();
    await sealer.prepare("late", publicKey);
    assert.ok(sealer.contentKey("late", publicKey, 1) instanceof Promise);
    sealer.dispose();
  });

  it("finds out beforehand to which keys nothing can be sealed", async () => {
    const sealer = new EventSealer(new FakeClock());
    for (const point of pointsWithoutSecret) {
      const key = littleEndian(point).toString("base64url");
      assert.equal(canSealTo(key), false, key);
      await assert.rejects(sealer.seal(channel, key, 1, request), key);
    }
    const others = [9n, prime + 9n, prime - 2n].map(point => littleEndian(point).toString("base64url"));
    for (const key of [(await generateSealingKeyPair()).publicKey, ...others]) {
      assert.equal(canSealTo(key), true, key);
      await sealer.seal(channel, key, 1, request);
    }
    sealer.dispose();
  });

  it("has the content key at hand once it was made, and makes one for what nobody can open only to say so", async () => {
    const { publicKey } = await generateSealingKeyPair();
    const sealer = new EventSealer(new FakeClock());
    const first = sealer.contentKey(channel, publicKey, 1);
    assert.ok(first instanceof Promise);
    assert.equal(sealer.contentKey(channel, publicKey, 1) instanceof Promise, true, "it is not there yet");
    assert.equal(sealer.contentKey(channel, publicKey, 1) instanceof Promise, true);
    const key = await first;
    assert.equal(sealer.contentKey(channel, publicKey, 1), key);
    sealer.dispose();
  });

  it("changes the content key before so many events share one that two nonces could be alike", async () => {
    const { publicKey } = await generateSealingKeyPair();
    const sealer = new EventSealer(new FakeClock());
    const first = await sealer.contentKey(channel, publicKey, 2 ** 20 - 1);
    assert.equal(sealer.contentKey(channel, publicKey, 1), first);
    assert.notEqual(await sealer.contentKey(channel, publicKey, 1), first);
    sealer.dispose();
  });

  it("leaves no timer behind", () => {
    const clock = new FakeClock();
    const sealer = new EventSealer(clock);
    clock.advance(3 * hour);
    sealer.dispose();
    assert.equal(clock.pending, 0);
  });
});
