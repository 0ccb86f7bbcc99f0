import * as v from "valibot";
import { type Clock, second } from "../../base/clock.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { type AddressWay, addressWays } from "./addressSource.ts";

/** What the window that holds the public address says of it. */
export interface AddressNote {
  /** The window, by an id of its own. */
  readonly holder: string;
  readonly way: AddressWay;
  /** Without trailing slash; undefined while the address is on its way. */
  readonly url?: string | undefined;
}

/** What is known of the window that holds the public address. */
export type AddressWord =
  /** No window holds it. */
  | { readonly kind: "nothing" }
  | ({ readonly kind: "said" } & AddressNote)
  /** Nobody has said anything for too long. `text` changes when somebody does. */
  | { readonly kind: "silent"; readonly text: string };

/** After so long without a word, the window that held the address is gone or asleep; milliseconds. */
export const wordLife = 12 * second;

const key = "public-address";

const noteSchema = v.object({
  /** An earlier version said nothing of itself. */
  holder: v.optional(v.string(), ""),
  way: v.picklist(addressWays),
  url: v.optional(v.pipe(v.string(), v.url())),
  until: v.number(),
});

/** Where the windows of the machine say who holds the public address. Throws where the shared file cannot be used. */
export class AddressNotes {
  readonly #notes: Pick<SharedNotes, "get" | "set" | "delete">;
  readonly #clock: Clock;

  constructor(notes: Pick<SharedNotes, "get" | "set" | "delete">, clock: Clock) {
    this.#notes = notes;
    this.#clock = clock;
  }

  read(): AddressWord {
    const text = this.#notes.get(key);
    if (text === undefined) return { kind: "nothing" };
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), noteSchema), text);
    if (!parsed.success || !this.#holds(parsed.output.until)) return { kind: "silent", text };
    const { holder, way, url } = parsed.output;
    return { kind: "said", holder, way, url };
  }

  /** Takes the place of what any window said before. */
  say(note: AddressNote): void {
    this.#notes.set(key, JSON.stringify({ ...note, until: this.#clock.now() + wordLife }));
  }

  /** No window holds the address any more, whichever did. */
  takeBack(): void {
    this.#notes.delete(key);
  }

  /** A word that is further ahead than a small step of the clock explains is of before the clock was set back. */
  #holds(until: number): boolean {
    const left = until - this.#clock.now();
    return left > 0 && left <= 2 * wordLife;
  }
}
