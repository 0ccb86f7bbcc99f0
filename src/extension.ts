import { randomUUID } from "node:crypto";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { systemClock } from "./base/clock.ts";
import { DisposableStore } from "./base/lifecycle.ts";
import { PublicAddress } from "./core/address/publicAddress.ts";
import { EventTools } from "./core/agents/eventTools.ts";
import { knownSecrets } from "./core/agents/knownSecrets.ts";
import { ReplayTools } from "./core/agents/replayTools.ts";
import { SubscriptionTools } from "./core/agents/subscriptionTools.ts";
import { Borrowing } from "./core/borrow/borrowing.ts";
import { LoanBook } from "./core/borrow/loanBook.ts";
import { ZohoClients } from "./core/connections/clients.ts";
import { ConnectionStore } from "./core/connections/connectionStore.ts";
import { shreddableVault } from "./core/connections/shreddableVault.ts";
import { SharedTokens } from "./core/connections/sharedTokens.ts";
import { Forwarding } from "./core/forwarding/forwarding.ts";
import { EventHistory } from "./core/history/eventHistory.ts";
import { EventDetails } from "./core/inspector/eventDetails.ts";
import { SkewMeter } from "./core/diagnose/skewMeter.ts";
import { tokenKnowledge } from "./core/diagnose/tokenKnowledge.ts";
import { TemporaryRules } from "./core/handlers/debugging/temporaryRules.ts";
import { InspectorModel } from "./core/inspector/inspectorModel.ts";
import { SavedFilters } from "./core/inspector/savedFilters.ts";
import { LocalServer } from "./core/local/localServer.ts";
import { AutomaticRecovery } from "./core/recovery/automaticRecovery.ts";
import { whenCaughtUp } from "./core/recovery/caughtUp.ts";
import { channelsHere } from "./core/recovery/channelsHere.ts";
import { RecoveryService } from "./core/recovery/recoveryService.ts";
import { LocalSandbox } from "./core/sandbox/localSandbox.ts";
import { SandboxRecords } from "./core/sandbox/sandboxRecords.ts";
import { RenewalKeeper } from "./core/renewal/renewalKeeper.ts";
import { RenewalModes } from "./core/renewal/renewalModes.ts";
import { ChannelOwnership } from "./core/subscriptions/ownership.ts";
import { ReachAgain } from "./core/subscriptions/reachAgain.ts";
import { SubscriptionService } from "./core/subscriptions/subscriptionService.ts";
import { TokenBook } from "./core/subscriptions/tokenBook.ts";
import { Claims } from "./core/windows/claims.ts";
import { SharedNotes } from "./core/windows/keeper.ts";
import { Ledger } from "./core/windows/ledger.ts";
import { openSharedDatabase } from "./core/windows/sharedDatabase.ts";
import { Tunnel } from "./core/tunnel/tunnel.ts";
import { AddressCommands } from "./host/address/addressCommands.ts";
import { AddressNotices } from "./host/address/addressNotices.ts";
import { AddressSources } from "./host/address/addressSources.ts";
import { registerAgentTools } from "./host/agents/agentTools.ts";
import { registerCommands, runGuarded, showProblem } from "./host/commandBoundary.ts";
import { ZohoAuthenticationProvider } from "./host/connections/authProvider.ts";
import { ConnectionCommands } from "./host/connections/connectionCommands.ts";
import { DiagnoseCommands } from "./host/diagnose/diagnoseCommands.ts";
import { DiagnosisDocuments } from "./host/diagnose/diagnosisDocuments.ts";
import { extensionVersion } from "./host/extensionVersion.ts";
import { HandlerCommands } from "./host/handlers/handlerCommands.ts";
import { HandlerDebugging } from "./host/handlers/handlerDebugging.ts";
import { HandlerTokens } from "./host/handlers/handlerTokens.ts";
import { templateReader } from "./host/handlers/scaffoldTemplates.ts";
import { TypesCommands } from "./host/handlers/typesCommands.ts";
import { Comparisons } from "./host/exchange/comparisons.ts";
import { CopyCommands } from "./host/exchange/copyCommands.ts";
import { FixtureCommands } from "./host/exchange/fixtureCommands.ts";
import { FixtureLenses } from "./host/exchange/fixtureLenses.ts";
import { FixtureResults } from "./host/exchange/fixtureResults.ts";
import { HistoryFileCommands } from "./host/exchange/historyFileCommands.ts";
import { eventIdsOf } from "./host/inspector/chosenEvents.ts";
import { followForwarding } from "./host/forwarding/followForwarding.ts";
import { forwardSettings, onDidChangeRules } from "./host/forwarding/forwardSettings.ts";
import { ForwardingCommands } from "./host/forwarding/forwardingCommands.ts";
import { HandlerAddresses } from "./host/forwarding/handlerAddresses.ts";
import { HeldNotice } from "./host/forwarding/heldNotice.ts";
import { RequestDocuments } from "./host/forwarding/requestDocuments.ts";
import { EventDocuments } from "./host/inspector/eventDocuments.ts";
import { toFeed } from "./host/inspector/feed.ts";
import { InspectorCommands } from "./host/inspector/inspectorCommands.ts";
import { InspectorEditors } from "./host/inspector/inspectorEditors.ts";
import { InspectorView } from "./host/inspector/inspectorView.ts";
import { InspectorWebviews } from "./host/inspector/inspectorWebview.ts";
import { PageRequests } from "./host/inspector/pageRequests.ts";
import { SubscriptionReveal } from "./host/inspector/revealSubscription.ts";
import { createLog } from "./host/log.ts";
import { commandIds, settingIds } from "./host/names.ts";
import { RelayCommands, relaySettings } from "./host/relay/relayCommands.ts";
import { RelayStatusBar } from "./host/relay/statusBar.ts";
import { ForgetCommands } from "./host/forget/forgetCommands.ts";
import { SandboxRecordCommands } from "./host/sandboxRecords/sandboxRecordCommands.ts";
import { RenewalCommands } from "./host/renewal/renewalCommands.ts";
import { RenewalNotices } from "./host/renewal/renewalNotices.ts";
import { RecoveryCommands } from "./host/recovery/recoveryCommands.ts";
import { RecoveryReports } from "./host/recovery/recoveryReports.ts";
import { secretVault } from "./host/secretVault.ts";
import { onDidChangeSettings, rememberSettings, settings } from "./host/settings.ts";
import { showConnections, startUp } from "./host/startup.ts";
import { BorrowCommands } from "./host/subscriptions/borrowCommands.ts";
import { CallDocuments } from "./host/subscriptions/callDocuments.ts";
import { EditCommands } from "./host/subscriptions/editCommands.ts";
import { SubscriptionCommands } from "./host/subscriptions/subscriptionCommands.ts";
import { SubscriptionsTree } from "./host/subscriptions/subscriptionsTree.ts";
import { trySandbox } from "./host/trySandbox.ts";
import type { EventDetail } from "./protocol/inspector.ts";
import { FirstSteps } from "./host/walkthrough/firstSteps.ts";
import { noteDataPlace } from "./host/forget/noteDataPlace.ts";
import { getHelp, openSettings, showWalkthrough } from "./host/walkthrough/helpCommands.ts";
import { AxiosTransport } from "./zoho/axiosTransport.ts";
import { RetryingTransport } from "./zoho/retryingTransport.ts";

