import type { Clock } from "../../base/clock.ts";
import { type Disposable, DisposableStore, type Event } from "../../base/lifecycle.ts";
import { given } from "../../base/given.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { CapturedRequest } from "../../protocol/capturedRequest.ts";
import type { Attempt } from "../../protocol/event.ts";
import type { EventHistory } from "../history/eventHistory.ts";
import type { ClaimedJob } from "../history/outboxJob.ts";
import type { TokenBook } from "../events/tokenBook.ts";
import type { Claims } from "../windows/claims.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { Courier } from "./courier.ts";
import type { ForwardRule } from "./forwardRule.ts";
import { type ForwardedEvent, forwardedEventOf } from "./forwardedEvent.ts";
import { Forwarder } from "./forwarder.ts";
import { type LiveFeed, Presence } from "./presence.ts";
import { Replays } from "./replays.ts";
import { ruleHeaders } from "./ruleHeaders.ts";
import { RequestSender } from "./requestSender.ts";
import type { RetryPolicy } from "./retryPolicy.ts";
import type { SendOutcome } from "./sendOutcome.ts";

/** What the user set, read anew at each use. */
export interface ForwardSettings {
  readonly rules: () => readonly ForwardRule[];
  /** Hosts beyond this machine that events may be sent to. */
  readonly allowedHosts: () => readonly string[];
  /** Milliseconds until an answer must have ended. */
  readonly timeout: () => number;
  /** After which failures an event is sent again by a rule. */
  readonly retries: () => RetryPolicy;
}

export interface ForwardingOptions {
  readonly history: EventHistory;
  readonly relay: LiveFeed;
  readonly tokens: Pick<TokenBook, "verify" | "onDidChange">;
  readonly claims: Claims;
  readonly notes: SharedNotes;
  readonly settings: ForwardSettings;
  readonly onDidChangeRules: Event<void>;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** For headers that name a variable. Default: that of the editor. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Another way to send than over the network, for tests. */
  readonly sender?: Pick<RequestSender, "send">;
}

/** Who has a request sent, and what to write it down with. */
export interface SendToOptions {
  readonly origin: Exclude<Attempt["origin"], "retry">;
  /** The entry of the history that is sent; the attempt is written down with it. Without: it is written down nowhere. */
  readonly eventId?: number;
  readonly signal?: AbortSignal;
}

/** Everything that sends events to handlers: by the rules, and because a person or a program says so. */
export class Forwarding implements Disposable {
  readonly #store = new DisposableStore();
  readonly #sender: Pick<RequestSender, "send">;
  readonly #courier: Courier;
  readonly #options: ForwardingOptions;
  readonly forwarder: Forwarder;
  readonly replays: Replays;

  constructor(options: ForwardingOptions) {
    this.#options = options;
    const { history, settings, clock, random, logger } = options;
    this.#sender = options.sender ?? new RequestSender({ ...settings, clock });
    const { outbox } = history;
    this.#courier = new Courier({
      ...{ outbox, clock, random, logger, sender: this.#sender },
      load: id => this.eventOf(id),
      headersOf: ({ target, owner }, request) =>
        ruleHeaders(this.forwarder.ruleTo(target, owner) ?? {}, request, options.environment ?? process.env),
      policyOf: job => this.replays.policyOf(job) ?? settings.retries(),
      isPaused: owner => this.forwarder.isPaused(owner),
    });
    this.#courier.reap();
    const onDidTake = (): void => this.forwarder.refresh();
    this.replays = new Replays({ outbox, courier: this.#courier, logger, onDidTake });
    const presence = this.#store.add(new Presence(options.relay, clock));
    this.forwarder = new Forwarder({ ...options, outbox, rules: settings.rules, courier: this.#courier, presence });
    this.#store.add(history.onDidReset(() => this.replays.dropGone()));
    this.forwarder.start();
  }

  /** The event as something that can be sent; undefined when it is not kept any more or holds no request. */
  eventOf(id: number): ForwardedEvent | undefined {
    const event = this.#options.history.get(id);
    return event === undefined ? undefined : forwardedEventOf(event, this.#options.tokens);
  }

  /**
   * Sends a request to a handler once, at once, past every queue: a fixture, or what a program asks for. The target is
   * held to the same rules as any other. Never rejects.
   */
  async sendTo(target: string, request: CapturedRequest, options: SendToOptions): Promise<SendOutcome> {
    const { origin, eventId, signal } = options;
    const marks = origin === "rule" ? {} : { replay: true as const };
    const job = eventId === undefined ? undefined : this.#begin(eventId, target, origin);
    if (job !== undefined) {
      const counted = { event: job.eventId, attempt: job.attempts, ...marks };
      return this.#courier.sendNow(job, request, counted, signal);
    }
    return this.#sender.send(target, request, { marks, ...given({ signal }) });
  }

  /** Calls off the sending of these events, by whomever. Gives how many of them were to be sent. */
  stop(ids: readonly number[]): number {
    return this.replays.stop(ids) + this.forwarder.stopEvents(ids);
  }

  dispose(): void {
    this.#store.dispose();
    this.#courier.dispose();
    this.replays.dispose();
    this.forwarder.dispose();
  }

  /** Undefined where it cannot be written down: then it is sent all the same, as a person waits for it. */
  #begin(eventId: number, target: string, origin: SendToOptions["origin"]): ClaimedJob | undefined {
    try {
      return this.#courier.begin({ eventId, target }, origin);
    } catch (error) {
      this.#options.logger.error(`forward: ${describeCauses(error)}`);
      return undefined;
    }
  }
}
