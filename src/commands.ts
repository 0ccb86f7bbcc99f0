import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { Clock } from "./base/clock.ts";
import type { DisposableStore } from "./base/lifecycle.ts";
import type { Logger } from "./base/logger.ts";
import type { PublicAddress, PublicAddressOptions } from "./core/address/publicAddress.ts";
import { PublicDoor } from "./core/address/publicDoor.ts";
import { EventTools } from "./core/agents/eventTools.ts";
import { ReplayTools } from "./core/agents/replayTools.ts";
import { SubscriptionTools } from "./core/agents/subscriptionTools.ts";
import type { Borrowing } from "./core/borrow/borrowing.ts";
import type { ZohoClients } from "./core/connections/clients.ts";
import type { SecretVault } from "./core/connections/connection.ts";
import type { ConnectionStore } from "./core/connections/connectionStore.ts";
import type { SkewMeter } from "./core/diagnose/skewMeter.ts";
import type { ShapeNotes } from "./core/diagnose/shapes/shapeNotes.ts";
import { tokenKnowledge } from "./core/diagnose/tokenKnowledge.ts";
import type { ForwardSettings, Forwarding } from "./core/forwarding/forwarding.ts";
import type { EventHistory } from "./core/history/eventHistory.ts";
import { joinHistory } from "./core/history/joinHistory.ts";
import { EventDetails } from "./core/inspector/eventDetails.ts";
import type { InspectorModel } from "./core/inspector/inspectorModel.ts";
import type { AutomaticRecovery } from "./core/recovery/automaticRecovery.ts";
import { RecoveryService } from "./core/recovery/recoveryService.ts";
import type { RenewalKeeper } from "./core/renewal/renewalKeeper.ts";
import type { RenewalModes } from "./core/renewal/renewalModes.ts";
import type { LocalSandbox } from "./core/sandbox/localSandbox.ts";
import { SandboxRecords } from "./core/sandbox/sandboxRecords.ts";
import { ChannelDeletion, type ChannelDeletionOptions } from "./core/subscriptions/channelDeletion.ts";
import type { ChannelOwnership } from "./core/subscriptions/ownership.ts";
import type { SubscriptionService } from "./core/subscriptions/subscriptionService.ts";
import type { KnownSecrets } from "./core/events/redaction.ts";
import type { TokenBook } from "./core/events/tokenBook.ts";
import type { Claims } from "./core/windows/claims.ts";
import type { Arrivals } from "./core/address/arrivals.ts";
import type { FormerChannels } from "./core/tunnel/formerChannels.ts";
import type { BringAlong } from "./host/address/bringAlong.ts";
import { FormerAddressCommands } from "./host/relay/formerAddressCommands.ts";
import { FormerRelayQuestions } from "./host/relay/formerRelayQuestions.ts";
import type { SenderAnswer } from "./core/tunnel/senderAnswer.ts";
import type { Tunnel } from "./core/tunnel/tunnel.ts";
import { AddressCommands } from "./host/address/addressCommands.ts";
import { AddressSources, type AddressSourcesOptions } from "./host/address/addressSources.ts";
import type { AgentTools } from "./host/agents/agentTools.ts";
import type { CommandHandlers } from "./host/commandBoundary.ts";
import { ConnectionCommands } from "./host/connections/connectionCommands.ts";
import { DiagnoseCommands } from "./host/diagnose/diagnoseCommands.ts";
import { DiagnosisDocuments } from "./host/diagnose/diagnosisDocuments.ts";
import { Comparisons } from "./host/exchange/comparisons.ts";
import { CopyCommands } from "./host/exchange/copyCommands.ts";
import { FixtureCommands } from "./host/exchange/fixtureCommands.ts";
import { FixtureLenses } from "./host/exchange/fixtureLenses.ts";
import { FixtureResults } from "./host/exchange/fixtureResults.ts";
import { HistoryFileCommands } from "./host/exchange/historyFileCommands.ts";
import { extensionVersion } from "./host/extensionVersion.ts";
import { ForgetCommands } from "./host/forget/forgetCommands.ts";
import { ForwardingCommands } from "./host/forwarding/forwardingCommands.ts";
import { HandlerAddresses } from "./host/forwarding/handlerAddresses.ts";
import { RequestDocuments } from "./host/forwarding/requestDocuments.ts";
import { HandlerCommands } from "./host/handlers/handlerCommands.ts";
import { HandlerConfigurations } from "./host/handlers/handlerConfigurations.ts";
import type { HandlerTokens } from "./host/handlers/handlerTokens.ts";
import { templateReader } from "./host/handlers/scaffoldTemplates.ts";
import { TypesCommands } from "./host/handlers/typesCommands.ts";
import { eventIdsOf } from "./host/inspector/chosenEvents.ts";
import { EventDocuments } from "./host/inspector/eventDocuments.ts";
import { toFeed } from "./host/inspector/feed.ts";
import { InspectorCommands } from "./host/inspector/inspectorCommands.ts";
import type { InspectorEditors } from "./host/inspector/inspectorEditors.ts";
import type { InspectorView } from "./host/inspector/inspectorView.ts";
import { SubscriptionReveal } from "./host/inspector/revealSubscription.ts";
import type { DocumentWriters } from "./host/lateDocuments.ts";
import {
  callDocumentScheme,
  commandIds,
  comparedEventScheme,
  diagnosisScheme,
  eventDocumentScheme,
  recoveryReportScheme,
} from "./host/names.ts";
import { RecoveryCommands } from "./host/recovery/recoveryCommands.ts";
import { RecoveryReports } from "./host/recovery/recoveryReports.ts";
import { AnswerCommands } from "./host/relay/answerCommands.ts";
import { JoinCommands } from "./host/relay/joinCommands.ts";
import { RelayCommands } from "./host/relay/relayCommands.ts";
import { SharingCommands } from "./host/relay/sharingCommands.ts";
import { RenewalCommands } from "./host/renewal/renewalCommands.ts";
import { SandboxRecordCommands } from "./host/sandboxRecords/sandboxRecordCommands.ts";
import { settings } from "./host/settings.ts";
import { BorrowCommands } from "./host/subscriptions/borrowCommands.ts";
import { CallDocuments } from "./host/subscriptions/callDocuments.ts";
import { EditCommands } from "./host/subscriptions/editCommands.ts";
import { SubscriptionCommands } from "./host/subscriptions/subscriptionCommands.ts";
import type { SubscriptionsTree } from "./host/subscriptions/subscriptionsTree.ts";
import { trySandbox } from "./host/trySandbox.ts";
import { getHelp, openSettings, showWalkthrough } from "./host/walkthrough/helpCommands.ts";
import type { EventDetail } from "./protocol/inspector.ts";
import type { HttpTransport } from "./zoho/httpTransport.ts";

