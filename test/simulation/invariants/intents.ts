import type { Caller } from "../world/playedWatchApi.ts";

/** What a person wants of a channel: these fields, by how their names begin, or all. */
export interface Intent {
  readonly window: string;
  readonly channelId: string;
  readonly fields: readonly string[] | "all";
}

/** An address that was borrowed. */
export interface LoanIntent {
  readonly borrowedUrl: string;
  readonly originalUrl: string;
  /** How often it was put back. */
  givenBack: number;
}

/** What people want at the moment, which is what windows may write. */
export class Intents {
  readonly #open = new Set<Intent>();
  readonly #loans = new Map<string, Map<string, LoanIntent>>();

  add(intent: Intent): void {
    this.#open.add(intent);
  }

  delete(intent: Intent): void {
    this.#open.delete(intent);
  }

  of({ window }: Caller, channelId: string): Intent | undefined {
    const mine = [...this.#open].filter(intent => intent.window === window && intent.channelId === channelId);
    if (mine.length < 2) return mine[0];
    const all = mine.find(({ fields }) => fields === "all");
    return all ?? { window, channelId, fields: mine.flatMap(({ fields }) => (fields === "all" ? [] : fields)) };
  }

  lend(machine: string, channelId: string, loan: LoanIntent): void {
    this.#loans.set(machine, (this.#loans.get(machine) ?? new Map<string, LoanIntent>()).set(channelId, loan));
  }

  loan(machine: string, channelId: string): LoanIntent | undefined {
    return this.#loans.get(machine)?.get(channelId);
  }

  /** The channels that a machine ever borrowed. */
  loansOf(machine: string): readonly string[] {
    return [...(this.#loans.get(machine)?.keys() ?? [])];
  }

  wasLent(channelId: string): boolean {
    return this.borrowersOf(channelId) > 0;
  }

  /** How many machines ever borrowed the channel. */
  borrowersOf(channelId: string): number {
    return [...this.#loans.values()].filter(loans => loans.has(channelId)).length;
  }
}
