import * as l10n from "@vscode/l10n";
import type { EventRow } from "../../protocol/inspector.ts";
import { countNewEvents } from "../text/format.ts";
import { announce } from "../text/rowText.ts";

/** Speech takes time: new events are announced at most this often, in milliseconds. */
export const announceInterval = 5_000;

/** Gathers what arrived into one sentence at a time for the live region. */
export class Announcements {
  #count = 0;
  #newest: EventRow | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  add(count: number, newest: EventRow | undefined): void {
    this.#count += count;
    this.#newest = newest ?? this.#newest;
  }

  /** How long to wait before {@link take} has something to say: milliseconds; undefined when nothing is waiting. */
  delay(now: number): number | undefined {
    return this.#count === 0 ? undefined : Math.max(0, this.#lastAt + announceInterval - now);
  }

  /** The sentence to say now. */
  take(now: number): string {
    const sentence = this.#sentence();
    this.#count = 0;
    this.#newest = undefined;
    this.#lastAt = now;
    return sentence;
  }

  #sentence(): string {
    const newest = this.#newest === undefined ? undefined : announce(this.#newest);
    const count = countNewEvents(this.#count);
    if (newest === undefined) return l10n.t("{0}.", count);
    return this.#count === 1 ? newest : l10n.t("{0}. The newest: {1}", count, newest);
  }
}
