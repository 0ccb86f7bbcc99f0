import { createHash } from "node:crypto";
import { type Clock, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { shortTimeout } from "../history/openDatabase.ts";
import type { Outbox } from "../history/outbox.ts";
import type { NewJob } from "../history/outboxJob.ts";
import { absence } from "../history/outboxTurns.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import { steadyClaim } from "../windows/steadyClaim.ts";
import { type ForwardRule, keyOf, targetsOf } from "./forwardRule.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";
import { type Presence, asOfNow, cameWhilePresent } from "./presence.ts";

/** For how long a window has a rule to itself after its last sign of life. Less than {@link absence}. */
const claimLength = 20 * second;

/** How many events are looked at in one go. */
const readAtOnce = 200;

/** What a run needs of the history. */
export interface RunHistory {
  newestId(): number;
  after(id: number, limit: number): readonly StoredEvent[];
}

/** An event that a rule fits. */
export interface Chosen {
  readonly event: ForwardedEvent;
  /** The one that sends it. */
  readonly rule: ForwardRule;
  /** Its token proves too little for the rule to send it. */
  readonly isWithheld: boolean;
}

export interface RuleRunOptions {
  readonly outbox: Outbox;
  readonly history: RunHistory;
  readonly claims: Claims;
  readonly presence: Pick<Presence, "since" | "caughtUpSince">;
  /** The newest event as this window opened. */
  readonly openedAfter: number;
  /** The event, where the run of the rule with this key is to put it in. */
  readonly chosen: (event: StoredEvent, key: string) => Chosen | undefined;
  /** Whether what a rule chooses is held. */
  readonly isPaused: (key: string) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One rule at work. Of all windows that have it, one holds it: that window puts the rule's events into the outbox as they
 * come in, and sends them. What came in while nobody was here is held. Another window goes on where this one ended.
 */
export class RuleRun implements Disposable {
  readonly rule: ForwardRule;
  readonly key: string;
  readonly #options: RuleRunOptions;
  /** The newest event as the rule came: one that no window has seen to before begins after it. */
  readonly #newestBefore: number;
  #claim: Claim | undefined;
  /** It is written down where it begins, by this window or by another. */
  #hasBegun = false;
  /** Held while another window has the rule: says that it is not over with that one. Of several, one window has it. */
  #nextClaim: Claim | undefined;
  /** From when on somebody was here, before this window took over. */
  #since: number | undefined;
  /** The same, where this window goes on where another was: then it was here for what is caught up with, too. */
  #continued: number | undefined;

  constructor(rule: ForwardRule, options: RuleRunOptions) {
    this.rule = rule;
    this.key = keyOf(rule);
    this.#options = options;
    this.#newestBefore = options.history.newestId();
  }

  /** Whether this is the window that sees to the rule. */
  get isHeld(): boolean {
    return this.#claim !== undefined;
  }

  /**
   * Holds the rule, or takes it over where no other window has it, and takes what is new. To be called often. `isPaused`:
   * what is new is held.
   */
  update(isPaused: boolean): void {
    if (this.#hold()) this.notice(isPaused);
  }

  /** Takes what is new, if this is the window that holds the rule. */
  notice(isPaused: boolean): void {
    if (this.isHeld || this.begin()) this.#look(isPaused);
  }

  /** Writes down where the rule begins, if that could not be written yet: else it is lost with the window. */
  begin(): boolean {
    return !this.#hasBegun && this.#hold();
  }

  /** This window was away: what comes in from now on is a backlog until it is back. */
  breakOff(): void {
    this.#since = undefined;
    this.#continued = undefined;
  }

  /** Lets the rule go: another window may go on at once. */
  dispose(): void {
    this.#giveBack(this.#claim);
    this.#giveBack(this.#nextClaim);
    this.#claim = this.#nextClaim = undefined;
  }

  #hold(): boolean {
    if (this.#claim?.extend(claimLength) === true) return true;
    this.#claim = undefined;
    const claim = this.#options.claims.take(claimKey(this.key), claimLength);
    this.#hasBegun ||= claim === undefined;
    if (claim === undefined) return this.#holdNext();
    try {
      this.#takeOver();
    } catch (error) {
      // Without a beginning it would take everything that there is for new.
      this.#giveBack(claim);
      throw error;
    }
    this.#claim = claim;
    this.#hasBegun = true;
    this.#giveBack(this.#nextClaim);
    this.#nextClaim = undefined;
    return true;
  }

  #holdNext(): false {
    if (this.#nextClaim?.extend(claimLength) !== true)
      this.#nextClaim = this.#options.claims.take(nextClaimKey(this.key), claimLength);
    return false;
  }

  /** Where that fails, the claim runs out by itself, and everything else is let go all the same. */
  #giveBack(claim: Claim | undefined): void {
    if (claim !== undefined) steadyClaim(claim, this.#options.logger).dispose();
  }

  /** Goes on with what was queued, unless nobody has been here for a while: then it waits for a word. */
  #takeOver(): void {
    const { outbox, clock } = this.#options;
    const now = clock.now();
    const progress = outbox.rules.progress(this.key);
    const wasAway = progress !== undefined && now - progress.aliveAt > absence;
    const aliveAt = asOfNow(progress?.aliveAt, now);
    this.#continued = wasAway ? undefined : aliveAt;
    this.#since = wasAway ? undefined : (aliveAt ?? now);
    if (wasAway) outbox.hold([this.key], shortTimeout);
    outbox.choose(this.key, { seenThrough: progress?.seenThrough ?? this.#newestBefore, aliveAt: now });
  }

  #look(isPaused: boolean): void {
    const { outbox, history, clock } = this.#options;
    this.#since = asOfNow(this.#since, clock.now());
    this.#continued = asOfNow(this.#continued, clock.now());
    let seenThrough = outbox.rules.progress(this.key)?.seenThrough ?? 0;
    for (;;) {
      const events = history.after(seenThrough, readAtOnce);
      seenThrough = events.at(-1)?.id ?? seenThrough;
      const chosen = events.flatMap(event => this.#jobOf(event, isPaused) ?? []);
      outbox.choose(this.key, { seenThrough, aliveAt: clock.now() }, chosen);
      if (events.length < readAtOnce) return;
    }
  }

  #jobOf(event: StoredEvent, isPaused: boolean): NewJob | undefined {
    const chosen = this.#options.chosen(event, this.key);
    if (chosen === undefined) return undefined;
    const { id: eventId } = event;
    const owner = keyOf(chosen.rule);
    const isBacklog = event.kind === "request" && event.isBacklog === true;
    const { presence } = this.#options;
    const since = isBacklog ? (this.#continued ?? presence.caughtUpSince) : (this.#since ?? presence.since);
    // Whatever the clock says, that has been set since.
    const isOlder = this.#since === undefined && eventId <= this.#options.openedAfter;
    const isHeld =
      (owner === this.key ? isPaused : this.#options.isPaused(owner)) || isOlder || !cameWhilePresent(event, since);
    const standing = chosen.isWithheld ? "withheld" : isHeld ? "held" : "queued";
    return { eventId, owner, targets: targetsOf(chosen.rule), lanes: chosen.event.lanes, standing };
  }
}

/** What the window that holds a rule has claimed. */
export function claimKey(key: string): string {
  return `forward:${createHash("sha256").update(key).digest("base64url")}`;
}

/** What a window has claimed that goes on with a rule once the one that holds it gives it up. */
export function nextClaimKey(key: string): string {
  return `${claimKey(key)}:next`;
}

/** What says to all windows that a rule's events are held. */
export function pausedNote(key: string): string {
  return `forward.paused:${key}`;
}
