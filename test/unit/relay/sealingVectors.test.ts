import assert from "node:assert/strict";
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from "hpke";
import { utf8Encode } from "../../../src/base/bytes.ts";
import { openRequest } from "../../../src/core/relay/unsealer.ts";
import { encodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { envelopeBytes, openContentKey } from "../../../src/protocol/sealing.ts";
import { sealRequestInto, toContentKey } from "../../../src/relay/eventSealer.ts";

const page = readFileSync(new URL("../../../docs/relay-protocol.md", import.meta.url), "utf8");
const channel = "Zk0c2M7mYcO1x3p9sV4uQwE5rT6yB8nA";
const receivedAt = 1_767_604_500_250;
const request = encodeCapturedRequest({
  method: "POST",
  path: "/leads",
  query: "a=1&a=2",
  headers: [
    ["Host", "r.example.com"],
    ["X-A", "1"],
    ["x-a", "2"],
  ],
  body: utf8Encode('{"ok":1}'),
});

function block(kind: string): string {
  const found = new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``).exec(page)?.[1];
  assert.ok(found !== undefined, `the page has no block ${kind}`);
  return found;
}

function vector(name: string): Buffer {
  const value = new RegExp(`^${name} +([0-9a-f]+)$`, "m").exec(block("vectors"))?.[1];
  assert.ok(value !== undefined, `there is no vector ${name}`);
  return Buffer.from(value, "hex");
}

function payloadOfPage(): Buffer {
  const digits = block("sealed")
    .split("\n")
    .map(line => line.slice(6).replaceAll(" ", ""));
  return Buffer.from(digits.join(""), "hex");
}

const keys = {
  publicKey: vector("pk_recipient").toString("base64url"),
  privateKey: vector("sk_recipient").toString("base64url"),
};

/** What RFC 9180 says, written down once more with nothing but HMAC, X25519 and AES. */
const hpke = {
  kem: Buffer.concat([Buffer.from("KEM"), Buffer.from([0, 0x20])]),
  suite: Buffer.concat([Buffer.from("HPKE"), Buffer.from([0, 0x20, 0, 1, 0, 2])]),
  extract: (suite: Buffer, salt: Buffer, label: string, material: Buffer): Buffer =>
    createHmac("sha256", salt)
      .update(Buffer.concat([Buffer.from("HPKE-v1"), suite, Buffer.from(label), material]))
      .digest(),
  /** One block of HKDF-Expand is as much as is asked for here. */
  expand: (suite: Buffer, secret: Buffer, label: string, info: Buffer, length: number): Buffer =>
    createHmac("sha256", secret)
      .update(Buffer.concat([Buffer.from([0, length]), Buffer.from("HPKE-v1"), suite, Buffer.from(label), info]))
      .update(Buffer.of(1))
      .digest()
      .subarray(0, length),
};

function sharedSecret(enc: Buffer): Buffer {
  const [x, d] = [keys.publicKey, keys.privateKey];
  const privateKey = createPrivateKey({ key: { kty: "OKP", crv: "X25519", x, d }, format: "jwk" });
  const jwk = { kty: "OKP", crv: "X25519", x: enc.toString("base64url") };
  const dh = diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: "jwk" }) });
  const prk = hpke.extract(hpke.kem, Buffer.alloc(0), "eae_prk", dh);
  return hpke.expand(hpke.kem, prk, "shared_secret", Buffer.concat([enc, vector("pk_recipient")]), 32);
}

function openByHand(enc: Buffer, sealed: Buffer): Buffer {
  const none = Buffer.alloc(0);
  const info = Buffer.from(`zcn.relay.v1 content key\0${channel}`);
  const context = Buffer.concat([
    Buffer.of(0),
    hpke.extract(hpke.suite, none, "psk_id_hash", none),
    hpke.extract(hpke.suite, none, "info_hash", info),
  ]);
  const secret = hpke.extract(hpke.suite, sharedSecret(enc), "secret", none);
  const key = hpke.expand(hpke.suite, secret, "key", context, 32);
  const nonce = hpke.expand(hpke.suite, secret, "base_nonce", context, 12);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAuthTag(sealed.subarray(32));
  return Buffer.concat([decipher.update(sealed.subarray(0, 32)), decipher.final()]);
}

describe("the sealed payload of docs/relay-protocol.md", () => {
  it("has the key id, the encapsulated key, the sealed content key and the nonce where the page says", () => {
    const payload = payloadOfPage();
    const keyId = createHash("sha256").update(vector("pk_recipient")).digest().subarray(0, 8);
    const head = Buffer.concat([keyId, vector("enc"), vector("sealed_key"), vector("nonce")]);
    assert.equal(payload.subarray(0, 100).toString("hex"), head.toString("hex"));
    assert.equal(payload.byteLength, 100 + request.byteLength + 16);
  });

  it("is what the relay's code writes, byte for byte, with that content key and nonce", () => {
    const envelope = payloadOfPage().subarray(0, envelopeBytes);
    const contentKey = toContentKey(vector("content_key"), channel, envelope);
    const sealed = Buffer.alloc(payloadOfPage().byteLength + 7);
    assert.equal(sealRequestInto(sealed, 3, contentKey, receivedAt, request, vector("nonce")), sealed.byteLength - 4);
    assert.equal(sealed.toString("hex"), `000000${payloadOfPage().toString("hex")}00000000`);
  });

  it("is what HPKE makes of the content key with that ephemeral key", async () => {
    const kem = KEM_DHKEM_X25519_HKDF_SHA256();
    const ephemeral = (): typeof kem => ({
      ...kem,
      GenerateKeyPair: async () => kem.DeriveKeyPair(vector("ikm_ephemeral"), true),
    });
    const suite = new CipherSuite(ephemeral, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
    const recipient = await suite.DeriveKeyPair(vector("ikm_recipient"), true);
    assert.deepEqual(Buffer.from(await suite.SerializePublicKey(recipient.publicKey)), vector("pk_recipient"));
    assert.deepEqual(Buffer.from(await suite.SerializePrivateKey(recipient.privateKey)), vector("sk_recipient"));
    const { privateKey } = await suite.DeriveKeyPair(vector("ikm_ephemeral"), true);
    assert.deepEqual(Buffer.from(await suite.SerializePrivateKey(privateKey)), vector("sk_ephemeral"));
    const info = utf8Encode(`zcn.relay.v1 content key\0${channel}`);
    const sealed = await suite.Seal(recipient.publicKey, vector("content_key"), { info });
    assert.deepEqual(Buffer.from(sealed.encapsulatedSecret), vector("enc"));
    assert.deepEqual(Buffer.from(sealed.ciphertext), vector("sealed_key"));
  });

  it("is opened by the editor's code, and by RFC 9180 done by hand", async () => {
    const payload = payloadOfPage();
    const opened = await openContentKey(keys, channel, payload.subarray(0, envelopeBytes));
    assert.deepEqual(Buffer.from(opened), vector("content_key"));
    assert.deepEqual(openByHand(vector("enc"), vector("sealed_key")), vector("content_key"));
    const plain = openRequest(createSecretKey(opened), channel, { payload, receivedAt });
    assert.ok(plain !== undefined);
    assert.deepEqual(Buffer.from(plain), Buffer.from(request));
  });
});
