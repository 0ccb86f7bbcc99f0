import { type KeyObject, createCipheriv, createSecretKey, randomBytes } from "node:crypto";
import { type Clock, hour } from "../base/clock.ts";
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
  /** Milliseconds since 1970. */
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
  readonly #clock: Clock;
  readonly #nonces = new NoncePool();
  readonly #slots = new Map<string, Slot>();
  #sweep: Disposable;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweep = this.#sweepLater();
  }

  /**
   * The sealed payload of a request to `channel`. Rejects when nothing can be sealed to the public key, which
   * {@link prepare} finds out beforehand.
   */
  async seal(channel: string, publicKey: string, receivedAt: number, request: Uint8Array): Promise<Uint8Array> {
    const slot = this.#slot(channel, publicKey);
    slot.uses += 1;
    return sealRequest(await slot.contentKey, receivedAt, request, this.#nonces.next());
  }

  /** Makes the content key that the next event will want; false when nothing can be sealed to the public key. */
  async prepare(channel: string, publicKey: string): Promise<boolean> {
    try {
      await this.#slot(channel, publicKey).contentKey;
      return true;
    } catch {
      return false;
    }
  }

  dispose(): void {
    this.#sweep.dispose();
    this.#slots.clear();
  }

  #slot(channel: string, publicKey: string): Slot {
    const known = this.#slots.get(channel);
    const usable = known?.publicKey === publicKey && known.uses < mostUses && this.#clock.now() < known.endsAt;
    return usable ? known : this.#newSlot(channel, publicKey);
  }

  #newSlot(channel: string, publicKey: string): Slot {
    const contentKey = newContentKey(publicKey, channel);
    const slot = { publicKey, contentKey, endsAt: this.#clock.now() + longestUse, uses: 0 };
    this.#slots.delete(channel);
    this.#slots.set(channel, slot);
    contentKey.catch(() => this.#slots.get(channel) === slot && this.#slots.delete(channel));
    const [oldest] = this.#slots.keys();
    if (this.#slots.size > mostSlots && oldest !== undefined) this.#slots.delete(oldest);
    return slot;
  }

  /** Slots are in the order in which they were made, so those that are over come first. */
  #sweepLater(): Disposable {
    return this.#clock.after(sweepInterval, () => {
      for (const [channel, { endsAt }] of this.#slots) {
        if (endsAt > this.#clock.now()) break;
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

/** One sealed payload. Under one content key no nonce may come twice. */
export function sealRequest(
  { key, envelope, associated }: ContentKey,
  receivedAt: number,
  request: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(contentCipher, key, nonce);
  setAssociatedTime(associated, receivedAt);
  cipher.setAAD(associated);
  const payload = allocate(sealedOverhead + request.byteLength);
  payload.set(envelope);
  payload.set(nonce, envelopeBytes);
  payload.set(cipher.update(request), nonceEnd);
  cipher.final();
  payload.set(cipher.getAuthTag(), nonceEnd + request.byteLength);
  return payload;
}
