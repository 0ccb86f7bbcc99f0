import type { Attempt, EventDetail } from "../../protocol/inspector.ts";
import type { StoredEvent } from "../history/storedEvent.ts";
import { type TokenVerifier, presentDetail } from "./eventPresenter.ts";

export interface EventDetailsOptions {
  readonly history: {
    get(id: number): StoredEvent | undefined;
    readonly attempts: { list(eventId: number): Attempt[] };
  };
  readonly tokens: TokenVerifier;
}

/** Brings together all that is known of one event. */
export class EventDetails {
  readonly #options: EventDetailsOptions;

  constructor(options: EventDetailsOptions) {
    this.#options = options;
  }

  /** Undefined when the event is not kept any more. Throws when the history cannot be read. */
  of(id: number): EventDetail | undefined {
    const { history, tokens } = this.#options;
    const event = history.get(id);
    if (event === undefined) return undefined;
    return { ...presentDetail(event, tokens), attempts: history.attempts.list(id) };
  }
}
