import type { ChosenAnswer } from "../protocol/chosenAnswer.ts";
import type { AccessChange } from "./channelAccess.ts";
import type { ChannelRecord, Deletion, LoggedEvent, ReadLimit, SequenceBounds } from "./eventLog.ts";
import type { LogTime } from "./sqliteAges.ts";
import type { StoreAppend, StoreRetention } from "./sqliteStore.ts";

/** What the thread that owns the database is started with. */
export interface StoreThreadData {
  readonly role: "sqlite-store";
  readonly directory: string;
  readonly retention: StoreRetention;
}

/** What can be asked of the store besides appending, and what it answers. */
export interface StoreAnswers {
  readonly createChannel: undefined;
  readonly setPublicKey: boolean;
  readonly setAnswer: boolean;
  readonly changeAccess: boolean;
  readonly deleteChannel: Deletion;
  /** Whether there may be more. */
  readonly eraseDeleted: boolean;
  readonly skipTo: undefined;
  readonly removeOldest: number;
  readonly passTime: undefined;
  readonly lastSeen: number | undefined;
  /** Asks nothing but whether a transaction can be committed. */
  readonly probe: undefined;
  /** Whether that is known without a try. */
  readonly hasRoom: boolean;
  readonly findChannel: ChannelRecord | undefined;
  readonly bounds: SequenceBounds | undefined;
  readonly read: PackedEvents;
  readonly emptyLog: undefined;
}

export type StoreWrite =
  | { readonly kind: "createChannel"; readonly record: ChannelRecord }
  | { readonly kind: "setPublicKey"; readonly channel: string; readonly publicKey: string }
  | { readonly kind: "setAnswer"; readonly channel: string; readonly answer: ChosenAnswer | undefined }
  | { readonly kind: "changeAccess"; readonly channel: string; readonly change: AccessChange }
  | { readonly kind: "deleteChannel"; readonly channel: string; readonly after: number | undefined }
  | { readonly kind: "eraseDeleted"; readonly limit: number }
  | { readonly kind: "skipTo"; readonly channel: string; readonly sequence: number }
  | { readonly kind: "passTime"; readonly time: LogTime }
  | { readonly kind: "removeOldest"; readonly time: LogTime; readonly limit: number }
  | { readonly kind: "probe" };

export type StoreRead =
  | { readonly kind: "hasRoom" }
  | { readonly kind: "lastSeen" }
  | { readonly kind: "findChannel"; readonly channel: string }
  | { readonly kind: "bounds"; readonly channel: string }
  | { readonly kind: "read"; readonly channel: string; readonly after: number; readonly limit: ReadLimit }
  /** Has to come after a transaction, as reading does. */
  | { readonly kind: "emptyLog" };

/** To the thread: work that came up together. What writes is one transaction, and is on disk before anything is read. */
export type StoreRequest =
  | {
      readonly kind: "work";
      readonly appends: PackedAppends;
      readonly writes: readonly StoreWrite[];
      readonly reads: readonly StoreRead[];
    }
  | { readonly kind: "close" };

/** From the thread: `opened` or `not-opened` once, then for each work `written` or `not-written`, and `read` if it reads. */
export type StoreReply =
  | { readonly kind: "opened" }
  | { readonly kind: "not-opened"; readonly inUse: boolean; readonly cause: unknown }
  | {
      readonly kind: "written";
      /** Of the appends, in their order: 0 for an unknown channel, `notSealable` where its key is no key. */
      readonly sequences: readonly number[];
      readonly sealed: PackedPayloads;
      readonly answers: readonly unknown[];
    }
  | { readonly kind: "not-written"; readonly cause: unknown }
  | { readonly kind: "read"; readonly answers: readonly ReadOutcome[] };

export type ReadOutcome = { readonly answer: unknown } | { readonly cause: unknown };

/** Payloads in one run of bytes, to be transferred; a length of 0 is for what is to stay as it was. */
export interface PackedPayloads {
  readonly lengths: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Events as columns with all payloads in one run of bytes, so that a message between threads costs the same for one
 * event as for hundreds. The bytes are to be transferred.
 */
interface PackedColumns {
  readonly receivedAt: readonly number[];
  readonly schemes: readonly number[];
  readonly lengths: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface PackedAppends extends PackedColumns {
  readonly channels: readonly string[];
}

export interface PackedEvents extends PackedColumns {
  readonly sequences: readonly number[];
}

export function packAppends(appends: readonly StoreAppend[]): PackedAppends {
  return { channels: appends.map(append => append.channel), ...packColumns(appends) };
}

export function packEvents(events: readonly LoggedEvent[]): PackedEvents {
  return { sequences: events.map(event => event.sequence), ...packColumns(events) };
}

/** The payloads are views on the packed bytes. */
export function unpackAppends(packed: PackedAppends): StoreAppend[] {
  return unpackColumns(packed).map((event, index) => ({ ...event, channel: packed.channels[index] ?? "" }));
}

/** The payloads are views on the packed bytes. */
export function unpackEvents(packed: PackedEvents): LoggedEvent[] {
  return unpackColumns(packed).map((event, index) => ({ ...event, sequence: packed.sequences[index] ?? 0 }));
}

/** The payloads in their order, as views on the packed bytes; undefined for what is to stay as it was. */
export function unpackPayloads({ lengths, bytes }: PackedPayloads): (Uint8Array | undefined)[] {
  let offset = 0;
  return lengths.map(length => (length === 0 ? undefined : bytes.subarray(offset, (offset += length))));
}

type Columns = Pick<LoggedEvent, "receivedAt" | "scheme" | "payload">;

function packColumns(events: readonly Columns[]): PackedColumns {
  const lengths = events.map(event => event.payload.byteLength);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let offset = 0;
  for (const { payload } of events) {
    bytes.set(payload, offset);
    offset += payload.byteLength;
  }
  return {
    receivedAt: events.map(event => event.receivedAt),
    schemes: events.map(event => event.scheme),
    lengths,
    bytes,
  };
}

function unpackColumns({ receivedAt, schemes, lengths, bytes }: PackedColumns): Columns[] {
  let offset = 0;
  return lengths.map((length, index) => {
    const payload = bytes.subarray(offset, (offset += length));
    return { receivedAt: receivedAt[index] ?? 0, scheme: schemes[index] ?? 0, payload };
  });
}
