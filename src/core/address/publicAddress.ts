import * as l10n from "@vscode/l10n";
import { randomUUID } from "node:crypto";
import { type BackoffOptions, backoffDelay } from "../../base/backoff.ts";
import { type Clock, minute, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses, toProblem } from "../../base/problem.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { steadyClaim } from "../windows/steadyClaim.ts";
import { type AddressNote, AddressNotes, type AddressWord, wordLife } from "./addressNotes.ts";
import type { AddressSource, AddressWay } from "./addressSource.ts";
import type { PublicDoor, PublicDoorOptions } from "./publicDoor.ts";

/** How this machine stands with its public address. */
export type AddressState =
  | { readonly kind: "none" }
  | { readonly kind: "opening"; readonly way: AddressWay }
  /** `here`: this window holds it; otherwise another window of the machine does. Without trailing slash. */
  | { readonly kind: "open"; readonly way: AddressWay; readonly url: string; readonly here: boolean }
  | { readonly kind: "failed"; readonly way: AddressWay; readonly problem: Problem };

export interface PublicAddressOptions {
  /** Where the relay is now; undefined while there is none. */
  readonly relay: () => string | undefined;
  /** What opens an address in this way; undefined where it cannot be, as when a tool is not installed. */
  readonly sourceFor: (way: AddressWay) => Promise<AddressSource | undefined>;
  /** Opens what the address leads to, on this port of the machine if it is free. */
  readonly openDoor: (options: PublicDoorOptions, preferredPort: number) => Promise<PublicDoor>;
  /** The way that is opened with the editor; undefined: none. */
  readonly kept: () => AddressWay | undefined;
  readonly claims: Pick<Claims, "take">;
  readonly notes: Pick<SharedNotes, "get" | "set" | "delete">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const claimKey = "public-address";
const portKey = "public-address-port";

/** How often windows look at what the others do. */
const beat = 3 * second;
const reopening: BackoffOptions = { first: 2 * second, longest: 2 * minute };

/**
 * The public address of this machine's relay, got from a tool or from the editor's port forwarding. One window of the
 * machine holds it, and all use it; when that window goes, another takes over if the person wants it kept. A tool that
 * ends is started again.
 */
export class PublicAddress implements Disposable {
  readonly #options: PublicAddressOptions;
  readonly #notes: AddressNotes;
  /** What this window is called in the notes. */
  readonly #window = randomUUID();
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<AddressState>());
  #state: AddressState = { kind: "none" };
  #holding: Holding | undefined;
  /** The last word of a window that had said nothing for too long at the last beat. */
  #lastWord: string | undefined;
  #timer: Disposable | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(options: PublicAddressOptions) {
    this.#options = options;
    this.#notes = new AddressNotes(options.notes, options.clock);
  }

  get state(): AddressState {
    return this.#state;
  }

  /** The address to use in place of the relay's own, if there is one. */
  get url(): string | undefined {
    return this.#state.kind === "open" ? this.#state.url : undefined;
  }

  /** Begins to look at what other windows do, and opens what is kept. */
  start(): void {
    if (this.#timer !== undefined || this.#store.isDisposed) return;
    this.#beat();
  }

  /** Opens an address in this way, instead of any other on this machine. {@link state} tells how it goes. */
  open(way: AddressWay): void {
    this.start();
    this.#letGo();
    // Another window may have the claim: it gives way as soon as it sees what this one says.
    this.#hold(
      new Holding(
        way,
        true,
        this.#orLog(() => this.#takeClaim()),
      ),
    );
  }

  /** Closes the address, wherever on this machine it is held. Throws where the others cannot be told. */
  close(): void {
    this.#letGo();
    this.#set({ kind: "none" });
    this.#notes.takeBack();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#letGo();
    this.#store.dispose();
  }

  #beat(): void {
    this.#orLog(() => this.#look());
    this.#timer = this.#options.clock.after(beat, () => this.#beat());
  }

  #look(): void {
    if (this.#holding !== undefined) this.#keep(this.#holding);
    else this.#follow();
  }

  /** Says to the others how the address stands; where one of them closed it or took it over, lets go. */
  #keep(holding: Holding): void {
    const hasClaim = this.#keepClaim(holding);
    const word = this.#notes.read();
    if (!hasClaim || this.#isTakenOver(holding, word)) this.#giveWay(word);
    else if (word.kind === "nothing" && holding.wasSaid) this.#giveWay(word);
    else this.#say(holding);
  }

  /** False where the claim ran out, as while the machine slept, and is another window's. */
  #keepClaim(holding: Holding): boolean {
    if (holding.claim?.extend(wordLife) === true) return true;
    const hadClaim = holding.claim !== undefined;
    holding.claim = this.#takeClaim();
    return holding.claim !== undefined || !hadClaim;
  }

  /** What a person chose stands against what others said before they could know of it. */
  #isTakenOver({ isChosen, wasSaid }: Holding, word: AddressWord): boolean {
    const isAnother = word.kind === "said" && word.holder !== this.#window;
    return isAnother && (wasSaid || !isChosen);
  }

  #giveWay(word: AddressWord): void {
    this.#letGo();
    if (word.kind === "said" && word.holder !== this.#window) this.#show(word);
    else this.#set({ kind: "none" });
  }

  #follow(): void {
    const word = this.#notes.read();
    const lastWord = this.#lastWord;
    this.#lastWord = word.kind === "silent" ? word.text : undefined;
    if (word.kind === "said" && word.holder !== this.#window) {
      this.#show(word);
      return;
    }
    // After a sleep the window that holds the address may come to itself a moment after this one.
    if (word.kind === "silent" && word.text !== lastWord) return;
    // What this window could not take back when it let go.
    if (word.kind === "said") this.#notes.takeBack();
    if (this.#state.kind !== "failed") this.#set({ kind: "none" });
    this.#openKept();
  }

  #show({ way, url }: AddressNote): void {
    this.#set(url === undefined ? { kind: "opening", way } : { kind: "open", way, url, here: false });
  }

  #openKept(): void {
    const kept = this.#options.kept();
    if (kept === undefined || this.#state.kind === "failed" || this.#options.relay() === undefined) return;
    const claim = this.#takeClaim();
    if (claim !== undefined) this.#hold(new Holding(kept, false, claim));
  }

  #takeClaim(): Claim | undefined {
    const claim = this.#options.claims.take(claimKey, wordLife);
    return claim === undefined ? undefined : steadyClaim(claim, this.#options.logger);
  }

  #hold(holding: Holding): void {
    this.#holding = holding;
    this.#orLog(() => this.#say(holding));
    this.#set({ kind: "opening", way: holding.way });
    void this.#openDoor(holding).catch((error: unknown) => this.#fail(holding, toProblem(error)));
  }

  async #openDoor(holding: Holding): Promise<void> {
    const { relay, openDoor, notes } = this.#options;
    // The same port as last time, since a forwarded port's address is made of its number.
    const door = await openDoor({ relay }, this.#orLog(() => Number(notes.get(portKey) ?? 0)) ?? 0);
    holding.store.add(door);
    if (this.#holding !== holding) return;
    this.#orLog(() => notes.set(portKey, String(door.port)));
    await this.#openSource(holding, door.url);
  }

  /** What is thrown, such as by a disk that is full, is a source that ended at once. */
  async #openSource(holding: Holding, target: string): Promise<void> {
    try {
      await this.#startSource(holding, target);
    } catch (error) {
      this.#ended(holding, target, toProblem(error));
    }
  }

  async #startSource(holding: Holding, target: string): Promise<void> {
    const source = await this.#options.sourceFor(holding.way);
    if (this.#holding !== holding) return;
    if (source === undefined) {
      this.#fail(holding, notThere(holding.way));
      return;
    }
    const open = source.open(target, {
      address: url => this.#found(holding, url),
      ended: problem => {
        holding.store.delete(open);
        this.#ended(holding, target, problem);
      },
    });
    holding.store.add(open);
  }

  #found(holding: Holding, url: string): void {
    if (this.#holding !== holding) return;
    holding.attempt = 0;
    holding.wasOpen = true;
    if (this.#isKept(holding, url)) this.#set({ kind: "open", way: holding.way, url, here: true });
  }

  /** One that was there comes back by itself, as does one that is kept and cannot be had just now; all else is for the person to look at. */
  #ended(holding: Holding, target: string, problem: Problem): void {
    if (this.#holding !== holding) return;
    const { clock, random, logger, kept } = this.#options;
    const mayPass = problem.remedy === "retry" && kept() === holding.way;
    if (!holding.wasOpen && !mayPass) {
      this.#fail(holding, problem);
      return;
    }
    if (!this.#isKept(holding, undefined)) return;
    holding.attempt += 1;
    const delay = backoffDelay(holding.attempt, reopening, random);
    logger.warn(`public address: ${describeCauses(problem)}; opening it again in ${Math.round(delay / second)} s`);
    this.#set({ kind: "opening", way: holding.way });
    holding.retry = clock.after(delay, () => void this.#openSource(holding, target));
  }

  /** Says the news at once; false where the address was closed or taken over meanwhile. */
  #isKept(holding: Holding, url: string | undefined): boolean {
    holding.url = url;
    this.#orLog(() => this.#keep(holding));
    return this.#holding === holding;
  }

  #fail(holding: Holding, problem: Problem): void {
    if (this.#holding !== holding) return;
    this.#letGo();
    this.#set({ kind: "failed", way: holding.way, problem });
  }

  #say(holding: Holding): void {
    this.#notes.say({ holder: this.#window, way: holding.way, url: holding.url });
    holding.wasSaid = true;
  }

  #letGo(): void {
    const holding = this.#holding;
    if (holding === undefined) return;
    this.#holding = undefined;
    this.#orLog(() => this.#takeBackOwn());
    holding.dispose();
  }

  #takeBackOwn(): void {
    const word = this.#notes.read();
    if (word.kind === "said" && word.holder === this.#window) this.#notes.takeBack();
  }

  /** What cannot be said or read now is said and read at the next beat; the database may be closed when the window ends. */
  #orLog<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#options.logger.warn(`public address: ${describeCauses(error)}`);
      return undefined;
    }
  }

  #set(state: AddressState): void {
    if (isSame(state, this.#state)) return;
    this.#state = state;
    this.#changed.fire(state);
  }
}

function isSame(a: AddressState, b: AddressState): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What a window holds while the address is its own. */
class Holding implements Disposable {
  readonly way: AddressWay;
  /** A person chose it in this window; else it is what is kept. */
  readonly isChosen: boolean;
  readonly store = new DisposableStore();
  claim: Claim | undefined;
  /** The address, while there is one. */
  url: string | undefined;
  /** There was an address before, if not now. */
  wasOpen = false;
  /** The others could be told. */
  wasSaid = false;
  attempt = 0;
  /** Opens it again. */
  retry: Disposable | undefined;

  constructor(way: AddressWay, isChosen: boolean, claim: Claim | undefined) {
    this.way = way;
    this.isChosen = isChosen;
    this.claim = claim;
  }

  dispose(): void {
    this.retry?.dispose();
    this.store.dispose();
    this.claim?.dispose();
  }
}

function notThere(way: AddressWay): Problem {
  return {
    code: "ADDRESS_WAY_MISSING",
    message: l10n.t("{0} was not found on this machine. Choose another way to a public address.", way),
    remedy: "get-address",
  };
}
