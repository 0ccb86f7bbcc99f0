import * as vscode from "vscode";
import type { RelayChannel } from "../../core/relay/relayChannel.ts";
import { readersOf } from "../../core/tunnel/channelSharing.ts";
import { type CommandId, commandIds } from "../names.ts";

export interface RelayMenuOptions {
  /** What leads on from where the relay is now: it comes first. */
  readonly waysOn: readonly CommandId[];
  /** The channel in use, as far as it is known. */
  readonly channel: RelayChannel | undefined;
  readonly isPublicAddressOpen: boolean;
  /** What senders get, where that was chosen. */
  readonly answer: string | undefined;
}

/** An entry of the menu; a heading has no command. */
export interface RelayMenuItem extends vscode.QuickPickItem {
  readonly command?: CommandId;
}

/** What can be done about the relay, in groups. What only a channel's owner may do is offered to nobody else. */
export function relayMenu(options: RelayMenuOptions): readonly RelayMenuItem[] {
  const t = vscode.l10n.t;
  const groups = [
    heading(t("events and address")),
    ...addressActions(options),
    heading(t("relay and keys")),
    ...keyActions(options.channel),
    heading(t("troubleshooting")),
    action("$(pulse)", t("Diagnose"), commandIds.diagnose),
    action("$(sync)", t("Reconnect Now"), commandIds.reconnectRelay),
    action("$(gear)", t("Change Relay Settings"), commandIds.openSettings),
    action("$(output)", t("Show Log"), commandIds.openLog),
  ];
  const first = options.waysOn.flatMap(way => groups.filter(({ command }) => command === way));
  return [...first, ...groups.filter(item => !first.includes(item))];
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

function keyActions(channel: RelayChannel | undefined): readonly RelayMenuItem[] {
  const t = vscode.l10n.t;
  const isShared = channel !== undefined && readersOf(channel).length > 0;
  const ofOwner = [
    action("$(person-add)", t("Share This Relay Address…"), commandIds.shareRelayChannel),
    ...(isShared
      ? [action("$(person)", t("Stop Sharing This Relay Address…"), commandIds.stopSharingRelayChannel)]
      : []),
    action("$(lock)", t("Replace Relay Keys…"), commandIds.replaceRelayKeys),
  ];
  return [
    action("$(key)", t("Join a Relay…"), commandIds.joinRelay),
    ...(channel?.isGuest === true ? [] : ofOwner),
    action("$(new-file)", t("Make a New Relay Address…"), commandIds.newRelayChannel),
  ];
}

function heading(label: string): RelayMenuItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function action(icon: string, label: string, command: CommandId): RelayMenuItem {
  return { label: `${icon} ${label}`, command };
}
