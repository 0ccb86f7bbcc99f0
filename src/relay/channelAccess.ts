import * as v from "valibot";
import type { ChannelRecord } from "./eventLog.ts";
import { hashesMatch } from "./channelKeys.ts";

/** Somebody with whom the channel's owner shares it: may read, and nothing else. */
export interface Reader {
  /** The owner's name for it. */
  readonly id: string;
  readonly readKeyHash: Uint8Array;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A change of who may read a channel. What is kept of events stays as it is. */
export type AccessChange =
  | { readonly kind: "read-key"; readonly readKeyHash: Uint8Array }
  /** In place of a reader with this id, if there is one. */
  | { readonly kind: "add-reader"; readonly reader: Reader }
  | { readonly kind: "remove-reader"; readonly id: string };

/** As many as streams on a channel by default; a record stays small. */
export const mostReaders = 64;

/** The record after the change. More than {@link mostReaders} are not added. */
export function applyAccessChange(record: ChannelRecord, change: AccessChange): ChannelRecord {
  if (change.kind === "read-key") return { ...record, readKeyHash: change.readKeyHash };
  const id = change.kind === "add-reader" ? change.reader.id : change.id;
  const others = readersOf(record).filter(reader => reader.id !== id);
  const readers = change.kind === "add-reader" ? [...others, change.reader].slice(0, mostReaders) : others;
  return { ...record, readers };
}

export function readersOf({ readers = [] }: Pick<ChannelRecord, "readers">): readonly Reader[] {
  return readers;
}

/** Who has shown a key: the owner, who may do everything, or a reader. */
export type KeyHolder = "owner" | "reader";

/** Whose key has this hash; undefined for nobody's. */
export function holderOf(record: ChannelRecord, keyHash: Uint8Array): KeyHolder | undefined {
  const known = knownHash(record, keyHash);
  return known && (known === record.readKeyHash ? "owner" : "reader");
}

/** The same hash as the record has it, which takes no more memory for being kept; undefined for nobody's. */
export function knownHash(record: ChannelRecord, keyHash: Uint8Array): Uint8Array | undefined {
  return [record, ...readersOf(record)].find(({ readKeyHash }) => hashesMatch(keyHash, readKeyHash))?.readKeyHash;
}

const readersSchema = v.array(
  v.object({
    id: v.string(),
    readKeyHash: v.pipe(
      v.string(),
      v.transform(text => new Uint8Array(Buffer.from(text, "base64url"))),
    ),
    createdAt: v.number(),
  }),
);

/** Readers as the engines keep them; the reverse of {@link decodeReaders}. */
export function encodeReaders(readers: readonly Reader[]): string {
  return JSON.stringify(
    readers.map(reader => ({ ...reader, readKeyHash: Buffer.from(reader.readKeyHash).toString("base64url") })),
  );
}

/** Throws on what {@link encodeReaders} has not written. */
export function decodeReaders(text: string): readonly Reader[] {
  return v.parse(v.pipe(v.string(), v.parseJson(), readersSchema), text);
}
