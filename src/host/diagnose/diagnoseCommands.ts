import * as vscode from "vscode";
import { CancelledError } from "../../base/problem.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { type Diagnosis, diagnose } from "../../core/diagnose/diagnose.ts";
import type { DiagnoseDependencies } from "../../core/diagnose/evidence.ts";
import type { CheckedLink } from "../../core/diagnose/finding.ts";
import { formatReport, subjectWords, verdictWords } from "../../core/diagnose/report.ts";
import type { ShapeNotes } from "../../core/diagnose/shapes/shapeNotes.ts";
import { type Channel, expiryHealth } from "../../core/subscriptions/channel.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import { type Choice, type StepPlace, back, pickOne } from "../multiStep.ts";
import { modulesOf, targetOf } from "../subscriptions/subscriptionItems.ts";
import { type SubscriptionNode, asNode, unreadableMeant } from "../subscriptions/subscriptionNodes.ts";
import type { ShownDiagnosis } from "./diagnosisDocuments.ts";
import { type Mend, type MendSubject, mendFor } from "./mend.ts";

export interface DiagnoseCommandsDependencies {
  readonly evidence: DiagnoseDependencies;
  readonly connections: Pick<ConnectionStore, "get" | "list">;
  readonly subscriptions: Pick<SubscriptionService, "stateOf">;
  readonly documents: {
    show(shown: ShownDiagnosis): Promise<unknown>;
    /** The one that a document shows; without a document, that of the active editor. */
    get(uri: unknown): ShownDiagnosis | undefined;
  };
  readonly view: { readonly selection: readonly SubscriptionNode[] };
  /** Version of the extension. */
  readonly version: string;
  /** Forms of what Zoho sent that the parsers did not know. */
  readonly shapes: Pick<ShapeNotes, "list">;
}

/** What is diagnosed: the channel of a connection, or without one the way to this editor in general. */
interface Subject extends MendSubject {
  readonly connectionId: string;
}

/** Diagnose, its report, and the button that mends what it found. */
export class DiagnoseCommands {
  readonly #deps: DiagnoseCommandsDependencies;
  /** In the status bar, until it is void. */
  #verdict: vscode.Disposable | undefined;

  constructor(deps: DiagnoseCommandsDependencies) {
    this.#deps = deps;
  }

  /** Diagnoses what a menu was opened on; from the palette, what the person chooses where there is a choice. */
  async diagnose(...args: unknown[]): Promise<void> {
    const node = asNode(args[0]) ?? unreadableMeant(args, this.#deps.view.selection);
    const connection = node?.connection ?? (await this.#askConnection());
    const isKnown = node !== undefined && ("channel" in node || node.kind === "unreadable");
    const channel = isKnown ? node.channel : await this.#askChannel(connection);
    await this.#run({ connectionId: connection?.id ?? "", connection, channel });
  }

  async again(...args: unknown[]): Promise<void> {
    await this.#shown(args[0]).again();
  }

  async copyReport(...args: unknown[]): Promise<void> {
    await this.#copy(this.#shown(args[0]));
  }

  /** Does what the report offers, and looks whether that helped. */
  async mend(...args: unknown[]): Promise<void> {
    const shown = this.#shown(args[0]);
    if (shown.mend !== undefined) await this.#mend(shown.mend, shown);
  }

  async #run(asked: Subject): Promise<void> {
    this.#verdict?.dispose();
    const diagnosis = await this.#diagnose(asked);
    const shown = this.#present(asked, diagnosis);
    await this.#deps.documents.show(shown);
    // Not awaited: the command has ended, and a notification may stay up for as long as it likes.
    void this.#tell(diagnosis, shown);
  }

  async #diagnose({ connectionId, channel }: Subject): Promise<Diagnosis> {
    const progress = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Diagnose"),
      cancellable: true,
    };
    return vscode.window.withProgress(progress, async (reporter, cancelled) => {
      const abort = new AbortController();
      cancelled.onCancellationRequested(() => abort.abort());
      const onProgress = (message: string): void => reporter.report({ message });
      return diagnose(this.#deps.evidence, { connectionId, channel }, { signal: abort.signal, onProgress });
    });
  }

