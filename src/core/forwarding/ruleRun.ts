import { createHash } from "node:crypto";
import { type Clock, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { ForwardQueue, QueuedEvent } from "../history/forwardQueue.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import type { Dispatcher, SendingJob } from "./dispatcher.ts";
import { type ForwardRule, keyOf } from "./forwardRule.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";
import type { HandlingRecords } from "./handlingRecords.ts";
import { type Presence, absence, cameWhilePresent } from "./presence.ts";
import type { RetryPolicy } from "./retryPolicy.ts";

/** For how long a window has a rule to itself after its last sign of life. Less than {@link absence}. */
const claimLength = 20 * second;

/** How many events of a rule are in the dispatcher's hands at a time; the others wait in the queue. */
const inHand = 100;

/** How many events are looked at in one go. */
const readAtOnce = 200;

/** What a run needs of the history. */
export interface RunHistory {
  newestId(): number;
  after(id: number, limit: number): readonly StoredEvent[];
}

export interface RuleRunOptions {
  readonly queue: ForwardQueue;
  readonly history: RunHistory;
  readonly records: HandlingRecords;
  readonly dispatcher: Pick<Dispatcher, "submit">;
  readonly claims: Claims;
  readonly presence: Pick<Presence, "since">;
  readonly policy: () => RetryPolicy;
  /** The event as something that can be sent; undefined for one that is not kept, or holds no request. */
  readonly load: (id: number) => ForwardedEvent | undefined;
  /** The event, where the first rule that fits it is the one with this key. */
  readonly chosen: (event: StoredEvent, key: string) => ForwardedEvent | undefined;
  /** Whether an older event about one of its records is held: it is not to go before that one. */
  readonly isBehindHeld: (event: ForwardedEvent) => boolean;
  /** The same once it waits: one that another rule than this key's has not sent yet is not to be overtaken either. */
  readonly isStillBehind: (event: ForwardedEvent, key: string) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One rule at work. Of all windows that have it, one holds it: that window queues the rule's events as they come in and
 * sends them in order. What came in while nobody was here is held, and newer events of the same records wait behind it.
 * Another window goes on where this one ended.
 */
export class RuleRun implements Disposable {
  readonly rule: ForwardRule;
  readonly key: string;
  readonly #options: RuleRunOptions;
  readonly #inFlight = new Map<number, SendingJob>();
  /** Events that wait behind others. */
  #behind = new Map<number, ForwardedEvent>();
  #claim: Claim | undefined;
  /** From when on somebody was here, before this window took over. */
  #since: number | undefined;

  constructor(rule: ForwardRule, options: RuleRunOptions) {
    this.rule = rule;
    this.key = keyOf(rule);
    this.#options = options;
  }

  /**
   * Holds the rule, or takes it over where no other window has it, and does what there is to do. To be called often.
   * `isPaused`: what is new is held.
   */
  update(isPaused: boolean): void {
    if (this.#hold()) {
      this.dropRevoked();
      this.#letFollow();
      this.notice(isPaused);
    }
  }

  /** Takes what is new, if this is the window that holds the rule. */
  notice(isPaused: boolean): void {
    if (this.#claim === undefined) return;
    this.#look(isPaused);
    this.#send();
  }

  /** This window was away: what comes in from now on is a backlog until it is back. */
  breakOff(): void {
    this.#since = undefined;
  }

  /** Lets the rule go: another window may go on at once. */
  dispose(): void {
    const left = [...this.#inFlight.keys()];
    this.#letGo();
    this.#options.records.setState(left, "queued");
    this.#claim?.dispose();
  }

  #hold(): boolean {
    if (this.#claim?.extend(claimLength) === true) return true;
    // Another window has taken it in the meantime, as this machine slept.
    this.#letGo();
    this.#claim = this.#options.claims.take(claimKey(this.key), claimLength);
    if (this.#claim === undefined) return false;
    this.#takeOver();
    return true;
  }

  #letGo(): void {
    for (const sending of this.#inFlight.values()) sending.stop("left");
    this.#inFlight.clear();
  }

  /** Goes on with what was queued, unless nobody has been here for a while: then it waits for a word. */
  #takeOver(): void {
    const { queue, history, clock } = this.#options;
    const now = clock.now();
    const progress = queue.progress(this.key);
    const wasAway = progress !== undefined && now - progress.aliveAt > absence;
    this.#since = wasAway ? undefined : (progress?.aliveAt ?? now);
    queue.setProgress(this.key, { seenThrough: progress?.seenThrough ?? history.newestId(), aliveAt: now });
    const left = queue.unheld(this.key);
    for (const { eventId, tries } of left) if (tries > 0) this.#options.records.abandon(eventId);
    if (wasAway) this.#holdBack(left);
  }

  #holdBack(events: readonly QueuedEvent[]): void {
    const { queue, records } = this.#options;
    const ids = events.map(({ eventId }) => eventId);
    queue.setStanding(ids, "held");
    records.setState(ids, "held");
  }

  /** Stops what somebody took out of the queue or holds, in this window or in another. */
  dropRevoked(): void {
    const standing = this.#options.queue.standing(this.key, [...this.#inFlight.keys()]);
    for (const [id, sending] of this.#inFlight) {
      const state = standing.get(id);
      if (state !== "pending") sending.stop(state === undefined ? "stopped" : "held");
    }
  }

  /** Lets those go that waited behind others which are not held any more, be it sent, left alone or gone. */
  #letFollow(): void {
    const { queue, load, isStillBehind } = this.#options;
    const before = this.#behind;
    this.#behind = new Map();
    for (const id of queue.behind(this.key)) {
      const event = before.get(id) ?? load(id);
      if (event !== undefined && isStillBehind(event, this.key)) this.#behind.set(id, event);
      else queue.setStanding([id], "pending");
    }
  }

  #look(isPaused: boolean): void {
    const { queue, history, clock } = this.#options;
    let seenThrough = queue.progress(this.key)?.seenThrough ?? 0;
    for (;;) {
      const events = history.after(seenThrough, readAtOnce);
      for (const event of events) this.#consider(event, isPaused);
      seenThrough = events.at(-1)?.id ?? seenThrough;
      queue.setProgress(this.key, { seenThrough, aliveAt: clock.now() });
      if (events.length < readAtOnce) return;
    }
  }

  #consider(event: StoredEvent, isPaused: boolean): void {
    const chosen = this.#options.chosen(event, this.key);
    if (chosen === undefined) return;
    const since = this.#since ?? this.#options.presence.since;
    const isHeld = isPaused || !cameWhilePresent(event.receivedAt, since);
    const standing = isHeld ? "held" : this.#options.isBehindHeld(chosen) ? "behind" : "pending";
    if (!this.#options.queue.add(this.key, event.id, standing)) return;
    this.#options.records.setState([event.id], isHeld ? "held" : "queued");
  }

  #send(): void {
    for (const queued of this.#options.queue.pending(this.key, inHand)) {
      if (!this.#inFlight.has(queued.eventId)) this.#submit(queued);
    }
  }

  #submit({ eventId, tries }: QueuedEvent): void {
    const { queue, load, dispatcher, policy } = this.#options;
    const event = load(eventId);
    if (event === undefined) {
      queue.remove([eventId], this.key);
      return;
    }
    const job = { eventId, target: this.rule.url, origin: "rule", policy: policy(), tried: tries } as const;
    const sending = dispatcher.submit({ ...job, lanes: event.lanes }, count => this.#countTry(eventId, count));
    this.#inFlight.set(eventId, sending);
    void sending.done.then(result => this.#finish(sending, result?.state ?? "stopped"));
  }

  #countTry(eventId: number, count: number): void {
    this.#orLog(() => this.#options.queue.setTries(eventId, count));
  }

  #finish(sending: SendingJob, state: string): void {
    const { eventId } = sending.job;
    // One that was let go is another window's now.
    if (this.#inFlight.get(eventId) !== sending) return;
    this.#inFlight.delete(eventId);
    this.#orLog(() => {
      if (state !== "held") this.#options.queue.remove([eventId], this.key);
      this.#send();
    });
  }

  #orLog(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.logger.error(`forward: ${describeCauses(error)}`);
    }
  }
}

/** What the window that holds a rule has claimed. */
export function claimKey(key: string): string {
  return `forward:${createHash("sha256").update(key).digest("base64url")}`;
}
