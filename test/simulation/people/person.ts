import { day, hour, minute, second } from "../../../src/base/clock.ts";
import type { ChannelDetails } from "../../../src/core/subscriptions/channelDetails.ts";
import type { Channel } from "../../../src/core/subscriptions/channel.ts";
import type { Loan } from "../../../src/core/borrow/loan.ts";
import { connectionId } from "../world/connectionOf.ts";
import type { Machine } from "../world/machine.ts";
import type { SimulatedWindow } from "../world/simulatedWindow.ts";
import type { World } from "../world/world.ts";
import { conditionOn, modules } from "./colleague.ts";

/** How long after its end a command may still have an effect at Zoho. */
const aftermath = 30 * second;

const actions = {
  renew: 3,
  recreate: 1,
  edit: 4,
  create: 2,
  delete: 0.5,
  borrow: 4,
  "give back": 3,
  adopt: 1,
  refresh: 2,
  "let end": 0.5,
  "sign out or in": 1,
  "open a window": 4,
  "close a window": 2.5,
  "kill a window": 2,
} as const;

/** Somebody at a machine, who does whatever comes to mind. */
export class Person {
  readonly #world: World;
  readonly #machine: Machine;
  /** Back from somewhere else: true time. */
  #backAt = 0;

  constructor(world: World, machine: Machine) {
    this.#world = world;
    this.#machine = machine;
  }

  act(): void {
    const { randomness, oracle, timeline } = this.#world;
    if (timeline.now < this.#backAt) return;
    if (randomness.chance(0.06)) {
      this.#goAway();
      return;
    }
    const action = randomness.weighted(actions);
    const window = randomness.pick(this.#machine.windows);
    this.#machine.noteEvent();
    if (this.#world.rarity.chance(0.02)) this.#machine.silenceVault(this.#world.rarity.duration(second, 40 * minute));
    if (window === undefined || action === "open a window") this.#machine.open();
    else {
      this.#world.trace(`person at ${window.name}: ${action}`);
      this.#do(action, window).catch((error: unknown) =>
        this.#world.trace(`${window.name}: ${action} failed: ${String(error)}`),
      );
    }
    oracle.budget.note(this.#machine.name, timeline.now);
  }

  /** Days without the machine: nothing of it is open, or all is left running. */
  #goAway(): void {
    const { randomness, timeline, weather } = this.#world;
    this.#backAt = timeline.now + randomness.duration(day, 11 * day);
    this.#world.trace(`person at ${this.#machine.name} goes away`);
    if (randomness.chance(0.3)) return;
    for (const window of this.#machine.windows) {
      weather.count("window closed");
      void window.close();
    }
  }

  /** Says what is right about loans that somebody changed. */
  async decide(window: SimulatedWindow): Promise<void> {
    for (const loan of window.borrowing.loans) await this.#giveBack(window, loan);
  }

  async signIn(window: SimulatedWindow): Promise<void> {
    if (this.#machine.isSignedIn) return;
    await this.#machine.signIn(window);
  }

  async create(window: SimulatedWindow): Promise<void> {
    const { randomness } = this.#world;
    const watched = modules.filter(() => randomness.chance(0.6));
    const chosen = watched.length === 0 ? (["Leads"] as const) : watched;
    const created = await window.subscriptions.create(connectionId, {
      modules: chosen.map(module => ({ module, operations: randomness.chance(0.5) ? ["all"] : ["create", "edit"] })),
      expiresInMs: randomness.pick([hour, day, 7 * day]) ?? day,
      notifyUrl: this.#machine.address,
      returnAffectedFieldValues: randomness.chance(0.5),
      notifyOnRelatedAction: randomness.chance(0.5),
      ...(randomness.chance(0.3) ? { conditions: [conditionOn(chosen[0], "Email")] } : {}),
    });
    if (created.ok) this.#world.oracle.didLearn(this.#machine.name, created.value.channelId);
  }

  async #do(action: keyof typeof actions, window: SimulatedWindow): Promise<void> {
    switch (action) {
      case "renew":
        await window.subscriptions.renewMany(
          connectionId,
          this.#some(window).map(({ channelId }) => channelId),
        );
        return;
      case "recreate":
        return this.#recreate(window);
      case "edit":
        return this.#edit(window);
      case "create":
        return this.create(window);
      case "delete":
        return this.#delete(window);
      case "borrow":
        return this.#borrow(window);
      case "give back":
        return this.decide(window);
      case "adopt":
        return this.#adopt(window);
      case "refresh":
        return window.subscriptions.refresh();
      case "let end":
        return this.#letEnd(window);
      case "sign out or in":
        return this.#signOutOrIn(window);
      case "close a window":
        this.#world.weather.count("window closed");
        return window.close();
      case "kill a window":
        this.#world.weather.count("window killed");
        {
          window.kill();
          return;
        }
      case "open a window":
        return;
    }
  }

  async #edit(window: SimulatedWindow): Promise<void> {
    const { randomness } = this.#world;
    const channel = this.#pick(window);
    if (channel === undefined) return;
    const [fields, towards] = this.#wish(channel);
    await this.#wanting(window, channel.channelId, fields, async () =>
      window.subscriptions.change(connectionId, channel.channelId, towards),
    );
    if (randomness.chance(0.3)) await window.subscriptions.refresh();
  }

