import { randomUUID } from "node:crypto";
import { type Clock, minute, second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { ForwardQueue } from "../history/forwardQueue.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import type { Dispatcher, JobResult, SendingJob } from "./dispatcher.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";
import type { HandlingRecords } from "./handlingRecords.ts";
import type { RetryPolicy } from "./retryPolicy.ts";

/** A person waits for a replay and sees what comes of it: no try is made behind their back. */
const once: RetryPolicy = { tries: 1, backoff: { first: second, longest: second }, after: "passing" };

/** Long enough to mend a handler, short enough not to go on for ever; in all some half an hour. */
const untilPassesPolicy: RetryPolicy = {
  tries: 100,
  backoff: { first: second, longest: 20 * second },
  after: "any",
};

const claimLength = minute;
const ownerPrefix = "replay:";

/** An event and where to send it. */
export interface Replay {
  readonly event: ForwardedEvent;
  readonly target: string;
}

/** What became of one event that a person had sent. */
export interface ReplayResult {
  readonly eventId: number;
  readonly handling: JobResult;
}

export interface ReplaysOptions {
  readonly queue: ForwardQueue;
  readonly records: HandlingRecords;
  readonly dispatcher: Pick<Dispatcher, "submit">;
  /** Takes events from the rules, and tells them when `send` has them: what waits behind them is not to go before. */
  readonly takeFromRules: <T>(ids: readonly number[], send: () => T) => T;
  readonly claims: Claims;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Sends events because a person said so: one or many in order, or one until the handler takes it. */
export class Replays implements Disposable {
  readonly #options: ReplaysOptions;
  readonly #owner = ownerPrefix + randomUUID();
  readonly #running = new Map<number, SendingJob>();
  #claim: Claim | undefined;
  #timer: Disposable | undefined;

  constructor(options: ReplaysOptions) {
    this.#options = options;
    this.#orLog(() => this.#stopAbandoned());
  }

  /** Ids of what is being sent, or is to be. */
  get running(): readonly number[] {
    return [...this.#running.keys()];
  }

  /** Sends events strictly one after another, each once. Resolves when all have ended. */
  async replay(replays: readonly Replay[]): Promise<readonly ReplayResult[]> {
    const lane = `batch:${randomUUID()}`;
    return Promise.all(replays.map(async replay => this.#send(replay, once, [lane])));
  }

  /** Sends an event again and again, with growing pauses, until the handler answers with a 2xx, at most 100 times. */
  async untilPasses(replay: Replay, onTry: (tries: number) => void): Promise<ReplayResult> {
    return this.#send(replay, untilPassesPolicy, [], onTry);
  }

  /** Tries at once what waits for its next try: the handler may have been mended. */
  hurry(): void {
    for (const sending of this.#running.values()) sending.hurry();
  }

  /** Calls off what is being sent: these events, or all. Gives how many those are. */
  stop(ids: readonly number[] = this.running): number {
    const stopped = ids.flatMap(id => this.#running.get(id) ?? []);
    for (const sending of stopped) sending.stop("stopped");
    return stopped.length;
  }

  /** Runs `work`, which sends an event, so that it counts as ended when this window is gone. */
  async sendingFrom<T>(eventId: number, work: () => Promise<T>): Promise<T> {
    this.#begin(eventId);
    const result = await work();
    if (!this.#running.has(eventId)) this.#end(eventId);
    return result;
  }

  dispose(): void {
    this.#timer?.dispose();
    for (const sending of this.#running.values()) sending.stop("left");
    this.#running.clear();
    this.#orLog(() => this.#giveUp(this.#owner));
    this.#claim?.dispose();
  }

  async #send(
    { event, target }: Replay,
    policy: RetryPolicy,
    lanes: readonly string[],
    onTry?: (tries: number) => void,
  ): Promise<ReplayResult> {
    const { dispatcher, takeFromRules } = this.#options;
    const eventId = event.id;
    this.stop([eventId]);
    const job = { eventId, target, origin: "replay", policy, tried: 0, lanes: [...event.lanes, ...lanes] } as const;
    const sending = takeFromRules([eventId], () => {
      this.#begin(eventId);
      return dispatcher.submit(job, onTry);
    });
    this.#running.set(eventId, sending);
    const handling = await sending.done;
    this.#finish(sending);
    return { eventId, handling };
  }

  #finish(sending: SendingJob): void {
    const { eventId } = sending.job;
    if (this.#running.get(eventId) !== sending) return;
    this.#running.delete(eventId);
    this.#end(eventId);
  }

  #begin(eventId: number): void {
    this.#orLog(() => {
      this.#hold();
      this.#options.queue.add(this.#owner, eventId, "pending");
    });
  }

  #end(eventId: number): void {
    this.#orLog(() => this.#options.queue.remove([eventId], this.#owner));
  }

  /** Tells other windows that this one lives, for as long as it sends. */
  #hold(): void {
    const { claims, clock, queue } = this.#options;
    if (this.#claim?.extend(claimLength) !== true) this.#claim = claims.take(this.#owner, claimLength);
    this.#timer ??= clock.after(claimLength / 3, () => {
      this.#timer = undefined;
      this.#orLog(() => {
        if (queue.of(this.#owner).length > 0) this.#hold();
      });
    });
  }

  /** A window that has crashed sends nothing more, and what it had in hand should not look as if. */
  #stopAbandoned(): void {
    const { queue, claims } = this.#options;
    for (const owner of queue.owners().filter(each => each.startsWith(ownerPrefix))) {
      if (claims.take(owner, second) !== undefined) this.#giveUp(owner);
    }
  }

  #giveUp(owner: string): void {
    const { queue, records } = this.#options;
    const ids = queue.of(owner);
    for (const id of ids) records.abandon(id);
    queue.remove(ids, owner);
    records.setState(ids, "stopped");
  }

  #orLog(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.logger.error(`replay: ${describeCauses(error)}`);
    }
  }
}
