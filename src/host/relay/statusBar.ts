import * as vscode from "vscode";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, type Event } from "../../base/lifecycle.ts";
import type { Problem } from "../../base/problem.ts";
import { type FormerAddressesSource, formerAddresses, inVain } from "../../core/address/formerAddresses.ts";
import { formerSentence, placeOf } from "../../core/address/formerWords.ts";
import type { Forwarder } from "../../core/forwarding/forwarder.ts";
import { answerSentence } from "../../core/relay/answerWords.ts";
import type { RelayState } from "../../core/relay/relaySession.ts";
import type { PublicAddress } from "../../core/address/publicAddress.ts";
import type { SenderAnswer } from "../../core/tunnel/senderAnswer.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { type CommandId, commandIds } from "../names.ts";
import { addressSentence } from "../address/addressWords.ts";
import { forwardingLink, forwardingSentences } from "../forwarding/forwardingWords.ts";
import { settings } from "../settings.ts";
import { sharingSentences } from "./sharingWords.ts";
import { stateWords } from "./stateWords.ts";
import { waysOn } from "./waysOn.ts";

export interface RelayStatusBarDependencies extends FormerAddressesSource {
  readonly tunnel: Tunnel;
  readonly publicAddress: PublicAddress;
  readonly answer: Pick<SenderAnswer, "known" | "onDidChange">;
  readonly forwarder: Pick<Forwarder, "state" | "onDidChangeState">;
  readonly former: FormerAddressesSource["former"] & { readonly onDidChange: Event<void> };
  readonly subscriptions: FormerAddressesSource["subscriptions"] & { readonly onDidChange: Event<unknown> };
  readonly clock: Clock;
}

interface Shown {
  readonly icon: string;
  readonly short: string;
  readonly long: string;
}

/** The one status bar item: how events are coming in, and the way to the relay's commands. */
export class RelayStatusBar implements Disposable {
  readonly #deps: RelayStatusBarDependencies;
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  #tick: Disposable | undefined;
  /** Why the relay is connected to once more, until it was reached. */
  #trouble: Problem | undefined;

  constructor(deps: RelayStatusBarDependencies) {
    this.#deps = deps;
    this.#item = this.#store.add(vscode.window.createStatusBarItem("zohoCrm.relay", vscode.StatusBarAlignment.Left, 0));
    this.#item.name = vscode.l10n.t("Zoho CRM Relay");
    this.#item.command = commandIds.showRelay;
    const { tunnel, publicAddress, answer, forwarder, former, subscriptions } = deps;
    const render = (): void => this.#render();
    this.#store.add(tunnel.onDidChangeState(render));
    this.#store.add(publicAddress.onDidChange(render));
    this.#store.add(answer.onDidChange(render));
    this.#store.add(forwarder.onDidChangeState(render));
    this.#store.add(former.onDidChange(render));
    this.#store.add(subscriptions.onDidChange(render));
    this.#render();
  }

  dispose(): void {
    this.#tick?.dispose();
    this.#store.dispose();
  }

  #render(): void {
    const { state } = this.#deps.tunnel;
    this.#tick?.dispose();
    if (state.kind === "reconnecting") this.#trouble = state.problem;
    else if (state.kind !== "connecting") this.#trouble = undefined;
    if (state.kind === "off") {
      this.#item.hide();
      return;
    }
    const shown = this.#shown(state);
    this.#item.text = `$(${shown.icon}) Zoho CRM: ${shown.short}`;
    this.#showTooltip(shown.long);
    const spoken = [shown.long, ...this.#sentences()].join(" ");
    this.#item.accessibilityInformation = { label: `Zoho CRM: ${spoken}`, role: "button" };
    this.#item.show();
    // The seconds until the next try are part of the words.
    if (state.kind === "reconnecting") this.#tick = this.#deps.clock.after(second, () => this.#render());
  }

