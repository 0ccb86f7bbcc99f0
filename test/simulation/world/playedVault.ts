import { second } from "../../../src/base/clock.ts";
import { Emitter } from "../../../src/base/lifecycle.ts";
import type { SecretVault } from "../../../src/core/connections/connection.ts";
import type { Exclusive } from "../../../src/core/windows/turns.ts";
import type { LocalFault } from "./weather.ts";
import type { Life, MachineTime } from "./windowClock.ts";

/** How long after a change the other windows of a machine hear of it, as in the editor. */
const spreading = second / 10;

export interface VaultWeather {
  /** How long this access takes: milliseconds, as the secrets are another process's. */
  vaultLatency(): number;
  /** Whether this access fails; counts it where it does. */
  strikes(fault: LocalFault): boolean;
  /** Whether a window cannot read what it hears of; counts it where so. */
  misses(): boolean;
}

/** The secrets of a machine, which outlive its windows. */
export class PlayedVault {
  readonly entries = new Map<string, string>();
  readonly #machine: MachineTime;
  readonly #weather: VaultWeather;
  readonly #doors = new Set<VaultDoor>();
  /** What everybody waits for while it does not answer. */
  #answers: PromiseWithResolvers<undefined> | undefined;

  constructor(machine: MachineTime, weather: VaultWeather) {
    this.#machine = machine;
    this.#weather = weather;
  }

  /** The vault as a window has it. */
  open(life: Life, exclusive: Exclusive): SecretVault {
    const door = new VaultDoor(this, life, exclusive, async () => this.#pass());
    this.#doors.add(door);
    return door;
  }

  read(key: string): string | undefined {
    if (this.#weather.strikes("vault not readable")) throw new Error("The secret storage is locked");
    return this.entries.get(key);
  }

  write(key: string, value: string | undefined): void {
    if (this.#weather.strikes("vault not writable")) throw new Error("The secret storage cannot be written");
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, value);
    this.#machine.timeline.after(spreading, () => this.#spread(key), this.#machine);
  }

  /** Answers nobody for so long, in milliseconds, as where the system's keyring asks for its password. */
  hang(duration: number): void {
    this.#answers ??= Promise.withResolvers();
    this.#machine.timeline.after(duration, () => this.answer(), this.#machine);
  }

  /** Answers all that wait, and whoever comes. */
  answer(): void {
    this.#answers?.resolve(undefined);
    this.#answers = undefined;
  }

  async #pass(): Promise<void> {
    const latency = this.#weather.vaultLatency();
    await new Promise<void>(resolve => this.#machine.timeline.after(latency, resolve, this.#machine));
    await this.#answers?.promise;
  }

  #spread(key: string): void {
    for (const door of this.#doors) {
      if (door.life.isOver) this.#doors.delete(door);
      else {
        if (this.#weather.misses()) door.fails = true;
        door.changed.fire(key);
      }
    }
  }
}

class VaultDoor implements SecretVault {
  readonly life: Life;
  readonly exclusive: Exclusive;
  readonly changed = new Emitter<string>();
  readonly onDidChange = this.changed.event;
  /** The next reading fails. */
  fails = false;
  readonly #vault: PlayedVault;
  readonly #latency: () => Promise<void>;

  constructor(vault: PlayedVault, life: Life, exclusive: Exclusive, latency: () => Promise<void>) {
    this.#vault = vault;
    this.#latency = latency;
    this.life = life;
    this.exclusive = exclusive;
  }

  async get(key: string): Promise<string | undefined> {
    const { fails } = this;
    this.fails = false;
    await this.#reach();
    if (fails) throw new Error("The secret storage is locked");
    return this.#vault.read(key);
  }

  async store(key: string, value: string): Promise<void> {
    await this.#reach();
    this.#vault.write(key, value);
  }

  async delete(key: string): Promise<void> {
    await this.#reach();
    this.#vault.write(key, undefined);
  }

  /** Whoever asks in a window that is no more never hears of it, and does nothing. */
  async #reach(): Promise<void> {
    await this.#latency();
    if (this.life.isOver) await new Promise(() => undefined);
  }
}
