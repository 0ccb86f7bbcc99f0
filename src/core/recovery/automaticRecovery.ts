import { type Clock, day, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses, toProblem } from "../../base/problem.ts";
import { type Result, fail } from "../../base/result.ts";
import type { StoredEvent, StoredGap } from "../events/storedEvent.ts";
import type { ChannelsHere } from "./channelsHere.ts";
import { type Gap, PendingGaps } from "./pendingGaps.ts";
import type { PendingRecoveries, RecoveryNotes } from "./pendingRecoveries.ts";
import { type RecoveryReport, recoveredCount } from "./recoveryReport.ts";
import type { RecoveryRequest, RecoveryService } from "./recoveryService.ts";
import { watchedModules } from "./watched.ts";

/** Where gaps are heard of, and what came before them. */
export interface GapHistory {
  readonly onDidAppend: Event<readonly StoredEvent[]>;
  /** The newest event before this gap that the same relay channel delivered. */
  deliveredBefore(gap: StoredGap): StoredEvent | undefined;
  forgottenUntil(): number;
}

export interface AutomaticRecoveryOptions {
  readonly recovery: Pick<RecoveryService, "recover">;
  readonly history: GapHistory;
  readonly pending: PendingRecoveries;
  readonly notes: RecoveryNotes;
  /** The channels whose deliveries come to this editor, read anew; of some connections, or of all. */
  readonly channelsHere: (connectionIds?: readonly string[]) => Promise<ChannelsHere>;
  readonly hasConnection: (connectionId: string) => boolean;
  /** Resolves when what the relay kept has been stored, or is not to be waited for any longer. */
  readonly whenCaughtUp: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A channel lives no longer than this, so what was lost of it is no older. */
const longestLife = 7 * day;

/** How long before its delivery a change may have happened. */
const deliveryDelay = 10 * minute;

/** What could not be looked for now is tried again after this time. */
const retryAfter = 10 * minute;

/**
 * Looks for what was missed whenever a channel had lapsed or the relay announced a gap. What is to be done is written
 * down first and goes when it is done: what fails is tried again, by whichever window lives, and stops nothing else.
 */
export class AutomaticRecovery implements Disposable {
  readonly #options: AutomaticRecoveryOptions;
  readonly #gaps: PendingGaps;
  readonly #store = new DisposableStore();
  readonly #abort = new AbortController();
  readonly #finished = this.#store.add(new Emitter<RecoveryReport>());
  readonly #failed = this.#store.add(new Emitter<Problem>());
  /** Gaps that could not be noted yet. */
  readonly #unnoted = new Set<StoredGap>();
  #isRunning = false;
  #isAskedAgain = false;
  #retry: Disposable | undefined;

  /** Something was looked for; the report may say that nothing was missed. */
  readonly onDidFinish: Event<RecoveryReport> = this.#finished.event;
  /** Something could not be looked for; it is tried again. */
  readonly onDidFail: Event<Problem> = this.#failed.event;

  constructor(options: AutomaticRecoveryOptions) {
    this.#options = options;
    this.#gaps = new PendingGaps(options.notes);
    this.#store.add(options.pending.onDidBecomeReady(() => this.resume()));
    this.#store.add(
      options.history.onDidAppend(events => {
        for (const event of events) if (event.kind === "gap") this.#hear(event);
      }),
    );
    this.#store.add(toDisposable(() => this.#retry?.dispose()));
  }

  /** Goes on with what was not finished when the editor closed. */
  resume(): void {
    void this.#run();
  }

  /** Since when the channel had been without deliveries when it last lapsed; milliseconds since 1970. */
  lastLapse(connectionId: string, channelId: string): number | undefined {
    return this.#options.pending.lastLapse({ connectionId, channelId });
  }

  dispose(): void {
    this.#abort.abort();
    this.#store.dispose();
  }

