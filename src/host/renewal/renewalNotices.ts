import * as vscode from "vscode";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { RenewalKeeper } from "../../core/renewal/renewalKeeper.ts";
import type { RenewalModes } from "../../core/renewal/renewalModes.ts";
import type { ChannelsOf, RenewalTrouble } from "../../core/renewal/renewalStatus.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import { runGuarded, showProblem } from "../commandBoundary.ts";
import { viewIds } from "../names.ts";
import { modulesOf } from "../subscriptions/subscriptionItems.ts";

export interface RenewalNoticesDependencies {
  readonly keeper: RenewalKeeper;
  readonly modes: RenewalModes;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionService;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long to wait for more of the same, so that several connections make one notification. */
const collecting = 2 * second;

/** What renewal tells the person: a question, a report, a failure; each at most one notification at a time. */
export class RenewalNotices implements Disposable {
  readonly #deps: RenewalNoticesDependencies;
  readonly #store = new DisposableStore();

  constructor(deps: RenewalNoticesDependencies) {
    this.#deps = deps;
    const { keeper } = deps;
    const questions = this.#store.add(new Collected(deps.clock, async due => this.#ask(due)));
    const reports = this.#store.add(new Collected(deps.clock, async made => this.#report(made)));
    this.#store.add(keeper.onDidAsk(due => questions.add(due)));
    this.#store.add(keeper.onDidRecreate(made => reports.add(made)));
    this.#store.add(keeper.onDidFail(trouble => void this.#warn(trouble)));
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #ask(due: readonly ChannelsOf[]): Promise<void> {
    const { keeper, modes, logger } = this.#deps;
    const [renew, notNow, always] = [vscode.l10n.t("Renew"), vscode.l10n.t("Not Now"), vscode.l10n.t("Always")];
    const message = vscode.l10n.t("Subscriptions are due for renewal: {0}.", this.#names(due));
    const answer = await vscode.window.showInformationMessage(message, renew, notNow, always);
    if (answer !== renew && answer !== always) return;
    await runGuarded(
      "renew",
      async () => {
        if (answer === always) for (const { connectionId } of due) modes.choose(connectionId, "on");
        await Promise.all(due.map(async channels => keeper.renew(channels)));
      },
      logger,
    );
  }

  async #report(made: readonly ChannelsOf[]): Promise<void> {
    const show = vscode.l10n.t("Show");
    const count = countOf(made);
    const message =
      count === 1
        ? vscode.l10n.t("A subscription had expired and was created again: {0}.", this.#names(made))
        : vscode.l10n.t("{0} subscriptions had expired and were created again: {1}.", count, this.#names(made));
    if ((await vscode.window.showInformationMessage(message, show)) === show) {
      await vscode.commands.executeCommand(`${viewIds.subscriptions}.focus`);
    }
  }

  async #warn(trouble: RenewalTrouble): Promise<void> {
    const message = vscode.l10n.t("Cannot be renewed: {0}. {1}", this.#names([trouble]), trouble.problem.message);
    await showProblem({ ...trouble.problem, message }, async () => this.#deps.keeper.renew(trouble));
  }

  /** The modules of the channels, and where there are several connections, whose they are. */
  #names(all: readonly ChannelsOf[]): string {
    const { connections } = this.#deps;
    const several = connections.list().length > 1;
    return all
      .map(channels => {
        const modules = this.#modules(channels);
        return several ? `${connections.get(channels.connectionId)?.label ?? ""}: ${modules}` : modules;
      })
      .join("; ");
  }

  #modules({ connectionId, channelIds }: ChannelsOf): string {
    const state = this.#deps.subscriptions.stateOf(connectionId);
    const channels = state.kind === "loading" ? [] : state.channels;
    const known = channels.filter(({ channelId }) => channelIds.includes(channelId)).map(modulesOf);
    const named = known.slice(0, mostNamed);
    const more = channelIds.length - named.length;
    if (named.length === 0) return vscode.l10n.t("{0} subscriptions", channelIds.length);
    return more === 0 ? named.join("; ") : vscode.l10n.t("{0} and {1} more", named.join("; "), more);
  }
}

const mostNamed = 3;

function countOf(all: readonly ChannelsOf[]): number {
  return all.reduce((sum, { channelIds }) => sum + channelIds.length, 0);
}

/** Gathers what comes within a moment, and shows it together; what comes while that is up waits until it is gone. */
class Collected implements Disposable {
  readonly #clock: Clock;
  readonly #show: (all: readonly ChannelsOf[]) => Promise<void>;
  #waiting: ChannelsOf[] = [];
  #timer: Disposable | undefined;
  #isUp = false;

  constructor(clock: Clock, show: (all: readonly ChannelsOf[]) => Promise<void>) {
    this.#clock = clock;
    this.#show = show;
  }

  add(channels: ChannelsOf): void {
    this.#waiting.push(channels);
    if (!this.#isUp) this.#timer ??= this.#clock.after(collecting, () => void this.#next());
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#waiting = [];
  }

  async #next(): Promise<void> {
    this.#timer = undefined;
    const all = merged(this.#waiting);
    this.#waiting = [];
    if (all.length === 0) return;
    this.#isUp = true;
    await this.#show(all);
    this.#isUp = false;
    await this.#next();
  }
}

/** One entry for each connection, each channel once. */
function merged(all: readonly ChannelsOf[]): ChannelsOf[] {
  return [...Map.groupBy(all, ({ connectionId }) => connectionId)].map(([connectionId, each]) => ({
    connectionId,
    channelIds: [...new Set(each.flatMap(({ channelIds }) => channelIds))],
  }));
}
