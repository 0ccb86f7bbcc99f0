import { type Clock, day, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { ForwardingState } from "../../protocol/inspector.ts";
import type { EventHistory } from "../history/eventHistory.ts";
import { shortTimeout } from "../history/openDatabase.ts";
import type { Outbox } from "../history/outbox.ts";
import { forwardable } from "../events/forwardable.ts";
import { readEvent } from "../events/readEvent.ts";
import type { StoredEvent } from "../events/storedEvent.ts";
import type { TokenBook } from "../events/tokenBook.ts";
import { verificationOf } from "../events/verification.ts";
import type { Claims } from "../windows/claims.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { SteadyNotes } from "../windows/steadyNotes.ts";
import { AdoptedEvents, adoptedKey } from "./adoptedEvents.ts";
import type { Courier } from "./courier.ts";
import { type ForwardRule, keyOf, ruleButForTheToken, ruleFor, ruleWords, targetsOf } from "./forwardRule.ts";
import { type ForwardedEvent, forwardedEventOf, toForwardedEvent } from "./forwardedEvent.ts";
import { LateTokens } from "./lateTokens.ts";
import type { Presence } from "./presence.ts";
import { RemovedRules } from "./removedRules.ts";
import { type Chosen, RuleRun, type RuleRunOptions, pausedNote } from "./ruleRun.ts";

/** How often to look after claims, and after what other windows changed in the queue. */
const interval = 2 * second;

/** Rules that no window has had for so long are forgotten, with what is held for them. */
const rulesKept = 30 * day;

export interface ForwarderOptions {
  /** Read anew at each use; the first that fits an event has it. */
  readonly rules: () => readonly ForwardRule[];
  readonly onDidChangeRules: Event<void>;
  readonly history: Pick<EventHistory, "get" | "after" | "newestId" | "onDidAppend" | "onDidReset">;
  readonly outbox: Outbox;
  readonly courier: Pick<Courier, "serve" | "reap">;
  readonly tokens: Pick<TokenBook, "verify" | "onDidChange">;
  readonly claims: Claims;
  readonly notes: SharedNotes;
  readonly presence: Presence;
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
  readonly #lateTokens: LateTokens;
  readonly #openedAfter: number;
  #runs: ReadonlyMap<string, RuleRun> = new Map();
  readonly #notes: SteadyNotes;
  readonly #removed: RemovedRules;
  readonly #adopted: AdoptedEvents;
  #rules: readonly ForwardRule[] = [];
  #state: ForwardingState = { kind: "off", targets: [], held: 0, behind: 0 };
  #timer: Disposable | undefined;

  readonly onDidChangeState: Event<ForwardingState> = this.#changed.event;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#openedAfter = options.history.newestId();
    const { history, presence, onDidChangeRules, outbox, tokens } = options;
    this.#lateTokens = new LateTokens({
      withheld: outbox.withheld,
      load: id => this.#load(id),
      ruleOf: event => this.#ruleOf(event),
    });
    this.#notes = new SteadyNotes(options.notes, options.logger);
    this.#removed = new RemovedRules({
      ...{ ...options, notes: this.#notes, load: id => this.#load(id) },
      chosenBy: (event, rules) => this.#chosenBy(event, rules),
      isPaused: key => this.isPaused(key),
    });
    const openedAfter = this.#openedAfter;
    this.#adopted = this.#store.add(new AdoptedEvents({ ...options, openedAfter, notes: this.#notes }));
    this.#store.add(onDidChangeRules(() => this.#attempt(() => this.#readRules())));
    this.#store.add(history.onDidAppend(() => this.#attempt(() => this.#notice())));
    this.#store.add(history.onDidReset(() => this.#attempt(() => this.#goOn())));
    this.#store.add(presence.onDidBreak(() => this.#breakOff()));
    this.#store.add(tokens.onDidChange(({ channelId }) => this.#learn(channelId)));
  }

  /** Begins to forward. */
  start(): void {
    this.#attempt(() => this.#forgetOldRules());
    this.#attempt(() => this.#lateTokens.noteAll());
    this.#attempt(() => this.#readRules());
    this.#tickLater();
  }

  get state(): ForwardingState {
    return this.#state;
  }

  /** Where the rules would send the event, whether or not its token is right: for sending it once more. */
  targetsOf(event: ForwardedEvent): readonly string[] | undefined {
    const rule = ruleButForTheToken(this.#rules, event);
    return rule === undefined ? undefined : targetsOf(rule);
  }

  /** The rule that sends to this target; of several the first, unless one has this key. */
  ruleTo(target: string, key: string): ForwardRule | undefined {
    return this.#rules.find(rule => keyOf(rule) === key) ?? this.#rules.find(rule => targetsOf(rule).includes(target));
  }

  /**
   * Stops sending what this window's rules choose, in every window, until {@link resume}. What comes in is held; what is
   * under way ends as it ends.
   */
  stop(): void {
    this.#notes.change(pauseOf(this.#seenTo, "1"));
    this.#options.outbox.hold(this.#seenTo);
    this.#update();
  }

  /** Sends again what comes in from now on. What was held meanwhile waits for {@link sendHeld}. */
  resume(): void {
    this.#notes.change(pauseOf(this.#seenTo, undefined));
    this.#update();
  }

  /** Ids of the events that wait for a word, oldest first. */
  held(): readonly number[] {
    return this.#options.outbox.held(this.#answeredFor);
  }

  /** Sends what is held, in order: all, or those of these ids. Gives how many those are. */
  sendHeld(among?: readonly number[]): number {
    const ids = this.#heldAmong(among);
    this.#options.outbox.together(() => {
      for (const key of [...this.#away(), adoptedKey]) this.#adopt(key, new Set(ids));
      this.#options.outbox.release(ids, this.#seenTo);
    });
    if (this.#adopted.keys.length > 0) this.#adopted.setPaused(this.#isStopped);
    this.#update();
    return ids.length;
  }

  /** Leaves what is held unsent. Gives how many events those are. */
  discardHeld(among?: readonly number[]): number {
    return this.stopEvents(this.#heldAmong(among));
  }

  /**
   * Calls off the sending of events by a rule, in whichever window that is; what is under way ends as it ends, and is not
   * tried again. Gives how many of them were to be sent.
   */
  stopEvents(ids: readonly number[]): number {
    const count = this.#options.outbox.callOff(ids, this.#answeredFor);
    this.#update();
    return count;
  }

  /** Sends what may go now that something else was done with the outbox, and tells of it. */
  refresh(): void {
    this.#attempt(() => this.#goOn());
  }

  /** Whether what this rule chooses is held, by whichever window. */
  isPaused(key: string): boolean {
    return this.#notes.get(pausedNote(key)) !== undefined;
  }

  dispose(): void {
    this.#timer?.dispose();
    for (const run of this.#runs.values()) {
      this.#attempt(() => run.begin());
      run.dispose();
    }
    this.#attempt(() => this.#passOn());
    this.#store.dispose();
  }

  /** The rules that this window has a say in: its own, and those that nobody sees to. */
  get #answeredFor(): readonly string[] {
    return [...this.#seenTo, ...this.#away()];
  }

  /** What this window sees to, if no other that has it does. */
  get #seenTo(): readonly string[] {
    return [...this.#runs.keys(), ...this.#adopted.keys];
  }

  get #isStopped(): boolean {
    const keys = [...this.#runs.keys()];
    return keys.length > 0 && keys.every(key => this.isPaused(key));
  }

  /** Rules of closed workspaces, and of settings that were changed while no window was open. */
  #away(): readonly string[] {
    const { outbox, clock } = this.#options;
    return outbox.away(clock.now()).filter(key => !this.#runs.has(key));
  }

  /** What another rule holds goes by the one of this window that fits it, and else to where it was to go. */
  #adopt(key: string, among: ReadonlySet<number>): void {
    const { outbox } = this.#options;
    const events = outbox.held([key]).filter(id => among.has(id));
    for (const [rule, chosen] of Map.groupBy(events, id => this.#ruleOf(this.#load(id)))) {
      if (rule === undefined) this.#adopted.adopt(chosen, key);
      else outbox.pass(chosen, key, keyOf(rule), targetsOf(rule));
    }
  }

  #heldAmong(among: readonly number[] | undefined): readonly number[] {
    const held = this.held();
    return among === undefined ? held : held.filter(id => among.includes(id));
  }

  #tickLater(): void {
    this.#timer = this.#options.clock.after(interval, () => {
      this.#tickLater();
      this.#options.courier.reap();
      this.#attempt(() => this.#update());
    });
  }

  #update(): void {
    // First, as what follows may fail for as long as this window lives.
    this.#notes.catchUp();
    for (const run of this.#runs.values()) run.update(this.isPaused(run.key));
    this.#adopted.update();
    this.#passOn();
    this.#options.outbox.hold(this.#away(), shortTimeout);
    this.#lateTokens.look();
    this.#goOn();
  }

  #learn(channelId: string): void {
    this.#lateTokens.note(channelId);
    this.#attempt(() => this.#update());
  }

  #notice(): void {
    for (const run of this.#runs.values()) run.notice(this.isPaused(run.key));
    this.#goOn();
  }

  #goOn(): void {
    const held = [...this.#runs.values()].filter(({ isHeld }) => isHeld).map(({ key }) => key);
    this.#options.courier.serve([...held, ...this.#adopted.heldKeys]);
    this.#tell();
  }

  #breakOff(): void {
    for (const run of this.#runs.values()) run.breakOff();
  }

  #readRules(): void {
    this.#rules = this.#options.rules().filter(({ enabled }) => enabled);
    const before = this.#runs;
    const wanted = new Map(this.#rules.map(rule => [keyOf(rule), rule]));
    const gone = [...before.values()].filter(({ key }) => !wanted.has(key));
    const added = [...wanted.keys()].filter(key => !before.has(key));
    // Before anything else: this window may be gone at any time.
    this.#noteRemoved(gone, added);
    this.#runs = new Map([...wanted].map(([key, rule]) => [key, before.get(key) ?? this.#runOf(rule)]));
    for (const run of gone) run.dispose();
    this.#update();
  }

  /** A rule that is changed while forwarding is stopped does not start it. */
  #noteRemoved(gone: readonly RuleRun[], added: readonly string[]): void {
    const isAnyPaused = gone.some(({ key }) => this.isPaused(key));
    this.#removed.add(gone, this.#rules, pauseOf(isAnyPaused ? added : [], "1"));
  }

  #runOf(rule: ForwardRule): RuleRun {
    const openedAfter = this.#openedAfter;
    const chosen: RuleRunOptions["chosen"] = (event, key) => this.#chosen(event, key);
    const isPaused = (key: string): boolean => this.isPaused(key);
    return new RuleRun(rule, { ...this.#options, openedAfter, chosen, isPaused });
  }

  #passOn(): void {
    this.#removed.passOn(key => this.#runs.has(key));
  }

  #forgetOldRules(): void {
    const { outbox, clock } = this.#options;
    // Both or neither: what is held for a rule that is forgotten would be nobody's.
    outbox.together(() => {
      for (const key of outbox.rules.forgetBefore(clock.now() - rulesKept)) outbox.callOffAll(key);
    });
  }

  #load(id: number): ForwardedEvent | undefined {
    const event = this.#options.history.get(id);
    return event === undefined ? undefined : forwardedEventOf(event, this.#options.tokens);
  }

  #chosen(event: StoredEvent, key: string): Chosen | undefined {
    const chosen = this.#chosenBy(event, this.#rules);
    if (chosen === undefined || !this.#isChosenBy(key, keyOf(chosen.rule), chosen.isWithheld)) return undefined;
    return chosen;
  }

  #chosenBy(event: StoredEvent, rules: readonly ForwardRule[]): Chosen | undefined {
    if (event.handling !== undefined) return undefined;
    const { tokens } = this.#options;
    const read = readEvent(event);
    const { kind } = forwardable(read, verificationOf(read, tokens));
    const forwarded = kind === "yes" || kind === "withheld" ? toForwardedEvent(read, tokens) : undefined;
    if (forwarded === undefined) return undefined;
    const sending = ruleFor(rules, forwarded);
    const rule = sending ?? ruleButForTheToken(rules, forwarded);
    return rule === undefined ? undefined : { event: forwarded, rule, isWithheld: sending === undefined };
  }

  /**
   * Whether the run of one rule, which this window sees to, puts in what goes by another: the window that sees to that may
   * have the first before it, and leave the event to this one.
   */
  #isChosenBy(key: string, owner: string, isWithheld: boolean): boolean {
    return owner === key || (!isWithheld && this.#runs.get(owner)?.isHeld === false);
  }

  #ruleOf(event: ForwardedEvent | undefined): ForwardRule | undefined {
    return event === undefined ? undefined : ruleFor(this.#rules, event);
  }

  #tell(): void {
    const counts = this.#options.outbox.count(this.#answeredFor);
    const kind = this.#runs.size === 0 ? "off" : this.#isStopped ? "paused" : "on";
    const targets = this.#rules.map(ruleWords);
    const state: ForwardingState = { kind, targets, ...counts };
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

function pauseOf<T>(keys: readonly string[], value: T): ReadonlyMap<string, T> {
  return new Map(keys.map(key => [pausedNote(key), value]));
}
