import { type KeyObject, createDecipheriv, createSecretKey } from "node:crypto";
import { type EventFrame, plainPayload, sealedPayload } from "../../protocol/relayFrames.ts";
import {
  type SealingKeyPair,
  type UnreadableReason,
  associatedData,
  contentCipher,
  envelopeBytes,
  keyIdOf,
  nonceEnd,
  openContentKey,
  sealedLayout,
  sealedOverhead,
} from "../../protocol/sealing.ts";

/** What became of a payload: the captured request, or the sealed bytes and why they stay so. */
export type Opened = { readonly payload: Uint8Array; readonly unreadable?: UnreadableReason } | "unknown-scheme";

/** The key pairs of a channel that this editor holds. */
export interface ChannelKeys {
  readonly known: readonly SealingKeyPair[];
  /** Reads them anew, as another window may have replaced the key. */
  reload(): Promise<readonly SealingKeyPair[]>;
}

/** More than a channel uses in its relay's retention at the usual pace of one an hour. */
const mostContentKeys = 256;

/**
 * Opens the events of one channel. The private key is needed once per content key, which takes a while; with the content
 * key at hand an event opens at once.
 */
export class Unsealer {
  readonly #channel: string;
  readonly #keys: ChannelKeys;
  /** By envelope, and why there is none where it cannot be had. */
  readonly #contentKeys = new Map<string, KeyObject | UnreadableReason>();

  constructor(channel: string, keys: ChannelKeys) {
    this.#channel = channel;
    this.#keys = keys;
  }

  /** Whether {@link open} can do its work, or has to be preceded by {@link prepare}. */
  isReady({ scheme, payload }: EventFrame): boolean {
    const sealed = scheme === sealedPayload && payload.byteLength >= sealedOverhead;
    return !sealed || this.#contentKeys.has(nameOf(payload));
  }

  /** Finds the content key of a sealed event. Rejects when the keys of the channel cannot be read now. */
  async prepare({ payload }: EventFrame): Promise<void> {
    const envelope = payload.slice(0, envelopeBytes);
    const contentKey = await this.#contentKey(envelope);
    const [oldest] = this.#contentKeys.keys();
    if (this.#contentKeys.size >= mostContentKeys && oldest !== undefined) this.#contentKeys.delete(oldest);
    this.#contentKeys.set(nameOf(envelope), contentKey);
  }

  open(frame: EventFrame): Opened {
    const { scheme, payload } = frame;
    if (scheme === plainPayload) return { payload };
    if (scheme !== sealedPayload) return "unknown-scheme";
    const contentKey = payload.byteLength < sealedOverhead ? "damaged" : this.#contentKeys.get(nameOf(payload));
    if (typeof contentKey !== "object") return { payload, unreadable: contentKey ?? "no-key" };
    const request = openRequest(contentKey, this.#channel, frame);
    return request === undefined ? { payload, unreadable: "damaged" } : { payload: request };
  }

  async #contentKey(envelope: Uint8Array): Promise<KeyObject | UnreadableReason> {
    const keys = await this.#findKeys(envelope.subarray(0, sealedLayout.keyId));
    if (keys === undefined) return "no-key";
    try {
      return createSecretKey(await openContentKey(keys, this.#channel, envelope));
    } catch {
      return "damaged";
    }
  }

  async #findKeys(keyId: Uint8Array): Promise<SealingKeyPair | undefined> {
    return (await findByKeyId(this.#keys.known, keyId)) ?? findByKeyId(await this.#keys.reload(), keyId);
  }
}

/** The request in a sealed payload; undefined when it is not what was sealed under this key for this channel and time. */
export function openRequest(
  contentKey: KeyObject,
  channel: string,
  { payload, receivedAt }: Pick<EventFrame, "payload" | "receivedAt">,
): Uint8Array | undefined {
  const tagStart = payload.byteLength - sealedLayout.tag;
  const options = { authTagLength: sealedLayout.tag };
  const decipher = createDecipheriv(contentCipher, contentKey, payload.subarray(envelopeBytes, nonceEnd), options);
  decipher.setAAD(associatedData(channel, receivedAt, payload.subarray(0, envelopeBytes)));
  decipher.setAuthTag(payload.subarray(tagStart));
  try {
    const request = decipher.update(payload.subarray(nonceEnd, tagStart));
    decipher.final();
    return request;
  } catch {
    return undefined;
  }
}

async function findByKeyId(pairs: readonly SealingKeyPair[], keyId: Uint8Array): Promise<SealingKeyPair | undefined> {
  for (const pair of pairs) {
    if (Buffer.compare(await keyIdOf(pair.publicKey), keyId) === 0) return pair;
  }
  return undefined;
}

function nameOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, envelopeBytes).toString("latin1");
}
