import { second } from "../../../src/base/clock.ts";
import type { Clock } from "../../../src/base/clock.ts";
import { type Disposable, toDisposable } from "../../../src/base/lifecycle.ts";
import type { Sleeper, Timeline } from "./timeline.ts";

/** Ends for good: from then on nothing that belongs to it has an effect. */
export interface Life {
  readonly isOver: boolean;
}

/** A machine as its windows' clocks see it. */
export interface MachineTime extends Sleeper {
  readonly timeline: Timeline;
  /** What the machine's clock shows: milliseconds since 1970. */
  now(): number;
}

/** A window's clock: the machine's time, and timers that die with the window and stand still while the machine sleeps. */
export class WindowClock implements Clock {
  readonly #machine: MachineTime;
  readonly #life: Life;

  constructor(machine: MachineTime, life: Life) {
    this.#machine = machine;
    this.#life = life;
  }

  now(): number {
    return this.#machine.now();
  }

  after(delay: number, action: () => void): Disposable {
    return this.#machine.timeline.after(delay, () => this.#life.isOver || action(), this.#machine);
  }
}

/** What the product's detector of sleep waits for: src/base/sleepDetector.ts. */
const detectorTick = 5 * second;

/**
 * The clock of whoever detects sleep by a tick every five seconds. As a tick does nothing unless it comes late, it is kept
 * here and only run after the machine slept or its clock was set, as late as it would have come.
 */
export class TickingClock extends WindowClock {
  #kept: { readonly action: () => void; readonly expected: number } | undefined;
  /** What the next question for the time is answered with. */
  #told: number | undefined;
  #isTicking = false;

  override now(): number {
    const told = this.#told;
    this.#told = undefined;
    return told ?? super.now();
  }

  override after(delay: number, action: () => void): Disposable {
    // The detector's first timer is the first of that length; each other is made by the tick before it.
    if (delay !== detectorTick || (this.#kept !== undefined && !this.#isTicking)) return super.after(delay, action);
    this.#isTicking = false;
    const kept = { action, expected: super.now() + detectorTick };
    this.#kept = kept;
    return toDisposable(() => {
      if (this.#kept === kept) this.#kept = undefined;
    });
  }

  /** The machine's clock moved by so much that no timer accounts for: milliseconds. */
  didJump(by: number): void {
    super.after(detectorTick, () => {
      if (this.#kept === undefined) return;
      this.#told = this.#kept.expected + by;
      this.#isTicking = true;
      this.#kept.action();
      this.#isTicking = false;
    });
  }
}

/** How often who looks after loans looks around: src/core/borrow/caretaker.ts. */
const round = 10 * second;
/** Less often, to let weeks go by, and often enough for what it holds on to: half a minute. */
const coarseRound = 25 * second;

/**
 * The clock of who looks after loans every ten seconds. While nothing on the machine is borrowed a look does nothing, and
 * is kept back until something is; else it comes a little less often.
 */
export class PatrolClock extends WindowClock {
  readonly #hasLoans: () => boolean;
  readonly #keptBack = new Set<() => void>();

  constructor(machine: MachineTime, life: Life, hasLoans: () => boolean) {
    super(machine, life);
    this.#hasLoans = hasLoans;
  }

  override after(delay: number, action: () => void): Disposable {
    if (delay !== round) return super.after(delay, action);
    if (this.#hasLoans()) return super.after(coarseRound, action);
    this.#keptBack.add(action);
    return toDisposable(() => this.#keptBack.delete(action));
  }

  /** Something is about to be borrowed: the look that was kept back comes now. */
  wake(): void {
    const looks = [...this.#keptBack];
    this.#keptBack.clear();
    for (const look of looks) super.after(0, look);
  }
}
