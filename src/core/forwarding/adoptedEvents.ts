import type { Disposable } from "../../base/lifecycle.ts";
import type { Outbox } from "../history/outbox.ts";
import type { SteadyNotes } from "../windows/steadyNotes.ts";
import { type ForwardRule, keyOf } from "./forwardRule.ts";
import { RuleRun, type RuleRunOptions, pausedNote } from "./ruleRun.ts";

/** A rule that no settings can have, as it has no address: it chooses nothing, and is in every window. */
const adoptingRule: ForwardRule = { url: [], enabled: true, wrongToken: false };

/** Who owns in the outbox what was adopted. */
export const adoptedKey = keyOf(adoptingRule);

export interface AdoptedEventsOptions extends Omit<RuleRunOptions, "chosen" | "isPaused" | "outbox"> {
  readonly outbox: Outbox;
  readonly notes: Pick<SteadyNotes, "get" | "change">;
}

/**
 * What a rule held that nobody sees to, and a person sends although no rule of their window fits it. It is sent as if by a
 * rule of every window, so that it keeps its order, and outlives the window; as long as there is any.
 */
export class AdoptedEvents implements Disposable {
  readonly #options: AdoptedEventsOptions;
  #run: RuleRun | undefined;

  constructor(options: AdoptedEventsOptions) {
    this.#options = options;
  }

  /** What there is to own by this window: {@link adoptedKey}, or nothing. */
  get keys(): readonly string[] {
    return this.#options.outbox.rules.progress(adoptedKey) === undefined ? [] : [adoptedKey];
  }

  /** The same where this is the window that sends it. */
  get heldKeys(): readonly string[] {
    return this.#run?.isHeld === true ? [adoptedKey] : [];
  }

  /** Takes events of the rule with this key, to go where that was to send them. They stay as they stand. */
  adopt(eventIds: readonly number[], key: string): void {
    const { outbox, clock } = this.#options;
    outbox.adopt(eventIds, key, adoptedKey, clock.now());
  }

  /** Whether what is to be tried again is held instead. */
  setPaused(isPaused: boolean): void {
    const { notes } = this.#options;
    const note = pausedNote(adoptedKey);
    const isPausedNow = notes.get(note) !== undefined;
    if (isPaused !== isPausedNow) notes.change(new Map([[note, isPaused ? "1" : undefined]]));
  }

  /** Sees to what there is, if no other window does. To be called often. */
  update(): void {
    const { outbox } = this.#options;
    const isOver = this.keys.length === 0 || (this.#run?.isHeld === true && outbox.forgetIdle(adoptedKey));
    if (isOver) this.dispose();
    else this.#see();
  }

  /** Another window may go on at once. */
  dispose(): void {
    this.#run?.dispose();
    this.#run = undefined;
  }

  #see(): void {
    this.#run ??= new RuleRun(adoptingRule, {
      ...this.#options,
      chosen: () => undefined,
      isPaused: () => false,
    });
    this.#run.update(false);
  }
}
