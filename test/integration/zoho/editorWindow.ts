import type { TestContext } from "node:test";
import type { Clock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { type Agreement, openAgreement } from "../../support/agreeingWindows.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { signInToSandbox } from "../../../src/core/connections/signIn.ts";
import { ChannelOwnership } from "../../../src/core/subscriptions/ownership.ts";
import { ChannelDeletion } from "../../../src/core/subscriptions/channelDeletion.ts";
import { SubscriptionService } from "../../../src/core/subscriptions/subscriptionService.ts";
import { TokenBook } from "../../../src/core/events/tokenBook.ts";
import { type Sandbox, type SandboxOptions, createSandbox } from "../../../src/sandbox/sandbox.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";

/** A sandbox for one test. */
export async function startSandbox(test: TestContext, options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await createSandbox(options);
  test.after(async () => sandbox.close());
  return sandbox;
}

/** What a window of the editor has of connections and subscriptions. Requests use the real time, all else `clock`. */
export interface EditorWindow {
  readonly transport: AxiosTransport;
  readonly clock: Clock;
  readonly store: ConnectionStore;
  readonly clients: ZohoClients;
  readonly service: SubscriptionService;
  readonly tokenBook: TokenBook;
  readonly agreement: Agreement;
}

export async function openWindow(test: TestContext, clock: Clock, vault = new MemoryVault()): Promise<EditorWindow> {
  const transport = new AxiosTransport();
  const store = new ConnectionStore(vault, silentLogger, clock);
  const ownership = new ChannelOwnership(vault, silentLogger, clock);
  await ownership.load();
  await store.load();
  const tokenBook = new TokenBook();
  const clients = new ZohoClients({ store, transport, clock });
  const agreement = openAgreement(clock);
  const service = new SubscriptionService({
    deletionWith: async parts => Promise.resolve(new ChannelDeletion(parts)),
    ...{ clients, store, ownership, tokenBook, clock, logger: silentLogger },
    ...agreement,
  });
  test.after(() => {
    service.dispose();
    agreement.dispose();
    clients.dispose();
    store.dispose();
  });
  return { transport, clock, store, clients, service, tokenBook, agreement };
}

/** A sandbox and a window that is signed in to it; both have the same time, which stands still. */
export async function signedIn(test: TestContext, options: SandboxOptions = {}) {
  const clock = new FakeClock();
  const sandbox = await startSandbox(test, { clock, ...options });
  const window = await openWindow(test, clock);
  const context = { transport: window.transport, clock };
  const connection = valueOf(await signInToSandbox({ ...context, sandboxUrl: sandbox.url }));
  await window.store.add(connection);
  await window.service.refresh();
  return { ...window, clock, sandbox, connection, id: connection.id };
}

/** Tells the sandbox what no CRM can be told: see `GET /` of a sandbox. */
export async function control(sandbox: Sandbox, path: string, body: unknown = {}): Promise<void> {
  const response = await fetch(`${sandbox.url}/sandbox/${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
}
