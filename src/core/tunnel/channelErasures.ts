import * as v from "valibot";
import { type BackoffOptions, backoffDelay } from "../../base/backoff.ts";
import { type Clock, hour, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses, toProblem } from "../../base/problem.ts";
import { type Result, fail } from "../../base/result.ts";
import type { SecretVault } from "../connections/connection.ts";
import { VaultList } from "../connections/vaultList.ts";
import type { LocalServer } from "../local/localServer.ts";
import { deleteRelayChannel } from "../relay/deleteRelayChannel.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import { embeddedName } from "./embeddedName.ts";

const erasureSchema = v.object({
  /** The relay's name in the vault. */
  relay: v.string(),
  relayUrl: v.pipe(v.string(), v.url()),
  channel: v.string(),
  readKey: v.string(),
  /** The key before, where it is not certain that the relay knows the present one. */
  formerReadKey: v.exactOptional(v.string()),
});

/** A channel that is to be deleted at its relay, with the keys that this may take. */
export type ChannelErasure = Readonly<v.InferOutput<typeof erasureSchema>>;

/** A channel that a relay has not deleted yet, and why. */
export interface FailedErasure {
  readonly erasure: ChannelErasure;
  readonly problem: Problem;
}

export interface ChannelErasuresDependencies {
  readonly vault: SecretVault;
  /** Makes the handle on this machine's embedded relay; nothing is started before its `acquire`. */
  readonly embeddedRelay: () => LocalServer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const vaultKey = "relay.erasures";
const backoff: BackoffOptions = { first: 10 * second, longest: hour };

/**
 * The channels that this editor has given up and that are to be deleted at their relays. The intention is in the vault
 * before anything is asked, and stays until the relay itself says that it has no such channel. Until then every window
 * that is open tries, and the next one after the last was closed; deleting twice does no harm.
 */
export class ChannelErasures implements Disposable {
  readonly #deps: ChannelErasuresDependencies;
  readonly #store = new DisposableStore();
  readonly #list: VaultList<ChannelErasure>;
  readonly #abort = new AbortController();
  #next: Disposable | undefined;
  #attempt = 0;
  /** What the log has: of which channel which problem. */
  readonly #told = new Set<string>();
  #round: Promise<readonly FailedErasure[]> | undefined;

  constructor(deps: ChannelErasuresDependencies) {
    this.#deps = deps;
    const { vault, logger } = deps;
    this.#list = this.#store.add(new VaultList({ vault, key: vaultKey, schema: erasureSchema, logger }));
    // Also those that another window has noted, which may be closed before it is through.
    this.#store.add(this.#list.onDidChange(() => this.#scheduleWhereLeft()));
  }

  /** Goes on with what earlier windows have left. Returns at once. */
  start(): void {
    this.#tryInBackground();
  }

  /** Writes down that the channel is to be deleted. Rejects where the vault does not take it: then keep the channel. */
  async note(relay: string, { relayUrl, channel, readKey, formerReadKey }: RelayChannel): Promise<void> {
    const former = formerReadKey === undefined ? {} : { formerReadKey };
    await this.#list.update(entries => [
      ...entries.filter(entry => entry.channel !== channel),
      { relay, relayUrl, channel, readKey, ...former },
    ]);
  }

  /** Whether the channel is to be deleted: then it must not be used. Rejects where the vault cannot be read. */
  async includes(channel: string): Promise<boolean> {
    await this.#list.load();
    return this.#list.entries.some(entry => entry.channel === channel);
  }

  /** Tries all once, now; gives those that are left, which are tried again later. Rejects where the vault fails. */
  async tryNow(): Promise<readonly FailedErasure[]> {
    await this.#round;
    return this.#tryAll();
  }

  dispose(): void {
    this.#abort.abort();
    this.#next?.dispose();
    this.#store.dispose();
  }

  #tryInBackground(): void {
    this.#tryAll().catch((error: unknown) => {
      this.#deps.logger.warn(`relay: what is to be deleted cannot be read: ${describeCauses(error)}`);
    });
  }

  async #tryAll(): Promise<readonly FailedErasure[]> {
    this.#round ??= this.#runRound().finally(() => {
      this.#round = undefined;
      this.#scheduleWhereLeft();
    });
    return this.#round;
  }

  async #runRound(): Promise<readonly FailedErasure[]> {
    this.#next?.dispose();
    this.#next = undefined;
    this.#attempt += 1;
    await this.#list.load();
    const failures = await Promise.all(this.#list.entries.map(async erasure => this.#try(erasure)));
    const left = failures.filter(failure => failure !== undefined);
    if (left.length === 0) this.#attempt = 0;
    return left;
  }

  async #try(erasure: ChannelErasure): Promise<FailedErasure | undefined> {
    try {
      const deleted = await this.#delete(erasure);
      if (!deleted.ok) return this.#fail(erasure, deleted.error);
      this.#deps.logger.info(`relay: the channel that was given up is deleted at ${erasure.relayUrl}`);
      await this.#list.update(entries => entries.filter(({ channel }) => channel !== erasure.channel));
      return undefined;
    } catch (error) {
      return this.#fail(erasure, toProblem(error));
    }
  }

  #fail(erasure: ChannelErasure, problem: Problem): FailedErasure {
    const news = `${erasure.channel} ${problem.code}`;
    if (!this.#abort.signal.aborted && !this.#told.has(news)) {
      this.#told.add(news);
      this.#deps.logger.warn(`relay: a channel that was given up is not deleted yet: ${describeCauses(problem)}`);
    }
    return { erasure, problem };
  }

  async #delete(erasure: ChannelErasure): Promise<Result<void, Problem>> {
    const { clock, embeddedRelay } = this.#deps;
    const { signal } = this.#abort;
    if (erasure.relay !== embeddedName) return deleteRelayChannel(erasure, clock, { signal });
    const server = embeddedRelay();
    try {
      const acquired = await server.acquire();
      if (!acquired.ok) return fail(acquired.error);
      return await deleteRelayChannel({ ...erasure, relayUrl: acquired.value.url }, clock, { signal });
    } finally {
      server.dispose();
    }
  }

  #scheduleWhereLeft(): void {
    const isIdle = this.#round === undefined && this.#next === undefined && !this.#store.isDisposed;
    if (!isIdle || (this.#list.isLoaded && this.#list.entries.length === 0)) return;
    const delay = backoffDelay(Math.max(1, this.#attempt), backoff, this.#deps.random);
    this.#next = this.#deps.clock.after(delay, () => this.#tryInBackground());
  }
}

/** The addresses of the relays, each once. */
export function relaysOf(failures: readonly FailedErasure[]): readonly string[] {
  return [...new Set(failures.map(({ erasure }) => erasure.relayUrl))];
}

/** Writes down what is left to be deleted in a vault that begins anew, after everything else was forgotten. */
export async function keepErasures(vault: SecretVault, erasures: readonly ChannelErasure[]): Promise<void> {
  await vault.store(vaultKey, JSON.stringify(erasures));
}
