import { day, hour, minute, second } from "../../../src/base/clock.ts";
import { localFaults } from "../world/weather.ts";
import type { Machine } from "../world/machine.ts";
import type { World } from "../world/world.ts";

/** What happens to machines, to the network and to clocks without anybody wanting it. */
export class Nature {
  readonly #world: World;
  #gaps = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Lets the weather change again and again until it has cleared up. */
  start(): void {
    const { weather, timeline, machines } = this.#world;
    const lasting = weather.turn(timeline.now);
    if (weather.badUntil > timeline.now) for (const machine of machines) machine.noteTrouble(lasting);
    timeline.after(lasting, () => {
      if (!weather.isOver) this.start();
    });
  }

  strike(): void {
    const { randomness, weather } = this.#world;
    const machine = randomness.pick(this.#world.machines);
    if (machine === undefined) return;
    switch (randomness.weighted({ sleep: 4, clock: 1, zohosClock: 1, network: 2, local: 4, gap: 1 })) {
      case "sleep":
        if (machine.isAsleep) return;
        weather.count("machine slept");
        {
          machine.sleep(
            randomness.chance(0.15) ? randomness.duration(5 * day, 12 * day) : randomness.duration(minute, 2 * day),
          );
          return;
        }
      case "clock":
        weather.count("clock set");
        {
          machine.setClock(Math.round(randomness.between(-3 * hour, 3 * hour)));
          return;
        }
      case "zohosClock":
        weather.count("Zoho's clock moved");
        {
          this.#world.server.api.moveClock(Math.round(randomness.between(-minute, minute)));
          return;
        }
      case "network": {
        machine.loseNetwork(randomness.duration(second, 40 * minute));
        return;
      }
      case "local": {
        machine.break(
          randomness.pick(localFaults) ?? "disk full",
          randomness.duration(second, hour),
          randomness.pick([0.2, 1]) ?? 1,
        );
        return;
      }
      case "gap": {
        this.#loseDeliveries(machine);
        return;
      }
    }
  }

  /** The relay says to all windows of a machine that it lost what was delivered. */
  #loseDeliveries(machine: Machine): void {
    const { weather } = this.#world;
    weather.count("relay lost deliveries");
    const id = ++this.#gaps;
    const receivedAt = machine.now();
    for (const window of machine.windows) {
      window.appended.fire([
        {
          kind: "gap",
          id,
          receivedAt,
          storedAt: receivedAt,
          sequence: id,
          count: 1,
          reason: "retention",
          source: "gap",
        },
      ]);
    }
  }
}
