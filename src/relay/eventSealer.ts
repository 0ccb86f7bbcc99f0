import { type KeyObject, createCipheriv, createSecretKey, randomBytes, randomFillSync } from "node:crypto";
import { type Clock, hour } from "../base/clock.ts";
import type { Disposable } from "../base/lifecycle.ts";
import {
  associatedData,
  contentCipher,
  contentKeyBytes,
  envelopeBytes,
  nonceEnd,
  sealContentKey,
  sealedLayout,
  sealedOverhead,
} from "../protocol/sealing.ts";

/** A content key as this process uses it. Its envelope is the same key, sealed to the channel's public key. */
export interface ContentKey {
  readonly key: KeyObject;
  readonly envelope: Uint8Array;
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

/**
 * Seals events to the public keys of their channels. Content keys are made here and never leave the process but sealed;
 * a new one is made for each channel and process, and after an hour, a million events, or a change of the public key.
 */
export class EventSealer implements Disposable {
  readonly #clock: Clock;
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
    return sealRequest(await slot.contentKey, channel, receivedAt, request);
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

async function newContentKey(publicKey: string, channel: string): Promise<ContentKey> {
  const bytes = randomBytes(contentKeyBytes);
  const envelope = await sealContentKey(publicKey, channel, bytes);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { key, envelope };
}

/** One sealed payload. A nonce is given by tests alone: under one content key none may come twice. */
export function sealRequest(
  { key, envelope }: ContentKey,
  channel: string,
  receivedAt: number,
  request: Uint8Array,
  nonce?: Uint8Array,
): Uint8Array {
  const payload = new Uint8Array(sealedOverhead + request.byteLength);
  payload.set(envelope);
  if (nonce === undefined) randomFillSync(payload, envelopeBytes, sealedLayout.nonce);
  else payload.set(nonce, envelopeBytes);
  const cipher = createCipheriv(contentCipher, key, payload.subarray(envelopeBytes, nonceEnd));
  cipher.setAAD(associatedData(channel, receivedAt, envelope));
  payload.set(cipher.update(request), nonceEnd);
  cipher.final();
  payload.set(cipher.getAuthTag(), nonceEnd + request.byteLength);
  return payload;
}
