import * as v from "valibot";
import { type Clock, second } from "../../base/clock.ts";
import { parseJson } from "../../base/json.ts";
import type { Outbox } from "../history/outbox.ts";
import type { Claims } from "../windows/claims.ts";
import type { SteadyNotes } from "../windows/steadyNotes.ts";
import { type ForwardRule, keyOf, parseRules, ruleFor, targetsOf } from "./forwardRule.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";
import { type RuleRun, claimKey, nextClaimKey, pausedNote } from "./ruleRun.ts";
import { type UnseenEventsOptions, unseenEvents } from "./unseenEvents.ts";

const noteSchema = v.object({
  /** Counts up: the order in which rules were removed, whatever the clock says. */
  turn: v.number(),
  /** Another window saw to it: that may have it still. */
  isElsewhere: v.optional(v.boolean(), false),
  /** What it chose and where to; a former version of the product did not say so. */
  rule: v.optional(
    v.pipe(
      v.unknown(),
      v.transform(raw => parseRules([raw]).rules[0]),
    ),
  ),
  /** What its window has instead. */
  rules: v.pipe(
    v.unknown(),
    v.transform(raw => parseRules(raw).rules),
  ),
});

interface RemovedRule extends v.InferOutput<typeof noteSchema> {
  readonly key: string;
}

/** A rule that a window has no more, and whether it was the one that saw to it. */
export type GoneRule = Pick<RuleRun, "key" | "rule" | "isHeld">;

export interface RemovedRulesOptions extends Pick<UnseenEventsOptions, "history" | "chosenBy" | "isPaused"> {
  readonly outbox: Pick<Outbox, "rules" | "of" | "choose" | "pass" | "callOff" | "away" | "together">;
  readonly claims: Pick<Claims, "join" | "isGivenBack">;
  readonly notes: Pick<SteadyNotes, "get" | "all" | "change" | "catchUp">;
  readonly load: (id: number) => ForwardedEvent | undefined;
  readonly clock: Clock;
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

  /** Notes that a window has `rules` now, and those that are `gone` no more, and `others` in the same step. */
  add(gone: readonly GoneRule[], rules: readonly ForwardRule[], others: ReadonlyMap<string, string>): void {
    if (gone.length === 0) return;
    const turn = 1 + Math.max(0, ...this.#all().map(removed => removed.turn));
    const notes = gone.map(({ key, rule, isHeld }) => {
      // Where the one that saw to it has noted that already, it is nobody's, though its claim could not be given back.
      const isElsewhere = !isHeld && this.#read(key)?.isElsewhere !== false;
      const note = { turn, isElsewhere, rule: withoutSecrets(rule), rules: rules.map(withoutSecrets) };
      return [noteOf(key), JSON.stringify(note)] as const;
    });
    this.#notes.change(new Map([...notes, ...others]));
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
      else if (awaited.has(removed.key) || !this.#settle(removed))
        for (const rule of removed.rules) awaited.add(keyOf(rule));
    }
  }

  /**
   * False where that has to wait: another window has the rule, and takes the note back, or had it as it crashed. Nobody
   * knows then whether that is over, so the window has the time of an absence to come back.
   */
  #settle({ key, isElsewhere }: RemovedRule): boolean {
    const { claims } = this.#options;
    const isOver = !isElsewhere || claims.isGivenBack(claimKey(key));
    if (!isOver && !this.#isAway(key)) return false;
    const claim = claims.join();
    try {
      const wanted = [claimKey(key), nextClaimKey(key)];
      claim.add(wanted, second);
      const isFree = claim.keys.size === wanted.length;
      if (isFree) this.#empty(key, isOver);
      return isFree;
    } finally {
      claim.dispose();
    }
  }

  #isAway(key: string): boolean {
    const { outbox, clock } = this.#options;
    return outbox.rules.progress(key) === undefined || outbox.away(clock.now()).includes(key);
  }

  /** Unless the rule `isOver`, what has no other rule stays with it, and what comes in waits for it to come back. */
  #empty(key: string, isOver: boolean): void {
    // Another window may have done it since the notes were read, and the rule may have been back since.
    const removed = this.#read(key);
    if (removed === undefined) return;
    this.#options.outbox.together(() => this.#hand(removed, isOver));
    if (isOver) this.#forget(key, pausedNote(key));
    else this.#forget(key);
  }

  #hand(removed: RemovedRule, isOver: boolean): void {
    const { outbox, load } = this.#options;
    const { key } = removed;
    const unseen = this.#chooseUnseen(removed);
    const queue = Map.groupBy(outbox.of(key), id => ruleOf(load(id), removed.rules));
    const heirs = [...queue.keys()].flatMap(rule => (rule === undefined ? [] : keyOf(rule)));
    if (isOver) outbox.rules.forget(key, [...heirs, ...unseen]);
    for (const [rule, events] of queue) {
      if (rule !== undefined) outbox.pass(events, key, keyOf(rule), targetsOf(rule));
      else if (isOver) outbox.callOff(events, [key]);
    }
  }

  /** Gives the keys of the rules that have what was not looked at. */
  #chooseUnseen({ key, rule, rules }: RemovedRule): readonly string[] {
    const { outbox } = this.#options;
    const progress = outbox.rules.progress(key);
    if (rule === undefined || progress === undefined) return [];
    const unseen = unseenEvents({ rule, rules, progress, isAway: this.#isAway(key) }, this.#options);
    outbox.choose(key, progress, unseen);
    return unseen.map(({ owner }) => owner);
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
