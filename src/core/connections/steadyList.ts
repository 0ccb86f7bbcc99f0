import { isDeepStrictEqual } from "node:util";
import { type Clock, minute } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter, type Event } from "../../base/lifecycle.ts";
import { describeCauses } from "../../base/problem.ts";
import { VaultList, type VaultListOptions } from "./vaultList.ts";
import { withPatience } from "./vaultPatience.ts";

export interface SteadyListOptions<T> extends VaultListOptions<T> {
  readonly clock: Clock;
}

/** Makes the list another. It is done again on what the vault has by then, so it must go by nothing but the list. */
type Change<T> = (entries: readonly T[]) => readonly T[];

/** A change that holds at once. */
export interface Revision<T> {
  readonly change: Change<T>;
  /** Of changes with the same name, the newest makes those before it needless. */
  readonly name?: string;
}

interface Pending<T> extends Revision<T> {
  /** Settles what somebody waits for who does nothing before the vault has it. */
  readonly taken?: PromiseWithResolvers<undefined>;
}

/** When to try again what the vault did not take. */
const retryAfter = minute;

/**
 * A list in the vault whose owner goes on where the vault is slow, hangs or fails: what was revised holds here at once,
 * and is written once the vault takes it, on top of what other windows wrote meanwhile.
 */
export class SteadyList<T> implements Disposable {
  readonly #options: SteadyListOptions<T>;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #list: VaultList<T>;
  /** What the vault has not taken yet, oldest first. */
  #pending: readonly Pending<T>[] = [];
  #entries: readonly T[] = [];
  #writing: Promise<void> | undefined;
  /** True while the vault takes longer than anybody waits: then nobody else waits for it. */
  #isSlow = false;
  #next: Disposable | undefined;

  /** The entries became others, here or in another window. */
  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(options: SteadyListOptions<T>) {
    this.#options = options;
    this.#list = this.#store.add(new VaultList(options));
    this.#store.add(this.#list.onDidChange(() => this.#follow()));
  }

  /** False where {@link entries} may lack what the vault has: it was never read, or not since it was to be. */
  get isLoaded(): boolean {
    return this.#list.isLoaded;
  }

  /** As they are: what the vault has, with what it has not taken yet. */
  get entries(): readonly T[] {
    return this.#entries;
  }

  /** As the vault has them: so they outlive this window. */
  get kept(): readonly T[] {
    return this.#list.entries;
  }

  /**
   * Reads the list from the vault. Rejects with a ProblemError where it cannot be read, which is tried again, or takes too
   * long: then it is there once the vault answers.
   */
  async load(): Promise<void> {
    await withPatience(this.#options.clock, this.#list.load());
  }

  /**
   * Makes the list another once the vault has taken it, and not before. Rejects with a ProblemError where the vault
   * fails, or takes longer than `patience` (milliseconds): then it is not done later either, unless the vault was at it.
   */
  async write(change: Change<T>, patience?: number): Promise<void> {
    const taken = Promise.withResolvers<undefined>();
    const pending = { change, taken };
    this.#pending = [...this.#pending, pending];
    this.#write().catch(() => undefined);
    try {
      await withPatience(this.#options.clock, taken.promise, patience);
    } finally {
      this.#pending = this.#pending.filter(each => each !== pending);
    }
  }

  /** Makes the list another at once. Waits for the vault as long as it answers in time; never rejects. */
  async revise(revisions: readonly Revision<T>[]): Promise<void> {
    const after = applied(this.#entries, revisions);
    // Before the list was read as it is, nobody knows what changes it.
    if (this.isLoaded && isSame(this.#entries, after)) return;
    const names = new Set(revisions.map(({ name }) => name));
    const others = this.#pending.filter(({ name }) => name === undefined || !names.has(name));
    this.#pending = [...others, ...revisions];
    this.#show(after);
    await this.#settle();
  }

  dispose(): void {
    this.#next?.dispose();
    this.#store.dispose();
  }

  async #settle(): Promise<void> {
    if (this.#isSlow) return;
    const { clock, logger, key } = this.#options;
    try {
      await withPatience(clock, this.#write());
    } catch (error) {
      this.#isSlow = this.#writing !== undefined;
      logger.warn(`secrets: ${key}: ${describeCauses(error)}`);
    }
  }

  /** One writing at a time; it takes along what comes meanwhile. */
  async #write(): Promise<void> {
    this.#writing ??= this.#writeAll();
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    this.#next?.dispose();
    try {
      while (this.#pending.length > 0) await this.#writeOnce();
    } catch (error) {
      this.#tryLater(error);
      throw error;
    } finally {
      this.#writing = undefined;
      this.#isSlow = false;
      this.#follow();
    }
  }

  async #writeOnce(): Promise<void> {
    let taken: readonly Pending<T>[] = [];
    await this.#list.update(entries => {
      taken = this.#pending;
      const changed = applied(entries, taken);
      return isSame(entries, changed) ? entries : changed;
    });
    this.#pending = this.#pending.filter(each => !taken.includes(each));
    this.#show(this.#withPending());
    for (const each of taken) each.taken?.resolve(undefined);
  }

  /** What somebody waits for has failed; the rest is written another time. */
  #tryLater(error: unknown): void {
    const failed = this.#pending;
    this.#pending = failed.filter(({ taken }) => taken === undefined);
    for (const { taken } of failed) taken?.reject(error);
    if (this.#pending.length === 0 || this.#store.isDisposed) return;
    this.#next = this.#options.clock.after(retryAfter, () => void this.#settle());
  }

  /** What is being written is in the vault before it is no longer pending: it would be done twice. */
  #follow(): void {
    if (this.#writing === undefined) this.#show(this.#withPending());
  }

  #withPending(): readonly T[] {
    return applied(
      this.kept,
      this.#pending.filter(({ taken }) => taken === undefined),
    );
  }

  #show(entries: readonly T[]): void {
    if (isSame(this.#entries, entries)) return;
    this.#entries = entries;
    this.#changed.fire();
  }
}

/** True where two are the same in the vault, in whatever order their parts are. */
export function isSameEntry(left: unknown, right: unknown): boolean {
  return left === right || isDeepStrictEqual(asKept(left), asKept(right));
}

function isSame<T>(left: readonly T[], right: readonly T[]): boolean {
  return left.length === right.length && left.every((entry, index) => isSameEntry(entry, right[index]));
}

function asKept(entry: unknown): unknown {
  return JSON.parse(JSON.stringify(entry));
}

function applied<T>(entries: readonly T[], revisions: readonly Revision<T>[]): readonly T[] {
  return revisions.reduce((before, { change }) => change(before), entries);
}
