import { type Disposable, Emitter, type Event } from "../base/lifecycle.ts";
import type { HttpAnswer } from "./httpTransport.ts";

/** The credits that remain, where an answer tells. */
export function creditsIn({ headers }: HttpAnswer): number | undefined {
  const header = headers["x-api-credits-remaining"];
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

/**
 * How many calls the organisation may still make today. Zoho tells once half of them are used; before that, and until
 * the first call, nothing is known.
 */
export class CreditGauge implements Disposable {
  readonly #changed = new Emitter<number | undefined>();
  #remaining: number | undefined;

  /** Tells the new value. */
  readonly onDidChange: Event<number | undefined> = this.#changed.event;

  get remaining(): number | undefined {
    return this.#remaining;
  }

  /** Reads what an answer of the API says; a failure that says nothing may be a gateway's and changes nothing. */
  note(answer: HttpAnswer): void {
    const told = creditsIn(answer);
    if (told === undefined && answer.status >= 300) return;
    if (told === this.#remaining) return;
    this.#remaining = told;
    this.#changed.fire(told);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
