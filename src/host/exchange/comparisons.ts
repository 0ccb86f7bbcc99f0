import * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { ProblemError } from "../../base/problem.ts";
import { comparedText } from "../../core/exchange/comparedText.ts";
import { eventLabel, fileNameOf } from "../../core/events/label.ts";
import type { StoredEvent } from "../../core/events/storedEvent.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import type { TokenVerifier } from "../../core/events/verification.ts";
import { presentRow } from "../../core/inspector/presentRow.ts";
import { eventIdsOf } from "../inspector/chosenEvents.ts";
import { comparedEventScheme, settingIds } from "../names.ts";
import { onDidChangeSettings, settings } from "../settings.ts";

export interface ComparisonsOptions {
  readonly history: {
    get(id: number): StoredEvent | undefined;
    requestBefore(id: number): StoredEvent | undefined;
    ofRecordBefore(recordId: string, id: number, limit: number): readonly StoredEvent[];
  };
  readonly tokens: TokenVerifier;
  readonly model: Pick<InspectorModel, "selectedIds">;
}

/** Shows what is different between two events, in the editor's own comparison. */
export class Comparisons implements vscode.TextDocumentContentProvider, Disposable {
  readonly #options: ComparisonsOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());

  readonly onDidChange = this.#changed.event;

  constructor(options: ComparisonsOptions) {
    this.#options = options;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(comparedEventScheme, this));
    this.#store.add(onDidChangeSettings(settingIds.compareSortKeys)(() => this.#refresh()));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const event = this.#options.history.get(Number(uri.query));
    if (event === undefined) return vscode.l10n.t("This event is no longer kept.");
    return comparedText(event, { sortKeys: settings.compareSortKeys() }).text;
  }

  /** Compares two events: those that are chosen. */
  async compare(...args: unknown[]): Promise<void> {
    const ids = eventIdsOf(args, this.#options.model).toSorted((one, other) => one - other);
    const [first, second] = ids.map(id => this.#eventOf(id));
    if (first === undefined || second === undefined || ids.length > 2) throw new ProblemError(notTwoProblem());
    await this.#show(first, second);
  }

  /** Compares an event with the last one before it that is about the same record. */
  async compareWithPrevious(...args: unknown[]): Promise<void> {
    const [id] = eventIdsOf(args, this.#options.model);
    const event = this.#eventOf(id ?? 0);
    const previous = this.#previousOf(event);
    if (previous === undefined) throw new ProblemError(noPreviousProblem());
    await this.#show(previous, event);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** An event about several records has several before it: the newest of them. Where there is no record, the last request. */
  #previousOf(event: StoredEvent): StoredEvent | undefined {
    const { history, tokens } = this.#options;
    const { content } = presentRow(event, tokens);
    if (content.kind === "recovered") return history.ofRecordBefore(content.recordId, event.id, 1)[0];
    if (content.kind !== "notification") return history.requestBefore(event.id);
    const earlier = content.recordIds.flatMap(recordId => history.ofRecordBefore(recordId, event.id, 1));
    return earlier.toSorted((one, other) => other.id - one.id)[0];
  }

  async #show(older: StoredEvent, newer: StoredEvent): Promise<void> {
    const [left, right] = [this.#labelOf(older), this.#labelOf(newer)];
    const [before, after] = [timeOf(older), timeOf(newer)];
    const title =
      left === right
        ? vscode.l10n.t("{0}: {1} ↔ {2}", left, before, after)
        : vscode.l10n.t("{0} ({1}) ↔ {2} ({3})", left, before, right, after);
    await vscode.commands.executeCommand("vscode.diff", this.#uriOf(older), this.#uriOf(newer), title);
  }

  #eventOf(id: number): StoredEvent {
    const event = this.#options.history.get(id);
    if (event === undefined) throw new ProblemError(goneProblem());
    return event;
  }

  #labelOf(event: StoredEvent): string {
    return eventLabel(presentRow(event, this.#options.tokens).content);
  }

  #uriOf(event: StoredEvent): vscode.Uri {
    const { language } = comparedText(event, { sortKeys: false });
    const path = `${fileNameOf(this.#labelOf(event))}.${language}`;
    return vscode.Uri.from({ scheme: comparedEventScheme, path, query: String(event.id) });
  }

  #refresh(): void {
    const shown = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === comparedEventScheme);
    for (const { uri } of shown) this.#changed.fire(uri);
  }
}

function timeOf({ receivedAt }: StoredEvent): string {
  return new Date(receivedAt).toLocaleString(vscode.env.language);
}

function notTwoProblem(): ProblemError["problem"] {
  const message = vscode.l10n.t("Choose two events in the inspector to compare them.");
  return { code: "NOT_TWO_EVENTS", message, remedy: "none" };
}

function noPreviousProblem(): ProblemError["problem"] {
  const message = vscode.l10n.t("No earlier event of this record is kept.");
  return { code: "NO_EARLIER_EVENT", message, remedy: "none" };
}

function goneProblem(): ProblemError["problem"] {
  return { code: "EVENT_GONE", message: vscode.l10n.t("This event is no longer kept."), remedy: "none" };
}
