import { day, minute } from "../../../src/base/clock.ts";

/** What a machine may call on any day, whatever happens. */
const perDay = 40;
/** What it may call for each minute in which Zoho, the network or a disk do not work: it tries again all the time. */
const perBadMinute = 12;
/** What it may call for each thing that a person does, or that goes wrong, with all that follows of it. */
const perEvent = 30;
/** What it may call of itself for each channel. */
const perChannel = 12;

/** Counts the calls of each machine and day, and what they were good for. */
export class CallBudget {
  readonly #calls = new Map<string, number>();
  readonly #events = new Map<string, number>();
  readonly #badMinutes = new Map<string, number>();
  readonly #channels = new Map<string, number>();

  count(machine: string, now: number): void {
    add(this.#calls, keyOf(machine, now), 1);
  }

  /** Something happened on a machine that is worth some calls. */
  note(machine: string, now: number): void {
    add(this.#events, keyOf(machine, now), 1);
  }

  /** Something does not work for so many milliseconds. */
  noteTrouble(machine: string, now: number, lasting: number): void {
    for (const key of new Set([keyOf(machine, now), keyOf(machine, now + lasting)])) {
      add(this.#badMinutes, key, Math.ceil(lasting / minute));
    }
  }

  /** So many channels are there. */
  noteChannels(machine: string, now: number, count: number): void {
    const key = keyOf(machine, now);
    this.#channels.set(key, Math.max(count, this.#channels.get(key) ?? 0));
  }

  /** The days on which a machine called more often than it may. */
  excesses(machine: string): readonly string[] {
    return [...this.#calls].flatMap(([key, calls]) => {
      if (!key.startsWith(`${machine} `)) return [];
      const ofItself = perDay + perChannel * (this.#channels.get(key) ?? 0);
      const forOthers = perEvent * (this.#events.get(key) ?? 0) + perBadMinute * (this.#badMinutes.get(key) ?? 0);
      const budget = ofItself + forOthers;
      return calls <= budget ? [] : [`${key}: ${calls} calls, ${budget} allowed`];
    });
  }

  /** The most calls of any machine on any day, and its key. */
  get most(): readonly [string, number] | undefined {
    return [...this.#calls].toSorted(([, one], [, other]) => other - one)[0];
  }
}

function keyOf(machine: string, now: number): string {
  return `${machine} ${new Date(now - (now % day)).toISOString().slice(0, 10)}`;
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
