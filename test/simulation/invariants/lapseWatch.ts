import { hour, minute } from "../../../src/base/clock.ts";
import type { RecoveryRequest } from "../../../src/core/recovery/recoveryService.ts";
import type { Write } from "../world/playedWatchApi.ts";
import type { World } from "../world/world.ts";
import type { ZohoChannel } from "../world/zohoChannel.ts";
import { iso } from "./iso.ts";

/** A channel that a machine keeps had ended for some modules: by Zoho's clock, as instants in milliseconds since 1970. */
interface Lapse {
  readonly channelId: string;
  readonly modules: readonly string[];
  readonly from: number;
  /** Since when the machine has them again. */
  to?: number;
  /** Nobody has to look for it: another made the channel again, or the person signed out. */
  isWaived: boolean;
}

/** Clocks are known to some seconds, and move. */
const tolerance = 6 * minute;

/** A window that was well for so long has looked at what is due: it checks at least twice a day. */
const longEnough = 13 * hour;

/** Knows which channels which machine keeps alive, when they ended all the same, and what was looked for. */
export class LapseWatch {
  readonly #world: World;
  readonly #kept = new Map<string, Set<string>>();
  readonly #lapses = new Map<string, Lapse[]>();
  readonly #lookedFor = new Map<string, RecoveryRequest[]>();
  /** When each channel was last granted something: true time. */
  readonly #grantedAt = new Map<string, number>();
  count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  keep(machine: string, channelId: string): void {
    this.#keptBy(machine).add(channelId);
  }

  /** It may end from now on. */
  letGo(channelId: string, machine?: string): void {
    for (const [name, kept] of this.#kept) {
      if (machine !== undefined && name !== machine) continue;
      kept.delete(channelId);
      const lapses = this.#lapsesOf(name).filter(lapse => lapse.channelId === channelId);
      for (const lapse of lapses) lapse.isWaived = true;
    }
  }

  keeps(machine: string, channelId: string): boolean {
    return this.#keptBy(machine).has(channelId);
  }

  isKept(channelId: string): boolean {
    return [...this.#kept.values()].some(kept => kept.has(channelId));
  }

  waiveAll(machine: string): void {
    for (const lapse of this.#lapsesOf(machine)) lapse.isWaived = true;
  }

  didGrant(channelId: string): void {
    this.#grantedAt.set(channelId, this.#world.timeline.now);
  }

  didWrite({ by, channelId, before, after }: Write): void {
    this.didGrant(channelId);
    const back = [...(after?.modules.keys() ?? [])].filter(module => before?.modules.has(module) !== true);
    for (const machine of this.#kept.keys()) {
      for (const lapse of this.#lapsesOf(machine)) {
        if (lapse.channelId !== channelId || lapse.to !== undefined || !lapse.modules.some(each => back.includes(each)))
          continue;
        lapse.to = this.#world.server.api.now;
        if (by.machine !== machine) lapse.isWaived = true;
      }
    }
  }

  /** Tells the machine that should have seen to it. */
  didEnd(
    { channelId, modules: parts }: ZohoChannel,
    modules: readonly string[],
    isKnown: (machine: string) => boolean,
  ): string | undefined {
    const { timeline } = this.#world;
    const from = Math.min(...modules.map(module => parts.get(module)?.expiresAt ?? Infinity));
    let negligent: string | undefined;
    for (const machine of this.#world.machines) {
      if (!this.#keptBy(machine.name).has(channelId) || !isKnown(machine.name)) continue;
      this.count++;
      this.#lapsesOf(machine.name).push({ channelId, modules, from, isWaived: false });
      const wellSince = Math.max(machine.wellSince, this.#grantedAt.get(channelId) ?? 0);
      if (machine.isWell && timeline.now - wellSince > longEnough && !machine.hasLoan(channelId)) {
        negligent = `${machine.name}, well since ${iso(wellSince)}`;
      }
    }
    return negligent;
  }

  didLookFor(machine: string, request: RecoveryRequest): void {
    this.#lookedFor.set(machine, [...(this.#lookedFor.get(machine) ?? []), request]);
  }

  /** What is still wrong when everything has calmed down. */
  unsettled(machine: string): readonly string[] {
    const { api } = this.#world.server;
    const gone = [...this.#keptBy(machine)].filter(channelId => api.get(channelId) === undefined);
    const unseen = this.#lapsesOf(machine).filter(lapse => !lapse.isWaived && !this.#isLookedFor(machine, lapse));
    return [
      ...gone.map(channelId => `${machine} did not make ${channelId} again`),
      ...unseen.map(
        ({ channelId, modules, from, to = 0 }) =>
          `${machine} did not look for what ${channelId} (${modules.join()}) missed from ${iso(from)} to ${iso(to)}`,
      ),
    ];
  }

  #isLookedFor(machine: string, { channelId, modules, from, to = this.#world.server.api.now }: Lapse): boolean {
    return (this.#lookedFor.get(machine) ?? []).some(
      request =>
        request.channelId === channelId &&
        request.from <= from + tolerance &&
        request.to >= to - tolerance &&
        modules.every(module => request.watched.some(each => each.module === module)),
    );
  }

  #keptBy(machine: string): Set<string> {
    const known = this.#kept.get(machine) ?? new Set<string>();
    this.#kept.set(machine, known);
    return known;
  }

  #lapsesOf(machine: string): Lapse[] {
    const known = this.#lapses.get(machine) ?? [];
    this.#lapses.set(machine, known);
    return known;
  }
}
