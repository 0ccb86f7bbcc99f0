import * as v from "valibot";
import type { SharedNotes } from "../windows/keeper.ts";
import type { RecoveryRequest } from "./recoveryService.ts";
import { watchedModuleSchema } from "./watched.ts";

const prefix = "recovery/pending/";

const requestSchema: v.GenericSchema<unknown, RecoveryRequest> = v.object({
  connectionId: v.string(),
  channelId: v.string(),
  watched: v.array(watchedModuleSchema),
  from: v.number(),
  to: v.number(),
});

export type RecoveryNotes = Pick<SharedNotes, "get" | "set" | "delete" | "keys">;

/** What is still to be looked for, one for each channel, known to all windows and kept over restarts. */
export class PendingRecoveries {
  readonly #notes: RecoveryNotes;

  constructor(notes: RecoveryNotes) {
    this.#notes = notes;
  }

  /** Notes a request, joined with what is pending for its channel already. */
  add(request: RecoveryRequest): void {
    const key = keyOf(request);
    const before = this.#read(key);
    const joined = before === undefined ? request : { ...request, ...spanOf(before, request) };
    this.#notes.set(key, JSON.stringify(joined));
  }

  list(): RecoveryRequest[] {
    return this.#notes.keys(prefix).flatMap(key => this.#read(key) ?? []);
  }

  /** A request was dealt with; what was joined to it meanwhile stays pending. */
  settle(request: RecoveryRequest): void {
    const key = keyOf(request);
    const now = this.#read(key);
    if (now?.from === request.from && now.to === request.to) this.#notes.delete(key);
  }

  /** Nothing is to be looked for of a connection that is gone. */
  drop(request: RecoveryRequest): void {
    this.#notes.delete(keyOf(request));
  }

  #read(key: string): RecoveryRequest | undefined {
    const text = this.#notes.get(key);
    const parsed = text === undefined ? undefined : v.safeParse(requestSchema, jsonOf(text));
    return parsed?.success === true ? parsed.output : undefined;
  }
}

function spanOf(one: RecoveryRequest, other: RecoveryRequest): { from: number; to: number } {
  return { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}

function keyOf({ connectionId, channelId }: RecoveryRequest): string {
  return `${prefix}${connectionId}/${channelId}`;
}

/** What another version wrote counts as nothing. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