/** Few windows ever need it, so that it is loaded with all this. */
export { joinHistory };

/** What extension.ts composed, for what commands do with it. */
export interface Parts {
  readonly extension: vscode.ExtensionContext;
  /** Of what lives as long as the window. */
  readonly store: DisposableStore;
  readonly log: vscode.LogOutputChannel;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly claims: Claims;
  /** Asks once, and measures how far the clocks of others are off. */
  readonly meter: SkewMeter;
  /** Asks again where that helps. */
  readonly transport: HttpTransport;
  /** Lets go of all that this window holds. */
  readonly letGo: () => void;
  readonly connections: ConnectionStore;
  readonly clients: ZohoClients;
  readonly ownership: ChannelOwnership;
  readonly tokenBook: TokenBook;
  readonly subscriptions: SubscriptionService;
  readonly keeper: RenewalKeeper;
  readonly modes: RenewalModes;
  readonly borrowing: Borrowing;
  readonly history: EventHistory;
  readonly model: InspectorModel;
  readonly inspector: InspectorView;
  readonly inspectorEditors: InspectorEditors;
  readonly tree: SubscriptionsTree;
  readonly publicAddress: PublicAddress;
  readonly addressTools: Pick<AddressSourcesOptions, "leash" | "folder">;
  readonly tunnel: Tunnel;
  readonly senderAnswer: SenderAnswer;
  readonly formerChannels: FormerChannels;
  readonly bringAlong: BringAlong;
  readonly arrivals: () => Arrivals;
  readonly vault: SecretVault;
  readonly sandbox: LocalSandbox;
  readonly forwarding: Forwarding;
  readonly forwardingSettings: Pick<ForwardSettings, "rules">;
  readonly automaticRecovery: AutomaticRecovery;
  readonly handlerTokens: HandlerTokens;
  readonly shapes: ShapeNotes;
  readonly secrets: KnownSecrets;
}

/** What a person or a language model may ask for, and what others ask of the same code. */
export interface Commands {
  readonly handlers: CommandHandlers;
  readonly tools: AgentTools;
  readonly connections: ConnectionCommands;
  readonly borrow: BorrowCommands;
  readonly recovery: RecoveryCommands;
  readonly formerRelayQuestions: FormerRelayQuestions;
  readonly debugging: HandlerConfigurations;
  readonly addressSources: AddressSources;
  readonly openDoor: PublicAddressOptions["openDoor"];
  readonly recoveryService: RecoveryService;
  readonly deletionWith: (parts: ChannelDeletionOptions) => ChannelDeletion;
  readonly details: EventDetails;
  readonly eventDocuments: EventDocuments;
  readonly fixtureLenses: FixtureLenses;
  readonly writers: DocumentWriters;
  /** See {@link trySandbox}. */
  readonly trySandbox: () => Promise<void>;
  /** What a link to this extension opens. */
  readonly openLink: (uri: vscode.Uri) => Promise<void>;
}

