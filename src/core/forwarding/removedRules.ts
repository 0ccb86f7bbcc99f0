import * as v from "valibot";
import { second } from "../../base/clock.ts";
import { parseJson } from "../../base/json.ts";
import type { Outbox } from "../history/outbox.ts";
import type { Claims } from "../windows/claims.ts";
import type { SteadyNotes } from "../windows/steadyNotes.ts";
import { type ForwardRule, keyOf, parseRules, ruleFor, targetsOf } from "./forwardRule.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";
import { claimKey, nextClaimKey, pausedNote } from "./ruleRun.ts";

const noteSchema = v.object({
  /** Counts up: the order in which rules were removed, whatever the clock says. */
  turn: v.number(),
  /** What its window has instead. */
  rules: v.pipe(
    v.unknown(),
    v.transform(raw => parseRules(raw).rules),
  ),
});

interface RemovedRule extends v.InferOutput<typeof noteSchema> {
  readonly key: string;
}

export interface RemovedRulesOptions {
  readonly outbox: Pick<Outbox, "rules" | "of" | "pass" | "callOff">;
  readonly claims: Pick<Claims, "join">;
  readonly notes: Pick<SteadyNotes, "get" | "all" | "change" | "catchUp">;
  readonly load: (id: number) => ForwardedEvent | undefined;
}

/**
 * Rules that were removed or changed, until what was to be sent by them is passed on. Notes say so to all windows: the one
 * whose rules changed may be gone before it has done so, and no other can know that nobody waits for the rule any more.
 */
export class RemovedRules {
  readonly #options: RemovedRulesOptions;
  readonly #notes: RemovedRulesOptions["notes"];

  constructor(options: RemovedRulesOptions) {
    this.#options = options;
    this.#notes = options.notes;
  }

  /** Notes that a window has `rules` now, and those of these keys no more, and `others` in the same step. */
  add(keys: readonly string[], rules: readonly ForwardRule[], others: ReadonlyMap<string, string>): void {
    if (keys.length === 0) return;
    const turn = 1 + Math.max(0, ...this.#all().map(removed => removed.turn));
    const note = JSON.stringify({ turn, rules: rules.map(withoutSecrets) });
    this.#notes.change(new Map([...keys.map(key => [noteOf(key), note] as const), ...others]));
  }

  /**
   * What was to be sent by a rule that is in no window any more goes by the one that has its place, or not at all. `has`:
   * whether this window has a rule of that key.
   */
  passOn(has: (key: string) => boolean): void {
    this.#notes.catchUp();
    const awaited = new Set<string>();
    for (const removed of this.#all()) {
      if (has(removed.key)) this.#forget(removed.key);
      // What may still come to a rule that is removed, too, has to come first.
      else if (awaited.has(removed.key) || !this.#settle(removed.key))
        for (const rule of removed.rules) awaited.add(keyOf(rule));
    }
  }

  /**
   * False where that has to wait: another window has the rule, and takes the note back, or had it as it crashed, which
   * nobody knows until the claim runs out.
   */
  #settle(key: string): boolean {
    const claim = this.#options.claims.join();
    try {
      const wanted = [claimKey(key), nextClaimKey(key)];
      claim.add(wanted, second);
      const isFree = claim.keys.size === wanted.length;
      if (isFree) this.#empty(key);
      return isFree;
    } finally {
      claim.dispose();
    }
  }

  #empty(key: string): void {
    const { outbox, load } = this.#options;
    // Another window may have done it since the notes were read, and the rule may have been back since.
    const removed = this.#read(key);
    if (removed === undefined) return;
    const queue = Map.groupBy(outbox.of(key), id => ruleOf(load(id), removed.rules));
    outbox.rules.forget(
      key,
      [...queue.keys()].flatMap(rule => (rule === undefined ? [] : keyOf(rule))),
    );
    for (const [rule, events] of queue) {
      if (rule === undefined) outbox.callOff(events, [key]);
      else outbox.pass(events, key, keyOf(rule), targetsOf(rule));
    }
    this.#forget(key, pausedNote(key));
  }

  #forget(key: string, ...others: readonly string[]): void {
    this.#notes.change(new Map([noteOf(key), ...others].map(note => [note, undefined])));
  }

  /** In the order in which they were removed. */
  #all(): readonly RemovedRule[] {
    const keys = [...(this.#notes.all(notePrefix)?.keys() ?? [])];
    const all = keys.flatMap(key => this.#read(key.slice(notePrefix.length)) ?? []);
    return all.toSorted((one, other) => one.turn - other.turn);
  }

  #read(key: string): RemovedRule | undefined {
    const note = parseJson(this.#notes.get(noteOf(key)) ?? "");
    const parsed = note.ok ? v.safeParse(noteSchema, note.value) : undefined;
    return parsed?.success === true ? { key, ...parsed.output } : undefined;
  }
}

const notePrefix = "forward.removed:";

function noteOf(key: string): string {
  return notePrefix + key;
}

function ruleOf(event: ForwardedEvent | undefined, rules: readonly ForwardRule[]): ForwardRule | undefined {
  return event === undefined ? undefined : ruleFor(rules, event);
}

/** What a rule chooses and where to. Headers may hold secrets, and are those of the window that sends. */
function withoutSecrets(rule: ForwardRule): ForwardRule {
  return { ...rule, name: undefined, headers: undefined };
}
