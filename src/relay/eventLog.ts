import type { Disposable } from "../base/lifecycle.ts";
import type { Result } from "../base/result.ts";
import type { ChosenAnswer } from "../protocol/chosenAnswer.ts";
import type { AccessChange, Reader } from "./channelAccess.ts";

/**
 * An event as it is handed to the log. `payload` is what the scheme says it is; the log never looks inside, but seals
 * what is plain where the channel has a public key.
 */
export interface NewEvent {
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** How to read the payload (see relayFrames.ts). */
  readonly scheme: number;
  readonly payload: Uint8Array;
}

/** An event with its place in its channel: 1 for the first, one more for each; never used twice. */
export interface LoggedEvent extends NewEvent {
  readonly sequence: number;
}

/** What is known of a channel. Of the read key only its SHA-256 hash is kept. */
export interface ChannelRecord {
  readonly channel: string;
  readonly readKeyHash: Uint8Array;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** What events are sealed to (see protocol/sealing.ts); without it they are kept in the clear. */
  readonly publicKey?: string | undefined;
  /** What senders get once their event is durable; without it, the relay's own answer. */
  readonly answer?: ChosenAnswer | undefined;
  /** Those with whom its owner shares it; absent like none. */
  readonly readers?: readonly Reader[] | undefined;
}

/** The oldest event still kept and the newest ever accepted; `newest` is `oldest - 1` when nothing is kept. */
export interface SequenceBounds {
  readonly oldest: number;
  readonly newest: number;
}

/** What is kept of each channel; what is older or more is removed, oldest first. */
export interface Retention {
  /** Milliseconds since the event came in. */
  readonly maxAge: number;
  /** Events per channel; up to an eighth more, and no more than 256, may be there before the surplus is removed. */
  readonly maxEvents: number;
  /** Bytes of events per channel; up to an eighth more may be there before the surplus is removed. */
  readonly maxBytes: number;
}

/** How much one read may return. At least one event comes back where there is one, however large. */
export interface ReadLimit {
  readonly events: number;
  readonly bytes: number;
}

/** Why an event was not kept. `storage` means the log could not write it down; the cause is for the operator's log. */
export type AppendFailure =
  { readonly kind: "unknown-channel" } | { readonly kind: "storage"; readonly cause: unknown };

/** `newer-events`: there are some that whoever asked has not read, so the channel stays. */
export type Deletion = "deleted" | "unknown-channel" | "newer-events";

/** Hears about one channel. Calls come in order and never overlap. */
export interface ChannelWatcher {
  /** These events are durable now. They follow each other without a hole, but earlier ones may have been missed. */
  appended(events: readonly LoggedEvent[]): void;
  /** Who may read the channel may have changed. */
  accessChanged(): void;
  deleted(): void;
}

/**
 * Where a relay keeps its channels and their events: the one thing that differs between storage engines. Everything is
 * asynchronous because an engine may be across a network. What rejects, rejects because the engine cannot be reached.
 */
export interface EventLog {
  /** Resolves with the cause when the log can do nothing more in this process, though nobody has closed it. */
  readonly failed: Promise<unknown>;

  createChannel(record: ChannelRecord): Promise<void>;
  findChannel(channel: string): Promise<ChannelRecord | undefined>;
  /** The same from memory alone; undefined does not say that there is no such channel. */
  recallChannel(channel: string): ChannelRecord | undefined;
  /**
   * What is kept from now on is sealed to `publicKey`, also what was on its way when this was asked for; what was kept
   * before stays as it is. False when there is no channel.
   */
  setPublicKey(channel: string, publicKey: string): Promise<boolean>;
  /** What senders are answered from now on; undefined: the relay's own answer. False when there is no channel. */
  setAnswer(channel: string, answer: ChosenAnswer | undefined): Promise<boolean>;
  /** Changes who may read the channel, and tells its watchers. False when there is no channel. */
  changeAccess(channel: string, change: AccessChange): Promise<boolean>;
  /**
   * Removes the channel with all its events and tells its watchers. With `after` only if no event has come in after that
   * sequence: then none comes in any more, and otherwise everything stays as it is.
   */
  deleteChannel(channel: string, after?: number): Promise<Deletion>;

  /**
   * Gives the event the channel's next sequence, and settles when it is durable or certainly will not be reported so. A
   * plain payload of a channel with a public key is sealed before anything is written, and comes back sealed only.
   */
  append(channel: string, event: NewEvent): Promise<Result<number, AppendFailure>>;
  /** Kept events with a sequence greater than `after`, in order. Empty for an unknown channel. */
  read(channel: string, after: number, limit: ReadLimit): Promise<readonly LoggedEvent[]>;
  bounds(channel: string): Promise<SequenceBounds | undefined>;
  /** Leaves sequences up to and including `sequence` unused, so that a log restored from a backup repeats none. */
  skipTo(channel: string, sequence: number): Promise<void>;
  watch(channel: string, watcher: ChannelWatcher): Disposable;

  /** Whether an append would be accepted now. */
  isReady(): Promise<boolean>;
  /** Settles what was appended, then lets go of the storage. */
  close(): Promise<void>;
}

/** Another process has the data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = "DataDirectoryInUseError";

  constructor(directory: string, cause: unknown) {
    super(`Another process uses the data directory ${directory}`, { cause });
  }
}
