import { plainPayload, sealedPayload } from "../protocol/relayFrames.ts";
import { sealedOverhead } from "../protocol/sealing.ts";
import type { ContentKey, EventSealer } from "./eventSealer.ts";
import type { PackedPayloads } from "./sqliteMessages.ts";
import { type StoreAppend, notSealable } from "./sqliteStore.ts";

/** What seals the events of each channel that has a public key; {@link notSealable} where that key is no key. */
export type ContentKeys = ReadonlyMap<string, ContentKey | typeof notSealable>;

/** Appends as they may be written, and the payloads that were sealed for it. */
export interface SealedAppends {
  readonly appends: readonly (StoreAppend | typeof notSealable)[];
  readonly sealed: PackedPayloads;
}

/**
 * The content keys for what is plain among `appends`, one for each channel; a promise only where one is yet to be made.
 * Throws where the public keys cannot be read.
 */
export function contentKeysFor(
  appends: readonly StoreAppend[],
  publicKeyOf: (channel: string) => string | undefined,
  sealer: EventSealer,
): ContentKeys | Promise<ContentKeys> {
  const keys = new Map<string, ContentKey | typeof notSealable>();
  const awaited: Promise<void>[] = [];
  for (const [channel, events] of countPlain(appends)) {
    const publicKey = publicKeyOf(channel);
    if (publicKey === undefined) continue;
    const key = sealer.contentKey(channel, publicKey, events);
    if (key instanceof Promise) awaited.push(keepMade(key, channel, keys));
    else keys.set(channel, key);
  }
  return awaited.length === 0 ? keys : Promise.all(awaited).then(() => keys);
}

async function keepMade(
  key: Promise<ContentKey>,
  channel: string,
  keys: Map<string, ContentKey | typeof notSealable>,
): Promise<void> {
  keys.set(channel, await key.catch(() => notSealable));
}

function countPlain(appends: readonly StoreAppend[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { channel, scheme } of appends) {
    if (scheme === plainPayload) counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  return counts;
}

/** Seals what is plain of the channels that have a content key, all into one run of bytes. */
export function sealAppends(appends: readonly StoreAppend[], keys: ContentKeys, sealer: EventSealer): SealedAppends {
  const keyOf = ({ channel, scheme }: StoreAppend): ReturnType<ContentKeys["get"]> =>
    scheme === plainPayload ? keys.get(channel) : undefined;
  const lengths = appends.map(append => sealedLength(append, keyOf(append)));
  const bytes = room(lengths);
  let offset = 0;
  const kept = appends.map(append => {
    const key = keyOf(append);
    if (key === undefined || key === notSealable) return key ?? append;
    const payload = bytes.subarray(
      offset,
      (offset = sealer.sealInto(bytes, offset, key, append.receivedAt, append.payload)),
    );
    return { ...append, scheme: sealedPayload, payload };
  });
  return { appends: kept, sealed: { lengths, bytes } };
}

function sealedLength({ payload }: StoreAppend, key: ReturnType<ContentKeys["get"]>): number {
  return key === undefined || key === notSealable ? 0 : payload.byteLength + sealedOverhead;
}

/** Memory of its own, which can be transferred; every byte of it is written. */
function room(lengths: readonly number[]): Uint8Array<ArrayBuffer> {
  return Buffer.allocUnsafeSlow(lengths.reduce((sum, each) => sum + each, 0));
}
