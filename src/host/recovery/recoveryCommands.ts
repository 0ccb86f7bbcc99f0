import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import { CancelledError, type Problem } from "../../base/problem.ts";
import { formatNames } from "../../core/filter/formatFilter.ts";
import type { EventHistory } from "../../core/history/eventHistory.ts";
import type { TokenVerifier } from "../../core/events/verification.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import type { AutomaticRecovery } from "../../core/recovery/automaticRecovery.ts";
import { lastDelivery } from "../../core/recovery/deliveredChanges.ts";
import { type RecoveryReport, recoveredCount } from "../../core/recovery/recoveryReport.ts";
import { reportSentence } from "../../core/recovery/reportText.ts";
import type { RecoveryRequest, RecoveryService } from "../../core/recovery/recoveryService.ts";
import { watchedModules } from "../../core/recovery/watched.ts";
import type { Channel } from "../../core/subscriptions/channel.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import { showProblem } from "../commandBoundary.ts";
import type { InspectorView } from "../inspector/inspectorView.ts";
import { orThrow } from "../results.ts";
import { type ChannelSource, chooseChannel } from "../subscriptions/chooseChannel.ts";
import { modulesOf } from "../subscriptions/subscriptionItems.ts";
import { askSince } from "./askSince.ts";
import type { RecoveryReports } from "./recoveryReports.ts";

export interface RecoveryCommandsDependencies extends ChannelSource {
  readonly recovery: RecoveryService;
  readonly subscriptions: SubscriptionService;
  readonly automatic: AutomaticRecovery;
  readonly history: EventHistory;
  readonly tokens: TokenVerifier;
  readonly model: InspectorModel;
  readonly inspector: InspectorView;
  readonly reports: RecoveryReports;
  readonly clock: Clock;
}

/** Looks for missed changes when the person asks, and tells what was found, also when nobody asked. */
export class RecoveryCommands {
  readonly #deps: RecoveryCommandsDependencies;
  /** Said once: it is tried again by itself, and a notification for each try would be too many. */
  #hasToldFailure = false;

  constructor(deps: RecoveryCommandsDependencies) {
    this.#deps = deps;
  }

  /** Finds what the channel missed since a time that the person chooses, and says how it went whatever was found. */
  async find(...args: unknown[]): Promise<void> {
    const title = vscode.l10n.t("Find Missed Changes");
    const { connection, channel } = await chooseChannel(title, args, this.#deps);
    const asked = await askSince(title, this.#deps.clock.now(), {
      lastEvent: await lastDelivery(this.#deps, channel.channelId),
      lastExpiry: this.#lastExpiry(connection.id, channel),
    });
    const forgotten = this.#deps.history.forgottenUntil();
    const from = Math.max(asked, forgotten);
    const watched = watchedModules(channel.subscriptions);
    const request = { connectionId: connection.id, channelId: channel.channelId, watched, from };
    const report = await this.#run({ ...request, to: this.#deps.clock.now() }, modulesOf(channel));
    void this.#tell(report, from > asked ? forgottenWords(forgotten) : undefined);
  }

  #lastExpiry(connectionId: string, { channelId, expiresAt }: Channel): number | undefined {
    return expiresAt <= this.#deps.subscriptions.nowAt(connectionId)
      ? expiresAt
      : this.#deps.automatic.lastLapse(connectionId, channelId);
  }

  async #run(request: RecoveryRequest, modules: string): Promise<RecoveryReport> {
    const title = vscode.l10n.t("Looking for missed changes of {0}", modules);
    const location = vscode.ProgressLocation.Notification;
    return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, stop) => {
      const abort = new AbortController();
      const stopping = stop.onCancellationRequested(() => abort.abort());
      const outcome = await this.#deps.recovery.recover(request, {
        signal: abort.signal,
        onProgress: ({ module, records }) =>
          progress.report({ message: vscode.l10n.t("{0}: {1} records read", module, records) }),
      });
      stopping.dispose();
      if (abort.signal.aborted) throw new CancelledError();
      return orThrow(outcome);
    });
  }

  /** Shows what was found without anybody asking, where there is something to see. */
  showFound(report: RecoveryReport): void {
    this.#hasToldFailure = false;
    const isWorthTelling = recoveredCount(report) > 0 || report.modules.some(each => each.problem !== undefined);
    if (isWorthTelling) void this.#tell(report);
  }

  async #tell(report: RecoveryReport, remark?: string): Promise<void> {
    const show = vscode.l10n.t("Show");
    const details = vscode.l10n.t("Details");
    const buttons = report.firstId === undefined ? [details] : [show, details];
    const pressed = await vscode.window.showInformationMessage(
      [reportSentence(report), remark].join(" ").trim(),
      ...buttons,
    );
    if (pressed === show) await this.#show(report);
    if (pressed === details) await this.#deps.reports.show(report);
  }

  async #show({ channelId, firstId }: RecoveryReport): Promise<void> {
    this.#deps.model.setFilter(formatNames({ channel: channelId }));
    await this.#deps.inspector.show();
    if (firstId !== undefined) this.#deps.model.reveal(firstId);
  }

  showFailure(problem: Problem): void {
    if (this.#hasToldFailure) return;
    this.#hasToldFailure = true;
    const message = vscode.l10n.t("Missed changes could not be looked for yet. {0}", problem.message);
    void showProblem({ ...problem, message }, async () => {
      this.#deps.automatic.resume();
      return Promise.resolve();
    });
  }
}

/** What was delivered before cannot be told from what was missed any more. */
function forgottenWords(until: number): string {
  const time = new Date(until).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return vscode.l10n.t("Only changes after {0} were looked for, as events before that are no longer kept here.", time);
}
