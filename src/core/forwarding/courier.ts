import { randomUUID } from "node:crypto";
import { backoffDelay } from "../../base/backoff.ts";
import { type Clock, second, sleep } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { CapturedRequest, Header } from "../../protocol/capturedRequest.ts";
import type { Attempt, Handling } from "../../protocol/event.ts";
import type { Outbox } from "../history/outbox.ts";
import type { AfterTry, Claimant, ClaimedJob, HandJob } from "../history/outboxJob.ts";
import { toAttempt } from "./attemptOutcome.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";
import type { Marks } from "./outgoingHeaders.ts";
import type { RequestSender } from "./requestSender.ts";
import { type RetryPolicy, retryDelay } from "./retryPolicy.ts";
import { type SendOutcome, handlingAfter } from "./sendOutcome.ts";
import { abandonedFailure } from "./sendProblem.ts";

/** How many requests are under way at a time: enough for a handler that waits, few enough for one that works. */
const width = 8;

/** How long to wait before what the disk did not take or give is tried again. */
const diskAgain = { first: second / 10, longest: 5 * second };

export interface CourierOptions {
  readonly outbox: Outbox;
  /** The event as it is in the history, or undefined when it is not kept any more, or holds no request. */
  readonly load: (id: number) => ForwardedEvent | undefined;
  /** What is added to the request. */
  readonly headersOf: (job: ClaimedJob, request: CapturedRequest) => readonly Header[];
  readonly policyOf: (job: ClaimedJob) => RetryPolicy;
  /** Whether what this owner sends is held just now. */
  readonly isPaused: (owner: string) => boolean;
  readonly sender: Pick<RequestSender, "send">;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/** What a job's owner hears. */
export interface CourierListener {
  began(job: ClaimedJob): void;
  /** The job is over, and the event stands like that; undefined where it could not be sent. */
  ended(job: ClaimedJob, handling: Handling | undefined): void;
}

/**
 * Carries a window's jobs from the outbox to the handlers: takes those whose turn it is, sends them, and writes down what
 * came of each. An answer that cannot be written down is kept until it can be, and its job is not over before.
 */
export class Courier implements Disposable {
  /** As whom this window claims; jobs that a person sends from it are its own. */
  readonly window = `window:${randomUUID()}`;
  readonly #options: CourierOptions;
  readonly #running = new Map<number, Errand>();
  /** How often in a row a job's event could not be read, by job. */
  readonly #failedReads = new Map<number, number>();
  #rules: readonly string[] = [];
  #listener: CourierListener | undefined;
  #timer: Disposable | undefined;
  #isPumping = false;
  #isDisposed = false;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** `listener` hears of all jobs from now on. */
  listen(listener: CourierListener): void {
    this.#listener = listener;
  }

  /** Sends for these rules, which this window sees to, from now on. */
  serve(rules: readonly string[]): void {
    this.#rules = rules;
    this.pump();
  }

  /** Sends what may go now. To be called often, and whenever something may have become due. */
  pump(): void {
    if (this.#isDisposed || this.#isPumping) return;
    this.#isPumping = true;
    this.#orLog(() => this.#takeJobs());
    this.#isPumping = false;
  }

  /** Sees to what windows left that are gone. To be called often: it says that this one lives, and looks who else does. */
  reap(): void {
    const { outbox, clock } = this.#options;
    const now = clock.now();
    this.#orLog(() => {
      outbox.look(now);
      outbox.stay(this.window, now);
      outbox.reap(abandonedFailure().problem.message);
    });
  }

  /** Puts in what a person sends from here; it goes with the next {@link pump}. Gives the job's id. */
  add(job: HandJob): number {
    const wasPumping = this.#isPumping;
    this.#isPumping = true;
    try {
      return this.#options.outbox.addByHand(this.window, job, this.#options.clock.now());
    } finally {
      this.#isPumping = wasPumping;
    }
  }

  /** Notes that a person sends an event past every queue, now: see {@link sendNow}. */
  begin(job: Omit<HandJob, "lanes">, origin: Attempt["origin"]): ClaimedJob {
    return this.#options.outbox.beginByHand(this.#claimant, { ...job, origin });
  }

