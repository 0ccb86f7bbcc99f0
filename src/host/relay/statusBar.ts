import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { RelayState } from "../../core/relay/relaySession.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { commandIds } from "../names.ts";
import { settings } from "../settings.ts";

/** The one status bar item: how events are coming in, and the way to the relay's commands. */
export class RelayStatusBar implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  readonly #tunnel: Tunnel;
  readonly #clock: Clock;
  #tick: Disposable | undefined;

  constructor(tunnel: Tunnel, clock: Clock) {
    this.#tunnel = tunnel;
    this.#clock = clock;
    this.#item = this.#store.add(vscode.window.createStatusBarItem("zohoCrm.relay", vscode.StatusBarAlignment.Left, 0));
    this.#item.name = vscode.l10n.t("Zoho CRM Relay");
    this.#item.command = commandIds.showRelay;
    this.#store.add(tunnel.onDidChangeState(() => this.#render()));
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
    this.#item.accessibilityInformation = { label: `Zoho CRM: ${words.long}`, role: "button" };
    this.#item.show();
    // The seconds until the next try are part of the words.
    if (state.kind === "reconnecting") this.#tick = this.#clock.after(second, () => this.#render());
  }

  #tooltip(text: string): vscode.MarkdownString {
    const tooltip = new vscode.MarkdownString(undefined, true);
    tooltip.isTrusted = { enabledCommands: [commandIds.openInspector, commandIds.reconnectRelay, commandIds.openLog] };
    tooltip.appendText(text);
    const relay = settings.relayUrl() ?? vscode.l10n.t("embedded, on this machine");
    tooltip.appendMarkdown("\n\n").appendText(vscode.l10n.t("Relay: {0}", relay));
    const address = this.#tunnel.address;
    if (address !== undefined) tooltip.appendMarkdown("\n\n").appendText(vscode.l10n.t("Notify URL: {0}", address));
    const link = (title: string, command: string): string => `[${title}](command:${command})`;
    tooltip.appendMarkdown(
      `\n\n---\n\n${link(vscode.l10n.t("Show events"), commandIds.openInspector)} · ` +
        `${link(vscode.l10n.t("Reconnect"), commandIds.reconnectRelay)} · ${link(vscode.l10n.t("Log"), commandIds.openLog)}`,
    );
    return tooltip;
  }
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
