/**
 * The names that this extension and package.json must agree on. A unit test holds each against package.json in both
 * directions, so a rename is made here and there or not at all.
 */
export const commandIds = {
  signIn: "zohoCrm.signIn",
  openConsentPage: "zohoCrm.openConsentPage",
  signOut: "zohoCrm.signOut",
  trySandbox: "zohoCrm.trySandbox",
  openSandbox: "zohoCrm.openSandbox",
  createSubscription: "zohoCrm.createSubscription",
  refreshSubscriptions: "zohoCrm.refreshSubscriptions",
  renewSubscription: "zohoCrm.renewSubscription",
  recreateSubscription: "zohoCrm.recreateSubscription",
  deleteSubscription: "zohoCrm.deleteSubscription",
  editSubscription: "zohoCrm.editSubscription",
  editEvents: "zohoCrm.editEvents",
  editCondition: "zohoCrm.editCondition",
  removeModule: "zohoCrm.removeModule",
  borrowSubscription: "zohoCrm.borrowSubscription",
  giveBackSubscription: "zohoCrm.giveBackSubscription",
  showLastCall: "zohoCrm.showLastCall",
  copyAsCurl: "zohoCrm.copyAsCurl",
  showEvents: "zohoCrm.showEvents",
  revealSubscription: "zohoCrm.revealSubscription",
  chooseRenewal: "zohoCrm.chooseRenewal",
  adoptSubscription: "zohoCrm.adoptSubscription",
  stopRenewal: "zohoCrm.stopRenewal",
  startRenewal: "zohoCrm.startRenewal",
  findMissedChanges: "zohoCrm.findMissedChanges",
  copyChannelId: "zohoCrm.copyChannelId",
  copyNotifyUrl: "zohoCrm.copyNotifyUrl",
  newHandler: "zohoCrm.newHandler",
  generateTypes: "zohoCrm.generateTypes",
  openInspector: "zohoCrm.openInspector",
  openInspectorInEditor: "zohoCrm.openInspectorInEditor",
  filterEvents: "zohoCrm.filterEvents",
  pinEvents: "zohoCrm.pinEvents",
  unpinEvents: "zohoCrm.unpinEvents",
  deleteEvents: "zohoCrm.deleteEvents",
  clearEvents: "zohoCrm.clearEvents",
  openEventDocument: "zohoCrm.openEventDocument",
  compareEvents: "zohoCrm.compareEvents",
  compareWithPreviousEvent: "zohoCrm.compareWithPreviousEvent",
  copyEventAsCurl: "zohoCrm.copyEventAsCurl",
  copyEventAsFetch: "zohoCrm.copyEventAsFetch",
  copyEventAsHar: "zohoCrm.copyEventAsHar",
  copyEventAs: "zohoCrm.copyEventAs",
  saveFixture: "zohoCrm.saveFixture",
  sendFixture: "zohoCrm.sendFixture",
  sendFixtureTo: "zohoCrm.sendFixtureTo",
  revealEvent: "zohoCrm.revealEvent",
  exportEvents: "zohoCrm.exportEvents",
  importEvents: "zohoCrm.importEvents",
  forwardEvents: "zohoCrm.forwardEvents",
  stopForwarding: "zohoCrm.stopForwarding",
  resumeForwarding: "zohoCrm.resumeForwarding",
  replayEvents: "zohoCrm.replayEvents",
  editAndReplayEvent: "zohoCrm.editAndReplayEvent",
  sendEditedRequest: "zohoCrm.sendEditedRequest",
  replayUntilPasses: "zohoCrm.replayUntilPasses",
  stopReplay: "zohoCrm.stopReplay",
  sendHeldEvents: "zohoCrm.sendHeldEvents",
  discardHeldEvents: "zohoCrm.discardHeldEvents",
  diagnose: "zohoCrm.diagnose",
  diagnoseAgain: "zohoCrm.diagnoseAgain",
  mendDiagnosed: "zohoCrm.mendDiagnosed",
  copyDiagnosis: "zohoCrm.copyDiagnosis",
  createSandboxRecord: "zohoCrm.createSandboxRecord",
  editSandboxRecord: "zohoCrm.editSandboxRecord",
  deleteSandboxRecord: "zohoCrm.deleteSandboxRecord",
  changeSandboxRecords: "zohoCrm.changeSandboxRecords",
  showRelay: "zohoCrm.showRelay",
  reconnectRelay: "zohoCrm.reconnectRelay",
  joinRelay: "zohoCrm.joinRelay",
  shareRelayChannel: "zohoCrm.shareRelayChannel",
  stopSharingRelayChannel: "zohoCrm.stopSharingRelayChannel",
  replaceRelayKeys: "zohoCrm.replaceRelayKeys",
  newRelayChannel: "zohoCrm.newRelayChannel",
  useOwnRelay: "zohoCrm.useOwnRelay",
  sendSubscriptionHere: "zohoCrm.sendSubscriptionHere",
  sendSubscriptionsHere: "zohoCrm.sendSubscriptionsHere",
  deleteFormerAddress: "zohoCrm.deleteFormerAddress",
  copyRelayAddress: "zohoCrm.copyRelayAddress",
  setRelayAnswer: "zohoCrm.setRelayAnswer",
  getPublicAddress: "zohoCrm.getPublicAddress",
  stopPublicAddress: "zohoCrm.stopPublicAddress",
  getStarted: "zohoCrm.getStarted",
  getHelp: "zohoCrm.getHelp",
  forgetEverything: "zohoCrm.forgetEverything",
  openSettings: "zohoCrm.openSettings",
  openLog: "zohoCrm.openLog",
} as const;
export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Tools for language models. */
export const toolIds = {
  listSubscriptions: "zohoCrm_listSubscriptions",
  readEvents: "zohoCrm_readEvents",
  waitForEvent: "zohoCrm_waitForEvent",
  replayEvents: "zohoCrm_replayEvents",
} as const;

