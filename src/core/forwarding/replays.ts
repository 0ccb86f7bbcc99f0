import { randomUUID } from "node:crypto";
import { second } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Handling } from "../../protocol/event.ts";
import type { Outbox } from "../history/outbox.ts";
import type { ClaimedJob } from "../history/outboxJob.ts";
import type { Courier } from "./courier.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";
import type { RetryPolicy } from "./retryPolicy.ts";

/** A person waits for a replay and sees what comes of it: no try is made behind their back. */
const once: RetryPolicy = { tries: 1, backoff: { first: second, longest: second }, after: "passing" };

/** Long enough to mend a handler, short enough not to go on for ever; in all some half an hour. */
const untilPassesPolicy: RetryPolicy = {
  tries: 100,
  backoff: { first: second, longest: 20 * second },
  after: "any",
};

/** An event and where to send it. */
export interface Replay {
  readonly event: ForwardedEvent;
  readonly target: string;
}

/** What became of one event that a person had sent. */
export interface ReplayResult {
  readonly eventId: number;
  /** Undefined where that is not known: the event is not kept any more, or the window closed. */
  readonly handling: Handling | undefined;
}

export interface ReplaysOptions {
  readonly outbox: Outbox;
  readonly courier: Courier;
  /** Events were taken from the rules, to be sent by hand. */
  readonly onDidTake: () => void;
  readonly logger: Logger;
}

/** Sends events because a person said so: one or many in order, or one until the handler takes it. */
export class Replays implements Disposable {
  readonly #options: ReplaysOptions;
  /** By job. */
  readonly #running = new Map<number, Sending>();

  constructor(options: ReplaysOptions) {
    this.#options = options;
    options.courier.listen({
      began: ({ id, tries }) => this.#running.get(id)?.onTry?.(tries),
      ended: ({ id }, handling) => this.#end(id, handling),
    });
  }

  /** Ids of what is being sent, or is to be. */
  get running(): readonly number[] {
    return [...this.#running.values()].map(({ eventId }) => eventId);
  }

  /**
   * Sends events strictly one after another, each once to each of its targets, in the place of what is being sent of
   * them. Resolves when all have ended.
   */
  async replay(replays: readonly Replay[]): Promise<readonly ReplayResult[]> {
    this.stop(replays.map(({ event }) => event.id));
    const lane = `batch:${randomUUID()}`;
    const sending = replays.map(async replay => this.#send(replay, once, [lane]));
    this.#options.onDidTake();
    return Promise.all(sending);
  }

  /** Sends an event again and again, with growing pauses, until the handler answers with a 2xx, at most 100 times. */
  async untilPasses(replay: Replay, onTry: (tries: number) => void): Promise<ReplayResult> {
    this.stop([replay.event.id]);
    const sending = this.#send(replay, untilPassesPolicy, [], onTry);
    this.#options.onDidTake();
    return sending;
  }

  /** Tries at once what waits for its next try: the handler may have been mended. */
  hurry(): void {
    this.#orLog(() => {
      for (const id of this.#running.keys()) this.#options.outbox.hurry(id);
    });
    this.#options.courier.pump();
  }

  /** Calls off what is being sent: these events, or all. Gives how many those are. */
  stop(ids: readonly number[] = this.running): number {
    const stopped = [...this.#running].filter(([, { eventId }]) => ids.includes(eventId));
    for (const [job] of stopped) this.#stop(job);
    return stopped.length;
  }

  /** After how many tries a job ends; undefined for one that no person sent from here. */
  policyOf({ id }: ClaimedJob): RetryPolicy | undefined {
    return this.#running.get(id)?.policy;
  }

  /** Lets go of what is not to be sent any more, as its event was deleted. */
  dropGone(): void {
    this.#orLog(() => {
      for (const id of this.#running.keys()) if (!this.#options.outbox.has(id)) this.#end(id, undefined);
    });
  }

  dispose(): void {
    for (const id of this.#running.keys()) this.#end(id, undefined);
  }

  async #send(
    { event, target }: Replay,
    policy: RetryPolicy,
    lanes: readonly string[],
    onTry?: (tries: number) => void,
  ): Promise<ReplayResult> {
    const eventId = event.id;
    const id = this.#options.courier.add({ eventId, target, lanes: [...event.lanes, ...lanes] });
    return new Promise(resolve => {
      const end = (handling: Handling | undefined): void => resolve({ eventId, handling });
      this.#running.set(id, { eventId, policy, onTry, end });
    });
  }

  /** One that is under way is cut off, and ends as that says. */
  #stop(id: number): void {
    const { outbox, courier } = this.#options;
    if (courier.cutOff(id)) return;
    this.#orLog(() => {
      this.#end(id, outbox.stop(id));
    });
  }

  #end(id: number, handling: Handling | undefined): void {
    const sending = this.#running.get(id);
    this.#running.delete(id);
    sending?.end(handling);
  }

  #orLog(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.logger.error(`replay: ${describeCauses(error)}`);
    }
  }
}

interface Sending {
  readonly eventId: number;
  readonly policy: RetryPolicy;
  readonly onTry: ((tries: number) => void) | undefined;
  readonly end: (handling: Handling | undefined) => void;
}
