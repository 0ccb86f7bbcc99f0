import * as vscode from "vscode";
import type { Logger } from "../../base/logger.ts";
import { describeCauses, toProblem } from "../../base/problem.ts";
import type { EventDetails } from "../../core/inspector/eventDetails.ts";
import type { InspectorDelegate, RecordAnswer } from "../../core/inspector/inspectorModel.ts";
import type { EventAction, PageRemedy } from "../../protocol/inspector.ts";
import { remedyCommand, runGuarded } from "../commandBoundary.ts";
import { type CommandId, commandIds } from "../names.ts";
import { saveParameter } from "./saveParameter.ts";
import type { EventDocuments } from "./eventDocuments.ts";

export interface PageRequestsOptions {
  readonly documents: Pick<EventDocuments, "open">;
  /** Loaded with the first event that is looked at. */
  readonly details: () => Promise<Pick<EventDetails, "fetchRecord" | "parameter">>;
  readonly logger: Logger;
}

/** Does for the inspector page what only the editor can. */
export class PageRequests implements InspectorDelegate {
  readonly #options: PageRequestsOptions;

  constructor(options: PageRequestsOptions) {
    this.#options = options;
  }

  openDocument(id: number): void {
    this.#guard("open event", async () => this.#options.documents.open(id));
  }

  saveParameter(id: number, index: number): void {
    this.#guard("save parameter", async () => {
      const parameter = (await this.#options.details()).parameter(id, index);
      if (parameter !== undefined) await saveParameter(parameter);
    });
  }

  copy(text: string): void {
    void vscode.env.clipboard.writeText(text);
  }

  changeSandboxRecords(): void {
    void vscode.commands.executeCommand(commandIds.changeSandboxRecords);
  }

  act(action: EventAction, eventIds: readonly number[]): void {
    void vscode.commands.executeCommand(actionCommands[action], { eventIds });
  }

  releaseHeld(what: "send" | "discard"): void {
    void vscode.commands.executeCommand(what === "send" ? commandIds.sendHeldEvents : commandIds.discardHeldEvents);
  }

  async nameFilter(suggestion: string): Promise<string | undefined> {
    return vscode.window.showInputBox({
      title: vscode.l10n.t("Keep Filter"),
      prompt: vscode.l10n.t("Name of the filter"),
      value: suggestion,
      validateInput: name => (name.trim() === "" ? vscode.l10n.t("A name is needed.") : undefined),
    });
  }

  async fetchRecord(id: number, recordId: string): Promise<RecordAnswer> {
    try {
      return await (await this.#options.details()).fetchRecord(id, recordId);
    } catch (thrown) {
      this.#options.logger.error(`fetch record: ${describeCauses(thrown)}`);
      const problem = toProblem(thrown).message;
      return { record: { kind: "problem", recordId, problem, remedy: "open-log" }, changes: [] };
    }
  }

  remedy(remedy: PageRemedy): void {
    if (remedy !== "retry") void vscode.commands.executeCommand(remedyCommand(remedy).command.command);
  }

  #guard(name: string, action: () => Promise<unknown>): void {
    void runGuarded(name, action, this.#options.logger);
  }
}

/** The commands that stand for what a person does with events in the page. */
const actionCommands: Readonly<Record<EventAction, CommandId>> = {
  openDocument: commandIds.openEventDocument,
  compare: commandIds.compareEvents,
  compareWithPrevious: commandIds.compareWithPreviousEvent,
  copyAsCurl: commandIds.copyEventAsCurl,
  copyAsFetch: commandIds.copyEventAsFetch,
  copyAsHar: commandIds.copyEventAsHar,
  saveFixture: commandIds.saveFixture,
  pin: commandIds.pinEvents,
  unpin: commandIds.unpinEvents,
  delete: commandIds.deleteEvents,
  revealSubscription: commandIds.revealSubscription,
  replay: commandIds.replayEvents,
  editAndReplay: commandIds.editAndReplayEvent,
  replayUntilPasses: commandIds.replayUntilPasses,
  stop: commandIds.stopReplay,
};