  /** Sends a job that was begun, with these marks and until `signal` aborts, once. Never rejects. */
  async sendNow(
    job: ClaimedJob,
    request: ForwardedEvent["request"],
    marks: Marks,
    signal?: AbortSignal,
  ): Promise<SendOutcome> {
    const errand = new Errand(job);
    this.#running.set(job.id, errand);
    const abort = (): void => errand.stop();
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
    const onConnected = (): boolean => (errand.isOut = true);
    const outcome = await this.#options.sender.send(job.target, request, { marks, signal: errand.signal, onConnected });
    signal?.removeEventListener("abort", abort);
    const after = { kind: "done" } as const;
    await this.#settle(errand, { kind: "tried", outcome, handling: handlingAfter(outcome), after });
    return outcome;
  }

  /** Calls off a job that is under way. Gives whether it is. */
  cutOff(jobId: number): boolean {
    const errand = this.#running.get(jobId);
    errand?.stop();
    return errand !== undefined;
  }

  /** What is under way is cut off. What may have reached its handler is held; the rest waits for its turn again. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#timer?.dispose();
    const errands = [...this.#running.values()];
    const unsent = errands.filter(({ isOut, ending }) => !isOut && ending === undefined).map(({ job }) => job);
    const { outbox } = this.#options;
    this.#orLog(() =>
      outbox.together(() => {
        for (const errand of errands) this.#write(errand);
        outbox.leave(this.window, unsent, abandonedFailure().problem.message);
      }),
    );
    for (const errand of errands) errand.close();
  }

  get #claimant(): Claimant {
    return { window: this.window, owners: [...this.#rules, this.window], now: this.#options.clock.now() };
  }

  #takeJobs(): void {
    const { outbox, clock } = this.#options;
    const jobs = outbox.claim(this.#claimant, width - this.#running.size);
    for (const job of jobs) void this.#run(new Errand(job));
    this.#timer?.dispose();
    const pause = outbox.pause(this.#claimant);
    this.#timer = pause === undefined ? undefined : clock.after(pause, () => this.pump());
  }

  async #run(errand: Errand): Promise<void> {
    const { job } = errand;
    this.#running.set(job.id, errand);
    this.#listener?.began(job);
    await this.#settle(errand, (await this.#try(errand)) ?? unsendable);
  }

  async #try(errand: Errand): Promise<Ending | undefined> {
    const { job } = errand;
    const event = this.#read(job);
    if (!event.ok) return this.#readLater(job, event.error);
    this.#failedReads.delete(job.id);
    try {
      return event.value === undefined ? undefined : await this.#send(errand, event.value);
    } catch (error) {
      return this.#failure(job, error);
    }
  }

  #read({ eventId }: ClaimedJob): Result<ForwardedEvent | undefined, unknown> {
    try {
      return succeed(this.#options.load(eventId));
    } catch (error) {
      return fail(error);
    }
  }

  /** Nothing of it went out, which is no try: it keeps its place until it can be read. */
  #readLater({ id, eventId }: ClaimedJob, error: unknown): PutOff {
    const { clock, random } = this.#options;
    const times = (this.#failedReads.get(id) ?? 0) + 1;
    this.#failedReads.set(id, times);
    this.#logFailure(eventId, error);
    const dueAt = clock.now() + backoffDelay(times, diskAgain, random);
    return { kind: "putOff", dueAt, problem: toProblem(error).message };
  }

