import type { TestContext } from "node:test";
import { type Clock, hour, second } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { RecoveryRequest } from "../../../src/core/recovery/recoveryService.ts";
import { openAgreement } from "../../support/agreeingWindows.ts";
import type { Result } from "../../../src/base/result.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import type { SecretVault } from "../../../src/core/connections/connection.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { signInToSandbox } from "../../../src/core/connections/signIn.ts";
import { RenewalKeeper } from "../../../src/core/renewal/renewalKeeper.ts";
import { RenewalModes } from "../../../src/core/renewal/renewalModes.ts";
import type { ChannelsOf, RenewalTrouble } from "../../../src/core/renewal/renewalStatus.ts";
import { longestExpiry } from "../../../src/core/subscriptions/grants.ts";
import { ChannelOwnership } from "../../../src/core/subscriptions/ownership.ts";
import { ChannelDeletion } from "../../../src/core/subscriptions/channelDeletion.ts";
import { SubscriptionService } from "../../../src/core/subscriptions/subscriptionService.ts";
import { TokenBook } from "../../../src/core/events/tokenBook.ts";
import { type Sandbox, type SandboxOptions, createSandbox } from "../../../src/sandbox/sandbox.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../../src/zoho/httpTransport.ts";
import type { ZohoProblem } from "../../../src/zoho/problem.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import type { WindowProcessDisk } from "./windowProcess.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";

/** Counts what goes over the wire: "GET /crm/v8/actions/watch" and so on. */
export class CountingTransport implements HttpTransport {
  readonly #transport = new AxiosTransport();
  readonly calls: string[] = [];

  async send(request: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>> {
    this.calls.push(`${request.method} ${new URL(request.url).pathname}`);
    return this.#transport.send(request);
  }

  count(call: string): number {
    return this.calls.filter(each => each === call).length;
  }
}

/** One machine with a sandbox, a vault, a disk and a clock, on which windows of the editor open and close. */
export class Machine {
  readonly sandbox: Sandbox;
  readonly clock: FakeClock;
  readonly vault = new MemoryVault();
  readonly transport = new CountingTransport();
  readonly #file: string;
  readonly #windows = new Set<RenewalWindow>();

  private constructor(sandbox: Sandbox, clock: FakeClock, file: string) {
    this.sandbox = sandbox;
    this.clock = clock;
    this.#file = file;
  }

