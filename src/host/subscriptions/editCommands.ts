import * as vscode from "vscode";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import type { Borrowing } from "../../core/borrow/borrowing.ts";
import type { ZohoClients } from "../../core/connections/clients.ts";
import type { Connection } from "../../core/connections/connection.ts";
import { type Channel, pointsHere } from "../../core/subscriptions/channel.ts";
import { applyChange, changeBetween } from "../../core/subscriptions/channelChange.ts";
import { type ChannelDetails, withoutRepetition } from "../../core/subscriptions/channelDetails.ts";
import { channelGoneCode } from "../../core/subscriptions/channelProblems.ts";
import { type Difference, differenceWords, differencesBetween } from "../../core/subscriptions/differences.ts";
import { operationsOn } from "../../core/subscriptions/draft.ts";
import { moduleOf } from "../../core/subscriptions/grants.ts";
import type { CreateRequest, SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import type { Tunnel } from "../../core/tunnel/tunnel.ts";
import { instantInFull } from "../instantWords.ts";
import { type Back, back, unnumbered } from "../multiStep.ts";
import { viewIds } from "../names.ts";
import { confirm, productionNames } from "../questions.ts";
import { orThrow } from "../results.ts";
import type { CallDocuments } from "./callDocuments.ts";
import { type ChannelSource, chooseChannel } from "./chooseChannel.ts";
import { changeCondition, editDetails } from "./editDetails.ts";
import { ownerOf } from "./loanWords.ts";
import { editEventsOf } from "./pickEvents.ts";
import { refuseUnreadable } from "./refuseUnreadable.ts";
import { showWarnings } from "./showWarnings.ts";
import { hostOf, modulesOf } from "./subscriptionItems.ts";
import { type ChannelNode, type ModuleNode, asNode, named, unreadableMeant } from "./subscriptionNodes.ts";

export interface EditCommandsDependencies extends ChannelSource {
  readonly clients: ZohoClients;
  readonly subscriptions: SubscriptionService;
  readonly tunnel: Tunnel;
  readonly borrowing: Pick<Borrowing, "find">;
  readonly calls: CallDocuments;
}

/** The commands that change a subscription that is there, and that show what went over the wire. */
export class EditCommands {
  readonly #deps: EditCommandsDependencies;

  constructor(deps: EditCommandsDependencies) {
    this.#deps = deps;
  }

  /** Shows all that a channel is, has it changed line by line, and sends the change once it was looked at. */
  async edit(...args: unknown[]): Promise<void> {
    const { clients, subscriptions, view } = this.#deps;
    refuseUnreadable(args, view.selection);
    const node = await this.#choose(vscode.l10n.t("Edit Subscription"), args);
    await this.#change(node, async base => {
      const { details } = await editDetails(base, {
        base,
        title: vscode.l10n.t("Edit Subscription to {0}", modulesOf(node.channel)),
        finish: vscode.l10n.t("Review and Send…"),
        client: clients.for(node.connection.id),
        ownAddress: async () => this.#ownAddress(),
        isHere: notifyUrl => this.#isHere(notifyUrl),
        now: () => subscriptions.nowAt(node.connection.id),
      });
      return details;
    });
  }

  async editEvents(...args: unknown[]): Promise<void> {
    const node = moduleMeant(args);
    const { module } = node.subscription;
    await this.#change(node, async base => {
      const place = unnumbered(vscode.l10n.t("Edit Events of {0}", module), false);
      const events = await editEventsOf(place, base.events, module);
      return events === back ? back : { ...base, events };
    });
  }

  async editCondition(...args: unknown[]): Promise<void> {
    const node = moduleMeant(args);
    const client = this.#deps.clients.for(node.connection.id);
    await this.#change(node, async base => changeCondition(base, node.subscription.module, { client }));
  }

  /** Drops a module from a channel of several; the last one is the channel, and deleting that is another command. */
  async removeModule(...args: unknown[]): Promise<void> {
    const node = moduleMeant(args);
    const { module } = node.subscription;
    await this.#change(node, async base => {
      const events = base.events.filter(event => moduleOf(event) !== module);
      if (events.length === 0) throw new ProblemError(lastModuleProblem());
      const without = applyChange(base, { removeEvents: base.events.filter(event => !events.includes(event)) });
      return Promise.resolve(without);
    });
  }

  async showLastCall(...args: unknown[]): Promise<void> {
    const unreadable = unreadableMeant(args, this.#deps.view.selection);
    const channel = unreadable === undefined ? undefined : named(unreadable);
    await this.#deps.calls.open(channel ?? (await this.#choose(vscode.l10n.t("Show Last Request and Answer"), args)));
  }

  async copyAsCurl(...args: unknown[]): Promise<void> {
    await this.#deps.calls.copyAsCurl(await this.#choose(vscode.l10n.t("Copy as cURL"), args));
  }

  async #choose(title: string, args: readonly unknown[]): Promise<ChannelNode> {
    return chooseChannel(title, args, this.#deps);
  }

  /** Reads the channel, has `ask` change it, asks once before sending, and shows what Zoho made of it. */
  async #change(
    { connection, channel }: ChannelNode | ModuleNode,
    ask: (base: ChannelDetails) => Promise<ChannelDetails | Back>,
  ): Promise<void> {
    const { subscriptions } = this.#deps;
    const base = orThrow(await this.#withProgress(async () => subscriptions.read(connection.id, channel.channelId)));
    if (base === undefined) throw new ProblemError(goneProblem());
    const wanted = await ask(base);
    if (wanted === back) throw new CancelledError();
    const differences = differencesBetween(base, wanted);
    if (differences.length === 0) {
      vscode.window.setStatusBarMessage(vscode.l10n.t("Nothing to change"), 4000);
      return;
    }
    if (!this.#mayBeThere(channel)) return this.#offerToCreate(connection, wanted);
    await this.#confirmChange({ kind: "channel", connection, channel }, differences, wanted);
    const change = changeBetween(base, wanted);
    const changed = await this.#withProgress(async () =>
      subscriptions.change(connection.id, channel.channelId, now => applyChange(now, change)),
    );
    if (!changed.ok && changed.error.code === channelGoneCode) return this.#offerToCreate(connection, wanted);
    showWarnings(orThrow(changed).warnings);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Changed: {0}", modulesIn(wanted)), 5000);
  }

  /** False where a whole list has the channel no more: somebody, or this person in another window, deleted it meanwhile. */
  #mayBeThere({ connectionId, channelId }: Pick<Channel, "connectionId" | "channelId">): boolean {
    const state = this.#deps.subscriptions.stateOf(connectionId);
    if (state.kind !== "loaded" || !state.complete) return true;
    return state.channels.some(each => each.channelId === channelId);
  }

  /** There is no row left on which it could be created again, and what was chosen must not be lost. */
  async #offerToCreate(connection: Connection, wanted: ChannelDetails): Promise<void> {
    const { subscriptions } = this.#deps;
    await confirm(
      vscode.l10n.t("The subscription to {0} is gone. Create a new one as you wanted it?", modulesIn(wanted)),
      [
        vscode.l10n.t("It was deleted or expired while you were editing it."),
        ...productionNames([connection]).map(name => vscode.l10n.t("{0} is a production organisation.", name)),
      ].join("\n"),
      vscode.l10n.t("Create"),
    );
    const created = await this.#withProgress(async () =>
      subscriptions.create(connection.id, requestOf(wanted, subscriptions.nowAt(connection.id))),
    );
    showWarnings(orThrow(created).warnings);
  }

  /** What is about to change, and whose it is: one look before anything is sent. */
  async #confirmChange(
    { connection, channel }: ChannelNode,
    differences: readonly Difference[],
    wanted: ChannelDetails,
  ): Promise<void> {
    const whose = this.#whose(channel);
    const production = productionNames([connection]).map(name =>
      vscode.l10n.t("{0} is a production organisation.", name),
    );
    const lines = differences.map(difference => this.#words(difference, wanted));
    await confirm(
      vscode.l10n.t("Change the subscription to {0}?", modulesOf(channel)),
      [...lines, ...whose, ...production].join("\n"),
      vscode.l10n.t("Change"),
    );
  }

  /** While it is borrowed, its address says nothing about its owner. */
  #whose(channel: Channel): readonly string[] {
    const loan = this.#deps.borrowing.find(channel.connectionId, channel.channelId);
    if (loan !== undefined) {
      return [vscode.l10n.t("Borrowed from {0}. You're asked what stays when it goes back.", ownerOf(loan))];
    }
    return channel.createdHere
      ? []
      : [vscode.l10n.t("Not created by this editor: it sends to {0}.", hostOf(channel.notifyUrl))];
  }

  #words(difference: Difference, { expiresAt }: ChannelDetails): string {
    if (difference.kind !== "expiry") return differenceWords(difference);
    return vscode.l10n.t("Expires: {0}", instantInFull(expiresAt));
  }

  async #ownAddress(): Promise<string> {
    const { tunnel } = this.#deps;
    return tunnel.address ?? orThrow(await this.#withProgress(async () => tunnel.waitForAddress()));
  }

  #isHere(notifyUrl: string): boolean {
    const { address } = this.#deps.tunnel;
    return address !== undefined && pointsHere({ notifyUrl }, [address]);
  }

  async #withProgress<T>(task: () => Promise<T>): Promise<T> {
    return vscode.window.withProgress({ location: { viewId: viewIds.subscriptions } }, task);
  }
}

function modulesIn({ events }: Pick<ChannelDetails, "events">): string {
  return withoutRepetition(events.map(moduleOf)).join(", ");
}

/** A new channel that is as `details` say; `now` in milliseconds since 1970. */
function requestOf(details: ChannelDetails, now: number): CreateRequest {
  const modules = withoutRepetition(details.events.map(moduleOf));
  return {
    ...details,
    modules: modules.map(module => ({ module, operations: operationsOn(details.events, module) })),
    expiresInMs: details.expiresAt - now,
  };
}

function moduleMeant(args: readonly unknown[]): ModuleNode {
  const node = asNode(args[0]);
  if (node?.kind !== "module") throw new CancelledError();
  return node;
}

function lastModuleProblem(): { code: string; message: string; remedy: "none" } {
  const message = vscode.l10n.t("This is the only module of its subscription. Delete the subscription instead.");
  return { code: "LAST_MODULE", message, remedy: "none" };
}

function goneProblem(): { code: string; message: string; remedy: "refresh" } {
  const message = vscode.l10n.t("Zoho no longer has this subscription: it expired or was deleted. Refresh to see.");
  return { code: "NOT_SUBSCRIBED", message, remedy: "refresh" };
}