export const viewIds = {
  subscriptions: "zohoCrm.subscriptions",
  inspector: "zohoCrm.inspector",
} as const;

export const submenuIds = {
  copyEvent: "zohoCrm.copyEvent",
} as const;

/** Kinds of tabs of the editor that show a page. */
export const panelTypes = {
  inspector: "zohoCrm.inspectorEditor",
} as const;

export const viewContainerIds = {
  sidebar: "zohoCrm",
  panel: "zohoCrmEvents",
} as const;

export const settingIds = {
  relayUrl: "zohoCrm.relay.url",
  relayPublicUrl: "zohoCrm.relay.publicUrl",
  relayTunnel: "zohoCrm.relay.tunnel",
  expiryHours: "zohoCrm.subscriptions.expiryHours",
  expiringSoonHours: "zohoCrm.subscriptions.expiringSoonHours",
  renewalMode: "zohoCrm.renewal.mode",
  confirmProductionWrites: "zohoCrm.confirmProductionWrites",
  maxEvents: "zohoCrm.history.maxEvents",
  compareSortKeys: "zohoCrm.compare.sortKeys",
  redirectPort: "zohoCrm.signIn.redirectPort",
  sandboxUrl: "zohoCrm.sandbox.url",
  forwardRules: "zohoCrm.forward.rules",
  forwardAllowedHosts: "zohoCrm.forward.allowedHosts",
  forwardTimeout: "zohoCrm.forward.timeoutSeconds",
  forwardTries: "zohoCrm.forward.tries",
  forwardRetryDelay: "zohoCrm.forward.retryDelaySeconds",
  trySandboxOnStartup: "zohoCrm.trySandboxOnStartup",
} as const;
export type SettingId = (typeof settingIds)[keyof typeof settingIds];

/** The conditions of package.json's menus, welcome views and walkthrough steps. */
export const contextKeys = {
  /** Values: `loading`, `none`, `some`, `failed`. */
  connections: "zohoCrm.connections",
  /** The CRM that is connected; values: `none`, `sandbox`, `zoho` (also beside a sandbox). */
  crm: "zohoCrm.crm",
  /** Whose subscriptions lead to this editor; values: `none`, `sandbox`, `zoho` (also beside those of a sandbox). */
  subscribed: "zohoCrm.subscribed",
  /** Values: `none`, `some`. */
  events: "zohoCrm.events",
  /** Who reaches the address that subscriptions get; values: `none`, `private`, `public`. */
  address: "zohoCrm.address",
  /** Values: `off`, `on`, `paused`. */
  forwarding: "zohoCrm.forwarding",
  /** Values: `none`, `opening`, `open`, `failed`. */
  publicAddress: "zohoCrm.publicAddress",
} as const;

export const authenticationProviderId = "zohoCrm";

/** The scheme of read-only documents that show what Diagnose found. */
export const diagnosisScheme = "zoho-crm-diagnosis";

/** The scheme of read-only documents that show what became of looking for missed changes. */
export const recoveryReportScheme = "zoho-crm-recovery";

/** The scheme of read-only documents that show an event beside another. */
export const comparedEventScheme = "zoho-crm-compared-event";
/** The scheme of documents in which a request is edited before it is sent. */
export const requestDocumentScheme = "zoho-crm-request";

/** The scheme of read-only documents that show an event. */
export const eventDocumentScheme = "zoho-crm-event";

/** The scheme of read-only documents that show the last request about a channel and its answer. */
export const callDocumentScheme = "zoho-crm-call";

/** Of documents that are written when they are opened. */
export const writtenSchemes = [
  ...[eventDocumentScheme, comparedEventScheme, callDocumentScheme],
  ...[diagnosisScheme, recoveryReportScheme],
] as const;
