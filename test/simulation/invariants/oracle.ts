import { minute } from "../../../src/base/clock.ts";
import type { HttpRequest } from "../../../src/zoho/httpTransport.ts";
import type { RecoveryRequest } from "../../../src/core/recovery/recoveryService.ts";
import type { NetworkObserver } from "../world/network.ts";
import type { Caller, ListedPage, WatchObserver, Write } from "../world/playedWatchApi.ts";
import type { World } from "../world/world.ts";
import { type ZohoChannel, differingFields, fieldsOf } from "../world/zohoChannel.ts";
import { CallBudget } from "./callBudget.ts";
import { ChannelHistory, freshness } from "./channelHistory.ts";
import { type Intent, Intents } from "./intents.ts";
import { iso } from "./iso.ts";
import { LapseWatch } from "./lapseWatch.ts";
import { type Listed, ListReadings } from "./listReadings.ts";
import { TurnWatch } from "./turnWatch.ts";

/** A rule that was broken, in a sentence. */
export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

/**
 * The rules. Each was seen to be found broken, by seeds below 2,000, after the code was broken on purpose as is said here.
 */
export type Invariant =
  /**
   * While no window is open nothing can be kept alive: then it is made again with the next opening, and what it missed is
   * looked for. Without `lapses.begin` in ChannelUpkeep: seed 10. With `recreates: false` in RenewalPass: seed 11.
   */
  | "no channel of ours lapses without being made again and its gap looked for"
  /** For 13 hours: so long at most a window reads nothing. With `dueAt + life` in planRenewal: seed 1. */
  | "no channel lapses while a window is well"
  /**
   * But for what was written so shortly before that nobody could know, as Zoho compares nothing. With the list in memory
   * in place of a reading in ChannelUpkeep.keep: seed 1. With an `isSettled` in loan.ts that is always true: seed 2.
   */
  | "nothing a colleague wrote is undone"
  /**
   * By who deleted it, unless a person there wants it again, or is told that somebody deleted what was borrowed. Without
   * `deletions.begin` in ChannelDeletion: seed 232.
   */
  | "what a person deleted is not made again"
  /**
   * In the body of PATCH (watchRequest.ts), without the token: seed 1; without the first of its events: seed 1; with
   * `notify_on_related_action: false`: seed 1. In that of POST and PUT, without the condition: seed 2.
   */
  | "events, token, condition and switches survive"
  /** Without `book.drop` in Borrowing: seed 1. */
  | "a loan is given back exactly once"
  /** Without `ownership.add` in ChannelUpkeep.own: seed 1. */
  | "no secret is lost"
  /** With a checkup every ten minutes in RenewalKeeper: seed 1. */
  | "calls stay within a budget"
  /** But after a sleep, a clock that was set or a database that failed. With claims that anybody may take: seed 6. */
  | "two windows never write at once";

/** So long after the windows of a machine could not agree, what one does may be of before. */
const disagreement = 10 * minute;

/** Watches all that is done to Zoho, and knows what nobody may do. */
export class Oracle implements WatchObserver, NetworkObserver {
  readonly #world: World;
  readonly history = new ChannelHistory();
  readonly intents = new Intents();
  readonly lapses: LapseWatch;
  readonly budget = new CallBudget();
  readonly #turns = new TurnWatch();
  readonly violations: Violation[] = [];
  /** Writes that took from another what it had written a moment before: Zoho offers no way to know. */
  unavoidable = 0;
  #listed: ListedPage | undefined;
  readonly #readings: ListReadings;
  /** Which machine last wrote each channel, and when: true time. */
  readonly #written = new Map<string, { readonly by: string; readonly at: number }>();
  /** When a loan last moved the address of a channel: true time. */
  readonly #movedByLoan = new Map<string, number>();
  /** When a machine, or a window, last read a list that had the channel: true time, by its name and the channel. */
  readonly #seen = new Map<string, number>();
  /** Which windows had a loan of a channel when they last sent something, with the channel. */
  readonly #lent = new Set<string>();
  /** Channels of which the machine that made them has not heard yet. */
  readonly #unlearnt = new Map<string, string>();
  /** Who deleted channels, and can know it. */
  readonly #deletedBy = new Map<string, string>();
  /** Tokens that a machine gave its channels: by machine. */
  readonly given = new Map<string, Map<string, string>>();

