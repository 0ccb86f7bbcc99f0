/** Something that waits its turn in one lane or several; in none, it waits for nobody. */
export interface Laned {
  readonly lanes: readonly string[];
}

/**
 * Lets jobs of one lane go one after another, in the order in which they were added, and others side by side. A job of
 * several lanes goes when it is first in all of them.
 */
export class RecordLanes<Job extends Laned> {
  readonly #start: (job: Job) => void;
  /** The jobs of each lane in order, the one that goes first. */
  readonly #lanes = new Map<string, Set<Job>>();
  readonly #waiting = new Set<Job>();

  constructor(start: (job: Job) => void) {
    this.#start = start;
  }

  add(job: Job): void {
    for (const lane of job.lanes) this.#lanes.set(lane, (this.#lanes.get(lane) ?? new Set()).add(job));
    this.#waiting.add(job);
    this.#startIfFirst(job);
  }

  /** Takes a job out, whether it goes or waits, and lets those go that waited for it. */
  finish(job: Job): void {
    this.#waiting.delete(job);
    const freed = job.lanes.flatMap(lane => this.#leave(lane, job));
    for (const next of freed) this.#startIfFirst(next);
  }

  /** Gives the job that is first in the lane now, if there is one. */
  #leave(lane: string, job: Job): Job[] {
    const jobs = this.#lanes.get(lane);
    jobs?.delete(job);
    if (jobs?.size === 0) this.#lanes.delete(lane);
    return [...(jobs ?? [])].slice(0, 1);
  }

  #startIfFirst(job: Job): void {
    if (!this.#waiting.has(job) || !job.lanes.every(lane => first(this.#lanes.get(lane)) === job)) return;
    this.#waiting.delete(job);
    this.#start(job);
  }
}

function first<T>(values: Iterable<T> | undefined): T | undefined {
  for (const value of values ?? []) return value;
  return undefined;
}
