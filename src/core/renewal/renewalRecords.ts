import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import type { Logger } from "../../base/logger.ts";
import { type Remedy, describeCauses } from "../../base/problem.ts";
import type { SharedNotes } from "../windows/keeper.ts";

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
  "configure-relay",
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

/**
 * The records of all channels, read once and then as often as asked. Losing one costs a request, so a disk that does not
 * take them is logged and no more.
 */
export class RenewalRecords {
  readonly #notes: SharedNotes;
  readonly #logger: Logger;
  #records = new Map<string, RenewalRecord>();

  constructor(notes: SharedNotes, logger: Logger) {
    this.#notes = notes;
    this.#logger = logger;
    this.reload();
  }

  /** Takes over what other windows have written. */
  reload(): void {
    this.#orLog(() => {
      const keys = this.#notes.keys(prefix);
      this.#records = new Map(keys.map(key => [key, parse(this.#notes.get(key))]));
    });
  }

  get(connectionId: string, channelId: string): RenewalRecord {
    return this.#records.get(keyOf(connectionId, channelId)) ?? nothing;
  }

  /** As {@link get}, with what another window has written just now. */
  latest(connectionId: string, channelId: string): RenewalRecord {
    const key = keyOf(connectionId, channelId);
    this.#orLog(() => {
      const text = this.#notes.get(key);
      if (text !== undefined) this.#records.set(key, parse(text));
    });
    return this.get(connectionId, channelId);
  }

  set(connectionId: string, channelId: string, record: RenewalRecord): void {
    const key = keyOf(connectionId, channelId);
    const text = JSON.stringify(record);
    if (text === JSON.stringify(this.#records.get(key))) return;
    this.#records.set(key, record);
    this.#orLog(() => this.#notes.set(key, text));
  }

  /** Drops the records of a connection's channels that `isKnown` does not know. */
  keepOnly(connectionId: string, isKnown: (channelId: string) => boolean): void {
    const start = keyOf(connectionId, "");
    for (const key of [...this.#records.keys()]) {
      if (!key.startsWith(start) || isKnown(key.slice(start.length))) continue;
      this.#records.delete(key);
      this.#orLog(() => this.#notes.delete(key));
    }
  }

  #orLog(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#logger.warn(`renewal: what windows share cannot be used: ${describeCauses(error)}`);
    }
  }
}

function keyOf(connectionId: string, channelId: string): string {
  return `${prefix}${connectionId}/${channelId}`;
}

/** What cannot be read counts as nothing known. */
function parse(text: string | undefined): RenewalRecord {
  const value = parseJson(text ?? "{}");
  const parsed = v.safeParse(recordSchema, value.ok ? value.value : {});
  return parsed.success ? parsed.output : nothing;
}
