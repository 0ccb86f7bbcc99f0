import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import { type ExportOptions, type ExportedList, exportHar, exportLines } from "../../core/exchange/exportEvents.ts";
import { usualHandler } from "../../core/exchange/handlerUrl.ts";
import { type Imported, importEvents } from "../../core/exchange/importEvents.ts";
import { type KnownSecrets, Redaction } from "../../core/events/redaction.ts";
import type { Secrets } from "../../core/exchange/outgoingRequest.ts";
import { writePieces } from "../../core/exchange/writePieces.ts";
import { parseFilter } from "../../core/filter/parseFilter.ts";
import type { EventHistory } from "../../core/history/eventHistory.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import { eventIdsOf } from "../inspector/chosenEvents.ts";
import type { InspectorView } from "../inspector/inspectorView.ts";
import { type Choice, type StepPlace, back, pickOne, runSteps } from "../multiStep.ts";
import type { Back } from "../multiStep.ts";
import { orThrow } from "../results.ts";

export interface HistoryFileOptions {
  readonly history: Pick<EventHistory, "get" | "select" | "import" | "attempts">;
  readonly model: Pick<InspectorModel, "selectedIds" | "filter" | "reveal" | "setFilter">;
  readonly inspector: Pick<InspectorView, "show">;
  readonly secrets: KnownSecrets;
  readonly version: string;
  readonly clock: Clock;
}

type Format = "lines" | "har";

interface ExportAnswers {
  readonly list?: ExportedList;
  readonly format?: Format;
  readonly secrets?: Secrets;
}

/** Takes events out of the history into files, and in again. */
export class HistoryFileCommands {
  readonly #options: HistoryFileOptions;

  constructor(options: HistoryFileOptions) {
    this.#options = options;
  }

  /** Exports the events that it is called with, those that are chosen, those that the filter shows, or all. */
  async export(...args: unknown[]): Promise<void> {
    const answers = await runSteps<ExportAnswers>(vscode.l10n.t("Export Events"), {}, [
      async (given, place) => this.#askForList(args, given, place),
      askForFormat,
      askForSecrets,
    ]);
    const { list, format = "lines", secrets = "hidden" } = answers;
    if (list === undefined) throw new CancelledError();
    const file = await this.#askForFile(format);
    await this.#write(list, file, format, secrets);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Exported {0} events", list.count), 4000);
  }