  constructor(world: World) {
    this.#world = world;
    this.lapses = new LapseWatch(world);
    this.#readings = new ListReadings(world.timeline, (by, listed) => this.#didRely(by, listed));
  }

  break(invariant: Invariant, what: string): void {
    this.#world.trace(`BROKEN: ${invariant}: ${what}`);
    this.violations.push({ invariant, what });
  }

  didSend(by: Caller, request: HttpRequest): void {
    const { timeline } = this.#world;
    const url = new URL(request.url);
    if (url.pathname.startsWith("/oauth/")) return;
    this.budget.count(by.machine, timeline.now);
    this.budget.noteChannels(by.machine, timeline.now, this.#world.server.api.channels.length);
    for (const channelId of this.intents.loansOf(by.machine)) {
      const key = `${by.window} ${channelId}`;
      if (this.#world.machine(by.machine).hasLoan(channelId)) this.#lent.add(key);
      else this.#lent.delete(key);
    }
    this.#readings.didSend(by, request);
    if (request.method === "GET") return;
    this.#world.trace(`${by.window} sends ${request.method} ${url.search} ${request.body ?? ""}`);
    const both = this.#turns.begin(by, request);
    if (both !== undefined && !this.#disagrees(by.machine, 3 * minute)) {
      this.break("two windows never write at once", `${by.window} and ${both.other} write ${both.channelId}`);
    }
  }

  didServe(by: Caller, request: HttpRequest): void {
    if (request.method !== "GET") this.#turns.end(by, request);
  }

  didList(_by: Caller, page: ListedPage): void {
    this.#listed = page;
  }

  takeListed(): ListedPage | undefined {
    const listed = this.#listed;
    this.#listed = undefined;
    return listed;
  }

  didRead(by: Caller, page: ListedPage, servedAt: number): void {
    this.#readings.didRead(by, page, servedAt);
  }

  didWrite(write: Write): void {
    const { by, method, channelId, before, after, meant } = write;
    const now = this.#world.timeline.now;
    this.#world.trace(
      `Zoho: ${method} ${channelId} by ${by.window}: ${differingFields(fieldsOf(before), fieldsOf(after)).join(", ")}`,
    );
    this.#written.set(channelId, { by: by.machine, at: now });
    if (method === "POST" && this.history.get(channelId) === undefined) {
      this.#didMake(write);
      return;
    }
    this.lapses.didWrite(write);
    const intent = this.intents.of(by, channelId);
    if (method === "POST" && before === undefined) this.#judgeRevival(write, intent);
    if (method === "DELETE" || meant === undefined) this.#judgeDeletion(write, intent);
    else if (intent?.fields === "all") this.history.decide(channelId, by.machine, now, after);
    else this.#judge(write, intent);
  }

  didEnd(before: ZohoChannel, modules: readonly string[]): void {
    this.#world.trace(`Zoho: ${before.channelId} ends for ${modules.join(", ")}`);
    // Of a channel that another has prolonged in part, whoever comes later sees what another may have removed. What
    // another knows, who doesn't keep the channel, helps nobody.
    const isPart = modules.length < before.modules.size;
    const isKnown = (machine: string): boolean =>
      modules.every(module => this.#hasSeen(machine, before.channelId, `events ${module}`)) &&
      !(isPart && this.#missedWrite(machine, before.channelId));
    const since = this.lapses.didEnd(before, modules, isKnown);
    const isKept = this.#world.machines.some(({ name }) => this.lapses.keeps(name, before.channelId) && isKnown(name));
    // What is over as a whole can be made again as it was.
    if (!isKept && modules.length < before.modules.size) {
      this.history.forgetModules(before.channelId, modules, this.#world.timeline.now);
    }
    if (since !== undefined) this.break("no channel lapses while a window is well", `${before.channelId} of ${since}`);
  }

  didLookFor(machine: string, request: RecoveryRequest): void {
    this.#world.trace(
      `${machine} looks for what ${request.channelId} missed from ${iso(request.from)} to ${iso(request.to)}`,
    );
    this.lapses.didLookFor(machine, request);
  }

  didReport(machine: string, channelIds: readonly string[]): void {
    this.#world.trace(`${machine} reports ${channelIds.join(", ")}`);
  }

  #didRely({ machine, window }: Caller, listed: Listed): void {
    for (const [channelId, at] of listed) {
      for (const who of [machine, window]) this.#seen.set(`${who} ${channelId}`, at);
      this.didLearn(machine, channelId);
    }
  }

  /** A machine knows that the channel came to be. Of one of which nobody ever heard back the person was told that it failed. */
  didLearn(machine: string, channelId: string): void {
    if (this.#unlearnt.get(channelId) !== machine) return;
    this.#unlearnt.delete(channelId);
    this.lapses.keep(machine, channelId);
  }

  /** A person said what becomes of a loan: as it is now, it is meant. */
  didResolve(machine: string, channelId: string): void {
    this.history.decide(channelId, machine, this.#world.timeline.now, this.#world.server.api.get(channelId));
  }

  /** A channel that nobody knew: somebody made it. */
  #didMake({ by, channelId, after, meant }: Write): void {
    this.history.decide(channelId, by.machine, this.#world.timeline.now, after);
    this.#unlearnt.set(channelId, by.machine);
    const tokens = this.given.get(by.machine) ?? new Map<string, string>();
    this.given.set(by.machine, tokens.set(channelId, meant?.token ?? ""));
  }

  /** A person made the channel again, or asked for that. */
  didWantAgain(channelId: string): void {
    this.#deletedBy.delete(channelId);
  }

  #judgeRevival({ by, channelId }: Write, intent: Intent | undefined): void {
    const isAsked = intent?.fields === "all" || this.intents.loan(by.machine, channelId) !== undefined;
    if (!isAsked && this.#deletedBy.get(channelId) === by.machine)
      this.break("what a person deleted is not made again", `${by.window} made ${channelId} again`);
    this.#deletedBy.delete(channelId);
  }

  /** Where the database fails, windows cannot leave word of it. */
  #judgeDeletion({ by, channelId, method, before, after }: Write, intent: Intent | undefined): void {
    if (before === undefined) return;
    const isKnown = intent?.fields === "all" && after === undefined && !this.#disagrees(by.machine, disagreement);
    if (isKnown) this.#deletedBy.set(channelId, by.machine);
    if (intent?.fields !== "all")
      this.break("nothing a colleague wrote is undone", `${by.window} ended ${channelId} by ${method}`);
    this.history.decide(channelId, by.machine, this.#world.timeline.now, undefined);
  }

  #judge(write: Write, intent: Intent | undefined): void {
    const { by, channelId, meant } = write;
    const now = this.#world.timeline.now;
    const fields = fieldsOf(meant);
    const after = fieldsOf(write.after);
    const loan = this.intents.loan(by.machine, channelId);
    const before = fieldsOf(write.before);
    if (loan !== undefined && before.get("address") !== fields.get("address")) this.#movedByLoan.set(channelId, now);
    if (
      loan !== undefined &&
      before.get("address") === loan.borrowedUrl &&
      fields.get("address") === loan.originalUrl
    ) {
      loan.givenBack++;
      if (loan.givenBack > 1)
        this.break("a loan is given back exactly once", `${by.window} gave ${channelId} back again`);
    }
    for (const name of this.history.spoiledBy(write)) {
      const value = fields.get(name);
      if (intent !== undefined && intent.fields !== "all" && intent.fields.some(each => name.startsWith(each))) {
        this.history.decideField(channelId, name, after.get(name), by.machine, now);
      } else if (name === "address" && loan !== undefined && this.#isLoans(by, channelId, value)) {
        continue;
      } else {
        if (this.#isUnavoidable(write, name)) this.unavoidable++;
        else this.#accuse(write, name, value);
        this.history.decideField(channelId, name, value, by.machine, now);
      }
    }
  }

  #isLoans(by: Caller, channelId: string, address: string | undefined): boolean {
    const loan = this.intents.loan(by.machine, channelId);
    if (loan === undefined || !this.#lent.has(`${by.window} ${channelId}`)) return false;
    return address === loan.borrowedUrl || address === loan.originalUrl;
  }

  #accuse({ by, method, channelId }: Write, name: string, value: string | undefined): void {
    const expected = this.history.get(channelId);
    const decision = expected?.decisions.get(name);
    const isOwn = decision?.by === by.machine;
    const what = `${by.window} wrote ${name} of ${channelId} by ${method}: ${String(value)}, not ${String(expected?.fields.get(name))} of ${decision?.by ?? "nobody"} at ${decision === undefined ? "?" : iso(decision.at)}`;
    this.break(isOwn ? "events, token, condition and switches survive" : "nothing a colleague wrote is undone", what);
  }

  /**
   * Whoever wrote had no way to know better: the other write, or the end of another's loan, was just before, or not seen
   * before the channel ended. And a channel that is made again gets a token where it had none, as no delivery can be
   * verified without.
   */
  #isUnavoidable({ by, channelId, before }: Write, name: string): boolean {
    if (before === undefined && name === "token" && this.history.get(channelId)?.fields.get("token") === "none")
      return true;
    const decision = this.history.get(channelId)?.decisions.get(name);
    if (decision === undefined) return false;
    const now = this.#world.timeline.now;
    if (decision.by !== by.machine && decision.at >= now - freshness) return true;
    if (this.#disagrees(by.machine, disagreement)) return true;
    if (before !== undefined) return false;
    // What windows know of channels that the machine does not keep they know each for itself.
    const isKept = this.lapses.keeps(by.machine, channelId);
    return (
      !this.#hasSeen(by.machine, channelId, name) ||
      (!isKept && !this.#hasSeen(by.machine, channelId, name, by.window)) ||
      (name === "address" && this.#missedLoan(by.machine, channelId))
    );
  }

  /** Whether a machine has read the channel since somebody decided on a field of it. */
  #hasSeen(machine: string, channelId: string, name: string, reader = machine): boolean {
    const decision = this.history.get(channelId)?.decisions.get(name);
    const seen = this.#seen.get(`${reader} ${channelId}`) ?? -Infinity;
    return decision === undefined || decision.by === machine || decision.at <= seen;
  }

  /** Whether another wrote the channel since a machine last read it. */
  #missedWrite(machine: string, channelId: string): boolean {
    const written = this.#written.get(channelId);
    const seen = this.#seen.get(`${machine} ${channelId}`) ?? -Infinity;
    return written !== undefined && written.by !== machine && written.at > seen;
  }

  /** Whether a loan moved the address since a machine last read the channel. */
  #missedLoan(machine: string, channelId: string): boolean {
    const seen = this.#seen.get(`${machine} ${channelId}`) ?? -Infinity;
    return (this.#movedByLoan.get(channelId) ?? -Infinity) > seen;
  }

  #disagrees(machine: string, within: number): boolean {
    return this.#world.timeline.now - this.#world.machine(machine).lastDisagreement < within;
  }

  /** Judges what can only be judged once everything has calmed down. */
  finish(): void {
    const { api } = this.#world.server;
    for (const [channelId, expected] of this.history.all) {
      const channel = api.get(channelId);
      if (channel === undefined || expected.isDeleted) continue;
      for (const name of differingFields(expected.fields, fieldsOf(channel)))
        this.#judgeEnd(channelId, name, fieldsOf(channel).get(name));
    }
    for (const machine of this.#world.machines) {
      for (const what of this.lapses.unsettled(machine.name)) {
        this.break("no channel of ours lapses without being made again and its gap looked for", what);
      }
      for (const loan of machine.loans)
        this.break("a loan is given back exactly once", `${machine.name} still has ${loan}`);
      for (const what of lostSecrets(machine.vault.entries, this.given.get(machine.name) ?? new Map())) {
        this.break("no secret is lost", `${machine.name}: ${what}`);
      }
      for (const what of this.budget.excesses(machine.name)) this.break("calls stay within a budget", what);
    }
  }

  #judgeEnd(channelId: string, name: string, value: string | undefined): void {
    const expected = this.history.get(channelId);
    const what = `${channelId} has ${name} ${String(value)}, not ${String(expected?.fields.get(name))}`;
    const isLoans = name === "address" && this.intents.wasLent(channelId);
    // Of loans that cross, each goes back to what it found, which may be the other's.
    if (isLoans && this.intents.borrowersOf(channelId) > 1) return;
    // A channel that nobody keeps may lose modules to time.
    if (value === undefined && !this.lapses.isKept(channelId)) return;
    this.break(isLoans ? "a loan is given back exactly once" : "events, token, condition and switches survive", what);
  }
}

function lostSecrets(entries: ReadonlyMap<string, string>, given: ReadonlyMap<string, string>): readonly string[] {
  const owned = entries.get("zohoCrm.ownedChannels") ?? "";
  return [...given].flatMap(([channelId, token]) => {
    if (!owned.includes(channelId)) return [`channel ${channelId} is forgotten`];
    return owned.includes(token) ? [] : [`the token of ${channelId} is forgotten`];
  });
}
