import * as vscode from "vscode";
import type { FormerAddress } from "../../core/address/formerAddresses.ts";
import { placeOf, sendersWords } from "../../core/address/formerWords.ts";
import type { RelayChannel } from "../../core/relay/relayChannel.ts";
import type { RelayState } from "../../core/relay/relaySession.ts";
import { readersOf } from "../../core/tunnel/channelSharing.ts";
import { type CommandId, commandIds } from "../names.ts";
import { waysOn } from "./waysOn.ts";

export interface RelayMenuOptions {
  readonly state: RelayState;
  /** The channel in use, as far as it is known. */
  readonly channel: RelayChannel | undefined;
  /** Whether the relay is this machine's own. */
  readonly isOwnRelay: boolean;
  readonly isPublicAddressOpen: boolean;
  /** What senders get, where that was chosen. */
  readonly answer: string | undefined;
  readonly former: readonly FormerAddress[];
}

/** An entry of the menu; a heading has no command. */
export interface RelayMenuItem extends vscode.QuickPickItem {
  readonly command?: CommandId;
  readonly arguments?: readonly unknown[];
}

/** What takes the relay's answer, and so is of no use while it gives none. */
const neededOfRelay: ReadonlySet<CommandId> = new Set([
  commandIds.shareRelayChannel,
  commandIds.stopSharingRelayChannel,
  commandIds.replaceRelayKeys,
  commandIds.setRelayAnswer,
  commandIds.newRelayChannel,
]);

/**
 * What can be done about the relay, in groups, and first what leads on from where it is now. What only a channel's owner
 * may do is offered to nobody else, and what cannot work while the relay is away to nobody.
 */
export function relayMenu(options: RelayMenuOptions): readonly RelayMenuItem[] {
  const t = vscode.l10n.t;
  const groups = [
    heading(t("events and address")),
    ...addressActions(options),
    ...formerActions(options.former),
    heading(t("relay and keys")),
    ...keyActions(options),
    heading(t("troubleshooting")),
    action("$(pulse)", t("Diagnose"), commandIds.diagnose),
    action("$(sync)", t("Reconnect Now"), commandIds.reconnectRelay),
    action("$(gear)", t("Change Relay Settings"), commandIds.openSettings),
    action("$(output)", t("Show Log"), commandIds.openLog),
  ].filter(({ command }) => command === undefined || canWork(command, options));
  const ways = waysOn(options.state);
  const first = ways.flatMap(way => groups.filter(({ command }) => command === way));
  return [...first, ...groups.filter(item => !first.includes(item))];
}

/** A colleague may leave a shared address at any time. */
function canWork(command: CommandId, { state, channel }: RelayMenuOptions): boolean {
  if (state.kind !== "reconnecting" || !neededOfRelay.has(command)) return true;
  return command === commandIds.newRelayChannel && channel?.isGuest === true;
}

function addressActions({ channel, isPublicAddressOpen, answer }: RelayMenuOptions): readonly RelayMenuItem[] {
  const t = vscode.l10n.t;
  const setAnswer = action("$(reply)", t("Set Relay Answer…"), commandIds.setRelayAnswer);
  return [
    action("$(list-flat)", t("Show Event Inspector"), commandIds.openInspector),
    action("$(copy)", t("Copy Relay Address"), commandIds.copyRelayAddress),
    ...(channel?.isGuest === true ? [] : [answer === undefined ? setAnswer : { ...setAnswer, description: answer }]),
    action("$(globe)", t("Get a Public Address…"), commandIds.getPublicAddress),
    ...(isPublicAddressOpen
      ? [action("$(circle-slash)", t("Close the Public Address"), commandIds.stopPublicAddress)]
      : []),
  ];
}

function formerActions(former: readonly FormerAddress[]): readonly RelayMenuItem[] {
  const t = vscode.l10n.t;
  if (former.length === 0) return [];
  const entries = former.flatMap(address => {
    const of = { description: `${placeOf(address.relay)} · ${sendersWords(address)}`, arguments: [address.channel] };
    const send = action("$(arrow-down)", t("Send Subscriptions Here"), commandIds.sendSubscriptionsHere);
    const remove = action("$(trash)", t("Delete Former Address…"), commandIds.deleteFormerAddress);
    return [...(address.senders > 0 ? [{ ...send, ...of }] : []), { ...remove, ...of }];
  });
  return [heading(t("former addresses")), ...entries];
}

function keyActions({ channel, isOwnRelay }: RelayMenuOptions): readonly RelayMenuItem[] {
  const t = vscode.l10n.t;
  const isShared = channel !== undefined && readersOf(channel).length > 0;
  const ofOwner = [
    action("$(person-add)", t("Share This Relay Address…"), commandIds.shareRelayChannel),
    ...(isShared
      ? [action("$(person)", t("Stop Sharing This Relay Address…"), commandIds.stopSharingRelayChannel)]
      : []),
    action("$(lock)", t("Replace Relay Keys…"), commandIds.replaceRelayKeys),
    action("$(new-file)", t("Make a New Relay Address…"), commandIds.newRelayChannel),
  ];
  const ofGuest = [action("$(new-file)", t("Use My Own Address…"), commandIds.newRelayChannel)];
  return [
    action("$(key)", t("Join a Relay…"), commandIds.joinRelay),
    ...(channel?.isGuest === true ? ofGuest : ofOwner),
    ...(isOwnRelay ? [] : [action("$(vm)", t("Use This Machine's Relay…"), commandIds.useOwnRelay)]),
  ];
}

function heading(label: string): RelayMenuItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function action(icon: string, label: string, command: CommandId): RelayMenuItem {
  return { label: `${icon} ${label}`, command };
}
