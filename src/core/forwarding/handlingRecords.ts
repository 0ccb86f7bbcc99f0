import type { Attempt, Handling } from "../../protocol/event.ts";
import type { SendOutcome } from "./sendOutcome.ts";

/** Where it is written down what became of events. Never throws: sending goes on when the disk does not. */
export interface HandlingRecords {
  /** How often the event has been sent, in all. */
  attemptsOf(eventId: number): number;
  /** Notes that an attempt begins, and gives its id. */
  begin(eventId: number, attempt: Pick<Attempt, "origin" | "target" | "startedAt">): number;
  finish(attemptId: number, outcome: SendOutcome): void;
  /** Attempts of the event that nobody finished, as their window closed, have ended without an answer. */
  abandon(eventId: number): void;
  set(eventId: number, handling: Handling): void;
  /** Says of events that are not being sent how they stand; how often they were sent stays as it is. */
  setState(eventIds: readonly number[], state: "held" | "queued" | "stopped"): void;
}
