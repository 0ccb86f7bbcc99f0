import { Oracle } from "../invariants/oracle.ts";
import { Machine } from "./machine.ts";
import type { MachineDatabase } from "./playedDatabase.ts";
import { Randomness } from "./randomness.ts";
import { Timeline } from "./timeline.ts";
import { Weather } from "./weather.ts";
import { ZohoServer } from "./zohoServer.ts";

/** The databases of both machines: made once for many runs. */
export type Databases = readonly [MachineDatabase, MachineDatabase];

const begin = Date.UTC(2026, 0, 5, 9);

/** How many lines of what happened are kept to be shown. */
const tracedLines = 4_000;

/** Everything there is in one run: Zoho, two machines with three windows at most, the weather, and who watches all. */
export class World {
  readonly randomness: Randomness;
  /** For what happens seldom: whether it does changes nothing of runs in which it does not. */
  readonly rarity: Randomness;
  readonly timeline = new Timeline(begin);
  readonly weather: Weather;
  readonly oracle: Oracle;
  readonly server: ZohoServer;
  readonly machines: readonly [Machine, Machine];
  readonly #isTraced: boolean;
  readonly lines: string[] = [];

  constructor(seed: number, databases: Databases, isTraced: boolean) {
    this.#isTraced = isTraced;
    this.randomness = new Randomness(seed);
    this.rarity = new Randomness(seed + 0x51ed270b);
    this.weather = new Weather(this.randomness, new Randomness(seed + 0x2c1b3c6d));
    this.oracle = new Oracle(this);
    this.server = new ZohoServer(() => this.timeline.now, this.randomness, this.weather, this.oracle);
    for (const database of databases) database.clear();
    this.machines = [new Machine(this, "A", databases[0], 2), new Machine(this, "B", databases[1], 1)];
  }

  machine(name: string): Machine {
    const found = this.machines.find(machine => machine.name === name);
    if (found === undefined) throw new Error(`There is no machine ${name}`);
    return found;
  }

  recoveryFails(): boolean {
    if (this.weather.isOver || !this.randomness.chance(0.2)) return false;
    this.weather.count("recovery failed");
    return true;
  }

  trace(line: string): void {
    if (!this.#isTraced) return;
    this.lines.push(`${new Date(this.timeline.now).toISOString()} ${line}`);
    if (this.lines.length > tracedLines) this.lines.shift();
  }
}
