import type { HistoryDatabase } from "./currentDatabase.ts";
import { type CapturedRequest, encodeCapturedRequest } from "../../protocol/capturedRequest.ts";
import type { EventSource } from "../../protocol/event.ts";
import { readRequest } from "../events/readEvent.ts";
import { factsOfRequest } from "./eventFacts.ts";
import { EventWriter } from "./eventWriter.ts";
import { placeRow, takeSequence } from "./places.ts";

/** An event that no relay brought: it was edited here, read from a fixture, or comes from a history that was exported. */
export interface LocalEvent {
  readonly request: CapturedRequest;
  readonly source: Exclude<EventSource, "recovered" | "gap">;
  /** The event that it was made from. */
  readonly parentId?: number | undefined;
  /** Milliseconds since 1970. Default: now. */
  readonly receivedAt?: number | undefined;
}

/** What stands in the place of a relay for events that no relay delivered. */
export const localPlace = "local";

/** The writing half of the history for what is made on this machine. Its methods belong inside a transaction. */
export class LocalLog {
  readonly #database: HistoryDatabase;
  readonly #writer: EventWriter;

  constructor(database: HistoryDatabase) {
    this.#database = database;
    this.#writer = new EventWriter(database);
  }

  /** Stores an event and gives its id. */
  store({ request, source, parentId, receivedAt }: LocalEvent, now: number): number {
    const place = placeRow(this.#database, localPlace, source);
    const sequence = takeSequence(this.#database, place);
    return this.#writer.add({
      ...{ place, sequence, receivedAt: receivedAt ?? now, storedAt: now, parentId },
      payload: encodeCapturedRequest(request),
      facts: { ...factsOfRequest({ kind: "request", request, reading: readRequest(request) }), source },
    });
  }
}