  #present(asked: Subject, diagnosis: Diagnosis): ShownDiagnosis {
    const subject = this.#asItIsNow(asked);
    const worst = worstOf(diagnosis);
    const remedy = worst !== undefined && "remedy" in worst.finding ? worst.finding.remedy : "none";
    return {
      name: vscode.l10n.t("Diagnose {0}", subjectWords(subject).replaceAll(/[\\/:]/g, " ")),
      key: `${asked.connectionId}/${asked.channel?.channelId ?? ""}`,
      report: formatReport(diagnosis, {
        ...subject,
        version: this.#deps.version,
        shapes: this.#deps.shapes.list(),
      }),
      mend: mendFor(remedy, subject),
      again: async () => this.#run(subject),
    };
  }

  /** The report opens by itself; what is broken is worth a message with the button that mends it. */
  async #tell(diagnosis: Diagnosis, shown: ShownDiagnosis): Promise<void> {
    const words = verdictWords(diagnosis);
    if (diagnosis.firstBroken === undefined) {
      this.#verdict = vscode.window.setStatusBarMessage(`$(pass) ${words}`, 8000);
      return;
    }
    const copy = vscode.l10n.t("Copy Report");
    const buttons = [...(shown.mend === undefined ? [] : [shown.mend.title]), copy];
    const pressed = await vscode.window.showErrorMessage(words, ...buttons);
    if (pressed === copy) await this.#copy(shown);
    else if (pressed !== undefined && shown.mend !== undefined) await this.#mend(shown.mend, shown);
  }

  async #mend(mend: Mend, shown: ShownDiagnosis): Promise<void> {
    if (mend.command !== undefined) await vscode.commands.executeCommand(mend.command, ...mend.arguments);
    await shown.again();
  }

  async #copy({ report }: ShownDiagnosis): Promise<void> {
    await vscode.env.clipboard.writeText(report);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Report copied"), 3000);
  }

  #shown(uri: unknown): ShownDiagnosis {
    const shown = this.#deps.documents.get(uri);
    if (shown === undefined) throw new CancelledError();
    return shown;
  }

  /** A sign-in or a channel may have been replaced since. */
  #asItIsNow(asked: Subject): Subject {
    const { connections, subscriptions } = this.#deps;
    const connection = connections.get(asked.connectionId) ?? asked.connection;
    const state = subscriptions.stateOf(asked.connectionId);
    const listed = state.kind === "loading" ? [] : state.channels;
    const channel = listed.find(({ channelId }) => channelId === asked.channel?.channelId) ?? asked.channel;
    return { connectionId: asked.connectionId, connection, channel };
  }

  async #askConnection(): Promise<Connection | undefined> {
    const [first, ...others] = this.#deps.connections.list();
    if (first === undefined || others.length === 0) return first;
    const choices = [first, ...others].map(value => ({
      label: value.organization.name,
      description: value.organization.type,
      detail: value.user.email,
      value,
    }));
    return ask(vscode.l10n.t("Whose subscriptions?"), choices);
  }

  async #askChannel(connection: Connection | undefined): Promise<Channel | undefined> {
    if (connection === undefined) return undefined;
    const state = this.#deps.subscriptions.stateOf(connection.id);
    const [first, ...others] = state.kind === "loading" ? [] : state.channels;
    if (first === undefined || others.length === 0) return first;
    const choices = [first, ...others].map(channel => this.#choice(channel));
    return ask(vscode.l10n.t("Which subscription?"), choices);
  }

  #choice(channel: Channel): Choice<Channel> {
    const { tunnel, former, subscriptions, expiringSoon } = this.#deps.evidence;
    const formerPaths = former.all().map(({ ingestPath }) => ingestPath);
    const target = targetOf(channel, { addresses: tunnel.addresses, formerPaths });
    const now = subscriptions.nowAt(channel.connectionId);
    const expired = expiryHealth(channel.expiresAt, now, expiringSoon()) === "expired";
    const description = expired ? `${vscode.l10n.t("expired")} · ${target}` : target;
    return { label: modulesOf(channel), description, value: channel };
  }
}

/** What the button of the report is about: what is well may still be made better. */
function worstOf({ links, firstBroken }: Diagnosis): CheckedLink | undefined {
  const isWarning = ({ finding }: CheckedLink): boolean => finding.status === "warning";
  return firstBroken ?? links.find(isWarning) ?? links.find(({ finding }) => "remedy" in finding);
}

async function ask<T>(placeholder: string, choices: readonly Choice<T>[]): Promise<T> {
  const place: StepPlace = { title: vscode.l10n.t("Diagnose"), step: 1, total: 1 };
  const picked = await pickOne({ place, placeholder, choices });
  if (picked === back) throw new CancelledError();
  return picked;
}
