import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import type { Remedy } from "../../base/problem.ts";
import type { SteadyNotes } from "../windows/steadyNotes.ts";

/** All remedies; one of another version of this extension counts as none. */
const remedies: readonly Remedy[] = [
  "none",
  "retry",
  "refresh",
  "sign-in",
  "create-subscription",
  "renew-subscription",
  "recreate-subscription",
  "point-here",
  "send-here",
  "configure-relay",
  "join-relay",
  "get-address",
  "reconnect-relay",
  "start-sandbox",
  "open-log",
];

const problemSchema = v.object({
  kind: v.string(),
  code: v.string(),
  message: v.string(),
  remedy: v.fallback(v.picklist(remedies), "none"),
});

const recordSchema = v.object({
  expiresAt: v.exactOptional(v.number()),
  grantedAt: v.exactOptional(v.number()),
  renewedAt: v.exactOptional(v.number()),
  stopped: v.exactOptional(v.boolean()),
  failures: v.optional(v.number(), 0),
  retryAt: v.exactOptional(v.number()),
  problem: v.exactOptional(problemSchema),
  askAgainAt: v.exactOptional(v.number()),
});

/**
 * What all windows remember of one channel: the grant it lives on, when it was last renewed, how often that failed since
 * and why, and what the person said. Instants are milliseconds since 1970.
 */
export type RenewalRecord = Readonly<v.InferOutput<typeof recordSchema>>;

const nothing: RenewalRecord = { failures: 0 };
const prefix = "renewal/channel/";

/** The records of all channels, read once and then as often as asked. */
export class RenewalRecords {
  readonly #notes: SteadyNotes;
  #records = new Map<string, RenewalRecord>();

  constructor(notes: SteadyNotes) {
    this.#notes = notes;
    this.reload();
  }

  /** Takes over what other windows have written. */
  reload(): void {
    const notes = this.#notes.all(prefix);
    if (notes !== undefined) this.#records = new Map([...notes].map(([key, text]) => [key, parse(text)]));
  }

  get(connectionId: string, channelId: string): RenewalRecord {
    return this.#records.get(keyOf(connectionId, channelId)) ?? nothing;
  }

  /** As {@link get}, with what another window has written just now. */
  latest(connectionId: string, channelId: string): RenewalRecord {
    const key = keyOf(connectionId, channelId);
    const text = this.#notes.get(key);
    if (text !== undefined) this.#records.set(key, parse(text));
    return this.get(connectionId, channelId);
  }

  set(connectionId: string, channelId: string, record: RenewalRecord): void {
    this.setAll(connectionId, new Map([[channelId, record]]));
  }

  /** The records of channels of a connection, by channel id: all with one write. */
  setAll(connectionId: string, records: ReadonlyMap<string, RenewalRecord>): void {
    const changes = new Map<string, string>();
    for (const [channelId, record] of records) {
      const key = keyOf(connectionId, channelId);
      const text = JSON.stringify(record);
      if (text === JSON.stringify(this.#records.get(key))) continue;
      this.#records.set(key, record);
      changes.set(key, text);
    }
    if (changes.size > 0) this.#notes.change(changes);
  }

  /** Drops the records of a connection's channels that `isKnown` does not know. */
  keepOnly(connectionId: string, isKnown: (channelId: string) => boolean): void {
    const start = keyOf(connectionId, "");
    const gone = [...this.#records.keys()].filter(key => key.startsWith(start) && !isKnown(key.slice(start.length)));
    for (const key of gone) this.#records.delete(key);
    if (gone.length > 0) this.#notes.change(new Map(gone.map(key => [key, undefined])));
  }
}

function keyOf(connectionId: string, channelId: string): string {
  return `${prefix}${connectionId}/${channelId}`;
}

/** What cannot be read counts as nothing known. */
function parse(text: string): RenewalRecord {
  const value = parseJson(text);
  const parsed = v.safeParse(recordSchema, value.ok ? value.value : {});
  return parsed.success ? parsed.output : nothing;
}
