import {
  type KeyObject,
  createCipheriv,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import { type SteadyClock, hour } from "../base/clock.ts";
import type { Disposable } from "../base/lifecycle.ts";
import {
  associatedData,
  contentCipher,
  contentKeyBytes,
  envelopeBytes,
  nonceEnd,
  sealContentKey,
  setAssociatedTime,
  sealedLayout,
  sealedOverhead,
} from "../protocol/sealing.ts";
import { allocate } from "./allocate.ts";

/** A content key as this process uses it. */
export interface ContentKey {
  readonly key: KeyObject;
  /** The same key, sealed to the channel's public key. */
  readonly envelope: Uint8Array;
  /** What binds an event to its channel; its time is set for each event anew. */
  readonly associated: Uint8Array;
}

interface Slot {
  readonly publicKey: string;
  readonly contentKey: Promise<ContentKey>;
  /** The same, once it is there: then nobody has to wait. */
  made: ContentKey | undefined;
  /** On the steady clock. */
  readonly endsAt: number;
  uses: number;
}

/** After this long a content key is forgotten: who takes the memory of a relay reads no more than the last hour. */
const longestUse = hour;
/** Nonces are random: among so many, the odds that two are alike are below 2^-57. */
const mostUses = 2 ** 20;
/** Channels with a content key at a time, at about a kilobyte each; beyond, the one made first gives way. */
const mostSlots = 50_000;
const sweepInterval = longestUse / 12;
const noncesAtOnce = 512;

/**
 * Seals events to the public keys of their channels. Content keys are made here and never leave the process but sealed;
 * a new one is made for each channel and process, and after an hour, a million events, or a change of the public key.
 */
export class EventSealer implements Disposable {
  readonly #clock: SteadyClock;
  readonly #nonces = new NoncePool();
  readonly #slots = new Map<string, Slot>();
  #sweep: Disposable;
  #prepared: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(clock: SteadyClock) {
    this.#clock = clock;
    this.#sweep = this.#sweepLater();
  }

  /**
   * The sealed payload of a request to `channel`. Rejects when nothing can be sealed to the public key, which
   * {@link canSealTo} finds out beforehand.
   */
  async seal(channel: string, publicKey: string, receivedAt: number, request: Uint8Array): Promise<Uint8Array> {
    const payload = allocate(sealedOverhead + request.byteLength);
    this.sealInto(payload, 0, await this.contentKey(channel, publicKey, 1), receivedAt, request);
    return payload;
  }

  /** What seals so many events to come; a promise only where the key is yet to be made, which may reject as above. */
  contentKey(channel: string, publicKey: string, uses: number): ContentKey | Promise<ContentKey> {
    const slot = this.#slot(channel, publicKey);
    slot.uses += uses;
    return slot.made ?? slot.contentKey;
  }

  /**
   * Makes the content key that the first event will want, if there can be one; does not reject. One at a time, as each
   * leaves some 100 KB behind: what is under way when young objects are collected counts as old, and stays.
   */
  async prepare(channel: string, publicKey: string): Promise<void> {
    this.#prepared = this.#prepared.then(async () => {
      if (!this.#disposed) await Promise.resolve(this.contentKey(channel, publicKey, 0)).catch(() => undefined);
    });
    return this.#prepared;
  }

  /** Writes a sealed payload at `offset`; gives where it ends. */
  sealInto(target: Uint8Array, offset: number, key: ContentKey, receivedAt: number, request: Uint8Array): number {
    return sealRequestInto(target, offset, key, receivedAt, request, this.#nonces.next());
  }

  dispose(): void {
    this.#disposed = true;
    this.#sweep.dispose();
    this.#slots.clear();
  }

  #slot(channel: string, publicKey: string): Slot {
    const known = this.#slots.get(channel);
    const usable = known?.publicKey === publicKey && known.uses < mostUses && this.#clock.elapsed() < known.endsAt;
    return usable ? known : this.#newSlot(channel, publicKey);
  }

  #newSlot(channel: string, publicKey: string): Slot {
    const contentKey = newContentKey(publicKey, channel);
    const slot: Slot = { publicKey, contentKey, made: undefined, endsAt: this.#clock.elapsed() + longestUse, uses: 0 };
    this.#slots.delete(channel);
    this.#slots.set(channel, slot);
    contentKey.then(
      made => (slot.made = made),
      () => this.#slots.get(channel) === slot && this.#slots.delete(channel),
    );
    const [oldest] = this.#slots.keys();
    if (this.#slots.size > mostSlots && oldest !== undefined) this.#slots.delete(oldest);
    return slot;
  }

  /** Slots are in the order in which they were made, so those that are over come first. */
  #sweepLater(): Disposable {
    return this.#clock.after(sweepInterval, () => {
      for (const [channel, { endsAt }] of this.#slots) {
        if (endsAt > this.#clock.elapsed()) break;
        this.#slots.delete(channel);
      }
      this.#sweep = this.#sweepLater();
    });
  }
}

/** Random bytes from the system at some hundred nonces a time: one at a time, they cost as much as the sealing. */
class NoncePool {
  #bytes = Buffer.alloc(0);
  #used = 0;

  /** Valid until the next one is asked for. */
  next(): Uint8Array {
    if (this.#used === this.#bytes.byteLength) {
      this.#bytes = randomBytes(noncesAtOnce * sealedLayout.nonce);
      this.#used = 0;
    }
    return this.#bytes.subarray(this.#used, (this.#used += sealedLayout.nonce));
  }
}

let anyPrivateKey: KeyObject | undefined;

/**
 * Whether events can be sealed to a public key: not every 32 bytes are a point that X25519 has a secret with. Those that
 * have none have none with any private key, so the exchange alone tells, at a tenth of what sealing costs.
 */
export function canSealTo(publicKey: string): boolean {
  anyPrivateKey ??= generateKeyPairSync("x25519").privateKey;
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "X25519", x: publicKey }, format: "jwk" });
    return diffieHellman({ privateKey: anyPrivateKey, publicKey: key }).byteLength > 0;
  } catch {
    return false;
  }
}

async function newContentKey(publicKey: string, channel: string): Promise<ContentKey> {
  const bytes = randomBytes(contentKeyBytes);
  const envelope = await sealContentKey(publicKey, channel, bytes);
  const contentKey = toContentKey(bytes, channel, envelope);
  bytes.fill(0);
  return contentKey;
}

/** A content key from its bytes, which may be overwritten afterwards. */
export function toContentKey(bytes: Uint8Array, channel: string, envelope: Uint8Array): ContentKey {
  return { key: createSecretKey(bytes), envelope, associated: associatedData(channel, 0, envelope) };
}

/** Writes one sealed payload; gives where it ends. Under one content key no nonce may come twice. */
export function sealRequestInto(
  target: Uint8Array,
  offset: number,
  { key, envelope, associated }: ContentKey,
  receivedAt: number,
  request: Uint8Array,
  nonce: Uint8Array,
): number {
  const cipher = createCipheriv(contentCipher, key, nonce);
  setAssociatedTime(associated, receivedAt);
  cipher.setAAD(associated);
  target.set(envelope, offset);
  target.set(nonce, offset + envelopeBytes);
  target.set(cipher.update(request), offset + nonceEnd);
  cipher.final();
  const end = offset + nonceEnd + request.byteLength;
  target.set(cipher.getAuthTag(), end);
  return end + sealedLayout.tag;
}
