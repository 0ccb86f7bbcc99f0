import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { systemClock } from "./base/clock.ts";
import { DisposableStore } from "./base/lifecycle.ts";
import { type Spent, formatSpent, startStopwatch } from "./base/process/stopwatch.ts";
import type { Arrivals } from "./core/address/arrivals.ts";
import { PublicAddress } from "./core/address/publicAddress.ts";
import { Borrowing, needsPerson } from "./core/borrow/borrowing.ts";
import { LoanBook } from "./core/borrow/loanBook.ts";
import { closingVault } from "./core/connections/closingVault.ts";
import { ZohoClients } from "./core/connections/clients.ts";
import { ConnectionStore } from "./core/connections/connectionStore.ts";
import { shreddableVault } from "./core/connections/shreddableVault.ts";
import { SharedTokens } from "./core/connections/sharedTokens.ts";
import { Forwarding } from "./core/forwarding/forwarding.ts";
import { EventHistory } from "./core/history/eventHistory.ts";
import type { EventDetails } from "./core/inspector/eventDetails.ts";
import { SkewMeter } from "./core/diagnose/skewMeter.ts";
import { ShapeNotes } from "./core/diagnose/shapes/shapeNotes.ts";
import { TemporaryRules } from "./core/handlers/debugging/temporaryRules.ts";
import { InspectorModel } from "./core/inspector/inspectorModel.ts";
import { SavedFilters } from "./core/inspector/savedFilters.ts";
import { LocalServer } from "./core/local/localServer.ts";
import { AutomaticRecovery } from "./core/recovery/automaticRecovery.ts";
import { whenCaughtUp } from "./core/recovery/caughtUp.ts";
import { channelsHere } from "./core/recovery/channelsHere.ts";
import { PendingRecoveries } from "./core/recovery/pendingRecoveries.ts";
import { LocalSandbox } from "./core/sandbox/localSandbox.ts";
import { RenewalKeeper } from "./core/renewal/renewalKeeper.ts";
import { RenewalModes } from "./core/renewal/renewalModes.ts";
import { ChannelOwnership } from "./core/subscriptions/ownership.ts";
import { ReachAgain } from "./core/subscriptions/reachAgain.ts";
import { SubscriptionService } from "./core/subscriptions/subscriptionService.ts";
import { TokenBook } from "./core/events/tokenBook.ts";
import { Bulletin } from "./core/windows/bulletin.ts";
import { Claims } from "./core/windows/claims.ts";
import { SharedNotes } from "./core/windows/keeper.ts";
import { Ledger } from "./core/windows/ledger.ts";
import { purgeStale } from "./core/windows/purgeStale.ts";
import { openSharedDatabase, whenShared } from "./core/windows/sharedDatabase.ts";
import { JointTurns } from "./core/windows/jointTurns.ts";
import { Turns } from "./core/windows/turns.ts";
import type { Commands } from "./commands.ts";
import { SenderAnswer } from "./core/tunnel/senderAnswer.ts";
import { embeddedName } from "./core/tunnel/embeddedName.ts";
import { FormerChannels } from "./core/tunnel/formerChannels.ts";
import { Tunnel } from "./core/tunnel/tunnel.ts";
import { AddressNotices } from "./host/address/addressNotices.ts";
import { BringAlong } from "./host/address/bringAlong.ts";
import { registerAgentTools } from "./host/agents/agentTools.ts";
import { registerCommands, runGuarded, showProblem } from "./host/commandBoundary.ts";
import { ZohoAuthenticationProvider } from "./host/connections/authProvider.ts";
import { extensionVersion } from "./host/extensionVersion.ts";
import { HandlerDebugging } from "./host/handlers/handlerDebugging.ts";
import { HandlerTokens } from "./host/handlers/handlerTokens.ts";
import { fixtureFiles } from "./host/exchange/fixtureFiles.ts";
import { followForwarding } from "./host/forwarding/followForwarding.ts";
import { forwardSettings, onDidChangeRules } from "./host/forwarding/forwardSettings.ts";
import { HeldNotice } from "./host/forwarding/heldNotice.ts";
import { toFeed } from "./host/inspector/feed.ts";
import { InspectorEditors } from "./host/inspector/inspectorEditors.ts";
import { InspectorView } from "./host/inspector/inspectorView.ts";
import { InspectorWebviews } from "./host/inspector/inspectorWebview.ts";
import { PageRequests } from "./host/inspector/pageRequests.ts";
import { knownSecrets } from "./core/subscriptions/knownSecrets.ts";
import type { KnownSecrets } from "./core/events/redaction.ts";
import { registerLateDocuments, registerLateLenses } from "./host/lateDocuments.ts";
import { createLog } from "./host/log.ts";
import { settingIds, writtenSchemes } from "./host/names.ts";
import { FormerRelayNotices } from "./host/relay/formerRelayNotices.ts";
import { RelayStatusBar } from "./host/relay/statusBar.ts";
import { RenewalNotices } from "./host/renewal/renewalNotices.ts";
import { secretVault } from "./host/secretVault.ts";
import { onDidChangeSettings, rememberSettings, settings } from "./host/settings.ts";
import { showConnections, startUp } from "./host/startup.ts";
import { SubscriptionsTree } from "./host/subscriptions/subscriptionsTree.ts";
import { FirstSteps } from "./host/walkthrough/firstSteps.ts";
import { noteDataPlace } from "./host/forget/noteDataPlace.ts";
import { AxiosTransport } from "./zoho/axiosTransport.ts";
import { RetryingTransport } from "./zoho/retryingTransport.ts";

