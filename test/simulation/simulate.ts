import { day, hour, minute, second } from "../../src/base/clock.ts";
import type { Violation } from "./invariants/oracle.ts";
import { Colleague } from "./people/colleague.ts";
import { Nature } from "./people/nature.ts";
import { Person } from "./people/person.ts";
import type { Machine } from "./world/machine.ts";
import { withSeededCrypto } from "./world/seededCrypto.ts";
import type { FaultCounts } from "./world/weather.ts";
import { type Databases, World } from "./world/world.ts";

/** What became of one run. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly faults: FaultCounts;
  /** Simulated milliseconds. */
  readonly lasted: number;
  readonly steps: number;
  readonly lapses: number;
  readonly unavoidable: number;
  /** The most calls of one machine on one day. */
  readonly mostCalls: number;
  /** What happened, where it was asked for. */
  readonly lines: readonly string[];
}

/** How often something happens, on average. */
const pace = { person: 7 * hour, colleague: 16 * hour, nature: 12 * hour };

/** One run: days in which anything may happen, and then some in which nothing goes wrong any more. */
export async function simulate(seed: number, databases: Databases, isTraced = false): Promise<Outcome> {
  const world = new World(seed, databases, isTraced);
  return withSeededCrypto(world.randomness, async () => new Simulation(world, seed).run());
}

class Simulation {
  readonly #world: World;
  readonly #seed: number;
  readonly #people: readonly (readonly [Machine, Person])[];

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#seed = seed;
    this.#people = world.machines.map(machine => [machine, new Person(world, machine)] as const);
  }

  async run(): Promise<Outcome> {
    const { timeline, randomness, oracle, weather } = this.#world;
    const begin = timeline.now;
    await this.#begin();
    const colleague = new Colleague(this.#world);
    for (let count = randomness.integer(1, 3); count > 0; count--) colleague.subscribe();
    const nature = new Nature(this.#world);
    nature.start();
    this.#again(pace.nature, () => nature.strike());
    for (const [, person] of this.#people) this.#again(pace.person, () => person.act());
    this.#again(pace.colleague, () => this.#let(colleague));
    await this.#pass(randomness.duration(3 * day, 18 * day));
    await this.#calmDown();
    oracle.finish();
    for (const machine of this.#world.machines) for (const window of machine.windows) window.kill();
    return {
      seed: this.#seed,
      violations: oracle.violations,
      faults: weather.counts,
      lasted: timeline.now - begin,
      steps: timeline.steps,
      lapses: oracle.lapses.count,
      unavoidable: oracle.unavoidable,
      mostCalls: oracle.budget.most?.[1] ?? 0,
      lines: this.#world.lines,
    };
  }

  async #begin(): Promise<void> {
    for (const [machine, person] of this.#people) {
      const window = machine.open();
      await this.#pass(second);
      if (window === undefined) continue;
      void person.signIn(window);
      await this.#pass(minute);
      void person.create(window);
      await this.#pass(minute);
    }
  }

  /** Everything works, everybody is there, and what is still undecided is decided. */
  async #calmDown(): Promise<void> {
    const { weather, machines, timeline } = this.#world;
    this.#world.trace("everything is fine from now on");
    weather.clearUp();
    for (const machine of machines) machine.heal();
    await this.#pass(Math.max(...machines.map(machine => machine.awakeIn)) + hour);
    for (const [machine, person] of this.#people) {
      for (const window of machine.windows) void window.close();
      await this.#pass(minute);
      const window = machine.open();
      await this.#pass(minute);
      if (window !== undefined) void person.signIn(window);
    }
    await this.#pass(2 * hour);
    for (const [machine, person] of this.#people) for (const window of machine.windows) void person.decide(window);
    await this.#pass(3 * day);
    this.#world.trace(`over after ${timeline.steps} steps`);
  }

  #let(colleague: Colleague): void {
    switch (this.#world.randomness.weighted({ edit: 5, renew: 4, subscribe: 1, delete: 1 })) {
      case "edit": {
        colleague.edit();
        return;
      }
      case "renew": {
        colleague.renew();
        return;
      }
      case "subscribe": {
        colleague.subscribe();
        return;
      }
      case "delete": {
        colleague.delete();
        return;
      }
    }
  }

  /** Does something again and again, until everything has calmed down. */
  #again(every: number, action: () => void): void {
    const { randomness, timeline, weather } = this.#world;
    timeline.after(-Math.log(1 - randomness.next()) * every, () => {
      if (weather.isOver) return;
      action();
      this.#again(every, action);
    });
  }

  async #pass(duration: number): Promise<void> {
    const { timeline } = this.#world;
    await timeline.runUntil(timeline.now + duration);
  }
}
