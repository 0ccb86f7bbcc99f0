import { second } from "../../../src/base/clock.ts";
import { DisposableStore, Emitter } from "../../../src/base/lifecycle.ts";
import type { Logger } from "../../../src/base/logger.ts";
import { type Result, fail, succeed } from "../../../src/base/result.ts";
import type { Problem } from "../../../src/base/problem.ts";
import { Borrowing } from "../../../src/core/borrow/borrowing.ts";
import { LoanBook } from "../../../src/core/borrow/loanBook.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { SharedTokens } from "../../../src/core/connections/sharedTokens.ts";
import type { StoredEvent } from "../../../src/core/events/storedEvent.ts";
import { AutomaticRecovery } from "../../../src/core/recovery/automaticRecovery.ts";
import { channelsHere } from "../../../src/core/recovery/channelsHere.ts";
import { PendingRecoveries } from "../../../src/core/recovery/pendingRecoveries.ts";
import type { RecoveryReport } from "../../../src/core/recovery/recoveryReport.ts";
import type { RecoveryRequest } from "../../../src/core/recovery/recoveryService.ts";
import { RenewalKeeper } from "../../../src/core/renewal/renewalKeeper.ts";
import { RenewalModes } from "../../../src/core/renewal/renewalModes.ts";
import { longestExpiry } from "../../../src/core/subscriptions/grants.ts";
import { ChannelOwnership } from "../../../src/core/subscriptions/ownership.ts";
import { ReachAgain } from "../../../src/core/subscriptions/reachAgain.ts";
import { ChannelDeletion } from "../../../src/core/subscriptions/channelDeletion.ts";
import { SubscriptionService } from "../../../src/core/subscriptions/subscriptionService.ts";
import { TokenBook } from "../../../src/core/events/tokenBook.ts";
import { Claims } from "../../../src/core/windows/claims.ts";
import { JointTurns } from "../../../src/core/windows/jointTurns.ts";
import { SharedNotes } from "../../../src/core/windows/keeper.ts";
import { Ledger } from "../../../src/core/windows/ledger.ts";
import { Turns } from "../../../src/core/windows/turns.ts";
import { RetryingTransport } from "../../../src/zoho/retryingTransport.ts";
import type { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { WindowDatabase } from "./playedDatabase.ts";
import { PatrolClock, TickingClock, WindowClock } from "./windowClock.ts";

/** A window of the editor with the subscription product in it, composed as src/extension.ts does. */
export class SimulatedWindow {
  readonly name: string;
  readonly machine: Machine;
  /** True time. */
  readonly openedAt: number;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  readonly ownership: ChannelOwnership;
  readonly keeper: RenewalKeeper;
  readonly borrowing: Borrowing;
  readonly recovery: AutomaticRecovery;
  readonly appended = new Emitter<readonly StoredEvent[]>();
  readonly #store = new DisposableStore();
  readonly #ticking: TickingClock;
  readonly #patrol: PatrolClock;
  readonly #life = { isOver: false };

  constructor(machine: Machine, name: string) {
    this.machine = machine;
    this.name = name;
    const { world } = machine;
    this.openedAt = world.timeline.now;
    const life = this.#life;
    const clock = new WindowClock(machine, life);
    const random = world.randomness.next;
    const logger = this.#logger();
    const store = this.#store;
    const database = new WindowDatabase(machine.database, life, fault => machine.strikes(fault));
    const claims = new Claims(database, clock);
    const notes = new SharedNotes(database);
    const turns = store.add(new Turns({ claims, clock, logger }));
    const vault = machine.vault.open(life, turns.run);
    const caller = { machine: machine.name, window: name };
    const network = new Network({
      machine,
      life,
      caller,
      server: world.server,
      weather: world.weather,
      observer: world.oracle,
    });
    const transport = new RetryingTransport({ transport: network, clock, random });
    this.connections = store.add(new ConnectionStore(vault, logger, clock));
    const sharedTokens = new SharedTokens({ vault, claims, ledger: new Ledger(database, logger), logger });
    const clients = store.add(new ZohoClients({ store: this.connections, transport, clock, sharedTokens }));
    const tokenBook = store.add(new TokenBook());
    this.ownership = store.add(new ChannelOwnership(vault, logger, clock));
    const pending = store.add(new PendingRecoveries(notes));
    this.subscriptions = store.add(
      new SubscriptionService({
        deletionWith: async parts => Promise.resolve(new ChannelDeletion(parts)),
        ...{ clients, store: this.connections, ownership: this.ownership, tokenBook, notes, clock, logger },
        bulletin: machine.board.open(life),
        turns: new JointTurns({ claims, clock, logger }),
        lapses: pending,
      }),
    );
    const { subscriptions, connections, ownership } = this;
    store.add(new ReachAgain({ subscriptions, clock, random }));
    const modes = store.add(new RenewalModes(notes, () => "on"));
    this.#patrol = new PatrolClock(machine, life, () => machine.hasLoans);
    this.borrowing = store.add(
      new Borrowing({
        ...{ subscriptions, claims, custody: notes, clock: this.#patrol, logger, random },
        book: new LoanBook(notes, vault, logger, clock),
        isKept: () => true,
        readyAccess: async id => clients.accessToken(id),
      }),
    );
    this.#ticking = new TickingClock(machine, life);
    this.keeper = store.add(
      new RenewalKeeper({
        ...{ service: subscriptions, connections, ownership, modes, claims, notes, random, logger },
        clock: this.#ticking,
        life: () => longestExpiry,
        isLent: (connectionId, channelId) => this.borrowing.find(connectionId, channelId) !== undefined,
      }),
    );
    this.recovery = store.add(
      new AutomaticRecovery({
        recovery: { recover: async request => this.#recover(request, claims) },
        history: { onDidAppend: this.appended.event, deliveredBefore: () => undefined, forgottenUntil: () => 0 },
        ...{ pending, notes, clock, logger },
        channelsHere: async ids =>
          channelsHere({ subscriptions, connections }, { addresses: [machine.address], formerPaths: [] }, ids),
        hasConnection: id => !connections.isLoaded || connections.get(id) !== undefined,
        whenCaughtUp: async () => Promise.resolve(),
      }),
    );
    store.add(this.keeper.onDidFail(trouble => world.oracle.didReport(machine.name, trouble.channelIds)));
  }

  get isOver(): boolean {
    return this.#life.isOver;
  }

  /** As host/startup.ts does. */
  async start(): Promise<void> {
    await this.ownership.load();
    try {
      await this.connections.load();
    } catch (error) {
      this.machine.world.trace(`${this.name}: connections not loaded: ${String(error)}`);
    }
    this.borrowing.start();
    this.recovery.resume();
  }

  /** A person closes it: what is borrowed goes back where this is the last. */
  async close(): Promise<void> {
    await this.borrowing.shutDown();
    this.#store.dispose();
    this.#life.isOver = true;
  }

  /** It is gone between one moment and the next. */
  kill(): void {
    this.#life.isOver = true;
  }

  didJump(by: number): void {
    this.#ticking.didJump(by);
  }

  /** Something on this machine is about to be borrowed. */
  wakePatrol(): void {
    this.#patrol.wake();
  }

  async #recover(request: RecoveryRequest, claims: Claims): Promise<Result<RecoveryReport, Problem>> {
    const { machine } = this;
    const { world } = machine;
    const claim = claims.take(`recovery/${request.connectionId}/${request.channelId}`, 120 * second);
    if (claim === undefined)
      return fail({ code: "RECOVERY_UNDER_WAY", message: "Another window is at it.", remedy: "none" });
    try {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const fails = world.recoveryFails();
      world.timeline.after(3 * second, () => this.isOver || resolve(!fails), machine);
      if (!(await promise)) return fail({ code: "SERVER", message: "The CRM could not be read.", remedy: "retry" });
      world.oracle.didLookFor(machine.name, request);
      const { connectionId, channelId, from, to } = request;
      return succeed({ connectionId, channelId, window: { from, to }, modules: [] });
    } finally {
      claim.dispose();
    }
  }

  #logger(): Logger {
    const say = (message: string): void => this.machine.world.trace(`${this.name}: ${message}`);
    return { debug: () => undefined, info: say, warn: say, error: say };
  }
}