let running: DisposableStore | undefined;
/** What a window does that takes longer than letting go. */
let leave: (() => Promise<void>) | undefined;

/** How this code was loaded. */
export interface Loading {
  readonly spent: Spent;
  /** Or compiled. */
  readonly isFromCache: boolean;
}

/** Composes the product, in the order of dependency, and returns; what takes time goes on behind it. */
export function activate(extension: vscode.ExtensionContext, loading: Loading): void {
  const composing = startStopwatch();
  // Before anything says anything: core's words come from the same bundle as the editor's own.
  if (vscode.l10n.bundle !== undefined) l10n.config({ contents: vscode.l10n.bundle });
  const store = new DisposableStore();
  running = store;
  store.add(rememberSettings());
  const clock = systemClock;
  let secrets: KnownSecrets = () => [];
  const { channel: log, logger } = createLog(() => secrets());
  store.add(log);
  const dataFolder = (name: string): string => vscode.Uri.joinPath(extension.globalStorageUri, name).fsPath;
  const script = (name: string): string => vscode.Uri.joinPath(extension.extensionUri, "dist", name).fsPath;

  const shared = store.add(openSharedDatabase(dataFolder("windows.sqlite"), logger, clock));
  const claims = new Claims(shared.database, clock);
  const notes = new SharedNotes(shared.database);
  purgeStale({ claims, notes, clock, logger });

  const turns = store.add(new Turns({ claims, clock, logger }));
  const shapes = new ShapeNotes({ notes, version: extensionVersion(extension), clock, logger });
  const stored = shreddableVault(secretVault(extension.secrets), dataFolder("vault.key"), turns.run);
  const vault = store.add(closingVault(stored, clock));
  const meter = new SkewMeter(new AxiosTransport({ clock }), clock);
  const transport = new RetryingTransport({ transport: meter, clock, random: Math.random });
  const connections = store.add(new ConnectionStore(vault, logger, clock));
  const sharedTokens = new SharedTokens({ vault, claims, ledger: new Ledger(shared.database, logger), logger });
  const clients = store.add(new ZohoClients({ store: connections, transport, clock, sharedTokens, shapes }));

  const tokenBook = store.add(new TokenBook());
  const ownership = store.add(new ChannelOwnership(vault, logger, clock));
  const channelTurns = new JointTurns({ claims, clock, logger });
  const bulletin = store.add(new Bulletin(shared.database, clock, logger));
  const pendingRecoveries = store.add(new PendingRecoveries(notes));
  const subscriptions = store.add(
    new SubscriptionService({
      ...{ clients, store: connections, ownership, tokenBook, notes, bulletin, clock, logger },
      turns: channelTurns,
      lapses: pendingRecoveries,
      deletionWith: async parts => (await commands()).deletionWith(parts),
    }),
  );

  const history = store.add(
    EventHistory.open(dataFolder("events.sqlite"), {
      ...{ clock, logger, shapes, maxEvents: settings.maxEvents() },
      tokens: () => tokenBook.known(),
      loadJoin: async () => (await import("./commands.ts")).joinHistory,
    }),
  );
  const localServer = (name: "relay" | "sandbox"): LocalServer =>
    new LocalServer({ name, script: script(`${name}.js`), dataDir: dataFolder(name), clock, logger });
  const publicAddress: PublicAddress = store.add(
    new PublicAddress({
      ...{ claims, notes, clock, logger },
      relay: (): string | undefined => tunnel.relayOrigin,
      sourceFor: async way => (await commands()).addressSources.for(way),
      openDoor: async (...door) => (await commands()).openDoor(...door),
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
  secrets = () => knownSecrets({ connections, subscriptions, ownership, address: tunnel.address });
  const formerChannels = store.add(
    new FormerChannels({
      ...{ vault, clock, logger },
      sinkFor: (relay, channel) => history.sinkFor(relay, channel),
      currentRelay: () => settings.relayUrl() ?? embeddedName,
      embeddedRelay: () => localServer("relay"),
      random: Math.random,
    }),
  );
  const arrivals = (): Arrivals => ({
    addresses: tunnel.addresses,
    formerPaths: formerChannels.all().map(({ ingestPath }) => ingestPath),
  });
  store.add(tunnel.onDidChangeState(({ kind }) => kind === "live" && formerChannels.retryNow()));
  const reachAgain = store.add(new ReachAgain({ subscriptions, clock, random: Math.random }));
  store.add(tunnel.onDidChangeState(({ kind }) => kind === "live" && reachAgain.tryNow()));
  const sandbox = store.add(
    new LocalSandbox({ configuredUrl: settings.sandboxUrl, server: () => localServer("sandbox") }),
  );

  const details = async (): Promise<EventDetails> => (await commands()).details;
  const model = store.add(
    new InspectorModel({
      ...{ history, tokens: tokenBook, clock, logger },
      detailOf: async id => (await details()).of(id),
      bodySlice: async (id, from, as) => (await details()).bodySlice(id, from, as),
      savedFilters: new SavedFilters(notes),
      delegate: new PageRequests({
        ...{ details, logger },
        documents: { open: async id => (await commands()).eventDocuments.open(id) },
      }),
    }),
  );
  const webviews = new InspectorWebviews(extension.extensionUri, model);
  const inspector = store.add(new InspectorView(webviews));
  const inspectorEditors = store.add(new InspectorEditors(webviews));
  const firstSteps = store.add(
    new FirstSteps({ connections, subscriptions, tunnel, publicAddress, arrivals, history }),
  );
  const showFeed = (): void => {
    // What a colleague shares needs no CRM, address or subscription of one's own.
    const progress = tunnel.channel?.isGuest === true ? undefined : firstSteps.progress;
    model.setFeed(toFeed(tunnel.state, connections.list(), progress));
  };
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

  // As long as nobody knows what the person switched off, nothing is switched on.
  const modes = store.add(new RenewalModes(notes, () => (shared.isShared ? settings.renewalMode() : "off")));
  const borrowing = store.add(
    new Borrowing({
      ...{ subscriptions, claims, custody: notes, clock, logger },
      book: new LoanBook(notes, vault, logger, clock),
      isKept: () => shared.isShared,
      readyAccess: async id => clients.accessToken(id),
      random: Math.random,
    }),
  );
  leave = async () => {
    vault.close();
    shared.hurry();
    await borrowing.shutDown();
  };
  const isLent = (connectionId: string, channelId: string): boolean =>
    borrowing.find(connectionId, channelId) !== undefined;
  const keeper = store.add(
    new RenewalKeeper({
      ...{ service: subscriptions, connections, ownership, modes, claims, notes, clock, logger },
      life: settings.expiry,
      isLent,
      random: Math.random,
    }),
  );
  store.add(new RenewalNotices({ keeper, modes, connections, subscriptions, clock, logger }));
  store.add(onDidChangeSettings(settingIds.renewalMode, settingIds.expiryHours)(() => keeper.update()));
  store.add(shared.onDidShare(() => keeper.update()));

  const tree = store.add(
    new SubscriptionsTree({
      connections,
      subscriptions,
      clock,
      context: () => ({
        nowAt: connectionId => subscriptions.nowAt(connectionId),
        expiringSoon: settings.expiringSoon(),
        ...arrivals(),
        renewalOf: ({ connectionId, channelId }) => keeper.statusOf(connectionId, channelId),
        loanOf: channel => borrowing.shown(channel),
        connections: connections.list(),
        creditsOf: connectionId => clients.creditsRemaining(connectionId),
      }),
    }),
  );
  store.add(tunnel.onDidChangeState(() => tree.update()));
  store.add(formerChannels.onDidChange(() => tree.update()));
  store.add(borrowing.onDidChange(() => tree.update()));
  store.add(keeper.onDidChange(() => tree.update()));
  const senderAnswer = store.add(new SenderAnswer(tunnel, logger));
  store.add(
    new RelayStatusBar({
      ...{ tunnel, publicAddress, forwarder, connections, subscriptions, clock },
      ...{ answer: senderAnswer, former: formerChannels },
    }),
  );
  const addressed = {
    ...{ tunnel, connections, subscriptions },
    isLent: (connectionId: string, channelId: string) => !shared.isShared || isLent(connectionId, channelId),
  };
  const bringAlong = new BringAlong(addressed);
  store.add(new AddressNotices({ ...addressed, publicAddress, logger }));
  store.add(
    new FormerRelayNotices({
      ...{ former: formerChannels, tunnel, connections, subscriptions, bringAlong, logger },
      questions: async () => (await commands()).formerRelayQuestions,
    }),
  );

  const automaticRecovery = store.add(
    new AutomaticRecovery({
      recovery: { recover: async (...request) => (await commands()).recoveryService.recover(...request) },
      ...{ history, notes, pending: pendingRecoveries, clock, logger },
      channelsHere: async ids => channelsHere({ subscriptions, connections }, arrivals(), ids),
      hasConnection: id => !connections.isLoaded || connections.get(id) !== undefined,
      whenCaughtUp: async signal => whenCaughtUp(tunnel, clock, signal),
    }),
  );
  const handlerTokens = new HandlerTokens({ connections, subscriptions, arrivals });
  store.add(new HandlerDebugging({ rules: debugRules, configurations: async () => (await commands()).debugging }));

  let composed: Promise<Commands> | undefined;
  const commands = async (): Promise<Commands> => (composed ??= compose());
  const compose = async (): Promise<Commands> => {
    const { composeCommands } = await import("./commands.ts");
    return composeCommands({
      ...{ extension, store, log, logger, clock, claims, meter, transport, letGo },
      ...{ connections, clients, ownership, tokenBook, subscriptions, keeper, modes, borrowing },
      ...{ history, model, inspector, inspectorEditors, tree },
      ...{ publicAddress, tunnel, vault, senderAnswer, formerChannels, bringAlong, arrivals },
      ...{ sandbox, forwarding, forwardingSettings },
      ...{ handlerTokens, automaticRecovery, shapes, secrets },
      addressTools: { leash: script("leash.js"), folder: dataFolder("tunnel") },
    });
  };
  // What is said of loans and recoveries is loaded once there is something to say.
  const say = (words: (commands: Commands) => void): void =>
    void runGuarded("message", async () => words(await commands()), logger);
  const isSomebodyNeeded = (): boolean => borrowing.loans.some(loan => needsPerson(borrowing.statusOf(loan)));
  store.add(borrowing.onDidChange(() => isSomebodyNeeded() && say(({ borrow }) => borrow.remind())));
  store.add(borrowing.onDidReturnLate(late => say(({ borrow }) => borrow.showLateReturn(late))));
  store.add(borrowing.onDidWarn(given => say(({ borrow }) => borrow.showAmiss(given))));
  store.add(automaticRecovery.onDidFinish(report => say(({ recovery: words }) => words.showFound(report))));
  store.add(automaticRecovery.onDidFail(problem => say(({ recovery: words }) => words.showFailure(problem))));
  store.add(registerLateDocuments(writtenSchemes, async () => (await commands()).writers));
  store.add(registerLateLenses(fixtureFiles, async () => (await commands()).fixtureLenses));
  store.add(registerCommands(async () => (await commands()).handlers, logger));
  store.add(
    vscode.window.registerUriHandler({
      // Not logged: a link has secrets in it.
      handleUri: async uri => runGuarded("link", async () => (await commands()).openLink(uri), logger),
    }),
  );
  store.add(registerAgentTools(async () => (await commands()).tools, logger));
  store.add(
    new ZohoAuthenticationProvider(
      connections,
      clients,
      async () => (await commands()).connections.signIn(),
      async connection => (await commands()).connections.end(connection),
    ),
  );
  store.add(onDidChangeSettings(settingIds.relayUrl, settingIds.relayPublicUrl)(() => tunnel.restart()));
  store.add(onDidChangeSettings(settingIds.relayUrl)(() => void formerChannels.follow()));
  void formerChannels.follow();
  publicAddress.start();
  store.add(
    connections.onDidChange(() => {
      showConnections(connections);
      if (connections.list().length > 0) tunnel.start();
    }),
  );

  if (history.notice !== undefined) void showProblem(history.notice, async () => Promise.resolve());
  store.add(history.onDidFail(problem => void showProblem(problem, async () => Promise.resolve())));
  void runGuarded(
    "start-up",
    async () =>
      startUp({
        automaticRecovery: { resume: () => store.add(whenShared(shared, () => automaticRecovery.resume())) },
        borrowing: { start: () => store.add(whenShared(shared, () => borrowing.start())) },
        connections,
        ownership,
        sandbox,
        subscriptions,
        tunnel,
        connectSandbox: async () => (await commands()).connections.connectSandbox(),
        trySandbox: async () => (await commands()).trySandbox(),
      }),
    logger,
  );
  void runGuarded("uninstall note", () => noteDataPlace(extension, logger), logger);
  const how = loading.isFromCache ? "loaded" : "compiled";
  logger.info(`start: ${how} in ${formatSpent(loading.spent)}, composed in ${formatSpent(composing())}`);
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
