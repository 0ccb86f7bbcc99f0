import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { type BackoffOptions, backoffDelay } from "../../base/backoff.ts";
import { type Clock, minute, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses, toProblem } from "../../base/problem.ts";
import type { Claim, Claims } from "../windows/claims.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { type AddressSource, type AddressWay, addressWays } from "./addressSource.ts";
import { PublicDoor } from "./publicDoor.ts";

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
  readonly sourceFor: (way: AddressWay) => AddressSource | undefined;
  /** The way that is opened with the editor; undefined: none. */
  readonly kept: () => AddressWay | undefined;
  readonly claims: Pick<Claims, "take">;
  readonly notes: Pick<SharedNotes, "get" | "set" | "delete">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const claimKey = "public-address";
const noteKey = "public-address";
const portKey = "public-address-port";

const noteSchema = v.object({ way: v.picklist(addressWays), url: v.pipe(v.string(), v.url()), until: v.number() });

/** How often windows look at what the others do. */
const beat = 3 * second;
/** After so long without a sign, the window that held the address is gone. */
const noteLife = 12 * second;
const reopening: BackoffOptions = { first: 2 * second, longest: 2 * minute };

/**
 * The public address of this machine's relay, got from a tool or from the editor's port forwarding. One window of the
 * machine holds it, and all use it; when that window goes, another takes over if the person wants it kept. A tool that
 * ends is started again.
 */
export class PublicAddress implements Disposable {
  readonly #options: PublicAddressOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<AddressState>());
  #state: AddressState = { kind: "none" };
  #holding: Holding | undefined;
  #timer: Disposable | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(options: PublicAddressOptions) {
    this.#options = options;
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

  /** Opens an address in this way, instead of any other that this window holds. {@link state} tells how it goes. */
  open(way: AddressWay): void {
    this.start();
    this.#letGo();
    const claim = this.#options.claims.take(claimKey, noteLife);
    // Another window's, from before: it ends there, as the note says.
    if (claim === undefined) this.#options.notes.delete(noteKey);
    this.#hold(way, claim);
  }

  /** Closes the address, wherever on this machine it is held. */
  close(): void {
    this.#letGo();
    this.#options.notes.delete(noteKey);
    this.#set({ kind: "none" });
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#letGo();
    this.#store.dispose();
  }

  #beat(): void {
    try {
      this.#look();
    } catch (error) {
      this.#options.logger.warn(`public address: ${describeCauses(error)}`);
    }
    this.#timer = this.#options.clock.after(beat, () => this.#beat());
  }

  #look(): void {
    if (this.#holding !== undefined) this.#keep(this.#holding);
    else this.#follow();
  }

  /** Shows the others that this window is there; where one of them closed the address or took it over, lets go. */
  #keep(holding: Holding): void {
    const { notes, claims } = this.#options;
    holding.claim ??= claims.take(claimKey, noteLife);
    holding.claim?.extend(noteLife);
    if (holding.announced === undefined) return;
    const note = this.#readNote();
    if (note?.url === holding.announced) {
      this.#announce(holding, holding.announced);
    } else if (note === undefined && notes.get(noteKey) === undefined) {
      this.#letGo();
      this.#set({ kind: "none" });
    } else if (note !== undefined) {
      this.#letGo();
      this.#follow();
    } else {
      // Its own note ran out while the machine slept.
      this.#announce(holding, holding.announced);
    }
  }

  #follow(): void {
    const note = this.#readNote();
    if (note !== undefined) {
      this.#set({ kind: "open", way: note.way, url: note.url, here: false });
      return;
    }
    if (this.#state.kind === "open") this.#set({ kind: "none" });
    const kept = this.#options.kept();
    if (kept === undefined || this.#state.kind === "failed" || this.#options.relay() === undefined) return;
    const claim = this.#options.claims.take(claimKey, noteLife);
    if (claim !== undefined) this.#hold(kept, claim);
  }

  #hold(way: AddressWay, claim: Claim | undefined): void {
    const holding = new Holding(way, claim);
    this.#holding = holding;
    this.#set({ kind: "opening", way });
    void this.#openDoor(holding).catch((error: unknown) => this.#fail(holding, toProblem(error)));
  }

  async #openDoor(holding: Holding): Promise<void> {
    const { relay, notes } = this.#options;
    // The same port as last time, since a forwarded port's address is made of its number.
    const door = await PublicDoor.open({ relay }, Number(notes.get(portKey) ?? 0));
    holding.store.add(door);
    if (this.#holding !== holding) return;
    notes.set(portKey, String(door.port));
    this.#openSource(holding, door.url);
  }

  #openSource(holding: Holding, target: string): void {
    const source = this.#options.sourceFor(holding.way);
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
    this.#announce(holding, url);
    this.#set({ kind: "open", way: holding.way, url, here: true });
  }

  /** One that was there comes back by itself, as does one that is kept and cannot be had just now; all else is for the person to look at. */
  #ended(holding: Holding, target: string, problem: Problem): void {
    if (this.#holding !== holding) return;
    const { clock, random, logger, kept } = this.#options;
    const mayPass = problem.remedy === "retry" && kept() === holding.way;
    if (holding.announced === undefined && !mayPass) {
      this.#fail(holding, problem);
      return;
    }
    holding.attempt += 1;
    const delay = backoffDelay(holding.attempt, reopening, random);
    logger.warn(`public address: ${describeCauses(problem)}; opening it again in ${Math.round(delay / second)} s`);
    this.#set({ kind: "opening", way: holding.way });
    holding.store.add(clock.after(delay, () => this.#openSource(holding, target)));
  }

  #fail(holding: Holding, problem: Problem): void {
    if (this.#holding !== holding) return;
    this.#letGo();
    this.#set({ kind: "failed", way: holding.way, problem });
  }

  #announce(holding: Holding, url: string): void {
    holding.announced = url;
    const until = this.#options.clock.now() + noteLife;
    this.#options.notes.set(noteKey, JSON.stringify({ way: holding.way, url, until }));
  }

  /** What another window, or this one, says of its address; undefined where nobody does, or did so too long ago. */
  #readNote(): v.InferOutput<typeof noteSchema> | undefined {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), noteSchema), this.#options.notes.get(noteKey));
    return parsed.success && parsed.output.until > this.#options.clock.now() ? parsed.output : undefined;
  }

  #letGo(): void {
    const holding = this.#holding;
    if (holding === undefined) return;
    this.#holding = undefined;
    if (this.#readNote()?.url === holding.announced) this.#forgetNote();
    holding.dispose();
  }

  /** The database may be closed already, when the window ends. */
  #forgetNote(): void {
    try {
      this.#options.notes.delete(noteKey);
    } catch (error) {
      this.#options.logger.debug(`public address: ${describeCauses(error)}`);
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
  readonly store = new DisposableStore();
  claim: Claim | undefined;
  /** The address that the others were told. */
  announced: string | undefined;
  attempt = 0;

  constructor(way: AddressWay, claim: Claim | undefined) {
    this.way = way;
    this.claim = claim;
  }

  dispose(): void {
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
