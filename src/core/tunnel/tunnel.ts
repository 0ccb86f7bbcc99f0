import * as l10n from "@vscode/l10n";
import { type BackoffOptions, backoffDelay } from "../../base/backoff.ts";
import { type Clock, minute, second, sleep } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, ProblemError, describeCauses, toProblem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { JoinLink } from "../../protocol/joinLink.ts";
import { relayPaths } from "../../protocol/relayApi.ts";
import type { SecretVault } from "../connections/connection.ts";
import type { LocalServer } from "../local/localServer.ts";
import { type RelayChannel, createRelayChannel, isForWantOfCreateKey } from "../relay/relayChannel.ts";
import type { EventSink } from "../events/capture.ts";
import { isRefusal } from "../relay/relayProblems.ts";
import { RelaySession, type RelayState } from "../relay/relaySession.ts";
import { catchUpAtRelay } from "./catchUpAtRelay.ts";
import { ChannelErasures, type FailedErasure } from "./channelErasures.ts";
import { ChannelKeyring } from "./channelKeyring.ts";
import { type KnownReader, everyReader, shareChannel, stopSharing } from "./channelSharing.ts";
import { ChannelVault, isChannelDamaged } from "./channelVault.ts";
import { CreateKeyVault } from "./createKeyVault.ts";
import { joinRelay } from "./joinRelay.ts";
import { settleReadKey } from "./settleReadKey.ts";
import { embeddedName } from "./embeddedName.ts";

/** Where the relay is. Addresses without trailing slash. */
export interface TunnelSettings {
  /** A relay that somebody runs; undefined: the embedded one. */
  readonly relayUrl: string | undefined;
  /** The address under which the outside reaches that relay, when it is not the one the relay itself tells. */
  readonly publicUrl: string | undefined;
}

export interface TunnelDependencies {
  readonly settings: () => TunnelSettings;
  readonly vault: SecretVault;
  /** Makes the handle on this machine's embedded relay; nothing is started before its `acquire`. */
  readonly embeddedRelay: () => LocalServer;
  /** Where a channel's events are kept. `relay` names the relay for good, unlike its address, which may change. */
  readonly sinkFor: (relay: string, channel: string) => EventSink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const openingBackoff: BackoffOptions = { first: second, longest: minute };
const addressDeadline = 20 * second;

/**
 * The way by which CRM changes reach this editor: finds or starts the relay, makes the channel once and keeps it in the
 * vault, and holds the session. Its state is the session's, and `connecting` or `reconnecting` before there is one.
 */
export class Tunnel implements Disposable {
  readonly #deps: TunnelDependencies;
  readonly #channels: ChannelVault;
  readonly #createKeys: CreateKeyVault;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<RelayState>());
  #state: RelayState = { kind: "off" };
  #run: Run | undefined;

  readonly onDidChangeState = this.#changed.event;

  /** The channels that this editor has given up and that relays may still have. */
  readonly erasures: ChannelErasures;

  constructor(deps: TunnelDependencies) {
    this.#deps = deps;
    this.#channels = this.#store.add(new ChannelVault(deps.vault, deps.logger));
    this.#createKeys = new CreateKeyVault(deps.vault);
    this.erasures = this.#store.add(new ChannelErasures(deps));
    this.#store.add(this.#channels.onDidChange(name => void this.#hearOfChange(name)));
    this.#store.add(this.#createKeys.onDidChange(name => this.#hearOfCreateKey(name)));
  }

  get state(): RelayState {
    return this.#state;
  }

  /** The address that subscriptions of this editor carry, once the channel is known. */
  get address(): string | undefined {
    const channel = this.#run?.channel;
    return channel === undefined ? undefined : this.#addressOf(channel);
  }

  /** The address that the relay itself goes by: enough for a sandbox beside it, whatever leads here from outside. */
  get ownAddress(): string | undefined {
    const channel = this.#run?.channel;
    return channel === undefined ? undefined : this.#ownAddressOf(channel);
  }

  /** All the addresses that lead to this editor now. */
  get addresses(): readonly string[] {
    return [...new Set([this.address, this.ownAddress].filter(address => address !== undefined))];
  }

  /** The path of this editor's channel, which all its addresses have in common. */
  get ingestPath(): string | undefined {
    const channel = this.#run?.channel;
    return channel === undefined ? undefined : relayPaths.ingest(channel.channel);
  }

  /** Where the relay answers to this machine; undefined before it is known. */
  get relayOrigin(): string | undefined {
    return this.#run?.channel?.relayUrl;
  }

