import { openAgreement } from "../../support/agreeingWindows.ts";
import { performance, monitorEventLoopDelay } from "node:perf_hooks";
import { day, systemClock } from "../../../src/base/clock.ts";
import { DisposableStore } from "../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { signInToSandbox } from "../../../src/core/connections/signIn.ts";
import { ChannelOwnership } from "../../../src/core/subscriptions/ownership.ts";
import { ChannelDeletion } from "../../../src/core/subscriptions/channelDeletion.ts";
import { SubscriptionService } from "../../../src/core/subscriptions/subscriptionService.ts";
import { TokenBook } from "../../../src/core/events/tokenBook.ts";
import type { SubscriptionsTree } from "../../../src/host/subscriptions/subscriptionsTree.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import type { HttpRequest, HttpTransport } from "../../../src/zoho/httpTransport.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { startFullSandbox } from "./sandboxProcess.ts";

/** What one round measured. Times in milliseconds. */
export interface Round {
  readonly load: number;
  readonly calls: number;
  readonly loadCpu: number;
  readonly loadStall: number;
  /** All rows made from nothing: the first opening. */
  readonly rows: number;
  /** Something changed that no row shows, such as the relay's count of events to come. */
  readonly unchanged: number;
  /** The list was read anew and is as it was. */
  readonly reread: number;
}

/** One organisation of a certain size, and the part of the editor that shows it. */
export interface MeasuredOrganization {
  readonly channels: number;
  measure(): Promise<Round>;
  close(): Promise<void>;
}

class CountingTransport implements HttpTransport {
  readonly #inner = new AxiosTransport();
  calls = 0;

  async send(request: HttpRequest): ReturnType<HttpTransport["send"]> {
    this.calls++;
    return this.#inner.send(request);
  }
}

export async function openOrganization(size: { modules: number; channels: number }): Promise<MeasuredOrganization> {
  const sandbox = await startFullSandbox(size);
  const parts = new DisposableStore();
  const transport = new CountingTransport();
  const vault = new MemoryVault();
  const store = parts.add(new ConnectionStore(vault, silentLogger, systemClock));
  const ownership = parts.add(new ChannelOwnership(vault, silentLogger, systemClock));
  const clients = parts.add(new ZohoClients({ store, transport, clock: systemClock }));
  const tokenBook = parts.add(new TokenBook());
  const agreement = parts.add(openAgreement(systemClock));
  const service = parts.add(
    new SubscriptionService({
      deletionWith: async parts => Promise.resolve(new ChannelDeletion(parts)),
      ...{ clients, store, ownership, tokenBook, clock: systemClock, logger: silentLogger },
      ...agreement,
    }),
  );
  const connection = await signInToSandbox({ transport, clock: systemClock, sandboxUrl: sandbox.url });
  if (!connection.ok) throw new Error(connection.error.message);
  await store.add(connection.value);
  const { SubscriptionsTree: Tree } = await import("../../../src/host/subscriptions/subscriptionsTree.ts");
  const makeTree = (): SubscriptionsTree =>
    new Tree({ connections: store, subscriptions: service, clock: systemClock, context: itemContext });
  const tree = parts.add(makeTree());
  await service.refresh();
  tree.update();
  return {
    channels: size.channels,
    measure: async () => {
      const load = await measureLoad(transport, async () => service.refresh());
      return {
        ...load,
        reread: timed(() => tree.update()),
        unchanged: timed(() => tree.update()),
        rows: timed(() => walk(tree)),
      };
    },
    close: async () => {
      parts.dispose();
      await sandbox.close();
    },
  };
}

const itemContext = (): ReturnType<ConstructorParameters<typeof SubscriptionsTree>[0]["context"]> => ({
  nowAt: () => systemClock.now(),
  expiringSoon: day,
  connections: [],
  addresses: ["https://relay.example.com/in/abcdefghijklmnopqrstuv"],
  formerPaths: [],
  renewalOf: () => undefined,
  loanOf: () => undefined,
  creditsOf: () => undefined,
});

async function measureLoad(
  transport: CountingTransport,
  load: () => Promise<void>,
): Promise<Pick<Round, "load" | "calls" | "loadCpu" | "loadStall">> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const callsBefore = transport.calls;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  delay.enable();
  await load();
  const time = performance.now() - start;
  // The stall that the end of the work makes is seen by the next tick of the meter.
  await new Promise(resolve => setTimeout(resolve, 5));
  delay.disable();
  const { user, system } = process.cpuUsage(cpuBefore);
  const calls = transport.calls - callsBefore;
  return { load: time, calls, loadCpu: (user + system) / 1000, loadStall: delay.max / 1e6 };
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** What VS Code asks for when the view opens with the connections expanded: a row for each channel. */
function walk(tree: SubscriptionsTree): void {
  for (const connection of tree.getChildren()) {
    tree.getTreeItem(connection);
    for (const channel of tree.getChildren(connection)) tree.getTreeItem(channel);
  }
}
