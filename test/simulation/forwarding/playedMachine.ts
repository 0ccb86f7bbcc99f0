import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { second } from "../../../src/base/clock.ts";
import { type Logger, silentLogger } from "../../../src/base/logger.ts";
import type { StoredEvent } from "../../../src/core/events/storedEvent.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { MachineDatabase } from "../world/playedDatabase.ts";
import type { Randomness } from "../world/randomness.ts";
import type { Timeline } from "../world/timeline.ts";
import type { LocalFault } from "../world/weather.ts";
import type { MachineTime } from "../world/windowClock.ts";
import { saysFault } from "./databaseFaults.ts";
import { ForwardingOracle } from "./forwardingOracle.ts";
import { PlayedHandler } from "./playedHandler.ts";
import { PlayedRules, type RuleChange } from "./playedRules.ts";
import { PlayedWindow } from "./playedWindow.ts";
import { type PlayedEvent, PlayedZoho } from "./playedZoho.ts";

/** Where the machines of all runs have their files, made once: to make a history takes longer than to copy it. */
export class MachineFiles {
  readonly database = new MachineDatabase();
  readonly #folder: string;

  constructor(folder: string, now: number) {
    this.#folder = folder;
    const clock = { now: () => now, after: () => ({ dispose: () => undefined }) };
    EventHistory.open(join(folder, "template.sqlite"), { clock, logger: silentLogger }).close();
  }

  /** The history's file, as on a machine that never ran the product. */
  renew(): string {
    this.database.clear();
    const file = join(this.#folder, "events.sqlite");
    for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
    cpSync(join(this.#folder, "template.sqlite"), file);
    return file;
  }
}

/** A machine with its clock, up to three windows over one history, and handlers. */
export class PlayedMachine implements MachineTime {
  readonly timeline: Timeline;
  readonly randomness: Randomness;
  readonly oracle: ForwardingOracle;
  readonly handler = new PlayedHandler(this);
  readonly rules = new PlayedRules();
  readonly zoho: PlayedZoho;
  readonly file: string;
  readonly database: MachineDatabase;
  /** What happened, where that was asked for. */
  readonly lines: string[] = [];
  /** How often each kind of fault was injected. */
  readonly counts = new Map<string, number>();
  /** Nothing goes wrong, as at the beginning, when the rules are new, and at the end. */
  isCalm = true;
  readonly #isTraced: boolean;
  /** What the product says went wrong was injected. */
  readonly logger: Logger = {
    ...silentLogger,
    error: message => {
      this.trace(message);
      if (!saysFault(message)) this.oracle.violate("only what was injected goes wrong", message);
    },
  };
  #windows: readonly PlayedWindow[] = [];
  #opened = 0;
  #ahead = 0;
  #slept = 0;
  /** How often its disk failed. */
  #struck = 0;
  #trouble: { readonly fault: LocalFault; readonly until: number } | undefined;

  constructor(timeline: Timeline, randomness: Randomness, files: MachineFiles, isTraced: boolean) {
    this.timeline = timeline;
    this.randomness = randomness;
    this.#isTraced = isTraced;
    this.file = files.renew();
    this.database = files.database;
    this.oracle = new ForwardingOracle(timeline);
    const skew = randomness.integer(-900, 900) * second;
    this.zoho = new PlayedZoho(randomness, () => timeline.now + skew);
  }

  get windows(): readonly PlayedWindow[] {
    return this.#windows;
  }

  get slept(): number {
    return this.#slept;
  }

  /** What its clock shows. */
  now(): number {
    return this.timeline.now + this.#ahead;
  }

  trace(what: string): void {
    if (this.#isTraced) this.lines.push(`${((this.timeline.now % 86_400_000) / second).toFixed(3)} ${what}`);
  }

  count(fault: string): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }

  open(kind: number = this.#opened % 3): PlayedWindow {
    const window = new PlayedWindow(this, `window ${++this.#opened}`, kind);
    this.trace(`${window.name} of kind ${kind} opens`);
    this.#windows = [...this.#windows, window];
    return window;
  }

  /** Ends a window, in good order or not. */
  end(window: PlayedWindow, how: "close" | "kill"): void {
    this.trace(`${window.name}: ${how}`);
    this.#windows = this.#windows.filter(each => each !== window);
    const struck = this.#struck;
    const lost = window[how]();
    // What the disk did not take as it closed is lost with it, as when it is killed.
    const isWritten = how === "close" && this.#struck === struck;
    this.oracle.windowGone(window.name, isWritten);
    if (!isWritten)
      this.oracle.rulesLost(lost.filter(key => !this.windows.some(({ kind }) => this.rules.has(kind, key))));
  }

  /** The machine sleeps so long, and its windows have lost the relay when it wakes. */
  async sleep(duration: number): Promise<void> {
    this.trace(`sleeps for ${duration / second} s`);
    this.#slept += duration;
    await this.timeline.runUntil(this.timeline.now + duration);
    for (const window of this.windows) window.disconnect();
    for (const window of this.windows) this.timeline.after(second, () => window.isOver || window.connect(), this);
  }

  setClock(by: number): void {
    this.trace(`clock set by ${by / second} s`);
    this.#ahead += by;
  }

  /** Its disk makes trouble for a while. */
  break(fault: LocalFault, duration: number): void {
    this.trace(`${fault} for ${duration / second} s`);
    this.#trouble = { fault, until: this.timeline.now + duration };
  }

  strikes(fault: LocalFault): boolean {
    if (this.isCalm) return false;
    const isTroubled = this.#trouble?.fault === fault && this.timeline.now < this.#trouble.until;
    if (!this.randomness.chance(isTroubled ? 0.5 : 0.01)) return false;
    this.count(fault);
    this.#struck += 1;
    return true;
  }

  /** A person changes the rules of one kind of window: what waits for them is theirs to say, and so is what is new. */
  changeRules(kind: number, change: RuleChange): void {
    const [window] = this.windows.filter(each => each.kind === kind);
    if (window === undefined) return;
    this.trace(`kind ${kind}: ${change}`);
    if (!this.isCalm) this.count(change);
    this.oracle.rulesChange(event => window.history.get(event)?.handling?.state);
    this.rules.change(kind, change, this.randomness);
    for (const each of this.windows) if (each.kind === kind) each.readRules();
  }

  /** A channel's token becomes known, in every window. */
  learnToken(channel: string): void {
    this.trace(`token of channel ${channel} learned`);
    this.count("token learned late");
    this.zoho.learn(channel);
    this.oracle.tokenLearned(event => this.zoho.isGenuine(event));
    for (const window of this.windows) window.learnTokens();
  }

  /** Windows have stored, or seen, events. */
  noteStored(events: readonly StoredEvent[]): void {
    for (const { id, sequence } of events) {
      const event = this.zoho.sent[sequence - 1];
      if (event !== undefined) this.oracle.stored(id, event, this.#wantedBy(event), this.#isWithheld(event));
    }
  }

  #wantedBy({ operation }: PlayedEvent): readonly string[] {
    return this.#windows.flatMap(({ kind }) => this.rules.keyFor(kind, operation) ?? []);
  }

  /** No rule sends it as long as that is what is known. */
  #isWithheld(event: PlayedEvent): boolean {
    return !this.zoho.isGenuine(event) && ![0, 1, 2].some(kind => this.rules.allowsAnyToken(kind, event.operation));
  }
}