  /** The public address is another one now: tells everybody to whom {@link address} matters. */
  readdress(): void {
    this.#changed.fire(this.#state);
  }

  /** Begins to connect, if that has not begun. Returns at once; {@link state} tells how it goes. */
  start(): void {
    if (this.#run !== undefined || this.#store.isDisposed) return;
    const run = new Run(this.#relayInSettings);
    this.#run = run;
    void this.#open(run).catch((error: unknown) => this.#crash(run, error));
  }

  /**
   * Begins where this editor has joined a relay that somebody runs: events come in there, also those of a colleague, for
   * somebody who is signed in nowhere. What cannot be read is logged: it keeps nothing else from beginning.
   */
  async startWhereJoined(): Promise<void> {
    const { relayUrl } = this.#deps.settings();
    try {
      if (relayUrl !== undefined && (await this.#channels.read(relayUrl)) !== undefined) this.start();
    } catch (error) {
      this.#deps.logger.warn(`relay: ${describeCauses(error)}`);
    }
  }

  /** Begins anew, after settings changed or the person asked to. */
  restart(): void {
    this.#stop();
    this.start();
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    const session = this.#run?.session;
    if (session === undefined || this.#state.kind === "refused") this.restart();
    else session.retryNow();
  }

  /**
   * Makes a new channel at the relay in use: a new address and key. The one before becomes a former one, which is read on;
   * with `deletesFormer` it is deleted at the relay at once. One that was shared is left, for the editor's own where it had
   * one there. On failure nothing has changed. Gives what could not be deleted yet, which is tried again.
   */
  async renewChannel({ deletesFormer = false } = {}): Promise<Result<readonly FailedErasure[], Problem>> {
    this.start();
    const run = this.#run;
    if (run === undefined) return fail(this.#noAddress());
    const former = await this.#channelOf(run.relay);
    const isOwn = former !== undefined && former.isGuest !== true;
    if (isOwn || !(await this.#channels.useOwn(run.relay))) {
      const replaced = await this.#replaceChannel(run, former, deletesFormer);
      if (!replaced.ok) return replaced;
    }
    this.restart();
    return succeed(deletesFormer ? await this.erasures.tryNow() : []);
  }

  async #replaceChannel(
    run: Run,
    former: RelayChannel | undefined,
    deletesFormer: boolean,
  ): Promise<Result<void, Problem>> {
    const relayUrl = await this.#relayUrl(run);
    const made = relayUrl.ok ? await this.#makeChannel(run.relay, relayUrl.value) : relayUrl;
    if (!made.ok) return made;
    const kept = await this.#channels.replace(run.relay, former, made.value);
    if (kept.channel !== made.value.channel) await this.erasures.note(run.relay, made.value);
    if (deletesFormer && former !== undefined && former.isGuest !== true) await this.erasures.note(run.relay, former);
    return succeed(undefined);
  }

  async #makeChannel(relay: string, relayUrl: string, signal?: AbortSignal): Promise<Result<RelayChannel, Problem>> {
    const createKey = await this.#orUnavailable(async () => this.#createKeys.read(relay));
    if (!createKey.ok) return createKey;
    return createRelayChannel(relayUrl, { createKey: createKey.value, signal });
  }

  /**
   * Gives up all channels on relays that somebody runs, and has them deleted there, before everything here is forgotten.
   * (The embedded relay's data go with the rest.) Gives what could not be deleted yet.
   */
  async giveUpAll(): Promise<readonly FailedErasure[]> {
    this.#stop();
    const relays = new Set([this.#relayName, ...(await this.#channels.relays())]);
    relays.delete(embeddedName);
    // Twice: behind a channel of somebody else's, or a damaged one, there may be the editor's own.
    for (const relay of [...relays, ...relays]) await this.#giveUp(relay);
    await this.#giveUpReplaced();
    return (await this.erasures.tryNow()).filter(({ erasure }) => erasure.relay !== embeddedName);
  }

  /**
   * Has the relay seal what comes in from now on to a new key. The old ones are kept, to open what came before. On
   * failure the new key is set as soon as the relay can be reached.
   */
  async rotateKey(): Promise<Result<void, Problem>> {
    return this.#withKeyring(async (keyring, signal) => keyring.rotate(signal));
  }

  async #withKeyring<T>(
    work: (keyring: ChannelKeyring, signal: AbortSignal) => Promise<Result<T, Problem>>,
  ): Promise<Result<T, Problem>> {
    const run = this.#run;
    return run?.keyring === undefined ? fail(this.#noAddress()) : work(run.keyring, run.signal);
  }

  /**
   * Proves and keeps what a link has for a relay. It is used as soon as the settings name that relay; an editor that uses
   * it already goes on with it. On failure nothing has changed.
   */
  async join(link: JoinLink, signal: AbortSignal): Promise<Result<void, Problem>> {
    const keepMade = async (relay: string, made: RelayChannel): Promise<unknown> => this.#keepMade(relay, made);
    const vaults = { channels: this.#channels, createKeys: this.#createKeys, keepMade };
    const joined = await joinRelay(link, vaults, signal);
    if (joined.ok && this.#run?.relay === link.relay) this.restart();
    return joined;
  }

  /** The channel in use, with its secrets; undefined before it is known. */
  get channel(): RelayChannel | undefined {
    return this.#run?.channel;
  }

  /** Shares the channel with somebody; gives what their editor needs, which is secret. */
  async share(name: string): Promise<Result<JoinLink, Problem>> {
    return this.#andTell(this.#withKeyring(async keyring => shareChannel(keyring, name, this.#deps.clock.now())));
  }

  /** Everybody who reads the channel, also those that only the relay knows of. */
  async readers(): Promise<Result<readonly KnownReader[], Problem>> {
    return this.#withKeyring(async keyring => succeed(await everyReader(keyring)));
  }

  /** The reader of that id reads the channel no more. */
  async stopSharing(id: string): Promise<Result<void, Problem>> {
    return this.#andTell(this.#withKeyring(async keyring => stopSharing(keyring, id)));
  }

  /** With whom the channel is shared is shown beside its state. */
  async #andTell<T>(change: Promise<T>): Promise<T> {
    const changed = await change;
    this.#changed.fire(this.#state);
    return changed;
  }

  /**
   * Replaces the key that reads the channel, and the one that events are sealed to. The channel, its events and its readers
   * stay; what those have opens nothing that comes in from now on.
   */
  async replaceKeys(): Promise<Result<void, Problem>> {
    const run = this.#run;
    const replaced = await this.#withKeyring(async keyring => keyring.replaceReadKey());
    // With the key of before the stream has ended, or is about to.
    if (run !== undefined && this.#run === run) this.restart();
    if (!replaced.ok) return replaced;
    const address = await this.waitForAddress();
    return address.ok ? this.rotateKey() : address;
  }

  /**
   * The address to put into a subscription; starts the tunnel and waits for the channel, at most 20 seconds. It is none of
   * another relay that is chosen meanwhile.
   */
  async waitForAddress(signal?: AbortSignal): Promise<Result<string, Problem>> {
    this.start();
    const relay = this.#relayInSettings;
    const deadline = new AbortController();
    const timer = this.#store.add(this.#deps.clock.after(addressDeadline, () => deadline.abort()));
    const over = AbortSignal.any([deadline.signal, ...(signal === undefined ? [] : [signal])]);
    while (this.address === undefined && !over.aborted && this.#state.kind !== "refused") {
      await this.#nextState(over);
    }
    this.#store.delete(timer);
    if (this.#relayInSettings !== relay) return fail(relayChanged());
    return this.address === undefined ? fail(this.#noAddress()) : succeed(this.address);
  }

  dispose(): void {
    this.#stop();
    this.#store.dispose();
  }

  get #relayName(): string {
    return this.#run?.relay ?? this.#relayInSettings;
  }

  get #relayInSettings(): string {
    return this.#deps.settings().relayUrl ?? embeddedName;
  }

  async #giveUpReplaced(): Promise<void> {
    for (const { relay, channel } of await this.#channels.replaced()) {
      if (relay !== embeddedName) await this.erasures.note(relay, channel);
      await this.#channels.forget(relay, channel.channel);
    }
  }

  /** That it is to be deleted is kept before its key is forgotten. One that was shared is its owner's to delete. */
  async #giveUp(relay: string): Promise<void> {
    const channel = await this.#channelOf(relay);
    if (channel !== undefined && channel.isGuest !== true) await this.erasures.note(relay, channel);
    await this.#channels.forget(relay, channel?.channel);
  }

  /** Of one that is damaged in the vault what this window knows. */
  async #channelOf(relay: string): Promise<RelayChannel | undefined> {
    try {
      return await this.#channels.read(relay);
    } catch (error) {
      if (!isChannelDamaged(error)) throw error;
      this.#deps.logger.warn(`relay: ${describeCauses(error)}`);
      return this.#run?.relay === relay ? this.#run.channel : undefined;
    }
  }

  async #open(run: Run): Promise<void> {
    this.#set({ kind: "connecting" });
    for (let attempt = 1; !run.isOver(); attempt++) {
      const { changes } = run;
      const channel = await this.#openChannel(run);
      if (run.isOver()) return;
      const isOld = run.changes > changes;
      if (channel.ok) {
        this.#startSession(run, channel.value);
        if (isOld) await this.#lookForChange(run.relay);
        return;
      }
      if (!isForPerson(channel.error)) await this.#waitToRetry(run, attempt, channel.error);
      else if (!isOld) {
        this.#refuse(channel.error);
        return;
      }
    }
  }

  async #waitToRetry(run: Run, attempt: number, problem: Problem): Promise<void> {
    const delay = backoffDelay(attempt, openingBackoff, this.#deps.random);
    this.#deps.logger.warn(`relay: ${describeCauses(problem)}; trying again in ${Math.round(delay / second)} s`);
    this.#set({ kind: "reconnecting", attempt, retryAt: this.#deps.clock.now() + delay, problem });
    await sleep(this.#deps.clock, delay, run.signal);
  }

  async #openChannel(run: Run): Promise<Result<RelayChannel, Problem>> {
    const relayUrl = await this.#relayUrl(run);
    if (!relayUrl.ok) return relayUrl;
    const kept = await this.#keptChannel(run);
    if (!kept.ok) return kept;
    // A window may have ended, or an answer been lost, while the read key was replaced.
    if (kept.value !== undefined) {
      return settleReadKey(run.relay, { ...kept.value, relayUrl: relayUrl.value }, this.#channels, run.signal);
    }
    const created = await this.#makeChannel(run.relay, relayUrl.value, run.signal);
    if (!created.ok || run.isOver()) return created;
    return succeed(await this.#keepMade(run.relay, created.value));
  }

  /** Gives the channel to use. One that another window has kept first may be in subscriptions by now. */
  async #keepMade(relay: string, made: RelayChannel): Promise<RelayChannel> {
    const kept = await this.#channels.writeFirst(relay, made);
    if (kept.channel === made.channel) return kept;
    await this.erasures.note(relay, made);
    this.erasures.start();
    return { ...kept, relayUrl: made.relayUrl };
  }

  async #keptChannel(run: Run): Promise<Result<RelayChannel | undefined, Problem>> {
    return this.#orUnavailable(async () => {
      const kept = await this.#channels.read(run.relay);
      if (kept === undefined || !(await this.erasures.includes(kept.channel))) return kept;
      // A window died in the middle of giving it up.
      await this.#channels.forget(run.relay, kept.channel);
      return this.#channels.read(run.relay);
    });
  }

  /** A vault that cannot be read now may be read in a while; a damaged channel is for the person to decide about. */
  async #orUnavailable<T>(read: () => Promise<T>): Promise<Result<T, Problem>> {
    try {
      return succeed(await read());
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === "VAULT_UNAVAILABLE") return fail(error.problem);
      throw error;
    }
  }

  async #relayUrl(run: Run): Promise<Result<string, Problem>> {
    if (run.relay !== embeddedName) return succeed(run.relay);
    const acquired = await run.embedded(async () => this.#acquire(run));
    return acquired.ok ? succeed(acquired.value.url) : acquired;
  }

  async #acquire(run: Run): Promise<Result<{ readonly url: string }, Problem>> {
    const server = run.store.add(this.#deps.embeddedRelay());
    run.store.add(server.onDidLose(problem => this.#lose(run, problem)));
    return server.acquire();
  }

  #startSession(run: Run, channel: RelayChannel): void {
    const { clock, random, logger, sinkFor } = this.#deps;
    const keyring = new ChannelKeyring(run.relay, channel, this.#channels, logger);
    const reloadKeys = async (): ReturnType<ChannelKeyring["reload"]> => keyring.reload();
    const sink = sinkFor(run.relay, channel.channel);
    const session = new RelaySession({ channel, reloadKeys, sink, clock, random, logger });
    run.keyring = keyring;
    run.readKey = channel.readKey;
    run.session = run.store.add(session);
    run.store.add(
      session.onDidChangeState(state => {
        if (state.kind === "live") void catchUpAtRelay(keyring, run.signal, logger);
        this.#set(state);
      }),
    );
    session.start();
  }

  #lose(run: Run, problem: Problem): void {
    if (this.#run !== run) return;
    this.#deps.logger.warn(`relay: ${describeCauses(problem)}; starting it again`);
    this.restart();
  }

  async #hearOfChange(relay: string): Promise<void> {
    const run = this.#run;
    if (run?.relay !== relay) return;
    run.changes += 1;
    // While the channel is opened: what is read may be from before or after this.
    if (run.channel !== undefined || this.#state.kind === "refused") await this.#lookForChange(relay);
  }

  /** What cannot be read now stays as this window has it. */
  async #lookForChange(relay: string): Promise<void> {
    try {
      await this.#followOtherWindow(relay);
    } catch (error) {
      this.#deps.logger.warn(`relay: ${describeCauses(error)}`);
    }
  }

  /** What was refused for want of a create key may be had with this one. */
  #hearOfCreateKey(relay: string): void {
    const run = this.#run;
    if (run?.relay === relay && run.keyring === undefined) this.restart();
  }

  /**
   * Another window made a channel for the same relay first, renewed it, or was invited to one: all windows use the one in
   * the vault.
   */
  async #followOtherWindow(relay: string): Promise<void> {
    const run = this.#run;
    const kept = await this.#channels.read(relay);
    if (run === undefined || this.#run !== run || kept === undefined) return;
    const isSame = kept.channel === run.channel?.channel;
    if (isSame) await run.keyring?.follow(kept);
    if (this.#run === run && (!isSame || kept.readKey !== run.readKey)) this.restart();
  }

  #addressOf(channel: RelayChannel): string {
    const { publicUrl } = this.#deps.settings();
    return publicUrl === undefined ? this.#ownAddressOf(channel) : publicUrl + relayPaths.ingest(channel.channel);
  }

  #ownAddressOf(channel: RelayChannel): string {
    const isEmbedded = this.#deps.settings().relayUrl === undefined;
    return isEmbedded ? channel.relayUrl + relayPaths.ingest(channel.channel) : channel.ingestUrl;
  }

