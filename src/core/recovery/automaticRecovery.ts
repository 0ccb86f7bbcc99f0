import { type Clock, day, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import type { StoredEvent, StoredGap } from "../history/storedEvent.ts";
import type { Channel } from "../subscriptions/channel.ts";
import type { Lapse } from "../subscriptions/lapse.ts";
import type { Claims } from "../windows/claims.ts";
import { PendingRecoveries, type RecoveryNotes } from "./pendingRecoveries.ts";
import { type RecoveryReport, recoveredCount, reportSentence } from "./recoveryReport.ts";
import type { RecoveryRequest, RecoveryService } from "./recoveryService.ts";
import { watchedModules } from "./watched.ts";

/** Where gaps are heard of, and what came before them. */
export interface GapHistory {
  readonly onDidAppend: Event<readonly StoredEvent[]>;
  /** The newest event before this entry that was delivered. */
  requestBefore(id: number): StoredEvent | undefined;
  forgottenUntil(): number;
}

export interface AutomaticRecoveryOptions {
  readonly recovery: Pick<RecoveryService, "recover">;
  readonly history: GapHistory;
  readonly notes: RecoveryNotes;
  readonly claims: Pick<Claims, "take">;
  readonly onDidLapse: Event<Lapse>;
  /** The channels whose deliveries come to this editor, read anew. */
  readonly channelsHere: () => Promise<readonly Channel[]>;
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

/** Looks for what was missed whenever a channel had lapsed or the relay announced a gap; what fails is tried again. */
export class AutomaticRecovery implements Disposable {
  readonly #options: AutomaticRecoveryOptions;
  readonly #pending: PendingRecoveries;
  readonly #store = new DisposableStore();
  readonly #abort = new AbortController();
  readonly #finished = this.#store.add(new Emitter<RecoveryReport>());
  readonly #failed = this.#store.add(new Emitter<Problem>());
  #isRunning = false;
  #isAskedAgain = false;
  #retry: Disposable | undefined;

  /** Something was looked for; the report may say that nothing was missed. */
  readonly onDidFinish: Event<RecoveryReport> = this.#finished.event;

  /** Something could not be looked for; it is tried again later. */
  readonly onDidFail: Event<Problem> = this.#failed.event;

  constructor(options: AutomaticRecoveryOptions) {
    this.#options = options;
    this.#pending = new PendingRecoveries(options.notes);
    this.#store.add(options.onDidLapse(lapse => this.#guard("lapse", async () => this.#noteLapse(lapse))));
    this.#store.add(
      options.history.onDidAppend(events => {
        for (const event of events) {
          if (event.kind === "gap") this.#guard("gap", async () => this.#noteGap(event));
        }
      }),
    );
    this.#store.add(toDisposable(() => this.#retry?.dispose()));
  }

  /** Goes on with what was not finished when the editor closed. */
  resume(): void {
    this.#guard("resume", async () => this.#run());
  }

  /** Since when the channel had been without deliveries when it last lapsed; milliseconds since 1970. */
  lastLapse(connectionId: string, channelId: string): number | undefined {
    const noted = this.#options.notes.get(lapseKey(connectionId, channelId));
    return noted === undefined ? undefined : Number(noted);
  }

  dispose(): void {
    this.#abort.abort();
    this.#store.dispose();
  }

  async #noteLapse({ connectionId, channelId, subscriptions, from, to }: Lapse): Promise<void> {
    this.#pending.add({ connectionId, channelId, watched: watchedModules(subscriptions), from, to });
    this.#options.notes.set(lapseKey(connectionId, channelId), String(from));
    await this.#run();
  }

  /** Every window hears of a gap; the first to take it sees to it. */
  async #noteGap(gap: StoredGap): Promise<void> {
    const claim = this.#options.claims.take(`recovery/gap/${gap.id}`, day);
    if (claim === undefined) return;
    try {
      const from = this.#beginOf(gap);
      for (const { connectionId, channelId, subscriptions } of await this.#options.channelsHere()) {
        const watched = watchedModules(subscriptions);
        this.#pending.add({ connectionId, channelId, watched, from, to: gap.receivedAt });
      }
    } catch (error) {
      claim.dispose();
      throw error;
    }
    await this.#run();
  }

  /** A gap began after the last entry before it that the relay delivered; what was forgotten is not looked for. */
  #beginOf(gap: StoredGap): number {
    const { history } = this.#options;
    const before = history.requestBefore(gap.id);
    const begin = Math.max((before?.receivedAt ?? 0) - deliveryDelay, gap.receivedAt - longestLife);
    return Math.max(begin, history.forgottenUntil());
  }

  /** One after the other; what is asked for meanwhile follows. */
  async #run(): Promise<void> {
    this.#isAskedAgain = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#isAskedAgain && !this.#isOver()) {
        this.#isAskedAgain = false;
        await this.#runPending();
      }
    } finally {
      this.#isRunning = false;
    }
  }

  async #runPending(): Promise<void> {
    const requests = this.#pending.list();
    if (requests.length > 0) await this.#options.whenCaughtUp(this.#abort.signal);
    for (const request of requests) await this.#runOne(request);
  }

  async #runOne(request: RecoveryRequest): Promise<void> {
    const { recovery, logger, hasConnection } = this.#options;
    if (this.#isOver()) return;
    if (!hasConnection(request.connectionId)) {
      this.#pending.drop(request);
      return;
    }
    const outcome = await recovery.recover(request, { signal: this.#abort.signal });
    if (this.#isOver()) return;
    if (outcome.ok) {
      this.#pending.settle(request);
      logger.info(`recovery of channel ${request.channelId}: ${recoveredCount(outcome.value)} changes found`);
      logger.debug(reportSentence(outcome.value));
      this.#finished.fire(outcome.value);
      return;
    }
    logger.warn(`recovery of channel ${request.channelId}: ${describeCauses(outcome.error)}`);
    this.#retry ??= this.#options.clock.after(retryAfter, () => {
      this.#retry = undefined;
      this.resume();
    });
    if (outcome.error.code !== "RECOVERY_UNDER_WAY") this.#failed.fire(outcome.error);
  }

  #isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  #guard(what: string, work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#options.logger.error(`recovery, ${what}: ${describeCauses(error)}`));
  }
}

function lapseKey(connectionId: string, channelId: string): string {
  return `recovery/lapse/${connectionId}/${channelId}`;
}
