import * as vscode from "vscode";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { readersOf } from "../../core/tunnel/channelSharing.ts";
import { formatJoinLink } from "../../protocol/joinLink.ts";
import { CancelledError, type Problem, ProblemError } from "../../base/problem.ts";
import { askText, back, pickOne, unnumbered } from "../multiStep.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { settings } from "../settings.ts";

/** Sharing the relay address with colleagues, and replacing its keys. */
export class SharingCommands {
  readonly #tunnel: Tunnel;
  readonly #extensionId: string;

  constructor(tunnel: Tunnel, extensionId: string) {
    this.#tunnel = tunnel;
    this.#extensionId = extensionId;
  }

  /** Makes an invitation for one colleague. It is shown this once: as a text to copy, which no log or setting has. */
  async share(): Promise<void> {
    if (settings.relayUrl() === undefined) throw new ProblemError(ownMachineOnly());
    orThrow(await this.#tunnel.waitForAddress());
    const name = await askText({
      place: unnumbered(vscode.l10n.t("Share This Relay Address"), false),
      prompt: vscode.l10n.t(
        "With whom? The name stays in this editor, for the list of those whom you can stop sharing with.",
      ),
      validate: text => (text === "" ? vscode.l10n.t("A name, please.") : undefined),
    });
    if (name === back) throw new CancelledError();
    await confirm(
      vscode.l10n.t("Share this relay address with {0}?", name),
      vscode.l10n.t(
        "Whoever has the invitation reads all that is sent to this address, and what the relay still keeps, until you stop sharing. It holds a read key and the private key that opens the events, so send it by a way that only {0} reads. It is copied to the clipboard, this once.",
        name,
      ),
      vscode.l10n.t("Copy Invitation"),
    );
    const link = orThrow(await this.#tunnel.share(name));
    await vscode.env.clipboard.writeText(formatJoinLink(this.#extensionId, link));
    vscode.window.setStatusBarMessage(vscode.l10n.t("Invitation for {0} copied", name), 5000);
  }

  /** The colleague's key reads no more. What they have read they have, and the private key, too: so it says what to do. */
  async stopSharing(): Promise<void> {
    orThrow(await this.#tunnel.waitForAddress());
    const channel = this.#tunnel.channel;
    const readers = channel === undefined ? [] : readersOf(channel);
    if (readers.length === 0) throw new ProblemError(sharedWithNobody());
    const reader = await pickOne({
      place: unnumbered(vscode.l10n.t("Stop Sharing This Relay Address"), false),
      placeholder: vscode.l10n.t("With whom?"),
      choices: readers.map(each => ({
        label: each.name,
        description: vscode.l10n.t("since {0}", new Date(each.createdAt).toLocaleDateString(vscode.env.language)),
        value: each,
      })),
    });
    if (reader === back) throw new CancelledError();
    await confirm(
      vscode.l10n.t("Stop sharing this relay address with {0}?", reader.name),
      vscode.l10n.t(
        "The relay sends nothing more to {0}. What was read before is theirs, and so is the private key: replace the relay keys afterwards if what comes in from now on must stay closed even to somebody who gets hold of the relay's files.",
        reader.name,
      ),
      vscode.l10n.t("Stop Sharing"),
    );
    orThrow(await this.#tunnel.stopSharing(reader.id));
    vscode.window.setStatusBarMessage(vscode.l10n.t("No longer shared with {0}", reader.name), 5000);
  }

  async replaceKeys(): Promise<void> {
    await confirm(
      vscode.l10n.t("Replace the keys of this relay address?"),
      vscode.l10n.t(
        "The address, its events and its subscriptions stay. The read key of before stops at once, and what comes in from now on is sealed to a new key. Colleagues with whom you share the address need a new invitation to read that.",
      ),
      vscode.l10n.t("Replace Keys"),
    );
    orThrow(await this.#tunnel.replaceKeys());
    vscode.window.setStatusBarMessage(vscode.l10n.t("Relay keys replaced"), 5000);
  }
}

function ownMachineOnly(): Problem {
  const message = vscode.l10n.t(
    "The relay of this machine cannot be reached by others. Join one that your colleagues can reach, then share your address there.",
  );
  return { code: "RELAY_OF_THIS_MACHINE", message, remedy: "join-relay" };
}

function sharedWithNobody(): Problem {
  const message = vscode.l10n.t("This relay address is shared with nobody.");
  return { code: "RELAY_NOT_SHARED_BY_YOU", message, remedy: "none" };
}
