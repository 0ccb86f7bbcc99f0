import { openAgreement } from "../../support/agreeingWindows.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Clock, day, systemClock } from "../../../src/base/clock.ts";
import { DisposableStore } from "../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { ZohoClients } from "../../../src/core/connections/clients.ts";
import { ConnectionStore } from "../../../src/core/connections/connectionStore.ts";
import { signInToSandbox } from "../../../src/core/connections/signIn.ts";
import { SkewMeter } from "../../../src/core/diagnose/skewMeter.ts";
import { type DiagnoseOptions, type Diagnosis, diagnose } from "../../../src/core/diagnose/diagnose.ts";
import type { DiagnoseDependencies } from "../../../src/core/diagnose/evidence.ts";
import { tokenKnowledge } from "../../../src/core/diagnose/tokenKnowledge.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { Channel } from "../../../src/core/subscriptions/channel.ts";
import { ChannelOwnership } from "../../../src/core/subscriptions/ownership.ts";
import { ChannelDeletion } from "../../../src/core/subscriptions/channelDeletion.ts";
import { SubscriptionService } from "../../../src/core/subscriptions/subscriptionService.ts";
import { TokenBook } from "../../../src/core/events/tokenBook.ts";
import { FormerChannels } from "../../../src/core/tunnel/formerChannels.ts";
import { Tunnel } from "../../../src/core/tunnel/tunnel.ts";
import type { Relay } from "../../../src/relay/relay.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import type { HttpTransport } from "../../../src/zoho/httpTransport.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { SandboxUser } from "../../support/sandboxUser.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { startTestRelay } from "../../support/testRelay.ts";
import { startSandbox } from "../../support/testSandbox.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";

export interface EditorOptions {
  readonly clock?: Clock;
  readonly publicUrl?: string;
}

/** A whole editor but for VS Code, signed in to a sandbox of its own and live on a relay of its own. */
export interface DiagnosedEditor {
  readonly sandbox: Sandbox;
  readonly relay: Relay;
  readonly crm: SandboxUser;
  readonly service: SubscriptionService;
  readonly store: ConnectionStore;
  readonly tunnel: Tunnel;
  readonly former: FormerChannels;
  readonly history: EventHistory;
  readonly connectionId: string;
  /** A subscription to Leads that leads here. */
  readonly channel: Channel;
  readonly transport: HttpTransport;
  diagnose(changes?: Partial<DiagnoseDependencies>, options?: DiagnoseOptions): Promise<Diagnosis>;
}

export async function anEditor(test: TestContext, options: EditorOptions = {}): Promise<DiagnosedEditor> {
  const clock = options.clock ?? systemClock;
  // Before the servers end: a relay that closes gives its editors time to leave.
  const parts = new DisposableStore();
  test.after(() => parts.dispose());
  const sandbox = await startSandbox(test);
  const relay = await startTestRelay(test);
  const crm = await SandboxUser.connect(sandbox.url);
  const vault = new MemoryVault();
  const transport = new SkewMeter(new AxiosTransport(), clock);
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
  const history = EventHistory.open(join(temporaryFolder(test), "events.sqlite"), { clock, logger: silentLogger });
  const tunnel = new Tunnel({
    settings: () => ({ relayUrl: relay.url, publicUrl: options.publicUrl }),
    vault,
    embeddedRelay: () => assert.fail("the configured relay is used"),
    sinkFor: (name, channel) => history.sinkFor(name, channel),
    clock: systemClock,
    random: () => 0,
    logger: silentLogger,
  });
  const former = new FormerChannels({
    ...{ vault, clock: systemClock, random: () => 0, logger: silentLogger },
    currentRelay: () => relay.url,
    embeddedRelay: () => assert.fail("the configured relay is used"),
    sinkFor: (name, channel) => history.sinkFor(name, channel),
  });
  for (const owned of [tunnel, former, agreement, service, clients, store, history]) parts.add(owned);
  const connection = valueOf(await signInToSandbox({ transport, clock, sandboxUrl: sandbox.url }));
  await store.add(connection);
  const notifyUrl = valueOf(await tunnel.waitForAddress());
  const channel = valueOf(
    await service.create(connection.id, {
      modules: [{ module: "Leads", operations: ["all"] }],
      expiresInMs: 6 * day,
      notifyUrl,
      returnAffectedFieldValues: true,
      notifyOnRelatedAction: false,
    }),
  );
  const deps: DiagnoseDependencies = {
    connections: store,
    clients,
    subscriptions: service,
    tunnel,
    former,
    tokens: tokenKnowledge({ ownership, tokenBook, history }),
    arrivals: history.onDidAppend,
    transport,
    skewOf: origin => transport.skewOf(origin),
    clock,
    expiringSoon: () => day,
  };
  return {
    sandbox,
    relay,
    crm,
    service,
    store,
    tunnel,
    former,
    history,
    connectionId: connection.id,
    channel,
    transport,
    diagnose: async (changes = {}, asked = {}) =>
      diagnose({ ...deps, ...changes }, { connectionId: connection.id, channel }, asked),
  };
}