  /** Imports files; says what was new. */
  async import(): Promise<void> {
    const files = await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Import Events"),
      openLabel: vscode.l10n.t("Import"),
      canSelectMany: true,
      filters: { [vscode.l10n.t("Events")]: ["jsonl", "har", "ndjson"], [vscode.l10n.t("All files")]: ["*"] },
    });
    if (files === undefined) throw new CancelledError();
    for (const file of files) await this.#tell(await this.#read(localPath(file)));
  }

  async #askForList(args: readonly unknown[], given: ExportAnswers, place: StepPlace): Promise<ExportAnswers | Back> {
    const picked = await pickOne({
      place,
      placeholder: vscode.l10n.t("Which events?"),
      choices: this.#listChoices(args),
    });
    return picked === back ? back : { ...given, list: picked };
  }

  /** A list is made when the choice is offered, and stays what it was then. */
  #listChoices(args: readonly unknown[]): readonly Choice<ExportedList>[] {
    const { history, model, clock } = this.#options;
    const choice = (label: string, list: ExportedList): Choice<ExportedList>[] =>
      list.count === 0 ? [] : [{ label, description: list.count.toLocaleString(vscode.env.language), value: list }];
    const filter = model.filter.trim() === "" ? undefined : parseFilter(model.filter, clock);
    const choices = [
      ...choice(vscode.l10n.t("Chosen events"), this.#listOf(this.#chosen(args))),
      ...(filter?.ok === true
        ? choice(vscode.l10n.t("Events that the filter shows"), history.select(filter.value))
        : []),
      ...choice(vscode.l10n.t("All events"), history.select()),
    ];
    if (choices.length === 0) throw new ProblemError(nothingToExport());
    return choices;
  }

  #chosen(args: readonly unknown[]): readonly number[] {
    const { model } = this.#options;
    const isAsked = args[0] !== undefined || model.selectedIds.length > 0;
    return isAsked ? eventIdsOf(args, model) : [];
  }

  #listOf(ids: readonly number[]): ExportedList {
    const { history } = this.#options;
    const inOrder = ids.toSorted((one, other) => one - other);
    return {
      count: ids.length,
      page: (offset, limit) =>
        inOrder
          .slice(offset, offset + limit)
          .map(id => history.get(id))
          .filter(event => event !== undefined),
    };
  }

  async #askForFile(format: Format): Promise<string> {
    const day = new Date(this.#options.clock.now()).toISOString().slice(0, 10);
    const extension = format === "har" ? "har" : "jsonl";
    const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri;
    const name = `zoho-crm-events-${day}.${extension}`;
    const file = await vscode.window.showSaveDialog({
      title: vscode.l10n.t("Export Events"),
      defaultUri: folder === undefined ? vscode.Uri.file(`/${name}`) : vscode.Uri.joinPath(folder, name),
      filters: { [vscode.l10n.t("Events")]: [extension] },
    });
    if (file === undefined) throw new CancelledError();
    return localPath(file);
  }

  async #write(list: ExportedList, file: string, format: Format, secrets: Secrets): Promise<void> {
    const { history, version, clock } = this.#options;
    await withProgress(vscode.l10n.t("Exporting events"), async (report, signal) => {
      const options: ExportOptions = {
        list,
        redaction: secrets === "shown" ? undefined : new Redaction(this.#options.secrets()),
        attemptsOf: id => history.attempts.list(id),
        onProgress: done => report(done / list.count),
      };
      const pieces = format === "har" ? exportHar(options, version, usualHandler) : exportLines(options, clock.now());
      await writePieces(file, pieces, signal);
    });
  }

  async #read(file: string): Promise<Imported> {
    const { history } = this.#options;
    return withProgress(vscode.l10n.t("Importing events"), async (report, signal) =>
      orThrow(await importEvents(file, { store: entries => history.import(entries), signal, onProgress: report })),
    );
  }

  async #tell({ added, known, passedOver, firstId }: Imported): Promise<void> {
    const show = vscode.l10n.t("Show");
    const message = vscode.l10n.t(
      "{0} events imported; {1} were here already, {2} were passed over.",
      ...[added, known, passedOver].map(count => count.toLocaleString(vscode.env.language)),
    );
    const pressed = await vscode.window.showInformationMessage(message, ...(firstId === undefined ? [] : [show]));
    if (pressed !== show || firstId === undefined) return;
    await this.#options.inspector.show();
    this.#options.model.setFilter("source:imported");
    this.#options.model.reveal(firstId);
  }
}

async function askForFormat(given: ExportAnswers, place: StepPlace): Promise<ExportAnswers | Back> {
  const format = await pickOne<Format>({
    place,
    placeholder: vscode.l10n.t("In which format?"),
    choices: [
      {
        label: "JSON Lines",
        description: vscode.l10n.t("everything, to be imported again"),
        value: "lines",
      },
      {
        label: "HAR",
        description: vscode.l10n.t("HTTP Archive, for other tools: requests and the answers of your handler"),
        value: "har",
      },
    ],
  });
  return format === back ? back : { ...given, format };
}

async function askForSecrets(given: ExportAnswers, place: StepPlace): Promise<ExportAnswers | Back> {
  const secrets = await pickOne<Secrets>({
    place,
    placeholder: vscode.l10n.t("With what is secret?"),
    choices: [
      {
        label: vscode.l10n.t("Without tokens and credentials"),
        detail: vscode.l10n.t("To share. The data of your records is in it all the same."),
        value: "hidden",
      },
      {
        label: vscode.l10n.t("Byte for byte, with tokens"),
        detail: vscode.l10n.t("To keep, or for another machine of yours."),
        value: "shown",
      },
    ],
  });
  return secrets === back ? back : { ...given, secrets };
}

/** Shows a notification with a button to call it off; `report` takes the share that is done, from 0 to 1. */
async function withProgress<T>(
  title: string,
  task: (report: (share: number) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, cancelled) => {
    const abort = new AbortController();
    const cancelling = cancelled.onCancellationRequested(() => abort.abort());
    let reported = 0;
    const report = (share: number): void => {
      progress.report({ increment: 100 * (share - reported), message: `${Math.round(100 * share)} %` });
      reported = share;
    };
    try {
      return await task(report, abort.signal);
    } finally {
      cancelling.dispose();
    }
  });
}

function localPath(file: vscode.Uri): string {
  if (file.scheme === "file") return file.fsPath;
  const message = vscode.l10n.t("Choose a file on the machine that the extension runs on.");
  throw new ProblemError({ code: "NOT_A_LOCAL_FILE", message, remedy: "none" });
}

function nothingToExport(): ProblemError["problem"] {
  return { code: "NOTHING_TO_EXPORT", message: vscode.l10n.t("There are no events to export."), remedy: "none" };
}