  /** Where all is well at the relay in use, what is sent to a former address in vain is worth a warning. */
  #shown(state: RelayState): Shown {
    const words = stateWords(state, this.#deps.clock.now(), this.#trouble);
    const former = state.kind === "live" ? inVain(formerAddresses(this.#deps)) : undefined;
    if (former === undefined) return { ...words, icon: icons[state.kind] };
    const long = vscode.l10n.t(
      "Live, but events that are sent to your former address at {0} don't arrive now.",
      placeOf(former.relay),
    );
    return { icon: "warning", short: vscode.l10n.t("Former address down"), long };
  }

  /** One that has not changed stays open under the pointer. */
  #showTooltip(text: string): void {
    const tooltip = this.#tooltip(text);
    const { tooltip: before } = this.#item;
    if (typeof before !== "object" || before.value !== tooltip.value) this.#item.tooltip = tooltip;
  }

  #tooltip(text: string): vscode.MarkdownString {
    const tooltip = new vscode.MarkdownString(undefined, true);
    const links = this.#links();
    tooltip.isTrusted = { enabledCommands: links.map(({ command }) => command) };
    for (const [index, line] of [text, ...this.#details()].entries()) {
      if (index > 0) tooltip.appendMarkdown("\n\n");
      appendWords(tooltip, line);
    }
    const shown = links.map(({ title, command }) => `[${title}](command:${command})`);
    tooltip.appendMarkdown(`\n\n---\n\n${shown.join(" · ")}`);
    return tooltip;
  }

  #details(): string[] {
    const t = vscode.l10n.t;
    const { address } = this.#deps.tunnel;
    return [
      t("Relay: {0}", settings.relayUrl() ?? t("embedded, on this machine")),
      ...(address === undefined ? [] : [t("Notify URL: {0}", address)]),
      ...this.#sentences(),
    ];
  }

  #sentences(): string[] {
    const { tunnel, publicAddress, answer, forwarder } = this.#deps;
    const ofAddress = addressSentence(publicAddress.state);
    return [
      ...(ofAddress === undefined ? [] : [ofAddress]),
      ...sharingSentences(tunnel),
      // The relay's own answer is what people expect: only another one is worth a line.
      ...(answer.known === undefined ? [] : [answerSentence(answer.known)]),
      ...forwardingSentences(forwarder.state),
      ...formerAddresses(this.#deps).map(formerSentence),
    ];
  }

  #links(): vscode.Command[] {
    const t = vscode.l10n.t;
    const { tunnel, publicAddress, forwarder } = this.#deps;
    const isOpen = publicAddress.state.kind === "open";
    const ways = waysOn(tunnel.state);
    const former = formerAddresses(this.#deps);
    return [
      ...ways.map(command => ({ title: wayTitle(command, tunnel.channel?.isGuest === true), command })),
      ...(former.some(({ senders }) => senders > 0)
        ? [{ title: t("Send subscriptions here"), command: commandIds.sendSubscriptionsHere }]
        : []),
      ...(former.length > 0 ? [{ title: t("Delete former address"), command: commandIds.deleteFormerAddress }] : []),
      { title: t("Show events"), command: commandIds.openInspector },
      isOpen
        ? { title: t("Close public address"), command: commandIds.stopPublicAddress }
        : { title: t("Get a public address"), command: commandIds.getPublicAddress },
      forwardingLink(forwarder.state),
      ...(ways.includes(commandIds.reconnectRelay) ? [] : [wayBack()]),
      { title: t("Log"), command: commandIds.openLog },
    ];
  }
}

function wayBack(): vscode.Command {
  return { title: vscode.l10n.t("Reconnect"), command: commandIds.reconnectRelay };
}

/** Of what {@link waysOn} gives. */
function wayTitle(command: CommandId, isGuest: boolean): string {
  const t = vscode.l10n.t;
  if (command === commandIds.reconnectRelay) return wayBack().title;
  if (command === commandIds.joinRelay) return t("Join a relay");
  if (command === commandIds.useOwnRelay) return t("Use this machine's relay");
  if (command === commandIds.newRelayChannel) return isGuest ? t("Use my own address") : t("Make a new relay address");
  return t("Change relay settings");
}

/** As text, whatever is in it. `appendText` alone keeps the spaces from being broken at. */
function appendWords(tooltip: vscode.MarkdownString, text: string): void {
  for (const [index, word] of text.split(" ").entries()) {
    if (index > 0) tooltip.appendMarkdown(" ");
    tooltip.appendText(word);
  }
}

const icons: Readonly<Record<RelayState["kind"], string>> = {
  off: "circle-slash",
  connecting: "sync~spin",
  "catching-up": "cloud-download",
  live: "inbox",
  reconnecting: "sync",
  refused: "error",
};