  static async start(test: TestContext, options: SandboxOptions = {}): Promise<Machine> {
    const clock = new FakeClock();
    // The sandbox has a clock of its own that stands still: it moves as `POST /sandbox/clock` says.
    const sandbox = await createSandbox({ clock: new FakeClock(clock.now()), ...options });
    const machine = new Machine(sandbox, clock, `${temporaryFolder(test)}/windows.sqlite`);
    test.after(async () => {
      for (const window of [...machine.#windows]) machine.close(window);
      await sandbox.close();
    });
    return machine;
  }

  /** A window that has read what there is; the first one signs in. */
  async open(): Promise<RenewalWindow> {
    const window = await openWindow(this.vault, this.transport, this.clock, this.#file);
    this.#windows.add(window);
    if (window.store.list().length === 0) await this.signIn(window);
    await window.service.refresh();
    await window.keeper.whenIdle();
    return window;
  }

  async signIn(window: RenewalWindow): Promise<void> {
    const context = { transport: this.transport, clock: this.clock, sandboxUrl: this.sandbox.url };
    await window.store.add(valueOf(await signInToSandbox(context)));
  }

  /** What a window in a process of its own needs to be one of this machine. */
  disk(): WindowProcessDisk {
    return { file: this.#file, now: this.clock.now(), vault: [...this.vault.entries] };
  }

  /** Makes all channels of a window's connection ours, as if a window had made them, and closes it. */
  async takeOver(window: RenewalWindow): Promise<void> {
    await window.service.refresh();
    const states = window.store.list().map(({ id }) => window.service.stateOf(id));
    const channels = states.flatMap(state => (state.kind === "loaded" ? state.channels : []));
    const owned = channels.map(({ channelId, connectionId, token, subscriptions }) => ({
      ...{ channelId, connectionId, token, lastKnown: subscriptions },
    }));
    await this.vault.store("zohoCrm.ownedChannels", JSON.stringify(owned));
    this.close(window);
  }

  /** Leaves a channel of ours with an hour to live, of which nobody has remembered when it was renewed. */
  async withChannelDue(): Promise<void> {
    const window = await this.open();
    const [connection] = window.store.list();
    if (connection === undefined) throw new Error("The window is not signed in");
    const request = {
      ...{ channelId: "9007199254740993", events: ["Leads.edit"], notifyUrl: "http://127.0.0.1:9/in", token: "ours" },
      ...{ notifyOnRelatedAction: false, returnAffectedFieldValues: true, expiresAt: this.clock.now() + hour },
    };
    valueOf(await window.clients.for(connection.id).subscribe(request));
    await this.takeOver(window);
  }

  close(window: RenewalWindow): void {
    this.#windows.delete(window);
    window.dispose();
  }

  /** Lets time go by, in which the windows that are open do what they do. */
  async pass(duration: number): Promise<void> {
    for (let left = duration; left > 0; left -= hour) await this.#step(Math.min(left, hour));
  }

  /** The machine sleeps: time goes by at the CRM, and the windows notice when they wake. */
  async sleep(duration: number): Promise<void> {
    await this.control("clock", { advance_ms: duration });
    this.clock.jump(duration);
    await this.#step(10 * second);
  }

  async control(path: string, body: unknown = {}): Promise<void> {
    const response = await fetch(`${this.sandbox.url}/sandbox/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  }

  async #step(duration: number): Promise<void> {
    await this.control("clock", { advance_ms: duration });
    this.clock.advance(duration);
    for (const { keeper } of this.#windows) await keeper.whenIdle();
  }
}

/** What a window has of connections, subscriptions and renewal, with all that it told. */
export interface RenewalWindow {
  readonly store: ConnectionStore;
  readonly clients: ZohoClients;
  readonly service: SubscriptionService;
  readonly modes: RenewalModes;
  readonly keeper: RenewalKeeper;
  readonly told: {
    readonly asked: ChannelsOf[];
    readonly recreated: ChannelsOf[];
    readonly failed: RenewalTrouble[];
    readonly lapses: RecoveryRequest[];
  };
  dispose(): void;
}

export async function openWindow(
  vault: SecretVault,
  transport: HttpTransport,
  clock: Clock,
  file: string,
): Promise<RenewalWindow> {
  const agreement = openAgreement(clock, file);
  const { notes, claims, lapses } = agreement;
  const ownership = new ChannelOwnership(vault, silentLogger, clock);
  const connections = new ConnectionStore(vault, silentLogger, clock);
  const clients = new ZohoClients({ store: connections, transport, clock });
  const tokenBook = new TokenBook();
  const service = new SubscriptionService({
    deletionWith: async parts => Promise.resolve(new ChannelDeletion(parts)),
    ...{ clients, store: connections, ownership, tokenBook, clock, logger: silentLogger },
    ...agreement,
  });
  const modes = new RenewalModes(notes, () => "on");
  const keeper = new RenewalKeeper({
    ...{ service, connections, ownership, modes, claims, notes, clock },
    ...{ life: () => longestExpiry, isLent: () => false, random: () => 0.5, logger: silentLogger },
  });
  const told: RenewalWindow["told"] = { asked: [], recreated: [], failed: [], lapses: [] };
  keeper.onDidAsk(due => told.asked.push(due));
  keeper.onDidRecreate(made => told.recreated.push(made));
  keeper.onDidFail(trouble => told.failed.push(trouble));
  lapses.onDidBecomeReady(() => {
    told.lapses.push(...lapses.list());
    for (const lapse of lapses.list()) lapses.settle(lapse);
  });
  await ownership.load();
  await connections.load();
  const dispose = (): void =>
    [keeper, modes, service, clients, connections, ownership, agreement].forEach(each => each.dispose());
  return { store: connections, clients, service, modes, keeper, told, dispose };
}
