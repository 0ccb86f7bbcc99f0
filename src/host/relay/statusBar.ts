import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
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
import { waysOn } from "./waysOn.ts";

/** The one status bar item: how events are coming in, and the way to the relay's commands. */
export class RelayStatusBar implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  readonly #tunnel: Tunnel;
  readonly #publicAddress: PublicAddress;
  readonly #answer: Pick<SenderAnswer, "known" | "onDidChange">;
  readonly #forwarder: Pick<Forwarder, "state" | "onDidChangeState">;
  readonly #clock: Clock;
  #tick: Disposable | undefined;

  constructor(
    tunnel: Tunnel,
    publicAddress: PublicAddress,
    answer: Pick<SenderAnswer, "known" | "onDidChange">,
    forwarder: Pick<Forwarder, "state" | "onDidChangeState">,
    clock: Clock,
  ) {
    this.#tunnel = tunnel;
    this.#publicAddress = publicAddress;
    this.#answer = answer;
    this.#forwarder = forwarder;
    this.#clock = clock;
    this.#item = this.#store.add(vscode.window.createStatusBarItem("zohoCrm.relay", vscode.StatusBarAlignment.Left, 0));
    this.#item.name = vscode.l10n.t("Zoho CRM Relay");
    this.#item.command = commandIds.showRelay;
    this.#store.add(tunnel.onDidChangeState(() => this.#render()));
    this.#store.add(publicAddress.onDidChange(() => this.#render()));
    this.#store.add(answer.onDidChange(() => this.#render()));
    this.#store.add(forwarder.onDidChangeState(() => this.#render()));
    this.#render();
  }

  dispose(): void {
    this.#tick?.dispose();
    this.#store.dispose();
  }

  #render(): void {
    const state = this.#tunnel.state;
    this.#tick?.dispose();
    if (state.kind === "off") {
      this.#item.hide();
      return;
    }
    const words = stateWords(state, this.#clock.now());
    this.#item.text = `$(${icons[state.kind]}) Zoho CRM: ${words.short}`;
    this.#item.tooltip = this.#tooltip(words.long);
    const spoken = [
      words.long,
      ...this.#publicAddressWords(),
      ...sharingSentences(this.#tunnel),
      ...this.#answerWords(),
      ...forwardingSentences(this.#forwarder.state),
    ].join(" ");
    this.#item.accessibilityInformation = { label: `Zoho CRM: ${spoken}`, role: "button" };
    this.#item.show();
    // The seconds until the next try are part of the words.
    if (state.kind === "reconnecting") this.#tick = this.#clock.after(second, () => this.#render());
  }

  #tooltip(text: string): vscode.MarkdownString {
    const tooltip = new vscode.MarkdownString(undefined, true);
    const links = this.#links();
    tooltip.isTrusted = { enabledCommands: links.map(({ command }) => command) };
    for (const [index, line] of [text, ...this.#details()].entries()) {
      if (index > 0) tooltip.appendMarkdown("\n\n");
      tooltip.appendText(line);
    }
    const shown = links.map(({ title, command }) => `[${title}](command:${command})`);
    tooltip.appendMarkdown(`\n\n---\n\n${shown.join(" · ")}`);
    return tooltip;
  }

  #details(): string[] {
    const t = vscode.l10n.t;
    const { address } = this.#tunnel;
    return [
      t("Relay: {0}", settings.relayUrl() ?? t("embedded, on this machine")),
      ...this.#publicAddressWords(),
      ...(address === undefined ? [] : [t("Notify URL: {0}", address)]),
      ...sharingSentences(this.#tunnel),
      ...this.#answerWords(),
      ...forwardingSentences(this.#forwarder.state),
    ];
  }

  #publicAddressWords(): string[] {
    const sentence = addressSentence(this.#publicAddress.state);
    return sentence === undefined ? [] : [sentence];
  }

  /** The relay's own answer is what people expect: only another one is worth a line. */
  #answerWords(): string[] {
    const { known } = this.#answer;
    return known === undefined ? [] : [answerSentence(known)];
  }

  #links(): vscode.Command[] {
    const t = vscode.l10n.t;
    const isOpen = this.#publicAddress.state.kind === "open";
    return [
      ...waysOn(this.#tunnel.state).map(command => ({ title: wayTitle(command), command })),
      { title: t("Show events"), command: commandIds.openInspector },
      isOpen
        ? { title: t("Close public address"), command: commandIds.stopPublicAddress }
        : { title: t("Get a public address"), command: commandIds.getPublicAddress },
      forwardingLink(this.#forwarder.state),
      { title: t("Reconnect"), command: commandIds.reconnectRelay },
      { title: t("Log"), command: commandIds.openLog },
    ];
  }
}

/** Of what {@link waysOn} gives. */
function wayTitle(command: CommandId): string {
  if (command === commandIds.joinRelay) return vscode.l10n.t("Join a relay");
  if (command === commandIds.newRelayChannel) return vscode.l10n.t("Make a new relay address");
  return vscode.l10n.t("Change relay settings");
}

const icons: Readonly<Record<RelayState["kind"], string>> = {
  off: "circle-slash",
  connecting: "sync~spin",
  "catching-up": "cloud-download",
  live: "radio-tower",
  reconnecting: "sync",
  refused: "error",
};

/** The state in a word or two for the status bar, and as a sentence. `now` in milliseconds since 1970. */
export function stateWords(state: RelayState, now: number): { readonly short: string; readonly long: string } {
  const t = vscode.l10n.t;
  switch (state.kind) {
    case "off":
      return { short: t("Off"), long: t("Not connected to a relay.") };
    case "connecting":
      return { short: t("Connecting"), long: t("Connecting to the relay.") };
    case "catching-up":
      return {
        short: t("Catching up"),
        long: t("Reading what arrived while this editor was away: {0} events to go.", state.behind),
      };
    case "live":
      return { short: t("Live"), long: t("Live: CRM changes appear as they happen.") };
    case "reconnecting": {
      const seconds = Math.max(0, Math.ceil((state.retryAt - now) / second));
      return { short: t("Reconnecting in {0} s", seconds), long: state.problem.message };
    }
    case "refused":
      return { short: t("Refused"), long: state.problem.message };
    default:
      return assertNever(state);
  }
}
