import { type Clock, day, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { ForwardingState } from "../../protocol/inspector.ts";
import type { EventHistory } from "../history/eventHistory.ts";
import type { ForwardQueue } from "../history/forwardQueue.ts";
import { forwardable } from "../events/forwardable.ts";
import { readEvent } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import { type TokenVerifier, verificationOf } from "../events/verification.ts";
import type { Claims } from "../windows/claims.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { type ForwardRule, keyOf, ruleFor, ruleWords } from "./forwardRule.ts";
import { type ForwardedEvent, forwardedEventOf, toForwardedEvent } from "./forwardedEvent.ts";
import type { HandlingRecords } from "./handlingRecords.ts";
import type { Presence } from "./presence.ts";
import type { RetryPolicy } from "./retryPolicy.ts";
import { RuleRun, claimKey } from "./ruleRun.ts";

/** How often to look after claims, and after what other windows changed in the queue. */
const interval = 2 * second;

/** Rules that no window has had for so long are forgotten, with what is held for them. */
const rulesKept = 30 * day;

export interface ForwarderOptions {
  /** Read anew at each use; the first that fits an event has it. */
  readonly rules: () => readonly ForwardRule[];
  readonly onDidChangeRules: Event<void>;
  readonly history: Pick<EventHistory, "get" | "after" | "newestId" | "onDidAppend" | "onDidReset">;
  readonly queue: ForwardQueue;
  readonly records: HandlingRecords;
  readonly dispatcher: Pick<Dispatcher, "submit">;
  readonly tokens: TokenVerifier;
  readonly claims: Claims;
  readonly notes: SharedNotes;
  readonly presence: Presence;
  readonly policy: () => RetryPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Sends new events to local handlers as the rules say. What came in while nobody was here, and while forwarding was
 * stopped, is held until a person says what to do with it.
 */
export class Forwarder implements Disposable {
  readonly #options: ForwarderOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<ForwardingState>());
  #runs: ReadonlyMap<string, RuleRun> = new Map();
  #rules: readonly ForwardRule[] = [];
  #state: ForwardingState = { kind: "off", targets: [], held: 0, behind: 0 };
  #timer: Disposable | undefined;

  readonly onDidChangeState: Event<ForwardingState> = this.#changed.event;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { history, presence, onDidChangeRules } = options;
    this.#store.add(onDidChangeRules(() => this.#attempt(() => this.#readRules())));
    this.#store.add(history.onDidAppend(() => this.#attempt(() => this.#notice())));
    this.#store.add(history.onDidReset(() => this.#attempt(() => this.#tell())));
    this.#store.add(presence.onDidBreak(() => this.#breakOff()));
    this.#attempt(() => this.#forgetOldRules());
    this.#attempt(() => this.#readRules());
    this.#tickLater();
  }

  get state(): ForwardingState {
    return this.#state;
  }

  /** Where the rules would send the event, whether or not its token is right: for sending it once more. */
  targetOf(event: ForwardedEvent): string | undefined {
    return ruleFor(
      this.#rules.map(rule => ({ ...rule, wrongToken: true })),
      event,
    )?.url;
  }

  /** Stops sending what this window's rules choose, in every window, until {@link resume}. What comes in is held. */
  stop(): void {
    const { notes, queue, records } = this.#options;
    for (const key of this.#runs.keys()) {
      notes.set(pausedNote(key), "1");
      const unheld = queue.unheld(key).map(({ eventId }) => eventId);
      queue.setStanding(unheld, "held");
      records.setState(unheld, "held");
    }
    this.#update();
  }

  /** Sends again what comes in from now on. What was held meanwhile waits for {@link sendHeld}. */
  resume(): void {
    for (const key of this.#runs.keys()) this.#options.notes.delete(pausedNote(key));
    this.#update();
  }

  /** Ids of the events that wait for a word, oldest first. */
  held(): readonly number[] {
    return this.#options.queue.held([...this.#runs.keys()]);
  }

  /** Sends what is held, in order: all, or those of these ids. Gives how many those are. */
  sendHeld(among?: readonly number[]): number {
    const ids = this.#heldAmong(among);
    this.#options.queue.setStanding(ids, "pending");
    this.#options.records.setState(ids, "queued");
    this.#update();
    return ids.length;
  }

  /** Leaves what is held unsent. Gives how many events those are. */
  discardHeld(among?: readonly number[]): number {
    return this.stopEvents(this.#heldAmong(among));
  }

  /** Calls off the sending of events by a rule, in whichever window that is. Gives how many of them were to be sent. */
  stopEvents(ids: readonly number[]): number {
    const count = this.#takeOut(ids);
    this.#update();
    return count;
  }

  /** Takes events from the rules for `send` to see to; what waits behind them goes on after that. */
  handOver<T>(ids: readonly number[], send: () => T): T {
    this.#takeOut(ids);
    for (const run of this.#runs.values()) run.dropRevoked();
    const sending = send();
    this.#update();
    return sending;
  }

  dispose(): void {
    this.#timer?.dispose();
    for (const run of this.#runs.values()) run.dispose();
    this.#store.dispose();
  }

  /** Gives how many of these events were to be sent by a rule. */
  #takeOut(ids: readonly number[]): number {
    const { queue, records } = this.#options;
    const queued = [...this.#runs.keys()].flatMap(key => [...queue.standing(key, ids).keys()]);
    queue.remove(queued);
    records.setState(queued, "stopped");
    return queued.length;
  }

  #heldAmong(among: readonly number[] | undefined): readonly number[] {
    const held = this.held();
    return among === undefined ? held : held.filter(id => among.includes(id));
  }

  #tickLater(): void {
    this.#timer = this.#options.clock.after(interval, () => {
      this.#tickLater();
      if (this.#runs.size > 0) this.#attempt(() => this.#update());
    });
  }

  #update(): void {
    for (const run of this.#runs.values()) run.update(this.#isPaused(run.key));
    this.#tell();
  }

  #notice(): void {
    for (const run of this.#runs.values()) run.notice(this.#isPaused(run.key));
    this.#tell();
  }

  #breakOff(): void {
    for (const run of this.#runs.values()) run.breakOff();
  }

  #isPaused(key: string): boolean {
    return this.#options.notes.get(pausedNote(key)) !== undefined;
  }

  #readRules(): void {
    this.#rules = this.#options.rules().filter(({ enabled }) => enabled);
    const before = this.#runs;
    const wanted = new Map(this.#rules.map(rule => [keyOf(rule), rule]));
    this.#runs = new Map([...wanted].map(([key, rule]) => [key, before.get(key) ?? this.#runOf(rule)]));
    const gone = [...before.values()].filter(({ key }) => !wanted.has(key));
    for (const run of gone) run.dispose();
    this.#passOnPause(gone, before);
    this.#update();
    for (const { key } of gone) this.#passOn(key);
    this.#update();
  }

  /** A rule that is changed while forwarding is stopped does not start it. */
  #passOnPause(gone: readonly RuleRun[], before: ReadonlyMap<string, RuleRun>): void {
    const { notes } = this.#options;
    const paused = gone.filter(({ key }) => this.#isPaused(key));
    for (const { key } of paused) notes.delete(pausedNote(key));
    if (paused.length === 0) return;
    for (const key of this.#runs.keys()) if (!before.has(key)) notes.set(pausedNote(key), "1");
  }

  #runOf(rule: ForwardRule): RuleRun {
    return new RuleRun(rule, {
      ...this.#options,
      load: id => this.#load(id),
      chosen: (event, key) => this.#chosen(event, key),
      isBehindHeld: event => this.#isBehind(event),
      isStillBehind: (event, key) => this.#isBehind(event, key),
    });
  }

  /** Whichever rule the older event goes by: two rules may lead to one handler. */
  #isBehind(event: ForwardedEvent, own?: string): boolean {
    return this.#options.queue.isBehind(event.id, event.lanes, [...this.#runs.keys()], own);
  }

  /** What was to be sent by a rule that is in no window any more goes by the one that has its place, or not at all. */
  #passOn(key: string): void {
    const { queue, records, claims } = this.#options;
    const claim = claims.take(claimKey(key), second);
    if (claim === undefined) return;
    queue.forgetRule(key);
    const ids = queue.of(key);
    const byRule = Map.groupBy(ids, id => this.#ruleKeyOf(this.#load(id)));
    for (const [rule, events] of byRule) {
      if (rule !== undefined) {
        queue.pass(events, rule);
      } else {
        queue.remove(events);
        records.setState(events, "stopped");
      }
    }
    claim.dispose();
  }

  #forgetOldRules(): void {
    const { queue, records, clock } = this.#options;
    for (const key of queue.forgetRules(clock.now() - rulesKept)) {
      const ids = queue.of(key);
      queue.remove(ids);
      records.setState(ids, "stopped");
    }
  }

  #load(id: number): ForwardedEvent | undefined {
    const event = this.#options.history.get(id);
    return event === undefined ? undefined : forwardedEventOf(event, this.#options.tokens);
  }

  #chosen(event: StoredEvent, key: string): ForwardedEvent | undefined {
    if (event.handling !== undefined) return undefined;
    const { tokens } = this.#options;
    const read = readEvent(event);
    const { kind } = forwardable(read, verificationOf(read, tokens));
    const forwarded = kind === "yes" || kind === "withheld" ? toForwardedEvent(read, tokens) : undefined;
    return this.#ruleKeyOf(forwarded) === key ? forwarded : undefined;
  }

  #ruleKeyOf(event: ForwardedEvent | undefined): string | undefined {
    const rule = event === undefined ? undefined : ruleFor(this.#rules, event);
    return rule === undefined ? undefined : keyOf(rule);
  }

  #tell(): void {
    const keys = [...this.#runs.keys()];
    const kind = keys.length === 0 ? "off" : keys.every(key => this.#isPaused(key)) ? "paused" : "on";
    const targets = this.#rules.map(ruleWords);
    const { queue } = this.#options;
    const state: ForwardingState = {
      kind,
      targets,
      held: queue.count(keys, "held"),
      behind: queue.count(keys, "behind"),
    };
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#changed.fire(state);
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.logger.error(`forward: ${describeCauses(error)}`);
    }
  }
}

/** What says to all windows that a rule's events are held. */
function pausedNote(key: string): string {
  return `forward.paused:${key}`;
}