  #noAddress(): Problem {
    if (this.#state.kind === "reconnecting" || this.#state.kind === "refused") return this.#state.problem;
    return {
      code: "RELAY_NOT_READY",
      message: l10n.t("The relay is not ready yet, so there is no address to subscribe with. Try again in a moment."),
      remedy: "retry",
    };
  }

  #crash(run: Run, error: unknown): void {
    if (this.#run !== run) return;
    this.#deps.logger.error(`relay: ${describeCauses(error)}`);
    this.#set({ kind: "refused", problem: toProblem(error) });
  }

  #refuse(problem: Problem): void {
    this.#deps.logger.warn(`relay: ${describeCauses(problem)}`);
    this.#set({ kind: "refused", problem });
  }

  async #nextState(signal: AbortSignal): Promise<void> {
    await new Promise<void>(resolve => {
      const done = (): void => {
        subscription.dispose();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const subscription = this.#changed.event(done);
      signal.addEventListener("abort", done);
    });
  }

  #set(state: RelayState): void {
    this.#state = state;
    this.#changed.fire(state);
  }

  #stop(): void {
    this.#run?.dispose();
    this.#run = undefined;
    if (this.#state.kind !== "off") this.#set({ kind: "off" });
  }
}

function relayChanged(): Problem {
  const message = l10n.t("Another relay was chosen meanwhile, so nothing was done at the one before. Try again.");
  return { code: "RELAY_CHANGED", message, remedy: "retry" };
}