  #failure({ eventId }: ClaimedJob, error: unknown): Tried {
    this.#logFailure(eventId, error);
    const outcome = { kind: "failed", problem: toProblem(error), transient: false, milliseconds: 0 } as const;
    return { kind: "tried", outcome, handling: handlingAfter(outcome), after: { kind: "done" } };
  }

  #logFailure(eventId: number, error: unknown): void {
    this.#options.logger.error(`forward: event ${eventId}: ${describeCauses(error)}`);
  }

  async #send(errand: Errand, event: ForwardedEvent): Promise<Tried> {
    const { job } = errand;
    const { sender, logger } = this.#options;
    const outcome = await sender.send(job.target, event.request, {
      marks: marksOf(event, job, this.window),
      headers: this.#options.headersOf(job, event.request),
      signal: errand.signal,
      onConnected: () => (errand.isOut = true),
    });
    if (outcome.kind === "failed") logger.info(`forward: event ${event.id}: ${outcome.problem.code}`);
    // Whoever calls a job off as its answer comes in has the answer.
    if (errand.signal.aborted && outcome.kind === "failed") {
      return { kind: "tried", outcome, handling: { state: "stopped" }, after: { kind: "done" } };
    }
    return { kind: "tried", outcome, handling: handlingAfter(outcome), after: this.#afterTry(job, outcome) };
  }

  #afterTry(job: ClaimedJob, outcome: SendOutcome): AfterTry {
    const { clock, random, policyOf, isPaused } = this.#options;
    const now = clock.now();
    const delay = retryDelay(policyOf(job), outcome, job.tries, { now, random });
    if (delay === undefined) return { kind: "done" };
    return isPaused(job.owner) ? { kind: "held" } : { kind: "again", dueAt: now + delay };
  }

  /** Until it is written down what came of the job, nothing else of its records goes. */
  async #settle(errand: Errand, ending: Ending | typeof unsendable): Promise<void> {
    if (this.#isDisposed) return;
    errand.ending = ending;
    for (let tries = 1; !this.#orLog(() => this.#write(errand)); tries++) {
      await sleep(this.#options.clock, backoffDelay(tries, diskAgain, this.#options.random), errand.closed);
      if (errand.closed.aborted) return;
    }
    this.#running.delete(errand.job.id);
    if (ending === unsendable) this.#over(errand, undefined);
    else if (ending.kind === "tried" && ending.after.kind === "done")
      this.#over(errand, { ...ending.handling, attempts: errand.job.attempts });
    this.pump();
  }

  #write({ job, ending }: Errand): void {
    const { outbox } = this.#options;
    if (ending === undefined) return;
    if (ending === unsendable) outbox.drop(job);
    else if (ending.kind === "putOff") outbox.putOff(job, ending.dueAt, ending.problem);
    else outbox.finish(job, toAttempt(ending.outcome), ending.handling, ending.after);
  }

  #over(errand: Errand, handling: Handling | undefined): void {
    this.#running.delete(errand.job.id);
    if (!this.#isDisposed) this.#listener?.ended(errand.job, handling);
  }

  #orLog(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#options.logger.error(`forward: ${describeCauses(error)}`);
      return false;
    }
  }
}

function marksOf(event: ForwardedEvent, { owner, attempts }: ClaimedJob, window: string): Marks {
  const marks = { event: event.id, sequence: event.sequence, attempt: attempts };
  return owner === window ? { ...marks, replay: true } : marks;
}

/** There was nothing to send. */
const unsendable = "unsendable";

/** What a try brought, and what is to happen next. */
interface Tried {
  readonly kind: "tried";
  readonly outcome: SendOutcome;
  readonly handling: Omit<Handling, "attempts">;
  readonly after: AfterTry;
}

/** There was no try, as `problem` says; the next is due then: milliseconds since 1970. */
interface PutOff {
  readonly kind: "putOff";
  readonly dueAt: number;
  readonly problem: string;
}

type Ending = Tried | PutOff;

/** A job on its way. */
class Errand {
  readonly job: ClaimedJob;
  /** The first byte may have left. */
  isOut = false;
  /** What came of it, until that is written down. */
  ending: Ending | typeof unsendable | undefined;
  readonly #abort = new AbortController();
  readonly #close = new AbortController();

  constructor(job: ClaimedJob) {
    this.job = job;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Aborts when the window closes. */
  get closed(): AbortSignal {
    return this.#close.signal;
  }

  stop(): void {
    this.#abort.abort();
  }

  close(): void {
    this.#abort.abort();
    this.#close.abort();
  }
}
