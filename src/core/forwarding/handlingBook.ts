import { utf8Decode } from "../../base/bytes.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Attempt, Handling } from "../../protocol/event.ts";
import type { EventHistory } from "../history/eventHistory.ts";
import type { AttemptOutcome } from "../history/attemptLog.ts";
import type { HandlingRecords } from "./handlingRecords.ts";
import type { SendOutcome } from "./sendOutcome.ts";
import { abandonedFailure } from "./sendProblem.ts";

export type HandledHistory = Pick<EventHistory, "get" | "setHandling" | "attempts">;

/** Writes into the history what became of events. A disk that does not take it is told to the log. */
export class HandlingBook implements HandlingRecords {
  readonly #history: HandledHistory;
  readonly #logger: Logger;

  constructor(history: HandledHistory, logger: Logger) {
    this.#history = history;
    this.#logger = logger;
  }

  attemptsOf(eventId: number): number {
    return this.#orLog(0, () => this.#history.attempts.count(eventId));
  }

  begin(eventId: number, { origin, target, startedAt }: Pick<Attempt, "origin" | "target" | "startedAt">): number {
    return this.#orLog(undefined, () => this.#history.attempts.start(eventId, origin, target, startedAt)) ?? 0;
  }

  finish(attemptId: number, outcome: SendOutcome): void {
    this.#orLog(undefined, () => this.#history.attempts.finish(attemptId, toAttempt(outcome)));
  }

  abandon(eventId: number): void {
    const { message: problem } = abandonedFailure().problem;
    this.#orLog(undefined, () => {
      const open = this.#history.attempts.list(eventId).filter(({ milliseconds }) => milliseconds === undefined);
      for (const { id } of open) this.#history.attempts.finish(id, { milliseconds: 0, problem });
    });
  }

  set(eventId: number, handling: Handling): void {
    this.#orLog(undefined, () => this.#history.setHandling([eventId], handling));
  }

  setState(eventIds: readonly number[], state: "held" | "queued" | "stopped"): void {
    const alike = Map.groupBy(eventIds, id => this.attemptsOf(id));
    for (const [attempts, ids] of alike) {
      this.#orLog(undefined, () => this.#history.setHandling(ids, { state, attempts }));
    }
  }

  #orLog<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#logger.error(`forward: what became of an event could not be written down: ${describeCauses(error)}`);
      return otherwise;
    }
  }
}

function toAttempt(outcome: SendOutcome): AttemptOutcome {
  if (outcome.kind === "failed") return { milliseconds: outcome.milliseconds, problem: outcome.problem.message };
  const { milliseconds, status, headers, body, bytes } = outcome;
  const answer = {
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    text: textOf(body),
    bytes,
  };
  return { milliseconds, status, answer };
}

/** An answer is for people to read: one that is not text is shown as what it may have been meant as. */
function textOf(body: Uint8Array): string {
  return utf8Decode(body);
}