  /** What a person wants different, and the fields that it is about. */
  #wish({ subscriptions }: Channel): readonly [readonly string[], (now: ChannelDetails) => ChannelDetails] {
    const { randomness } = this.#world;
    const module = randomness.pick(modules) ?? "Leads";
    switch (randomness.weighted({ related: 1, affected: 1, token: 1, add: 2, remove: 2 })) {
      case "related":
        return [["related"], now => ({ ...now, notifyOnRelatedAction: !now.notifyOnRelatedAction })];
      case "affected":
        return [["affected"], now => ({ ...now, returnAffectedFieldValues: !now.returnAffectedFieldValues })];
      case "token": {
        const token = `edited-${randomness.integer(1, 999_999)}`;
        return [["token"], now => ({ ...now, token })];
      }
      case "add":
        return [
          [`events ${module}`, `condition ${module}`],
          now => ({ ...now, events: [...new Set([...now.events, `${module}.edit`])] }),
        ];
      case "remove": {
        const gone = randomness.pick(subscriptions)?.module ?? module;
        const isGone = (event: string): boolean => event.startsWith(`${gone}.`);
        const towards = (now: ChannelDetails): ChannelDetails => ({
          ...now,
          events: now.events.filter(event => !isGone(event)),
          conditions: now.conditions.filter(each => !JSON.stringify(each).includes(`"${gone}"`)),
        });
        return [[`events ${gone}`, `condition ${gone}`], towards];
      }
    }
  }

  async #recreate(window: SimulatedWindow): Promise<void> {
    const channelIds = this.#some(window).map(({ channelId }) => channelId);
    for (const channelId of channelIds) this.#world.oracle.didWantAgain(channelId);
    await window.subscriptions.recreateMany(connectionId, channelIds);
  }

  async #delete(window: SimulatedWindow): Promise<void> {
    const channel = this.#pick(window);
    if (channel === undefined) return;
    if (this.#world.rarity.chance(0.2)) this.#leaveSilentVault();
    this.#world.oracle.lapses.letGo(channel.channelId);
    await this.#wanting(window, channel.channelId, "all", async () =>
      window.subscriptions.delete(connectionId, [channel.channelId]),
    );
  }

  /** Nobody sees to the keyring, and everything is closed before it answers. */
  #leaveSilentVault(): void {
    const { rarity, timeline, weather } = this.#world;
    weather.count("deleted and left while the vault did not answer");
    this.#machine.silenceVault(hour);
    this.#backAt = timeline.now + rarity.duration(day, 11 * day);
    timeline.after(5 * minute, () => {
      for (const open of this.#machine.windows) void open.close();
    });
  }

  async #borrow(window: SimulatedWindow): Promise<void> {
    const { randomness, oracle } = this.#world;
    const channel = this.#pick(window);
    const { address, name } = this.#machine;
    if (channel === undefined || this.#machine.hasLoan(channel.channelId)) return;
    const expected = oracle.history.get(channel.channelId)?.fields.get("address");
    if (expected === undefined || expected === address) return;
    const originalUrl = this.#lentTo(channel.channelId) ?? expected;
    oracle.intents.lend(name, channel.channelId, { borrowedUrl: address, originalUrl, givenBack: 0 });
    for (const each of this.#machine.windows) each.wakePatrol();
    const duration = randomness.duration(minute, 20 * minute);
    this.#settleAfter(duration + minute);
    await window.borrowing.borrow({ connectionId, channelId: channel.channelId, notifyUrl: address, duration });
  }

  /** The address of the other machine that has borrowed the channel: what is borrowed from it goes back to it. */
  #lentTo(channelId: string): string | undefined {
    const { machines, server } = this.#world;
    const borrower = machines.find(each => each !== this.#machine && each.hasLoan(channelId));
    const now = server.api.get(channelId)?.notifyUrl;
    return now === borrower?.address ? now : undefined;
  }

  /** Nobody leaves a question about a loan unanswered for long. */
  #settleAfter(wait: number): void {
    const { timeline, randomness, weather } = this.#world;
    timeline.after(wait, () => {
      const [window] = this.#machine.windows;
      if (weather.isOver || !this.#machine.hasLoans) return;
      this.#settleAfter(randomness.duration(10 * minute, 2 * hour));
      if (window === undefined || this.#machine.isAsleep) return;
      this.decide(window).catch((error: unknown) => this.#world.trace(`nothing decided: ${String(error)}`));
    });
  }

  async #giveBack(window: SimulatedWindow, loan: Loan): Promise<void> {
    const given = await window.borrowing.giveBack(loan);
    if (given.ok || window.borrowing.statusOf(loan).kind !== "undecided") return;
    const resolution = this.#world.randomness.pick(["address", "everything", "leave"] as const) ?? "leave";
    await this.#wanting(window, loan.channelId, "all", async () => window.borrowing.giveBack(loan, resolution));
    this.#world.oracle.didResolve(this.#machine.name, loan.channelId);
  }

  async #adopt(window: SimulatedWindow): Promise<void> {
    const channel = this.#pick(window);
    if (channel === undefined || window.ownership.get(channel.channelId) !== undefined) return;
    await window.keeper.adopt(channel);
    const { oracle, server } = this.#world;
    // The list may be old: nobody has to keep what is gone.
    if (server.api.get(channel.channelId) !== undefined) oracle.lapses.keep(this.#machine.name, channel.channelId);
  }

  async #letEnd(window: SimulatedWindow): Promise<void> {
    const channel = this.#pick(window);
    if (channel === undefined) return;
    this.#world.oracle.lapses.letGo(channel.channelId, this.#machine.name);
    window.keeper.setStopped(channel, true);
    return Promise.resolve();
  }

  async #signOutOrIn(window: SimulatedWindow): Promise<void> {
    if (!this.#machine.isSignedIn) return this.signIn(window);
    await window.borrowing.giveBackAll(connectionId);
    this.#world.oracle.lapses.waiveAll(this.#machine.name);
    await window.connections.remove(connectionId);
    // Nobody stays signed out for ever.
    this.#world.timeline.after(this.#world.randomness.duration(minute, day), () => {
      const open = this.#machine.windows[0];
      if (open !== undefined)
        this.signIn(open).catch((error: unknown) => this.#world.trace(`not signed in: ${String(error)}`));
    });
  }

  async #wanting(
    window: SimulatedWindow,
    channelId: string,
    fields: readonly string[] | "all",
    work: () => Promise<unknown>,
  ): Promise<void> {
    const { oracle, timeline } = this.#world;
    const intent = { window: window.name, channelId, fields };
    oracle.intents.add(intent);
    try {
      await work();
    } finally {
      timeline.after(aftermath, () => oracle.intents.delete(intent));
    }
  }

  #pick(window: SimulatedWindow): Channel | undefined {
    return this.#world.randomness.pick(this.#shown(window));
  }

  #some(window: SimulatedWindow): readonly Channel[] {
    return this.#shown(window).filter(() => this.#world.randomness.chance(0.5));
  }

  #shown(window: SimulatedWindow): readonly Channel[] {
    const state = window.subscriptions.stateOf(connectionId);
    return state.kind === "loading" ? [] : state.channels;
  }
}
