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
        "Who do you share it with? The name stays in this editor, so that you can stop sharing later.",
      ),
      validate: text => (text === "" ? vscode.l10n.t("Enter a name.") : undefined),
    });
    if (name === back) throw new CancelledError();
    await confirm(
      vscode.l10n.t("Share this relay address with {0}?", name),
      vscode.l10n.t(
        "Anyone with the invitation can read everything sent to this address, and what the relay still keeps, until you stop sharing. It holds a read key and the private key that opens the events, so send it in a way that only {0} can read. It's copied to the clipboard, and not shown again.",
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
      placeholder: vscode.l10n.t("Who do you want to stop sharing with?"),
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
        "The relay stops sending to {0}, who keeps what they have read and the private key. To keep new events closed even to someone who gets hold of the relay's files, replace the relay keys afterwards.",
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
        "The address, its events, and its subscriptions stay. The current read key stops working at once, and new events are sealed to a new key. Colleagues you share the address with need a new invitation to read them.",
      ),
      vscode.l10n.t("Replace Keys"),
    );
    orThrow(await this.#tunnel.replaceKeys());
    vscode.window.setStatusBarMessage(vscode.l10n.t("Relay keys replaced"), 5000);
  }
}

function ownMachineOnly(): Problem {
  const message = vscode.l10n.t(
    "Your colleagues can't reach this machine's relay. Join a relay that they can reach, then share your address there.",
  );
  return { code: "RELAY_OF_THIS_MACHINE", message, remedy: "join-relay" };
}

function sharedWithNobody(): Problem {
  const message = vscode.l10n.t("You don't share this relay address with anyone.");
  return { code: "RELAY_NOT_SHARED_BY_YOU", message, remedy: "none" };
}
