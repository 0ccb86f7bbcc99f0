import * as vscode from "vscode";
import { ProblemError } from "../../base/problem.ts";
import { type WatchedOperation, eventNames, operationsOn } from "../../core/subscriptions/draft.ts";
import { moduleOf } from "../../core/subscriptions/grants.ts";
import { type ModuleInfo, isWatchable } from "../../zoho/metadata.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import { type Back, type Choice, type StepPlace, back, pickMany } from "../multiStep.ts";
import { unreadableNote } from "./unreadableNote.ts";

export interface ModulesOptions {
  readonly picked?: readonly string[];
  readonly without?: readonly string[];
  /** Gets what is ticked where the person goes back. */
  readonly onBack?: (ticked: readonly string[]) => void;
}

/** Asks for modules that can be watched, those of `without` left out. */
export async function pickModules(
  place: StepPlace,
  client: Pick<ZohoApi, "modules">,
  options: ModulesOptions = {},
): Promise<readonly string[] | Back> {
  return pickMany({
    place,
    placeholder: vscode.l10n.t("Which modules? Type to filter."),
    choices: moduleChoices(client, options.without ?? []),
    picked: options.picked ?? [],
    ...(options.onBack === undefined ? {} : { onBack: options.onBack }),
  });
}

async function moduleChoices(client: Pick<ZohoApi, "modules">, without: readonly string[]): Promise<Choice<string>[]> {
  const modules = await client.modules();
  if (!modules.ok) throw new ProblemError(modules.error);
  const { items, unreadable } = modules.value;
  const choices = items.filter(module => isWatchable(module) && !without.includes(module.apiName)).map(toChoice);
  return [...choices, ...unreadableNote(unreadable, "")];
}

/** By the name that rows, dialogs and deliveries have too; what the organisation calls it stands beside it. */
function toChoice({ apiName, pluralLabel }: ModuleInfo): Choice<string> {
  return { label: apiName, ...(pluralLabel === apiName ? {} : { description: pluralLabel }), value: apiName };
}

/** Asks which changes of a record are worth a notification. */
export async function pickOperations(
  place: StepPlace,
  picked: readonly WatchedOperation[],
  onBack?: (ticked: readonly WatchedOperation[]) => void,
): Promise<readonly WatchedOperation[] | Back> {
  return pickMany<WatchedOperation>({
    place,
    ...(onBack === undefined ? {} : { onBack }),
    placeholder: vscode.l10n.t("Which changes of a record?"),
    choices: [
      {
        label: `$(add) ${vscode.l10n.t("Create")}`,
        description: vscode.l10n.t("a record is created"),
        value: "create",
      },
      { label: `$(edit) ${vscode.l10n.t("Edit")}`, description: vscode.l10n.t("a record is changed"), value: "edit" },
      {
        label: `$(trash) ${vscode.l10n.t("Delete")}`,
        description: vscode.l10n.t("a record is deleted"),
        value: "delete",
      },
    ],
    picked,
  });
}

/** Asks for the operations of a module, and gives the events with these instead of those it had. */
export async function editEventsOf(
  place: StepPlace,
  events: readonly string[],
  module: string,
): Promise<readonly string[] | Back> {
  const picked = await pickOperations(place, operationsOn(events, module));
  if (picked === back) return back;
  const others = events.filter(event => moduleOf(event) !== module);
  return [...others, ...eventNames([module], picked)];
}
