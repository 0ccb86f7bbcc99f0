import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Lapse, LapseLog, LapseOf, OpenLapse } from "./lapse.ts";

/**
 * Lapses for whoever goes on where the disk fails after Zoho did what it was asked: what is done must not count as
 * failed for a note. Only a beginning that cannot be written throws, as nothing was asked for by then. What could not be
 * ended is left to the next reading of the list, and what could not be forgotten to {@link forgetAgain}.
 */
export class SteadyLapses implements LapseLog {
  readonly #lapses: LapseLog;
  readonly #logger: Logger;
  readonly #unwanted = new Map<string, LapseOf>();

  constructor(lapses: LapseLog, logger: Logger) {
    this.#lapses = lapses;
    this.#logger = logger;
  }

  begin(lapse: Lapse): void {
    this.#unwanted.delete(nameOf(lapse));
    this.#lapses.begin(lapse);
  }

  end(lapse: LapseOf, to: number): void {
    this.#orLog(() => this.#lapses.end(lapse, to));
  }

  /** None where they cannot be read, nor those that nobody wants any more. */
  open(connectionId: string): readonly OpenLapse[] {
    const open = this.#orLog(() => this.#lapses.open(connectionId)) ?? [];
    return open.filter(lapse => !this.#unwanted.has(nameOf(lapse)));
  }

  forget({ connectionId, channelId }: LapseOf): void {
    const lapse = { connectionId, channelId };
    this.#unwanted.set(nameOf(lapse), lapse);
    this.#orLog(() => {
      this.#lapses.forget(lapse);
      this.#unwanted.delete(nameOf(lapse));
    });
  }

  /** Forgets what could not be forgotten before. */
  forgetAgain(): void {
    for (const lapse of [...this.#unwanted.values()]) this.forget(lapse);
  }

  #orLog<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#logger.warn(`lapses: ${describeCauses(error)}`);
      return undefined;
    }
  }
}

function nameOf({ connectionId, channelId }: LapseOf): string {
  return `${connectionId}/${channelId}`;
}
