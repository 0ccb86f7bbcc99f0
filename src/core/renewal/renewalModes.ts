import { type Disposable, Emitter, type Event } from "../../base/lifecycle.ts";
import type { SharedNotes } from "../windows/keeper.ts";
import { type RenewalMode, renewalModes } from "./renewalStatus.ts";

/** What the person chose for each connection; without a choice, the setting holds. */
export class RenewalModes implements Disposable {
  readonly #notes: SharedNotes;
  readonly #setting: () => RenewalMode;
  readonly #changed = new Emitter<void>();

  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(notes: SharedNotes, setting: () => RenewalMode) {
    this.#notes = notes;
    this.#setting = setting;
  }

  of(connectionId: string): RenewalMode {
    return this.chosen(connectionId) ?? this.#setting();
  }

  /** The choice for this connection alone; undefined: as the setting says. */
  chosen(connectionId: string): RenewalMode | undefined {
    const kept = this.#notes.get(keyOf(connectionId));
    return renewalModes.find(mode => mode === kept);
  }

  choose(connectionId: string, mode: RenewalMode | undefined): void {
    if (mode === undefined) this.#notes.delete(keyOf(connectionId));
    else this.#notes.set(keyOf(connectionId), mode);
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

function keyOf(connectionId: string): string {
  return `renewal/mode/${connectionId}`;
}
