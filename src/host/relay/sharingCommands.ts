import * as vscode from "vscode";
import type { ChannelReader } from "../../core/relay/relayChannel.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { isPublic } from "../../base/publicHost.ts";
import { readersOf } from "../../core/tunnel/channelSharing.ts";
import { formatJoinLink } from "../../protocol/joinLink.ts";
import { CancelledError, type Problem } from "../../base/problem.ts";
import { OfferedError } from "../commandBoundary.ts";
import { askText, back, pickOne, unnumbered } from "../multiStep.ts";
import { commandIds } from "../names.ts";
import { confirm } from "../questions.ts";
import { orThrow } from "../results.ts";
import { settings } from "../settings.ts";
import { ownChannel } from "./ownChannel.ts";

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
    if (settings.relayUrl() === undefined) throw ownMachineOnly();
    const channel = await ownChannel(this.#tunnel);
    const name = await askText({
      place: unnumbered(vscode.l10n.t("Share This Relay Address"), false),
      prompt: vscode.l10n.t(
        "Who are you sharing it with? The name is kept only in this editor, so that you can stop sharing later.",
      ),
      validate: text => (text === "" ? vscode.l10n.t("Enter a name.") : undefined),
    });
    if (name === back) throw new CancelledError();
    const earlier = readersOf(channel).filter(reader => reader.name === name);
    await confirmSharing(name, { isShared: earlier.length > 0, relayUrl: channel.relayUrl });
    // First, as the relay may allow no more readers.
    for (const { id } of earlier) orThrow(await this.#tunnel.stopSharing(id));
    const link = orThrow(await this.#tunnel.share(name));
    await vscode.env.clipboard.writeText(formatJoinLink(this.#extensionId, link));
    vscode.window.setStatusBarMessage(vscode.l10n.t("Invitation for {0} copied", name), 5000);
  }

  /** The colleague's key reads no more. What they have read they have, and the private key, too: so it says what to do. */
  async stopSharing(): Promise<void> {
    await ownChannel(this.#tunnel);
    const readers = orThrow(await this.#tunnel.readers());
    if (readers.length === 0) {
      throw new OfferedError(sharedWithNobody(), vscode.l10n.t("Share This Relay Address…"), async () => this.share());
    }
    const reader = await pickOne({
      place: unnumbered(vscode.l10n.t("Stop Sharing This Relay Address"), false),
      placeholder: vscode.l10n.t("Who do you want to stop sharing with?"),
      choices: readers.map(each => ({
        label: each.name ?? vscode.l10n.t("Unknown reader"),
        description: vscode.l10n.t("since {0}", new Date(each.createdAt).toLocaleDateString(vscode.env.language)),
        value: each,
      })),
    });
    if (reader === back) throw new CancelledError();
    await confirmStop(reader.name);
    orThrow(await this.#tunnel.stopSharing(reader.id));
    void offerToReplaceKeys(reader.name);
  }

  async replaceKeys(): Promise<void> {
    await ownChannel(this.#tunnel);
    await confirm(
      vscode.l10n.t("Replace the keys of this relay address?"),
      vscode.l10n.t(
        "The address, its events, and its subscriptions stay. The current read key stops working at once, and new events are sealed to a new key. Colleagues you share the address with need a new invitation to read them.",
      ),
      vscode.l10n.t("Replace Keys"),
    );
    orThrow(await this.#tunnel.replaceKeys());
    const readers = readersOf(this.#tunnel.channel ?? {});
    if (readers.length > 0) void offerToInvite(readers);
    else vscode.window.setStatusBarMessage(vscode.l10n.t("Relay keys replaced"), 5000);
  }
}

async function confirmSharing(
  name: string,
  { isShared, relayUrl }: { readonly isShared: boolean; readonly relayUrl: string },
): Promise<void> {
  const detail = [
    ...(isPublic(new URL(relayUrl))
      ? []
      : [
          vscode.l10n.t(
            "The relay at {0} can be reached from this machine or network only. On any other, {1} can't use the invitation.",
            relayUrl,
            name,
          ),
        ]),
    vscode.l10n.t(
      "Anyone with the invitation can read everything sent to this address, including what the relay still keeps, until you stop sharing. It holds a read key and the private key that opens the events, so send it where only {0} can read it. It's copied to the clipboard, and not shown again.",
      name,
    ),
    vscode.l10n.t("{0} opens it as a link, or pastes it into “Zoho CRM: Join a Relay…”.", name),
    ...(isShared ? [vscode.l10n.t("You already share it with {0}. The earlier invitation stops working.", name)] : []),
  ];
  const question = vscode.l10n.t("Share this relay address with {0}?", name);
  await confirm(question, detail.join("\n\n"), vscode.l10n.t("Copy Invitation"));
}

/** `name` is undefined for a reader of whom only the relay knows. */
async function confirmStop(name: string | undefined): Promise<void> {
  const question =
    name === undefined
      ? vscode.l10n.t("Stop sharing this relay address with a reader that this editor doesn't know?")
      : vscode.l10n.t("Stop sharing this relay address with {0}?", name);
  const detail =
    name === undefined
      ? vscode.l10n.t(
          "The relay stops sending events to whoever has that read key. Replace the relay keys afterwards, so that they can't open new events.",
        )
      : vscode.l10n.t(
          "The relay stops sending events to {0}. {0} keeps the private key and the events already received. Replace the relay keys afterwards, so that this private key can't open new events.",
          name,
        );
  await confirm(question, detail, vscode.l10n.t("Stop Sharing"));
}

async function offerToReplaceKeys(name: string | undefined): Promise<void> {
  const replace = vscode.l10n.t("Replace Relay Keys…");
  const message =
    name === undefined
      ? vscode.l10n.t("You no longer share this relay address with that reader.")
      : vscode.l10n.t("You no longer share this relay address with {0}.", name);
  const pressed = await vscode.window.showInformationMessage(message, replace);
  if (pressed === replace) await vscode.commands.executeCommand(commandIds.replaceRelayKeys);
}

async function offerToInvite(readers: readonly ChannelReader[]): Promise<void> {
  const share = vscode.l10n.t("Share This Relay Address…");
  const names = readers.map(({ name }) => name).join(", ");
  const message = vscode.l10n.t(
    "Relay keys replaced. Each colleague you share the address with needs a new invitation to read new events: {0}.",
    names,
  );
  const pressed = await vscode.window.showInformationMessage(message, share);
  if (pressed === share) await vscode.commands.executeCommand(commandIds.shareRelayChannel);
}

function ownMachineOnly(): OfferedError {
  const message = vscode.l10n.t(
    "Your colleagues can't reach this machine's relay. Join a relay that they can reach, then share your address there.",
  );
  const join = async (): Promise<unknown> => vscode.commands.executeCommand(commandIds.joinRelay);
  const problem: Problem = { code: "RELAY_OF_THIS_MACHINE", message, remedy: "join-relay" };
  return new OfferedError(problem, vscode.l10n.t("Join a Relay…"), join);
}

function sharedWithNobody(): Problem {
  const message = vscode.l10n.t("You don't share this relay address with anyone.");
  return { code: "RELAY_NOT_SHARED_BY_YOU", message, remedy: "none" };
}