/** Composes what commands and tools do. It is much code that starting needs nothing of: loaded with the first of them. */
export function composeCommands(parts: Parts): Commands {
  const { extension, log, logger, clock, meter, transport } = parts;
  const { connections, clients, ownership, subscriptions, keeper, modes, tree, tunnel, publicAddress } = parts;
  const { history, model, inspector, forwarding, arrivals, secrets, store, tokenBook } = parts;
  const { view } = tree;
  const details = new EventDetails({
    ...{ history, tokens: tokenBook, clients, clock },
    directory: { connections: () => connections.list(), stateOf: id => subscriptions.stateOf(id) },
  });
  const addresses = new HandlerAddresses(
    forwarding.forwarder,
    () => parts.forwardingSettings.rules(),
    extension.workspaceState,
  );
  const results = store.add(new FixtureResults());
  const fixtureLenses = store.add(new FixtureLenses(addresses, results));
  const requestDocuments = store.add(new RequestDocuments());
  const documents = store.add(new EventDocuments(history, tokenBook));
  const comparisons = store.add(new Comparisons({ history, tokens: tokenBook, model }));
  const calls = store.add(new CallDocuments(clients));
  const diagnosisDocuments = store.add(new DiagnosisDocuments());
  const reports = store.add(new RecoveryReports(secrets));
  const recovery = new RecoveryService({ clients, history, tokens: tokenBook, claims: parts.claims, clock, logger });
  const addressSources = new AddressSources({ ...parts.addressTools, clock, logger });
  const chosen = { connections, subscriptions, arrivals, view, clock };
  const borrowCommands = new BorrowCommands({ ...chosen, borrowing: parts.borrowing, tunnel });
  const recoveryCommands = new RecoveryCommands({
    ...{ ...chosen, recovery, reports, history, model, inspector },
    automatic: parts.automaticRecovery,
    tokens: tokenBook,
  });
  const version = extensionVersion(extension);
  const detailOf = (id: number): EventDetail | undefined => details.of(id);

  const connectionCommands = new ConnectionCommands({
    ...{ connections, sandbox: parts.sandbox, context: { transport, clock }, logger },
    beforeEnd: async ({ id }) => parts.borrowing.giveBackAll(id),
  });
  const arrivalsRead = async (): Promise<Arrivals> => {
    await parts.formerChannels.follow();
    return parts.arrivals();
  };
  const trySandboxNow = async (): Promise<void> =>
    trySandbox({ connectionCommands, subscriptions, tunnel, inspector, arrivals: arrivalsRead });
  const subscriptionCommands = new SubscriptionCommands({ connections, clients, subscriptions, tunnel, view, clock });
  const editCommands = new EditCommands({
    ...{ connections, clients, subscriptions, tunnel, view, arrivals: parts.arrivals },
    ...{ borrowing: parts.borrowing, calls },
  });
  const renewalCommands = new RenewalCommands({ keeper, modes, view });
  const former = parts.formerChannels;
  const relayCommands = new RelayCommands({
    ...{ tunnel, publicAddress, connections, subscriptions, former, clock },
    answer: parts.senderAnswer,
  });
  const formerAddressCommands = new FormerAddressCommands({
    ...{ former, connections, subscriptions, view },
    bringAlong: parts.bringAlong,
  });
  const answerCommands = new AnswerCommands(parts.senderAnswer, tunnel);
  const joinCommands = new JoinCommands({ tunnel, publicAddress });
  const sharingCommands = new SharingCommands(tunnel, extension.extension.id);
  const addressCommands = new AddressCommands({
    ...{ publicAddress, sources: addressSources, tunnel },
    probe: { transport: meter, arrivals: history.onDidAppend, clock },
  });
  const forgetCommands = new ForgetCommands({
    ...{ connections, publicAddress, tunnel, clock, logger },
    vault: parts.vault,
    end: async connection => connectionCommands.end(connection),
    letGo: parts.letGo,
    dataFolder: extension.globalStorageUri.fsPath,
  });
  const diagnoseCommands = new DiagnoseCommands({
    evidence: {
      ...{ connections, clients, subscriptions, tunnel, former, transport: meter, clock },
      tokens: tokenKnowledge({ ownership, tokenBook, history }),
      arrivals: history.onDidAppend,
      skewOf: origin => meter.skewOf(origin),
      expiringSoon: settings.expiringSoon,
    },
    ...{
      connections,
      subscriptions,
      view,
      documents: diagnosisDocuments,
      shapes: parts.shapes,
      secrets,
      version,
    },
  });
  const records = new SandboxRecords({ clients, transport, clock });
  const sandboxRecordCommands = new SandboxRecordCommands({ connections, records, clock });

  const subscriptionReveal = new SubscriptionReveal({ detailOf, tree, selectedIds: () => model.selectedIds });
  const inspectorCommands = new InspectorCommands({
    ...{ history, model, tunnel, view: inspector, editors: parts.inspectorEditors },
  });
  const copyCommands = new CopyCommands({ history, model, version, secrets, handler: () => addresses.known });
  const fixtureCommands = new FixtureCommands({
    ...{ history, tokens: tokenBook, model, inspector, addresses, results, secrets },
    tokenOf: channelId => ownership.get(channelId)?.token,
    sendTo: async (target, request, options) => forwarding.sendTo(target, request, options),
  });
  const historyFiles = new HistoryFileCommands({ history, model, inspector, secrets, version, clock });
  const forwardingCommands = new ForwardingCommands({
    ...{ forwarding, history, model, connections, subscriptions, addresses, documents: requestDocuments },
  });
  const typesCommands = new TypesCommands({ connections, clients });
  const handlerCommands = new HandlerCommands({
    ...{ connections, clients, subscriptions, tunnel, clock, logger },
    ...{ tokens: parts.handlerTokens, types: typesCommands, readTemplate: templateReader(extension.extensionUri) },
  });

  return {
    borrow: borrowCommands,
    recovery: recoveryCommands,
    formerRelayQuestions: new FormerRelayQuestions({ former, connections, subscriptions }),
    debugging: new HandlerConfigurations(parts.handlerTokens, logger),
    addressSources,
    openDoor: async (...door) => PublicDoor.open(...door),
    recoveryService: recovery,
    deletionWith: parts => new ChannelDeletion(parts),
    details,
    eventDocuments: documents,
    fixtureLenses,
    writers: {
      [eventDocumentScheme]: documents,
      [comparedEventScheme]: comparisons,
      [callDocumentScheme]: calls,
      [diagnosisScheme]: diagnosisDocuments,
      [recoveryReportScheme]: reports,
    },
    tools: composeTools(parts, detailOf),
    connections: connectionCommands,
    trySandbox: trySandboxNow,
    openLink: async uri => joinCommands.open(uri),
    handlers: {
      [commandIds.signIn]: async () => connectionCommands.signIn(),
      [commandIds.openConsentPage]: async () => connectionCommands.openConsentPage(),
      [commandIds.signOut]: async (...args) => connectionCommands.signOut(...args),
      [commandIds.trySandbox]: trySandboxNow,
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
      [commandIds.joinRelay]: async () => joinCommands.join(),
      [commandIds.shareRelayChannel]: async () => sharingCommands.share(),
      [commandIds.stopSharingRelayChannel]: async () => sharingCommands.stopSharing(),
      [commandIds.replaceRelayKeys]: async () => sharingCommands.replaceKeys(),
      [commandIds.newRelayChannel]: async () => relayCommands.newChannel(),
      [commandIds.useOwnRelay]: async () => joinCommands.useOwnRelay(),
      [commandIds.sendSubscriptionHere]: async (...args) => formerAddressCommands.sendRowsHere(...args),
      [commandIds.sendSubscriptionsHere]: async (...args) => formerAddressCommands.sendHere(...args),
      [commandIds.deleteFormerAddress]: async (...args) => formerAddressCommands.delete(...args),
      [commandIds.copyRelayAddress]: async () => relayCommands.copyAddress(),
      [commandIds.setRelayAnswer]: async () => answerCommands.set(),
      [commandIds.getStarted]: async () => showWalkthrough(extension.extension.id),
      [commandIds.getHelp]: async () => getHelp(log),
      [commandIds.forgetEverything]: async () => forgetCommands.forget(),
      [commandIds.getPublicAddress]: async () => addressCommands.get(),
      [commandIds.stopPublicAddress]: async () => addressCommands.stop(),
      [commandIds.openSettings]: async () => openSettings(`@ext:${extension.extension.id}`),
      [commandIds.openLog]: () => log.show(),
    },
  };
}

function composeTools(parts: Parts, detailOf: (id: number) => EventDetail | undefined): AgentTools {
  const { connections, subscriptions, tunnel, forwarding, history, secrets, clock } = parts;
  const context = { detailOf, secrets, makeBoundary: randomUUID, clock };
  return {
    subscriptions: new SubscriptionTools({
      ...{ ...context, connections, subscriptions },
      arrivals: parts.arrivals,
      expiringSoon: settings.expiringSoon,
    }),
    events: new EventTools({ ...context, history, feed: () => toFeed(tunnel.state, connections.list()) }),
    replays: new ReplayTools({
      ...{ ...context, replays: forwarding.replays, rules: parts.forwardingSettings.rules },
      eventOf: id => forwarding.eventOf(id),
      isTrusted: () => vscode.workspace.isTrusted,
    }),
  };
}