let running: DisposableStore | undefined;
/** What a window does that takes longer than letting go. */
let leave: (() => Promise<void>) | undefined;

/** Composes the product, in the order of dependency, and returns; what takes time goes on behind it. */
export function activate(extension: vscode.ExtensionContext): void {
  // Before anything says anything: core's words come from the same bundle as the editor's own.
  if (vscode.l10n.bundle !== undefined) l10n.config({ contents: vscode.l10n.bundle });
  const store = new DisposableStore();
  running = store;
  store.add(rememberSettings());
  const clock = systemClock;
  const { channel: log, logger } = createLog();
  store.add(log);
  const dataFolder = (name: string): string => vscode.Uri.joinPath(extension.globalStorageUri, name).fsPath;
  const script = (name: string): string => vscode.Uri.joinPath(extension.extensionUri, "dist", name).fsPath;

  const shared = store.add(openSharedDatabase(dataFolder("windows.sqlite"), logger));
  const claims = new Claims(shared.database, clock);
  const notes = new SharedNotes(shared.database);

  const vault = shreddableVault(secretVault(extension.secrets), dataFolder("vault.key"));
  const meter = new SkewMeter(new AxiosTransport({ clock }), clock);
  const transport = new RetryingTransport({ transport: meter, clock, random: Math.random });
  const connections = store.add(new ConnectionStore(vault, logger));
  const sharedTokens = new SharedTokens({ vault, claims, ledger: new Ledger(shared.database, logger), logger });
  const clients = store.add(new ZohoClients({ store: connections, transport, clock, sharedTokens }));

  const tokenBook = store.add(new TokenBook());
  const ownership = store.add(new ChannelOwnership(vault, logger));
  const subscriptions = store.add(
    new SubscriptionService({ clients, store: connections, ownership, tokenBook, clock }),
  );

  const history = store.add(
    EventHistory.open(dataFolder("events.sqlite"), {
      ...{ clock, logger, maxEvents: settings.maxEvents() },
      tokens: () => tokenBook.known(),
    }),
  );
  const localServer = (name: "relay" | "sandbox"): LocalServer =>
    new LocalServer({ name, script: script(`${name}.js`), dataDir: dataFolder(name), clock, logger });
  const sources = new AddressSources({ leash: script("leash.js"), folder: dataFolder("tunnel"), clock, logger });
  const publicAddress: PublicAddress = store.add(
    new PublicAddress({
      ...{ claims, notes, clock, logger },
      relay: (): string | undefined => tunnel.relayOrigin,
      sourceFor: way => sources.for(way),
      kept: settings.relayTunnel,
      random: Math.random,
    }),
  );
  const tunnel = store.add(
    new Tunnel({
      settings: () => ({
        relayUrl: settings.relayUrl(),
        publicUrl: publicAddress.url ?? settings.relayPublicUrl(),
      }),
      vault,
      embeddedRelay: () => localServer("relay"),
      sinkFor: (relay, channel) => history.sinkFor(relay, channel),
      clock,
      random: Math.random,
      logger,
    }),
  );
  const reachAgain = store.add(new ReachAgain({ subscriptions, clock, random: Math.random }));
  store.add(tunnel.onDidChangeState(({ kind }) => kind === "live" && reachAgain.tryNow()));
  const sandbox = store.add(
    new LocalSandbox({ configuredUrl: settings.sandboxUrl, server: () => localServer("sandbox") }),
  );

  const details = new EventDetails({
    ...{ history, tokens: tokenBook, clients, clock },
    directory: { connections: () => connections.list(), stateOf: id => subscriptions.stateOf(id) },
  });
  const detailOf = (id: number): EventDetail | undefined => details.of(id);
  const documents = store.add(new EventDocuments(history, tokenBook));
  const model = store.add(
    new InspectorModel({
      ...{ history, tokens: tokenBook, detailOf, clock, logger },
      bodySlice: (id, from) => details.bodySlice(id, from),
      savedFilters: new SavedFilters(notes),
      delegate: new PageRequests({ documents, details, logger }),
    }),
  );
  const webviews = new InspectorWebviews(extension.extensionUri, model);
  const inspector = store.add(new InspectorView(webviews));
  const inspectorEditors = store.add(new InspectorEditors(webviews));
  const firstSteps = store.add(new FirstSteps({ connections, subscriptions, tunnel, publicAddress, history }));
  const showFeed = (): void => model.setFeed(toFeed(tunnel.state, connections.list(), firstSteps.progress));
  store.add(tunnel.onDidChangeState(showFeed));
  store.add(connections.onDidChange(showFeed));
  store.add(firstSteps.onDidChange(showFeed));

  const debugRules = store.add(new TemporaryRules());
  const forwardingSettings = forwardSettings(debugRules, logger);
  const forwarding = store.add(
    new Forwarding({
      ...{ history, relay: tunnel, tokens: tokenBook, claims, notes, clock, logger },
      settings: forwardingSettings,
      onDidChangeRules: onDidChangeRules(debugRules),
      random: Math.random,
    }),
  );
  const { forwarder } = forwarding;
  store.add(followForwarding(forwarder, model));
  store.add(new HeldNotice(forwarder, clock, logger));

  const modes = store.add(new RenewalModes(notes, settings.renewalMode));
  const keeper = store.add(
    new RenewalKeeper({
      ...{ service: subscriptions, connections, ownership, modes, claims, notes, clock, logger },
      life: settings.expiry,
      random: Math.random,
    }),
  );
  store.add(new RenewalNotices({ keeper, modes, connections, subscriptions, clock, logger }));
  store.add(onDidChangeSettings(settingIds.renewalMode, settingIds.expiryHours)(() => keeper.update()));

  const borrowing = store.add(
    new Borrowing({
      ...{ subscriptions, claims, custody: notes, clock, logger },
      book: new LoanBook(notes, vault, logger),
      random: Math.random,
    }),
  );
  leave = async () => borrowing.shutDown();
  const tree = store.add(
    new SubscriptionsTree({
      connections,
      subscriptions,
      clock,
      context: () => ({
        now: clock.now(),
        expiringSoon: settings.expiringSoon(),
        addresses: tunnel.addresses,
        renewalOf: ({ connectionId, channelId }) => keeper.statusOf(connectionId, channelId),
        loanOf: channel => borrowing.shown(channel),
        creditsOf: connectionId => clients.creditsRemaining(connectionId),
      }),
    }),
  );
  store.add(tunnel.onDidChangeState(() => tree.update()));
  store.add(borrowing.onDidChange(() => tree.update()));
  store.add(keeper.onDidChange(() => tree.update()));
  store.add(new RelayStatusBar(tunnel, publicAddress, forwarder, clock));
  store.add(new AddressNotices({ publicAddress, tunnel, connections, subscriptions, logger }));

  const connectionCommands = new ConnectionCommands({
    ...{ connections, sandbox, context: { transport, clock }, logger },
    beforeEnd: async ({ id }) => borrowing.giveBackAll(id),
  });
  const subscriptionCommands = new SubscriptionCommands({
    connections,
    clients,
    subscriptions,
    tunnel,
    view: tree.view,
    clock,
  });
  const { view } = tree;
  const calls = store.add(new CallDocuments(clients));
  const editCommands = new EditCommands({ connections, clients, subscriptions, tunnel, view, calls, clock });
  const borrowCommands = store.add(new BorrowCommands({ connections, subscriptions, borrowing, tunnel, view, clock }));
  const renewalCommands = new RenewalCommands({ keeper, modes, view: tree.view });
  const relayCommands = new RelayCommands(tunnel, publicAddress, clock);
  const probe = { transport: meter, arrivals: history.onDidAppend, clock };
  const forgetCommands = new ForgetCommands({
    ...{ connections, publicAddress, clock, logger },
    end: async connection => connectionCommands.end(connection),
    letGo: () => letGo(),
    dataFolder: extension.globalStorageUri.fsPath,
  });
  const addressCommands = new AddressCommands({ publicAddress, sources, tunnel, probe });
  const diagnoseCommands = new DiagnoseCommands({
    evidence: {
      connections,
      clients,
      subscriptions,
      tunnel,
      tokens: tokenKnowledge({ ownership, tokenBook, history }),
      arrivals: history.onDidAppend,
      transport: meter,
      skewOf: origin => meter.skewOf(origin),
      clock,
      expiringSoon: settings.expiringSoon,
    },
    connections,
    subscriptions,
    documents: store.add(new DiagnosisDocuments()),
    version: extensionVersion(extension),
  });
  const records = new SandboxRecords({ clients, transport, clock });
  const sandboxRecordCommands = new SandboxRecordCommands({ connections, records, clock });
  const recovery = new RecoveryService({ clients, history, claims, clock });
  const automaticRecovery = store.add(
    new AutomaticRecovery({
      ...{ recovery, history, notes, claims, onDidLapse: subscriptions.onDidLapse, clock, logger },
      channelsHere: async () => channelsHere({ subscriptions, connections }, tunnel.addresses),
      hasConnection: id => connections.get(id) !== undefined,
      whenCaughtUp: async signal => whenCaughtUp(tunnel, clock, signal),
    }),
  );
  const recoveryCommands = store.add(
    new RecoveryCommands({
      ...{ recovery, automatic: automaticRecovery, history, model, inspector, connections, subscriptions, view, clock },
      reports: store.add(new RecoveryReports()),
    }),
  );
  const subscriptionReveal = new SubscriptionReveal({ detailOf, tree, selectedIds: () => model.selectedIds });
  const version = extensionVersion(extension);
  const addresses = new HandlerAddresses(forwarder, () => forwardingSettings.rules(), extension.workspaceState);
  const comparisons = store.add(new Comparisons({ history, tokens: tokenBook, model }));
  const copyCommands = new CopyCommands({ history, model, version, handler: () => addresses.known });
  const results = store.add(new FixtureResults());
  store.add(new FixtureLenses(addresses, results));
  const fixtureCommands = new FixtureCommands({
    ...{ history, tokens: tokenBook, model, inspector, addresses, results },
    tokenOf: channelId => ownership.get(channelId)?.token,
    sendTo: async (target, request, options) => forwarding.sendTo(target, request, options),
  });
  const historyFiles = new HistoryFileCommands({ history, model, inspector, version, clock });
  const forwardingCommands = new ForwardingCommands({
    ...{ forwarding, history, model, connections, subscriptions, addresses },
    documents: store.add(new RequestDocuments()),
  });
  const inspectorCommands = new InspectorCommands({ history, model, view: inspector, editors: inspectorEditors });
  const channelSecrets = (): string[] =>
    knownSecrets({ connections, subscriptions, ownership, address: tunnel.address });
  const toolContext = { detailOf, secrets: channelSecrets, makeBoundary: randomUUID, clock };
  store.add(
    registerAgentTools({
      subscriptions: new SubscriptionTools({
        ...{ ...toolContext, connections, subscriptions },
        address: () => tunnel.address,
        expiringSoon: settings.expiringSoon,
      }),
      events: new EventTools({ ...toolContext, history, feed: () => toFeed(tunnel.state, connections.list()) }),
      replays: new ReplayTools({
        ...{ ...toolContext, replays: forwarding.replays, rules: forwardingSettings.rules },
        eventOf: id => forwarding.eventOf(id),
        isTrusted: () => vscode.workspace.isTrusted,
      }),
      logger,
    }),
  );
  const handlerTokens = new HandlerTokens({ connections, subscriptions, tunnel });
  store.add(new HandlerDebugging({ rules: debugRules, tokens: handlerTokens, logger }));
  const typesCommands = new TypesCommands({ connections, clients });
  const handlerCommands = new HandlerCommands({
    ...{ connections, clients, subscriptions, tunnel, clock, logger },
    tokens: handlerTokens,
    types: typesCommands,
    readTemplate: templateReader(extension.extensionUri),
  });
  const tryIt = async (): Promise<void> => trySandbox({ connectionCommands, subscriptions, tunnel, inspector });

  store.add(
    registerCommands(
      {
        [commandIds.signIn]: async () => connectionCommands.signIn(),
        [commandIds.signOut]: async (...args) => connectionCommands.signOut(...args),
        [commandIds.trySandbox]: tryIt,
        [commandIds.openSandbox]: async () => connectionCommands.openSandbox(),
        [commandIds.createSubscription]: async (...args) => subscriptionCommands.create(...args),
        [commandIds.refreshSubscriptions]: async () => subscriptionCommands.refresh(),
        [commandIds.renewSubscription]: async (...args) => subscriptionCommands.renew(...args),
        [commandIds.recreateSubscription]: async (...args) => subscriptionCommands.recreate(...args),
        [commandIds.deleteSubscription]: async (...args) => subscriptionCommands.delete(...args),
        [commandIds.chooseRenewal]: async (...args) => renewalCommands.chooseMode(...args),
        [commandIds.adoptSubscription]: async (...args) => renewalCommands.adopt(...args),
        [commandIds.stopRenewal]: (...args) => renewalCommands.setStopped(true, ...args),
        [commandIds.startRenewal]: (...args) => renewalCommands.setStopped(false, ...args),
        [commandIds.editSubscription]: async (...args) => editCommands.edit(...args),
        [commandIds.editEvents]: async (...args) => editCommands.editEvents(...args),
        [commandIds.editCondition]: async (...args) => editCommands.editCondition(...args),
        [commandIds.removeModule]: async (...args) => editCommands.removeModule(...args),
        [commandIds.showLastCall]: async (...args) => editCommands.showLastCall(...args),
        [commandIds.copyAsCurl]: async (...args) => editCommands.copyAsCurl(...args),
        [commandIds.borrowSubscription]: async (...args) => borrowCommands.borrow(...args),
        [commandIds.giveBackSubscription]: async (...args) => borrowCommands.giveBack(...args),
        [commandIds.findMissedChanges]: async (...args) => recoveryCommands.find(...args),
        [commandIds.copyChannelId]: async (...args) => subscriptionCommands.copyChannelId(...args),
        [commandIds.copyNotifyUrl]: async (...args) => subscriptionCommands.copyNotifyUrl(...args),
        [commandIds.showEvents]: async (...args) => inspectorCommands.showEvents(...args),
        [commandIds.revealSubscription]: async (...args) => subscriptionReveal.reveal(...args),
        [commandIds.newHandler]: async (...args) => handlerCommands.create(...args),
        [commandIds.generateTypes]: async (...args) => typesCommands.generate(...args),
        [commandIds.openInspector]: async () => inspectorCommands.open(),
        [commandIds.openInspectorInEditor]: () => inspectorCommands.openInEditor(),
        [commandIds.filterEvents]: async () => inspectorCommands.filter(),
        [commandIds.pinEvents]: (...args) => inspectorCommands.pin(...args),
        [commandIds.unpinEvents]: (...args) => inspectorCommands.unpin(...args),
        [commandIds.deleteEvents]: async (...args) => inspectorCommands.delete(...args),
        [commandIds.clearEvents]: async () => inspectorCommands.clear(),
        [commandIds.openEventDocument]: async (...args) => documents.openFor(eventIdsOf(args, model)),
        [commandIds.compareEvents]: async (...args) => comparisons.compare(...args),
        [commandIds.compareWithPreviousEvent]: async (...args) => comparisons.compareWithPrevious(...args),
        [commandIds.copyEventAsCurl]: async (...args) => copyCommands.copyAsCurl(...args),
        [commandIds.copyEventAsFetch]: async (...args) => copyCommands.copyAsFetch(...args),
        [commandIds.copyEventAsHar]: async (...args) => copyCommands.copyAsHar(...args),
        [commandIds.copyEventAs]: async (...args) => copyCommands.copyAs(...args),
        [commandIds.saveFixture]: async (...args) => fixtureCommands.save(...args),
        [commandIds.sendFixture]: async (...args) => fixtureCommands.send(...args),
        [commandIds.sendFixtureTo]: async (...args) => fixtureCommands.sendToAnother(...args),
        [commandIds.revealEvent]: async (...args) => fixtureCommands.reveal(...args),
        [commandIds.exportEvents]: async (...args) => historyFiles.export(...args),
        [commandIds.importEvents]: async () => historyFiles.import(),
        [commandIds.forwardEvents]: async () => forwardingCommands.forward(),
        [commandIds.stopForwarding]: () => forwardingCommands.stop(),
        [commandIds.resumeForwarding]: () => forwardingCommands.resume(),
        [commandIds.replayEvents]: async (...args) => forwardingCommands.replay(...args),
        [commandIds.editAndReplayEvent]: async (...args) => forwardingCommands.editAndReplay(...args),
        [commandIds.sendEditedRequest]: async (...args) => forwardingCommands.sendEdited(...args),
        [commandIds.replayUntilPasses]: async (...args) => forwardingCommands.replayUntilPasses(...args),
        [commandIds.stopReplay]: (...args) => forwardingCommands.stopReplay(...args),
        [commandIds.sendHeldEvents]: async (...args) => forwardingCommands.sendHeld(...args),
        [commandIds.discardHeldEvents]: (...args) => forwardingCommands.discardHeld(...args),
        [commandIds.diagnose]: async (...args) => diagnoseCommands.diagnose(...args),
        [commandIds.diagnoseAgain]: async (...args) => diagnoseCommands.again(...args),
        [commandIds.mendDiagnosed]: async (...args) => diagnoseCommands.mend(...args),
        [commandIds.copyDiagnosis]: async (...args) => diagnoseCommands.copyReport(...args),
        [commandIds.createSandboxRecord]: async (...args) => sandboxRecordCommands.create(...args),
        [commandIds.editSandboxRecord]: async (...args) => sandboxRecordCommands.edit(...args),
        [commandIds.deleteSandboxRecord]: async (...args) => sandboxRecordCommands.delete(...args),
        [commandIds.changeSandboxRecords]: async (...args) => sandboxRecordCommands.changeForMe(...args),
        [commandIds.showRelay]: async () => relayCommands.show(),
        [commandIds.reconnectRelay]: () => relayCommands.reconnect(),
        [commandIds.newRelayChannel]: async () => relayCommands.newChannel(),
        [commandIds.copyRelayAddress]: async () => relayCommands.copyAddress(),
        [commandIds.getStarted]: async () => showWalkthrough(extension.extension.id),
        [commandIds.getHelp]: async () => getHelp(log),
        [commandIds.forgetEverything]: async () => forgetCommands.forget(),
        [commandIds.getPublicAddress]: async () => addressCommands.get(),
        [commandIds.stopPublicAddress]: async () => addressCommands.stop(),
        [commandIds.openSettings]: async () => openSettings(`@ext:${extension.extension.id}`),
        [commandIds.openLog]: () => log.show(),
      },
      logger,
    ),
  );
  store.add(
    new ZohoAuthenticationProvider(
      connections,
      clients,
      async () => connectionCommands.signIn(),
      async connection => connectionCommands.end(connection),
    ),
  );
  store.add(onDidChangeSettings(...relaySettings)(() => tunnel.restart()));
  publicAddress.start();
  store.add(
    connections.onDidChange(() => {
      showConnections(connections);
      if (connections.list().length > 0) tunnel.start();
    }),
  );

  if (history.notice !== undefined) void showProblem(history.notice, async () => Promise.resolve());
  void runGuarded(
    "start-up",
    async () =>
      startUp({
        automaticRecovery,
        borrowing,
        connections,
        connectionCommands,
        ownership,
        sandbox,
        subscriptions,
        tunnel,
        trySandbox: tryIt,
      }),
    logger,
  );
  void runGuarded("uninstall note", () => noteDataPlace(extension, logger), logger);
}

/**
 * Gives back what is borrowed, if no other window is open, as far as the seconds go that VS Code grants; then lets go of
 * relay, sandbox, sockets and files. A local server that no other window holds ends itself.
 */
export async function deactivate(): Promise<void> {
  await leave?.().catch(() => undefined);
  leave = undefined;
  letGo();
}

function letGo(): void {
  running?.dispose();
  running = undefined;
}
