import { day, hour, second } from "../../../src/base/clock.ts";
import type { World } from "../world/world.ts";
import type { ZohoChannel, ZohoModule } from "../world/zohoChannel.ts";

export const modules = ["Leads", "Contacts", "Deals"] as const;
const operations = ["create", "edit", "delete"] as const;

/** Another program of the same user of Zoho, and who works with it: they know nothing of our windows. */
export class Colleague {
  readonly #world: World;
  #made = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Makes a channel that sends to the program. */
  subscribe(): void {
    const { randomness, server } = this.#world;
    const channelId = String(7_000_000_000_000_000_001n + BigInt(this.#made++));
    const watched = modules.filter(() => randomness.chance(0.6));
    const expiresAt = this.#end(randomness.duration(2 * hour, 7 * day));
    const parts = (watched.length === 0 ? ["Leads"] : watched).map(
      module => [module, this.#part(module, expiresAt)] as const,
    );
    const made: ZohoChannel = {
      channelId,
      notifyUrl: `https://hooks.example.com/${this.#made}`,
      token: randomness.chance(0.8) ? `theirs-${this.#made}` : null,
      onRelatedAction: randomness.chance(0.5),
      affectedValues: randomness.chance(0.5),
      modules: new Map(parts),
    };
    server.api.put(channelId, made);
    this.#decide(channelId, made);
  }

  /** Changes something of a channel, whosever it is. */
  edit(): void {
    const { randomness, server, weather } = this.#world;
    const channel = randomness.pick(server.api.channels);
    if (channel === undefined) return;
    const edited = this.#edited(channel);
    server.api.put(channel.channelId, edited);
    weather.count("colleague edited");
    this.#decide(channel.channelId, edited, channel);
  }

  delete(): void {
    const { randomness, server, weather, oracle } = this.#world;
    const channel = randomness.pick(server.api.channels);
    if (channel === undefined) return;
    server.api.put(channel.channelId, undefined);
    weather.count("colleague deleted");
    oracle.lapses.letGo(channel.channelId);
    this.#decide(channel.channelId, undefined);
  }

  /** Keeps its own alive. */
  renew(): void {
    const { server, weather, oracle } = this.#world;
    for (const channel of server.api.channels) {
      if (!channel.channelId.startsWith("7000")) continue;
      const renewed = [...channel.modules].map(
        ([module, part]) => [module, { ...part, expiresAt: this.#end(7 * day) }] as const,
      );
      server.api.put(channel.channelId, { ...channel, modules: new Map(renewed) });
      oracle.lapses.didGrant(channel.channelId);
      weather.count("colleague renewed");
    }
  }

  #edited(channel: ZohoChannel): ZohoChannel {
    const { randomness } = this.#world;
    switch (
      randomness.weighted({ events: 3, module: 2, condition: 2, token: 1, related: 1, affected: 1, address: 1 })
    ) {
      case "events":
        return this.#withPart(channel, randomness.pick([...channel.modules.keys()]) ?? "Leads");
      case "module":
        return this.#withPart(channel, randomness.pick(modules) ?? "Leads");
      case "condition":
        return this.#withCondition(channel);
      case "token":
        return { ...channel, token: `changed-${randomness.integer(1, 999_999)}` };
      case "related":
        return { ...channel, onRelatedAction: !channel.onRelatedAction };
      case "affected":
        return { ...channel, affectedValues: !channel.affectedValues };
      case "address":
        return { ...channel, notifyUrl: `https://hooks.example.com/moved/${randomness.integer(1, 999)}` };
    }
  }

  #withPart(channel: ZohoChannel, module: string): ZohoChannel {
    const expiresAt = Math.max(...[...channel.modules.values()].map(part => part.expiresAt));
    return { ...channel, modules: new Map(channel.modules).set(module, this.#part(module, expiresAt)) };
  }

  #withCondition(channel: ZohoChannel): ZohoChannel {
    const module = this.#world.randomness.pick([...channel.modules.keys()]);
    const part = module === undefined ? undefined : channel.modules.get(module);
    if (module === undefined || part === undefined) return channel;
    const condition = part.condition === null ? conditionOn(module, "Phone") : null;
    return { ...channel, modules: new Map(channel.modules).set(module, { ...part, condition }) };
  }

  #part(module: string, expiresAt: number): ZohoModule {
    const { randomness } = this.#world;
    const chosen = operations.filter(() => randomness.chance(0.6));
    const events = (chosen.length === 0 ? ["edit"] : chosen).map(operation => `${module}.${operation}`);
    const condition = randomness.chance(0.2) ? conditionOn(module, "Email") : null;
    return { events, expiresAt, condition };
  }

  #end(left: number): number {
    return Math.floor((this.#world.server.api.now + left) / second) * second;
  }

  #decide(channelId: string, channel: ZohoChannel | undefined, found?: ZohoChannel): void {
    const { oracle, timeline } = this.#world;
    this.#world.trace(`colleague: ${channelId} ${channel === undefined ? "deleted" : "written"}`);
    oracle.history.decide(channelId, "colleague", timeline.now, channel, found);
  }
}

export function conditionOn(module: string, field: string): unknown {
  return { type: "field_selection", module: { api_name: module }, field_selection: { field: { api_name: field } } };
}
