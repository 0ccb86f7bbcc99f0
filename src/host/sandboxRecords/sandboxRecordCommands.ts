import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import { ProblemError } from "../../base/problem.ts";
import type { Connection } from "../../core/connections/connection.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import { makeBelievableChanges } from "../../core/sandbox/believableChanges.ts";
import type { RecordField } from "../../core/sandbox/recordFields.ts";
import type { SandboxRecord, SandboxRecords } from "../../core/sandbox/sandboxRecords.ts";
import type { ModuleInfo } from "../../zoho/metadata.ts";
import { type Choice, type Step, back, pickOne, runSteps } from "../multiStep.ts";
import { orThrow } from "../results.ts";
import { asNode } from "../subscriptions/subscriptionNodes.ts";
import { fillIn } from "./recordForm.ts";
import { type Values, recordChoice } from "./recordWords.ts";

export interface SandboxRecordCommandsDependencies {
  readonly connections: ConnectionStore;
  readonly records: SandboxRecords;
  readonly clock: Clock;
}

interface RecordAnswers {
  readonly module: ModuleInfo | undefined;
  readonly record: SandboxRecord | undefined;
  readonly values: Values;
}

const nothing: RecordAnswers = { module: undefined, record: undefined, values: {} };

/** Playing with the records of the sandbox: every change goes over its API, and comes back as an event. */
export class SandboxRecordCommands {
  readonly #deps: SandboxRecordCommandsDependencies;
  /** API name of the module that was chosen last: the next change is most often there. */
  #lastModule = "Leads";

  constructor(deps: SandboxRecordCommandsDependencies) {
    this.#deps = deps;
  }

  async create(...args: unknown[]): Promise<void> {
    const connection = this.#connection(args);
    const title = vscode.l10n.t("Create Sandbox Record");
    const { module, values } = await runSteps(title, nothing, [
      this.#moduleStep(connection),
      this.#formStep(connection, vscode.l10n.t("Create")),
    ]);
    if (module === undefined) return;
    orThrow(await this.#deps.records.create(connection, module.apiName, values));
    say(vscode.l10n.t("{0} created", module.singularLabel));
  }

  async edit(...args: unknown[]): Promise<void> {
    const connection = this.#connection(args);
    const { module, record, values } = await runSteps(vscode.l10n.t("Edit Sandbox Record"), nothing, [
      this.#moduleStep(connection),
      this.#recordStep(connection),
      this.#formStep(connection, vscode.l10n.t("Save")),
    ]);
    if (module === undefined || record === undefined) return;
    orThrow(await this.#deps.records.update(connection, module.apiName, record.id, values));
    say(vscode.l10n.t("{0} {1} saved", module.singularLabel, record.name));
  }

  /** Without a question: it is invented data, and each step said what will be deleted. */
  async delete(...args: unknown[]): Promise<void> {
    const connection = this.#connection(args);
    const { module, record } = await runSteps(vscode.l10n.t("Delete Sandbox Record"), nothing, [
      this.#moduleStep(connection),
      this.#recordStep(connection),
    ]);
    if (module === undefined || record === undefined) return;
    orThrow(await this.#deps.records.delete(connection, module.apiName, record.id));
    say(vscode.l10n.t("{0} {1} deleted", module.singularLabel, record.name));
  }

  /** Makes a few changes, one after the other, slowly enough to see each arrive. */
  async changeForMe(...args: unknown[]): Promise<void> {
    const connection = this.#connection(args);
    const { records, clock } = this.#deps;
    const title = vscode.l10n.t("Changing sandbox records");
    const progress = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const made = await vscode.window.withProgress(progress, async (reporter, cancelled) => {
      const abort = new AbortController();
      cancelled.onCancellationRequested(() => abort.abort());
      const onProgress = (message: string, total: number): void => reporter.report({ message, increment: 100 / total });
      const { signal } = abort;
      return makeBelievableChanges({ records, connection, clock, random: Math.random, signal, onProgress });
    });
    say(vscode.l10n.t("{0} changes made in the sandbox", orThrow(made)));
  }

  #moduleStep(connection: Connection): Step<RecordAnswers> {
    return async (_answers, place) => {
      const choices = this.#deps.records
        .modules(connection)
        .then(found => orThrow(found).map(module => ({ label: module.pluralLabel, value: module })))
        .then(all => all.toSorted((a, b) => this.#rank(a.value) - this.#rank(b.value)));
      const module = await pickOne({ place, placeholder: vscode.l10n.t("Which module? Type to filter."), choices });
      if (module === back) return back;
      this.#lastModule = module.apiName;
      return { ...nothing, module };
    };
  }

  /** The module of the last change comes first. */
  #rank({ apiName }: ModuleInfo): number {
    return apiName === this.#lastModule ? 0 : 1;
  }

  #recordStep(connection: Connection): Step<RecordAnswers> {
    return async (answers, place) => {
      const { module } = answers;
      if (module === undefined) return back;
      const placeholder = vscode.l10n.t("Which of the {0}? The last changed comes first.", module.pluralLabel);
      const record = await pickOne({ place, placeholder, choices: this.#recordChoices(connection, module) });
      return record === back ? back : { ...answers, record };
    };
  }

  async #recordChoices(connection: Connection, module: ModuleInfo): Promise<Choice<SandboxRecord>[]> {
    const fields = await this.#fields(connection, module);
    const names = fields.map(({ apiName }) => apiName);
    const listed = orThrow(await this.#deps.records.list(connection, module.apiName, names));
    if (listed.length === 0) throw new ProblemError(noRecords(module));
    return listed.map(record => ({ ...recordChoice(record), value: record }));
  }

  #formStep(connection: Connection, done: string): Step<RecordAnswers> {
    return async (answers, place) => {
      const { module, record } = answers;
      if (module === undefined) return back;
      const fields = await this.#fields(connection, module);
      const { records } = this.#deps;
      const before = record?.values ?? {};
      const values = await fillIn({ place, records, connection, fields, before, done });
      return values === back ? back : { ...answers, values };
    };
  }

  /** Owners are left out: whose record it is changes nothing about the event. */
  async #fields(connection: Connection, module: ModuleInfo): Promise<readonly RecordField[]> {
    const fields = orThrow(await this.#deps.records.fields(connection, module.apiName));
    return fields.filter(({ kind }) => kind !== "user");
  }

  /** The sandbox that a menu was opened on, else the one that is connected. */
  #connection(args: readonly unknown[]): Connection {
    const clicked = asNode(args[0])?.connection;
    const sandbox = clicked ?? this.#deps.connections.list().find(({ kind }) => kind === "sandbox");
    if (sandbox !== undefined) return sandbox;
    throw new ProblemError({
      code: "NO_SANDBOX",
      message: vscode.l10n.t("The local sandbox is not connected. Start it to play with its records."),
      remedy: "start-sandbox",
    });
  }
}

function noRecords(module: ModuleInfo): { code: string; message: string; remedy: "none" } {
  const message = vscode.l10n.t("The sandbox has no {0} yet. Create one first.", module.pluralLabel);
  return { code: "NO_RECORDS", message, remedy: "none" };
}

function say(words: string): void {
  vscode.window.setStatusBarMessage(`$(pass) ${words}`, 5000);
}
