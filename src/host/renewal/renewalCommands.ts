import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import type { RenewalKeeper } from "../../core/renewal/renewalKeeper.ts";
import type { RenewalModes } from "../../core/renewal/renewalModes.ts";
import { type RenewalMode, renewalModes } from "../../core/renewal/renewalStatus.ts";
import { confirm } from "../questions.ts";
import { settings } from "../settings.ts";
import { hostOf, modulesOf } from "../subscriptions/subscriptionItems.ts";
import { type ChannelNode, type SubscriptionNode, asNode, channelsMeant } from "../subscriptions/subscriptionNodes.ts";
import { modeWords } from "./renewalWords.ts";

export interface RenewalCommandsDependencies {
  readonly keeper: RenewalKeeper;
  readonly modes: RenewalModes;
  readonly view: vscode.TreeView<SubscriptionNode>;
}

interface ModeItem extends vscode.QuickPickItem {
  readonly mode: RenewalMode | undefined;
}

/** What the person says about renewal: for a connection, and for single subscriptions. */
export class RenewalCommands {
  readonly #deps: RenewalCommandsDependencies;

  constructor(deps: RenewalCommandsDependencies) {
    this.#deps = deps;
  }

  async chooseMode(...args: unknown[]): Promise<void> {
    const connection = asNode(args[0])?.connection;
    if (connection === undefined) throw new CancelledError();
    const { modes } = this.#deps;
    const title = vscode.l10n.t("Automatic Renewal for {0}", connection.label);
    const picked = await vscode.window.showQuickPick(choices(modes.chosen(connection.id)), { title });
    if (picked === undefined) throw new CancelledError();
    modes.choose(connection.id, picked.mode);
  }

  /** Keeps somebody else's subscriptions alive from now on, after saying whose address they point to. */
  async adopt(...args: unknown[]): Promise<void> {
    const nodes = this.#meant(args);
    const lines = nodes.map(({ channel }) =>
      vscode.l10n.t("{0}: sends to {1}. That does not change.", modulesOf(channel), hostOf(channel.notifyUrl)),
    );
    const [first] = nodes;
    const question =
      nodes.length === 1 && first !== undefined
        ? vscode.l10n.t("Renew the subscription to {0} automatically from this editor?", modulesOf(first.channel))
        : vscode.l10n.t("Renew {0} subscriptions automatically from this editor?", nodes.length);
    const detail = [vscode.l10n.t("It was created elsewhere, and may be meant to end."), ...lines].join("\n");
    await confirm(question, detail, vscode.l10n.t("Adopt"));
    for (const { channel } of nodes) await this.#deps.keeper.adopt(channel);
  }

  setStopped(stopped: boolean, ...args: unknown[]): void {
    for (const { channel } of this.#meant(args)) this.#deps.keeper.setStopped(channel, stopped);
  }

  #meant(args: readonly unknown[]): ChannelNode[] {
    const nodes = channelsMeant(args, this.#deps.view.selection);
    if (nodes.length === 0) throw new CancelledError();
    return nodes;
  }
}

function choices(chosen: RenewalMode | undefined): ModeItem[] {
  const current = vscode.l10n.t("current");
  const described = (mode: RenewalMode | undefined): { description: string } | undefined =>
    mode === chosen ? { description: current } : undefined;
  return [
    ...renewalModes.map(mode => ({ ...modeWords(mode), ...described(mode), mode })),
    {
      label: vscode.l10n.t("As in the Settings"),
      detail: vscode.l10n.t("Now: {0}", modeWords(settings.renewalMode()).label),
      ...described(undefined),
      mode: undefined,
    },
  ];
}
