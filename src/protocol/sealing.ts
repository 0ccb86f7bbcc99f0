import type { CipherSuite } from "hpke";
import * as v from "valibot";
import { fromBase64Url, setUint64, toBase64Url, uint64Bytes, utf8Encode } from "../base/bytes.ts";
import { sealedPayload } from "./relayFrames.ts";

/**
 * How an event's payload is sealed to its channel's public key (docs/relay-protocol.md, "Sealed payload"). A relay makes
 * a random content key, seals that with HPKE once, and seals each event with the content key alone. The sealed content
 * key goes with every event: the private key and one stored event are all that it takes to open it.
 *
 * What is here runs in any JavaScript; the symmetric halves are where they are used, in the relay and in the editor.
 */
let suite: Promise<CipherSuite> | undefined;

/** Loaded with the first key, so that starting the editor is not slowed. */
async function makeSuite(): Promise<CipherSuite> {
  const { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } = await import("hpke");
  return new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
}

async function theSuite(): Promise<CipherSuite> {
  return (suite ??= makeSuite());
}

const keyBytes = 32;
const keyPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** 32 bytes in base64url without padding. */
export const sealingKeySchema = v.pipe(v.string(), v.regex(keyPattern));

/** An X25519 key pair; both halves as {@link sealingKeySchema} has them. */
export const sealingKeyPairSchema = v.object({ publicKey: sealingKeySchema, privateKey: sealingKeySchema });
export type SealingKeyPair = Readonly<v.InferOutput<typeof sealingKeyPairSchema>>;

/** Why a sealed event cannot be opened: its private key is not here, or it is not what was sealed for its channel. */
export type UnreadableReason = "no-key" | "damaged";

/** Lengths in bytes of the parts of a sealed payload, in their order; the ciphertext with its tag is the rest. */
export const sealedLayout = { keyId: 8, encapsulated: 32, sealedKey: 48, nonce: 12, tag: 16 } as const;

/** Key id, encapsulated key and sealed content key: the same for all events that one content key has sealed. */
export const envelopeBytes = sealedLayout.keyId + sealedLayout.encapsulated + sealedLayout.sealedKey;
export const nonceEnd = envelopeBytes + sealedLayout.nonce;
/** By how much a sealed payload is longer than what it seals. */
export const sealedOverhead = nonceEnd + sealedLayout.tag;

export const contentKeyBytes = keyBytes;
/** What seals the events, under a content key: the name that Node's crypto has for it. */
export const contentCipher = "aes-256-gcm";

export async function generateSealingKeyPair(): Promise<SealingKeyPair> {
  const { publicKey, privateKey } = await (await theSuite()).GenerateKeyPair(true);
  return {
    publicKey: toBase64Url(await (await theSuite()).SerializePublicKey(publicKey)),
    privateKey: toBase64Url(await (await theSuite()).SerializePrivateKey(privateKey)),
  };
}

/** Names a public key in payloads and answers: the first 8 bytes of its SHA-256. */
export async function keyIdOf(publicKey: string): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest("SHA-256", fromBase64Url(publicKey));
  return new Uint8Array(digest, 0, sealedLayout.keyId);
}

/** Seals `contentKey` for `channel`; gives the envelope. Rejects when nothing can be sealed to the public key. */
export async function sealContentKey(publicKey: string, channel: string, contentKey: Uint8Array): Promise<Uint8Array> {
  const recipient = await (await theSuite()).DeserializePublicKey(fromBase64Url(publicKey));
  const sealed = await (await theSuite()).Seal(recipient, contentKey, { info: hpkeInfo(channel) });
  return concatenate([await keyIdOf(publicKey), sealed.encapsulatedSecret, sealed.ciphertext]);
}

/** The content key of an envelope. Rejects when it was not sealed to this key for this channel, or was changed since. */
export async function openContentKey(keys: SealingKeyPair, channel: string, envelope: Uint8Array): Promise<Uint8Array> {
  const recipient = await importKeyPair(keys);
  const { keyId, encapsulated } = sealedLayout;
  const enc = envelope.slice(keyId, keyId + encapsulated);
  return (await theSuite()).Open(recipient, enc, envelope.slice(keyId + encapsulated, envelopeBytes), {
    info: hpkeInfo(channel),
  });
}

/** What a sealed event is bound to beside its content: scheme, time of receipt, envelope and channel. */
export function associatedData(channel: string, receivedAt: number, envelope: Uint8Array): Uint8Array {
  const data = concatenate([new Uint8Array(1 + uint64Bytes), envelope, utf8Encode(channel)]);
  data[0] = sealedPayload;
  setAssociatedTime(data, receivedAt);
  return data;
}

/** Makes {@link associatedData} that of another event of the same content key, which differs in its time alone. */
export function setAssociatedTime(data: Uint8Array, receivedAt: number): void {
  setUint64(data, 1, receivedAt);
}

function hpkeInfo(channel: string): Uint8Array {
  return utf8Encode(`zcn.relay.v1 content key\0${channel}`);
}

async function importKeyPair({ publicKey, privateKey }: SealingKeyPair): Promise<RecipientKeys> {
  const jwk = { kty: "OKP", crv: "X25519", x: publicKey, d: privateKey };
  return {
    publicKey: await (await theSuite()).DeserializePublicKey(fromBase64Url(publicKey)),
    privateKey: await crypto.subtle.importKey("jwk", jwk, { name: "X25519" }, false, ["deriveBits"]),
  };
}

type RecipientKeys = Awaited<ReturnType<CipherSuite["GenerateKeyPair"]>>;

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
