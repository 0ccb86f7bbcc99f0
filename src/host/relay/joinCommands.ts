import * as vscode from "vscode";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import type { PublicAddress } from "../../core/address/publicAddress.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { type JoinLink, createKeyIn, parseJoinLink, parseJoinParts } from "../../protocol/joinLink.ts";
import { withCancellableProgress } from "../cancellableProgress.ts";
import { OfferedError } from "../commandBoundary.ts";
import { askText, back, unnumbered } from "../multiStep.ts";
import { commandIds, settingIds } from "../names.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { settings, writeMachineSetting } from "../settings.ts";

export interface JoinCommandsDependencies {
  readonly tunnel: Tunnel;
  readonly publicAddress: Pick<PublicAddress, "state" | "close">;
}

/** Joining a relay that somebody runs, by a link or its create key. Secrets go from here to the vault and nowhere else. */
export class JoinCommands {
  readonly #deps: JoinCommandsDependencies;

  constructor(deps: JoinCommandsDependencies) {
    this.#deps = deps;
  }

  /** Asks for a link, or for the key of the relay in use. */
  async join(): Promise<void> {
    const current = settings.relayUrl();
    const answer = await askText({
      place: unnumbered(vscode.l10n.t("Join a Relay"), false),
      prompt:
        current === undefined
          ? vscode.l10n.t("Paste the join link or invitation you were given")
          : vscode.l10n.t("Paste the join link or invitation you were given, or the create key of {0}", current),
      // Whoever looks on must not see it.
      password: true,
      validate: text => (readAnswer(text, current) === undefined ? malformed() : undefined),
    });
    const link = answer === back ? undefined : readAnswer(answer, current);
    if (link === undefined) throw new CancelledError();
    await this.#confirmAndJoin(link);
  }

  /** Leaves the relay that somebody runs for this machine's own: also one that gives no address, or is gone for good. */
  async useOwnRelay(): Promise<void> {
    await confirm(
      vscode.l10n.t("Use this machine's relay?"),
      vscode.l10n.t(
        "New subscriptions send to this machine from now on; Zoho CRM reaches it once you get a public address. Events sent to an address of your own at the relay before still arrive while it can be reached, and you can send your subscriptions here.",
      ),
      vscode.l10n.t("Use This Machine's Relay"),
    );
    await writeMachineSetting(settingIds.relayUrl, undefined);
    orThrow(await this.#deps.tunnel.waitForAddress());
    vscode.window.setStatusBarMessage(vscode.l10n.t("This machine's relay is in use"), 5000);
  }

  /** What a link in a browser or a chat opens: anybody may have made it, so nothing is done before the person agrees. */
  async open(uri: vscode.Uri): Promise<void> {
    const link = uri.path === "/join" ? parseJoinParts(uri.query, uri.fragment) : undefined;
    if (link === undefined) {
      throw new ProblemError({ code: "JOIN_LINK_MALFORMED", message: malformed(), remedy: "join-relay" });
    }
    await this.#confirmAndJoin(link);
  }

  async #confirmAndJoin(link: JoinLink): Promise<void> {
    const question =
      link.invitation === undefined
        ? vscode.l10n.t("Receive events through the relay at {0}?", link.relay)
        : vscode.l10n.t("Receive a colleague's events from the relay at {0}?", link.relay);
    await confirm(question, this.#detail(link), vscode.l10n.t("Join"));
    const joined = await withCancellableProgress(vscode.l10n.t("Joining the relay…"), async signal =>
      this.#deps.tunnel.join(link, signal),
    );
    if (!joined.ok && joined.error.remedy === "join-relay") {
      throw new OfferedError(joined.error, vscode.l10n.t("Enter Another Link"), async () => this.join());
    }
    orThrow(joined);
    // That is all of a move: the relay that is left is read on, and what sends there is offered to be brought along.
    await this.#use(link.relay);
    orThrow(await this.#deps.tunnel.waitForAddress());
    vscode.window.setStatusBarMessage(vscode.l10n.t("Joined the relay at {0}", link.relay), 5000);
    // What was shared is to be seen; who has no subscription of their own would look for it in vain.
    if (link.invitation !== undefined) await vscode.commands.executeCommand(commandIds.openInspector);
  }

  #detail({ relay, createKey, invitation }: JoinLink): string {
    const isInClear =
      relay.startsWith("http:") && !/^http:\/\/(127\.\d+\.\d+\.\d+|\[::1\]|localhost)[:/]?/.test(`${relay}/`);
    const sentences = [
      vscode.l10n.t(
        "A relay's operator could read what is sent to it before it's sealed, so join only a relay that you trust.",
      ),
      invitation === undefined ? this.#ownAddressWords(relay) : sharedAddressWords(),
      ...(createKey === undefined ? [] : [vscode.l10n.t("The create key is kept in the editor's secret storage.")]),
      ...(isInClear ? [vscode.l10n.t("The connection to the relay isn't encrypted.")] : []),
      ...(this.#leavesPublicAddress(relay) ? [vscode.l10n.t("This machine's public address will be closed.")] : []),
    ];
    return sentences.join("\n\n");
  }

  /** An address of this editor's own that is left for the relay is read on. */
  #ownAddressWords(relay: string): string {
    const { channel } = this.#deps.tunnel;
    const isMove = relay !== settings.relayUrl() && channel !== undefined && channel.isGuest !== true;
    return isMove
      ? vscode.l10n.t(
          "New subscriptions send there from now on. Events sent to your current address still arrive, and you can send your subscriptions to the new one.",
        )
      : vscode.l10n.t("New subscriptions send there from now on.");
  }

  /** A public address leads to the relay of this machine, and would be put before another relay's. */
  #leavesPublicAddress(relay: string): boolean {
    const isKept = settings.relayPublicUrl() !== undefined || settings.relayTunnel() !== undefined;
    return relay !== settings.relayUrl() && (isKept || this.#deps.publicAddress.state.kind !== "none");
  }

  /** Settings have the relay's address, and nothing that is secret. */
  async #use(relay: string): Promise<void> {
    if (relay === settings.relayUrl()) return;
    const { publicAddress } = this.#deps;
    if (this.#leavesPublicAddress(relay)) {
      publicAddress.close();
      await writeMachineSetting(settingIds.relayTunnel, undefined);
      await writeMachineSetting(settingIds.relayPublicUrl, undefined);
    }
    await writeMachineSetting(settingIds.relayUrl, relay);
  }
}

function readAnswer(text: string, current: string | undefined): JoinLink | undefined {
  if (text.includes("://")) return parseJoinLink(text);
  const createKey = createKeyIn(text);
  if (current === undefined || createKey === undefined) return undefined;
  return { relay: current, createKey, invitation: undefined };
}

function sharedAddressWords(): string {
  return vscode.l10n.t(
    "You'll see everything sent to the address, and your new subscriptions will send to it too. If you have an address of your own at this relay, its events still arrive, and you get it back when you leave this one.",
  );
}

function malformed(): string {
  return vscode.l10n.t(
    "This isn't a complete join link. A join link begins with vscode:// and ends with “format=join-v1”. Ask the sender to copy it again.",
  );
}