  #hear(gap: StoredGap): void {
    this.#unnoted.add(gap);
    this.#noteGaps();
    this.resume();
  }

  /** Nobody else may have heard of a gap, so one that cannot be noted now is noted later. */
  #noteGaps(): void {
    for (const gap of this.#unnoted) {
      this.#orLater("gap", () => {
        this.#gaps.add({ id: gap.id, from: this.#beginOf(gap), to: gap.receivedAt });
        this.#unnoted.delete(gap);
      });
    }
  }

  /** A gap began after the last event before it that its relay delivered; what was forgotten is not looked for. */
  #beginOf(gap: StoredGap): number {
    const { history } = this.#options;
    const before = history.deliveredBefore(gap);
    const begin = Math.max((before?.receivedAt ?? 0) - deliveryDelay, gap.receivedAt - longestLife);
    return Math.max(begin, history.forgottenUntil());
  }

  /** One after the other; what is asked for meanwhile follows. Never rejects: what fails is tried again later. */
  async #run(): Promise<void> {
    this.#isAskedAgain = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#isAskedAgain && !this.#isOver()) {
        this.#isAskedAgain = false;
        await this.#runPending();
      }
    } catch (error) {
      this.#putOff("pending", error);
    } finally {
      this.#isRunning = false;
    }
  }

  async #runPending(): Promise<void> {
    this.#noteGaps();
    for (const gap of this.#gaps.list()) await this.#seeTo(gap);
    this.#orLater("gaps", () => this.#gaps.sweep(this.#options.clock.now()));
    const requests = this.#options.pending.list();
    if (requests.length > 0) await this.#options.whenCaughtUp(this.#abort.signal);
    for (const request of requests) if (!this.#isOver()) await this.#runOne(request);
  }

  /** What is thrown about one gap keeps nothing else from being looked for. */
  async #seeTo(gap: Gap): Promise<void> {
    try {
      await this.#findChannels(gap);
    } catch (error) {
      this.#putOff("gap", error);
    }
  }

  /** Turns a gap into a recovery for each channel that lost deliveries; waits for connections that cannot be asked. */
  async #findChannels(gap: Gap): Promise<void> {
    const { channelsHere, pending } = this.#options;
    const { channels, unknown } = await channelsHere(gap.waiting);
    if (this.#isOver()) return;
    for (const { connectionId, channelId, subscriptions } of channels) {
      pending.add({ connectionId, channelId, watched: watchedModules(subscriptions), from: gap.from, to: gap.to });
    }
    this.#gaps.advance(gap, unknown);
    if (unknown.length > 0) this.#tryLater();
  }

  async #runOne(request: RecoveryRequest): Promise<void> {
    const { logger, hasConnection, pending } = this.#options;
    if (!hasConnection(request.connectionId)) {
      this.#orLater("signed out", () => pending.forget(request));
      return;
    }
    const outcome = await this.#recover(request);
    if (this.#isOver()) return;
    if (outcome.ok) {
      // It was found and stored: what cannot be noted as done is looked for again, which adds nothing.
      this.#orLater("done", () => pending.settle(request));
      logger.info(`recovery of channel ${request.channelId}: ${recoveredCount(outcome.value)} changes found`);
      this.#finished.fire(outcome.value);
      return;
    }
    logger.warn(`recovery of channel ${request.channelId}: ${describeCauses(outcome.error)}`);
    this.#tryLater();
    if (outcome.error.code !== "RECOVERY_UNDER_WAY") this.#failed.fire(outcome.error);
  }

  /** What is thrown, such as by a disk that is full, must not keep the others from being looked for. */
  async #recover(request: RecoveryRequest): Promise<Result<RecoveryReport, Problem>> {
    try {
      return await this.#options.recovery.recover(request, { signal: this.#abort.signal });
    } catch (error) {
      return fail(toProblem(error));
    }
  }

  #orLater(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#putOff(what, error);
    }
  }

  #putOff(what: string, error: unknown): void {
    this.#options.logger.error(`recovery, ${what}: ${describeCauses(error)}`);
    this.#tryLater();
  }

  #tryLater(): void {
    if (this.#isOver()) return;
    this.#retry ??= this.#options.clock.after(retryAfter, () => {
      this.#retry = undefined;
      this.resume();
    });
  }

  #isOver(): boolean {
    return this.#abort.signal.aborted;
  }
}
