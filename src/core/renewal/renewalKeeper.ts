import { assertNever } from "../../base/assertNever.ts";
import { type Clock, day, hour, minute, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { SleepDetector } from "../../base/sleepDetector.ts";
import { sameSignIn } from "../connections/clients.ts";
import type { Connection } from "../connections/connection.ts";
import type { ConnectionStore } from "../connections/connectionStore.ts";
import type { Channel } from "../subscriptions/channel.ts";
import { hasAllOf } from "../subscriptions/ownedReading.ts";
import type { ChannelOwnership } from "../subscriptions/ownership.ts";
import type { SubscriptionService, SubscriptionsState } from "../subscriptions/subscriptionService.ts";
import type { Claims } from "../windows/claims.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { SteadyNotes } from "../windows/steadyNotes.ts";
import { GrantObserver } from "./grantObserver.ts";
import { type KeptChannel, KeptChannels } from "./keptChannels.ts";
import type { RenewalModes } from "./renewalModes.ts";
import { RenewalJournal } from "./renewalJournal.ts";
import { type Attempt, type Choice, type PassOutcome, RenewalPass, takeTurn } from "./renewalPass.ts";
import { type RenewalRecord, RenewalRecords } from "./renewalRecords.ts";
import { statusesOf } from "./renewalStatuses.ts";
import type { ChannelsOf, RenewalStatus, RenewalTrouble } from "./renewalStatus.ts";

/** How long to leave a connection alone after a pass, and after another window was found at it. */
const breather = 5 * second;
const busyWait = 30 * second;

/** The same at most where one pass after another is given up. */
const longestBreather = 10 * minute;

/** How often a connection is read though nothing is due: what other programs did shows, and how Zoho's clock stands. */
const checkup = day;

/** The same where the last reading failed: nothing else reads it again after an error that Zoho answered. */
const checkupAfterFailure = hour;

/** When to plan again where planning failed, or where not all could be written, as on a disk that is full. */
const planAgain = minute;

/** How long a question may stay unanswered until it may be asked again. */
const askAgain = { soonest: 6 * hour, latest: day };

export interface RenewalKeeperOptions {
  readonly service: Pick<SubscriptionService, "stateOf" | "nowAt" | "onDidChange" | "refreshAnew" | "keep" | "read">;
  readonly connections: Pick<ConnectionStore, "list" | "get" | "onDidChange">;
  readonly ownership: Pick<ChannelOwnership, "list" | "adopt" | "isLoaded">;
  readonly modes: RenewalModes;
  readonly claims: Claims;
  readonly notes: SharedNotes;
  /** For how long a renewal asks: milliseconds. */
  readonly life: () => number;
  /** True for a channel that is lent to this editor: it is left alone until it is given back. */
  readonly isLent: (connectionId: string, channelId: string) => boolean;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Keeps the channels of all connections alive: waits until one is due, and has it renewed, or made again where it has
 * expired. Begins to act when the first connection has been read.
 */
export class RenewalKeeper implements Disposable {
  readonly #options: RenewalKeeperOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #asked = this.#store.add(new Emitter<ChannelsOf>());
  readonly #recreated = this.#store.add(new Emitter<ChannelsOf>());
  readonly #failed = this.#store.add(new Emitter<RenewalTrouble>());
  readonly #notes: SteadyNotes;
  readonly #records: RenewalRecords;
  readonly #kept: KeptChannels;
  readonly #grants: GrantObserver;
  readonly #pass: RenewalPass;
  readonly #journal: RenewalJournal;
  readonly #passes = new Set<Promise<void>>();
  /** The channels of each connection that is at it. */
  readonly #running = new Map<string, ReadonlySet<string>>();
  readonly #pauses = new Map<string, Pause>();
  readonly #signIns = new Map<string, Connection>();
  #statuses: Statuses = new Map();
  #timer: Disposable | undefined;

  /** A status became another. */
  readonly onDidChange: Event<void> = this.#changed.event;
  /** Channels are due of a connection that wants to be asked. */
  readonly onDidAsk: Event<ChannelsOf> = this.#asked.event;
  /** Channels that had expired are there again. */
  readonly onDidRecreate: Event<ChannelsOf> = this.#recreated.event;
  /** Channels cannot be kept alive. Told once for each cause, in one of the windows. */
  readonly onDidFail: Event<RenewalTrouble> = this.#failed.event;

  constructor(options: RenewalKeeperOptions) {
    this.#options = options;
    this.#notes = new SteadyNotes(options.notes, options.logger);
    this.#records = new RenewalRecords(this.#notes);
    const nowAt = (connectionId: string): number => options.service.nowAt(connectionId);
    const shared = { ...options, nowAt, notes: this.#notes, records: this.#records };
    this.#kept = new KeptChannels(shared);
    this.#grants = new GrantObserver(shared, this.#kept);
    this.#journal = new RenewalJournal({ ...shared, kept: this.#kept });
    this.#pass = new RenewalPass({ ...options, mayGoOn: () => !this.#store.isDisposed });
    this.#store.add(options.service.onDidChange(({ connectionId }) => this.#observe(connectionId)));
    this.#store.add(options.connections.onDidChange(() => this.#followSignIns()));
    this.#store.add(options.modes.onDidChange(() => this.#plan()));
    this.#store.add(new SleepDetector(options.clock, missed => this.#wake(missed)));
    this.#followSignIns();
  }

  /** Undefined for a channel that is not known. */
  statusOf(connectionId: string, channelId: string): RenewalStatus | undefined {
    return this.#statuses.get(connectionId)?.get(channelId);
  }

  /** Renews these channels now, whatever the mode: the person's answer to a question. */
  async renew({ connectionId, channelIds }: ChannelsOf): Promise<void> {
    await this.#run(connectionId, () => ({
      chosen: this.#kept.of(connectionId).filter(({ channel }) => channelIds.includes(channel.channelId)),
      isDue: channel => this.#kept.isStillKept(channel),
    }));
  }

  /** Keeps somebody else's channel alive from now on. Rejects with a ProblemError where that cannot be remembered. */
  async adopt(channel: Channel): Promise<void> {
    const { service, ownership } = this.#options;
    const { connectionId, channelId, expiresAt } = channel;
    const state = service.stateOf(connectionId);
    await ownership.adopt(channel, state.kind !== "loaded" || !hasAllOf(state, channelId));
    // Its end is known, but not since when: adopting it grants nothing.
    this.#records.set(connectionId, channelId, { expiresAt, failures: 0 });
    this.setStopped(channel, false);
    // The list may have shown a part of it, or may be old.
    await service.read(connectionId, channelId);
  }

  /** Lets a channel end, or keeps it alive again. */
  setStopped({ connectionId, channelId }: Pick<Channel, "connectionId" | "channelId">, stopped: boolean): void {
    this.#records.reload();
    const { retryAt: _retryAt, askAgainAt: _askAgainAt, ...record } = this.#records.get(connectionId, channelId);
    this.#records.set(connectionId, channelId, { ...record, stopped });
    this.#plan();
  }

  /** Resolves when nothing is under way: what was due has been tried. */
  async whenIdle(): Promise<void> {
    while (this.#passes.size > 0) await Promise.all(this.#passes);
  }

  /** Something that the plan depends on became another, such as a setting or what windows share. */
  update(): void {
    this.#records.reload();
    this.#plan();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#store.dispose();
  }

  #observe(connectionId: string): void {
    this.#records.reload();
    this.#grants.observe(connectionId);
    this.#plan();
  }

  #wake(missed: number): void {
    this.#options.logger.info(`renewal: awake again after ${Math.round(missed / minute)} minutes`);
    this.#records.reload();
    this.#plan();
  }

  /** After a new sign-in, what failed for want of one is tried at once, and told anew. */
  #followSignIns(): void {
    const { connections } = this.#options;
    for (const connection of connections.list()) {
      const before = this.#signIns.get(connection.id);
      this.#signIns.set(connection.id, connection);
      if (before !== undefined && !sameSignIn(before, connection)) this.#journal.forgetFailures(connection.id);
    }
    for (const id of [...this.#signIns.keys()]) if (connections.get(id) === undefined) this.#signIns.delete(id);
    this.#plan();
  }

  /** Writes the statuses, starts what is due and waits for what comes next. Never throws: it would be the last time. */
  #plan(): void {
    if (this.#store.isDisposed) return;
    this.#timer?.dispose();
    const { clock, logger } = this.#options;
    let wait = planAgain;
    try {
      wait = this.#planNow();
    } catch (error) {
      logger.error(`renewal: planning failed and is tried again: ${describeCauses(error)}`);
    }
    if (this.#notes.isBehind) wait = Math.min(wait, planAgain);
    if (Number.isFinite(wait)) this.#timer = clock.after(Math.max(wait, 0), () => this.#planAgain());
  }

  #planAgain(): void {
    this.#notes.catchUp();
    this.#plan();
  }

  /** How long until the next time, in milliseconds. */
  #planNow(): number {
    this.#writeStatuses();
    const ids = this.#options.connections.list().map(({ id }) => id);
    for (const id of ids) if (this.#waitFor(id) <= 0) this.#act(id);
    return Math.min(...ids.map(id => this.#waitFor(id)));
  }

  /** How long until something is to be done about a connection; Infinity until what is under way has ended. */
  #waitFor(connectionId: string): number {
    if (this.#running.has(connectionId)) return Infinity;
    return Math.max(
      Math.min(this.#untilDue(connectionId), this.#untilCheckup(connectionId)),
      this.#pauseOf(connectionId),
    );
  }

  #untilDue(connectionId: string): number {
    const mode = this.#options.modes.of(connectionId);
    if (mode === "off") return Infinity;
    const due = this.#kept.of(connectionId).map(kept => (mode === "ask" ? askAtOf(kept) : kept.plan.dueAt));
    return Math.min(...due) - this.#options.service.nowAt(connectionId);
  }

  #untilCheckup(connectionId: string): number {
    return this.#left(checkupOf(this.#options.service.stateOf(connectionId)));
  }

  #pauseOf(connectionId: string): number {
    const pause = this.#pauses.get(connectionId);
    return pause === undefined ? -Infinity : this.#left(pause);
  }

  /** A pause that is longer than it was when it began is of a clock that was set back since. */
  #left({ from, length }: Pause): number {
    const left = from + length - this.#options.clock.now();
    return left > length ? 0 : left;
  }

  #act(connectionId: string): void {
    if (this.#untilDue(connectionId) <= 0 && this.#options.modes.of(connectionId) === "ask") this.#ask(connectionId);
    else void this.#run(connectionId, () => this.#choose(connectionId));
  }

  #choose(connectionId: string): Choice {
    const isOn = (): boolean => this.#options.modes.of(connectionId) === "on";
    return {
      chosen: isOn() ? this.#kept.due(connectionId) : [],
      isDue: channel => isOn() && this.#kept.isDue(channel),
    };
  }

  /** One pass over a connection, unless one is under way; never rejects. */
  async #run(connectionId: string, choose: () => Choice): Promise<void> {
    if (this.#running.has(connectionId)) return;
    this.#running.set(connectionId, new Set());
    const pass = this.#runPass(connectionId, choose);
    this.#passes.add(pass);
    await pass;
    this.#passes.delete(pass);
  }

  async #runPass(connectionId: string, choose: () => Choice): Promise<void> {
    let outcome: PassOutcome;
    try {
      outcome = await this.#pass.run(connectionId, choose, chosen => this.#begin(connectionId, chosen));
    } catch (error) {
      this.#options.logger.error(`renewal: ${describeCauses(error)}`);
      outcome = [];
    }
    this.#running.delete(connectionId);
    this.#pause(connectionId, this.#breatherAfter(connectionId, outcome));
    if (!this.#store.isDisposed) this.#conclude(connectionId, typeof outcome === "string" ? [] : outcome);
  }

  /** What was given up may take too long again and again. */
  #breatherAfter(connectionId: string, outcome: PassOutcome): number {
    if (outcome !== "given up") return outcome === "busy" ? busyWait : breather;
    return Math.min(2 * (this.#pauses.get(connectionId)?.length ?? breather), longestBreather);
  }

  #pause(connectionId: string, length: number): void {
    this.#pauses.set(connectionId, { from: this.#options.clock.now(), length });
  }

  #begin(connectionId: string, chosen: readonly KeptChannel[]): void {
    this.#running.set(connectionId, new Set(chosen.map(({ channel }) => channel.channelId)));
    this.#writeStatuses();
  }

  #conclude(connectionId: string, attempts: readonly Attempt[]): void {
    const trouble = this.#journal.write(connectionId, attempts);
    this.#plan();
    const recreated = attempts.filter(attempt => attempt.recreated && attempt.outcome.ok);
    const channelIds = recreated.map(({ kept }) => kept.channel.channelId);
    if (channelIds.length > 0) this.#recreated.fire({ connectionId, channelIds });
    if (trouble !== undefined) this.#failed.fire(trouble);
  }

  /** In one window only, and for all that are due at once. */
  #ask(connectionId: string): void {
    this.#pause(connectionId, busyWait);
    const claim = takeTurn(this.#options, connectionId, busyWait);
    if (claim === "busy") return;
    this.#records.reload();
    const channelIds = this.#askedAbout(connectionId);
    claim?.dispose();
    if (channelIds.length > 0) this.#asked.fire({ connectionId, channelIds });
  }

  #askedAbout(connectionId: string): readonly string[] {
    const now = this.#options.service.nowAt(connectionId);
    const due = this.#kept.due(connectionId);
    if (!due.some(kept => askAtOf(kept) <= now)) return [];
    const after = due.map(({ channel, record }): [string, RenewalRecord] => {
      return [channel.channelId, { ...record, askAgainAt: now + patience(channel, now) }];
    });
    this.#records.setAll(connectionId, new Map(after));
    return due.map(({ channel }) => channel.channelId);
  }

  #writeStatuses(): void {
    const before = written(this.#statuses);
    const connections = this.#options.connections.list();
    this.#statuses = new Map(connections.map(({ id }) => [id, this.#statusesOf(id)]));
    if (before !== written(this.#statuses)) this.#changed.fire();
  }

  #statusesOf(connectionId: string): ReadonlyMap<string, RenewalStatus> {
    return statusesOf(this.#options.service.stateOf(connectionId), {
      kept: this.#kept.of(connectionId),
      ours: this.#kept.ours(connectionId),
      mode: this.#options.modes.of(connectionId),
      running: this.#running.get(connectionId) ?? new Set(),
      isStopped: channelId => this.#records.get(connectionId, channelId).stopped === true,
    });
  }
}

/** How long a connection is left alone that was read, unless something is due. */
function checkupOf(state: SubscriptionsState): Pause {
  switch (state.kind) {
    case "loading":
      return { from: 0, length: Infinity };
    case "loaded":
      return { from: state.refreshedAt, length: checkup };
    case "failed":
      return { from: state.failedAt, length: checkupAfterFailure };
    default:
      return assertNever(state);
  }
}

/** How long a connection is left alone: milliseconds, and since 1970 by this machine's clock. */
interface Pause {
  readonly from: number;
  readonly length: number;
}

type Statuses = ReadonlyMap<string, ReadonlyMap<string, RenewalStatus>>;

/** Two that are written alike look alike. */
function written(statuses: Statuses): string {
  return JSON.stringify([...statuses].map(([id, each]) => [id, [...each]]));
}

function askAtOf({ plan, record }: KeptChannel): number {
  return Math.max(plan.dueAt, record.askAgainAt ?? -Infinity);
}

/** While there is time, the question comes again when half of it has passed; then once a day. */
function patience({ expiresAt }: Channel, now: number): number {
  if (expiresAt <= now) return askAgain.latest;
  return Math.min(Math.max((expiresAt - now) / 2, askAgain.soonest), askAgain.latest);
}
