import { type Clock, sleep } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses, toProblem } from "../../base/problem.ts";
import type { Attempt, Handling } from "../../protocol/event.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";
import type { HandlingRecords } from "./handlingRecords.ts";
import type { Marks } from "./outgoingHeaders.ts";
import { type Laned, RecordLanes } from "./recordLanes.ts";
import type { RequestSender } from "./requestSender.ts";
import { type RetryPolicy, retryDelay } from "./retryPolicy.ts";
import { type SendOutcome, handlingAfter } from "./sendOutcome.ts";
import { Slots } from "./slots.ts";

/** How many requests are under way at a time: enough for a handler that waits, few enough for one that works. */
const width = 8;

/** One event that is to be sent. Its lanes say what it waits for. */
export interface SendJob extends Laned {
  readonly eventId: number;
  readonly target: string;
  readonly origin: Exclude<Attempt["origin"], "retry">;
  readonly policy: RetryPolicy;
  /** How often it was tried before, in another window; that counts. */
  readonly tried: number;
}

/** Where a job stands when it has ended: the event's handling, or undefined where that is not for this job to say. */
export type JobResult = Handling | undefined;

/**
 * How an event stands that is not sent after all: for good, or until a person says so. `left`: somebody else sees to it,
 * and says how it stands.
 */
export type StoppedState = "stopped" | "held" | "left";

/** A job that was handed in. */
export interface SendingJob {
  readonly job: SendJob;
  readonly done: Promise<JobResult>;
  /** Calls it off, a request under way too. The event's handling is then `state`. */
  stop(state: StoppedState): void;
  /** Tries again now instead of later. */
  hurry(): void;
}

export interface DispatcherOptions {
  readonly sender: Pick<RequestSender, "send">;
  /** The event as it is in the history, or undefined when it is not kept any more. */
  readonly load: (id: number) => ForwardedEvent | undefined;
  readonly records: HandlingRecords;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Sends events to handlers: those of one lane one after another, each with its retries, others side by side. Writes down
 * every attempt and how each event stands.
 */
export class Dispatcher implements Disposable {
  readonly #options: DispatcherOptions;
  readonly #slots = new Slots(width);
  readonly #lanes = new RecordLanes<Sending>(sending => void this.#run(sending));
  readonly #sending = new Set<Sending>();
  #disposed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Takes a job in. `onTry` is told of each attempt as it begins, with how many that makes. */
  submit(job: SendJob, onTry?: (tries: number) => void): SendingJob {
    const sending = new Sending(job, this.#options.records.attemptsOf(job.eventId), onTry);
    this.#sending.add(sending);
    this.#set(sending, { state: "queued" });
    sending.signal.addEventListener("abort", () => {
      if (!sending.isStarted) this.#end(sending, this.#stopped(sending));
    });
    this.#lanes.add(sending);
    return sending;
  }

  dispose(): void {
    this.#disposed = true;
    for (const sending of this.#sending) this.#leave(sending);
  }

  async #run(sending: Sending): Promise<void> {
    sending.isStarted = true;
    let result: JobResult;
    try {
      result = await this.#try(sending);
    } catch (error) {
      this.#options.logger.error(`forward: event ${sending.job.eventId}: ${describeCauses(error)}`);
      result = this.#set(sending, { state: "failed", problem: toProblem(error).message });
    }
    this.#end(sending, result);
  }

  #end(sending: Sending, result: JobResult): void {
    this.#sending.delete(sending);
    sending.finish(result);
    this.#lanes.finish(sending);
  }

  async #try(sending: Sending): Promise<JobResult> {
    const { job } = sending;
    for (let tries = job.tried + 1; ; tries++) {
      const sent = await this.#sendOnce(sending, tries);
      if (sent === "gone") return undefined;
      if (sent === "stopped") return this.#stopped(sending);
      const delay = retryDelay(job.policy, sent, tries, {
        now: this.#options.clock.now(),
        random: this.#options.random,
      });
      if (delay === undefined) return this.#set(sending, handlingAfter(sent));
      this.#set(sending, { ...handlingAfter(sent), state: "waiting" });
      await sleep(this.#options.clock, delay, sending.nextHurry());
    }
  }

  async #sendOnce(sending: Sending, tries: number): Promise<SendOutcome | "gone" | "stopped"> {
    if (!(await this.#slots.take(sending.signal))) return "stopped";
    try {
      const event = this.#options.load(sending.job.eventId);
      return event === undefined ? "gone" : await this.#attempt(sending, event, tries);
    } finally {
      this.#slots.release();
    }
  }

  async #attempt(sending: Sending, event: ForwardedEvent, tries: number): Promise<SendOutcome | "stopped"> {
    const { records, sender, clock } = this.#options;
    const { job } = sending;
    sending.onTry?.(tries);
    const isRetry = job.origin === "rule" && tries > 1;
    const attempt = { origin: isRetry ? "retry" : job.origin, target: job.target, startedAt: clock.now() } as const;
    const attemptId = records.begin(job.eventId, attempt);
    sending.attempts += 1;
    this.#set(sending, { state: "sending" });
    const outcome = await sender.send(job.target, event.request, {
      marks: marksOf(event, sending.attempts, job),
      signal: sending.signal,
    });
    // The attempt was given up when the window closed.
    if (this.#disposed) return "stopped";
    records.finish(attemptId, outcome);
    if (outcome.kind === "failed") this.#options.logger.info(`forward: event ${event.id}: ${outcome.problem.code}`);
    return sending.signal.aborted ? "stopped" : outcome;
  }

  #stopped(sending: Sending): JobResult {
    return sending.endState === "left" ? undefined : this.#set(sending, { state: sending.endState });
  }

  #set({ job, attempts }: Sending, handling: Omit<Handling, "attempts">): Handling {
    const complete = { ...handling, attempts };
    this.#options.records.set(job.eventId, complete);
    return complete;
  }

  /** The window closes: what is under way is cut off. Whoever handed it in says what becomes of it. */
  #leave(sending: Sending): void {
    this.#options.records.abandon(sending.job.eventId);
    sending.stop("left");
  }
}

function marksOf(event: ForwardedEvent, attempt: number, job: SendJob): Marks {
  const marks = { event: event.id, sequence: event.sequence, attempt };
  return job.origin === "rule" ? marks : { ...marks, replay: true };
}

class Sending implements SendingJob, Laned {
  readonly job: SendJob;
  readonly onTry: ((tries: number) => void) | undefined;
  readonly done: Promise<JobResult>;
  /** How often the event has been sent, in all. */
  attempts: number;
  isStarted = false;
  endState: StoppedState = "stopped";
  readonly #abort = new AbortController();
  #hurried = new AbortController();
  #resolve: (result: JobResult) => void = () => undefined;

  constructor(job: SendJob, attempts: number, onTry: ((tries: number) => void) | undefined) {
    this.job = job;
    this.attempts = attempts;
    this.onTry = onTry;
    this.done = new Promise(resolve => (this.#resolve = resolve));
  }

  /** An event is sent once at a time, whoever wants it sent. */
  get lanes(): readonly string[] {
    return [...this.job.lanes, `event:${this.job.eventId}`];
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Aborts when the next wait is to be cut short. */
  nextHurry(): AbortSignal {
    this.#hurried = new AbortController();
    return AbortSignal.any([this.#hurried.signal, this.signal]);
  }

  stop(state: StoppedState): void {
    if (this.signal.aborted) return;
    this.endState = state;
    this.#abort.abort();
  }

  hurry(): void {
    this.#hurried.abort();
  }

  finish(result: JobResult): void {
    this.#resolve(result);
  }
}
