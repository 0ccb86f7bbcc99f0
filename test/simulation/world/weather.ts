import { hour, minute, second } from "../../../src/base/clock.ts";
import type { Randomness } from "./randomness.ts";

/** What can go wrong with one request to Zoho, or with one access to a disk or to the vault. */
export const requestFaults = [
  "dropped before it arrived",
  "answer lost after the effect",
  "5xx before the effect",
  "5xx after the effect",
  "429",
  "401 of a token that Zoho ended",
  "401 of a gateway",
  "page of a proxy",
  "granted in part, and said so",
  "granted in part, and not said",
  "list moved between pages",
  "entry of the list unreadable",
] as const;
export type RequestFault = (typeof requestFaults)[number];

export const localFaults = ["database locked", "disk full", "vault not readable", "vault not writable"] as const;
export type LocalFault = (typeof localFaults)[number];

export const worldFaults = [
  "no network",
  "done after the deadline",
  "vault did not answer",
  "change of the vault could not be read",
  "deleted and left while the vault did not answer",
  "window killed",
  "window closed",
  "machine slept",
  "clock set",
  "Zoho's clock moved",
  "colleague edited",
  "colleague deleted",
  "colleague renewed",
  "relay lost deliveries",
  "recovery failed",
] as const;
export type WorldFault = (typeof worldFaults)[number];

export type Fault = RequestFault | LocalFault | WorldFault;

/** How often each kind of fault was injected. */
export type FaultCounts = Map<Fault, number>;

/** Which faults are about, and how likely each is. Fine weather has none. */
export class Weather {
  readonly counts: FaultCounts = new Map();
  readonly #randomness: Randomness;
  readonly #rarity: Randomness;
  /** When the last bad weather ends: true time. */
  badUntil = 0;
  #fault: RequestFault | undefined;
  #likelihood = 0;
  #isOver = false;

  /** `rarity`: for what happens whatever the weather is, and changes nothing of runs in which it does not. */
  constructor(randomness: Randomness, rarity: Randomness) {
    this.#randomness = randomness;
    this.#rarity = rarity;
  }

  /** From now on nothing goes wrong any more. */
  clearUp(): void {
    this.#isOver = true;
    this.#fault = undefined;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  count(fault: Fault): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }

  /** Draws what comes next; `now` is true time. Tells for how long it lasts: milliseconds. */
  turn(now: number): number {
    const randomness = this.#randomness;
    if (this.#isOver || randomness.chance(0.55)) {
      this.#fault = undefined;
      return randomness.duration(10 * minute, 30 * hour);
    }
    this.#fault = randomness.pick(requestFaults);
    this.#likelihood = randomness.pick([0.1, 0.4, 0.9]) ?? 0;
    const lasting = randomness.duration(30 * second, hour);
    this.badUntil = now + lasting;
    return lasting;
  }

  /** What goes wrong with this request: mostly nothing. */
  faultOf(isWrite: boolean): RequestFault | undefined {
    const fault = this.#fault;
    if (this.#isOver || fault === undefined || !this.#randomness.chance(this.#likelihood)) return undefined;
    if (isWrite ? fault.startsWith("list") || fault.startsWith("entry") : fault.startsWith("granted")) return undefined;
    return fault;
  }

  /** How long after its deadline what borrows a channel is done, in milliseconds; mostly it is done in time. */
  lateness(): number | undefined {
    return !this.#isOver && this.#rarity.chance(0.1) ? this.#rarity.duration(second, 40 * second) : undefined;
  }

  /** Milliseconds that a request is on its way. */
  latency(): number {
    return this.#randomness.chance(0.02)
      ? this.#randomness.duration(second, 25 * second)
      : this.#randomness.duration(20, 400);
  }
}