/** Whether asking again would be answered the same, until a person has done something about it. */
function isForPerson(problem: Problem): boolean {
  return isForWantOfCreateKey(problem) || isRefusal(problem);
}

/** One stretch of using one relay, from `start` to the next `restart`; owns what that needs. */
class Run implements Disposable {
  readonly relay: string;
  readonly store = new DisposableStore();
  readonly #abort = new AbortController();
  #acquired: Promise<Result<{ readonly url: string }, Problem>> | undefined;
  keyring: ChannelKeyring | undefined;
  /** With which the stream was opened: the keyring may have learned of another since. */
  readKey: string | undefined;
  /** How often something has changed what is kept of the channel. */
  changes = 0;
  session: RelaySession | undefined;

  constructor(relay: string) {
    this.relay = relay;
  }

  get channel(): RelayChannel | undefined {
    return this.keyring?.channel;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** True once the tunnel went on to another run: what comes back late is dropped. */
  isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  /** The embedded relay of this run: acquired once, again only after a failure. */
  async embedded(
    acquire: () => Promise<Result<{ readonly url: string }, Problem>>,
  ): Promise<Result<{ readonly url: string }, Problem>> {
    this.#acquired ??= acquire();
    const result = await this.#acquired;
    if (!result.ok) this.#acquired = undefined;
    return result;
  }

  dispose(): void {
    this.#abort.abort();
    this.store.dispose();
  }
}
