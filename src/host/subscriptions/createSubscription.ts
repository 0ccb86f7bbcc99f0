import * as vscode from "vscode";
import { day, hour, minute } from "../../base/clock.ts";
import { ProblemError } from "../../base/problem.ts";
import type { ZohoClients } from "../../core/connections/clients.ts";
import type { Connection } from "../../core/connections/connection.ts";
import { type ModuleInfo, isWatchable } from "../../zoho/metadata.ts";
import { type Choice, type Step, back, pickMany, pickOne, runSteps } from "../multiStep.ts";

/** What the wizard asks for; the address and the token come from the relay session and the service. */
export interface SubscriptionAnswers {
  readonly connection: Connection | undefined;
  readonly modules: readonly string[];
  readonly operations: readonly WatchedOperation[];
  /** Milliseconds from now. */
  readonly expiresIn: number;
  readonly extras: readonly Extra[];
}

export type WatchedOperation = "create" | "edit" | "delete";
export type Extra = "values" | "related";

/** Asks step by step what to subscribe to. The connection is asked for only where there are several. */
export async function askForSubscription(
  clients: ZohoClients,
  connections: readonly Connection[],
  defaults: { readonly connection: Connection | undefined; readonly expiresIn: number },
): Promise<SubscriptionAnswers> {
  const only = defaults.connection ?? (connections.length === 1 ? connections[0] : undefined);
  const initial: SubscriptionAnswers = {
    connection: only,
    modules: [],
    operations: ["create", "edit", "delete"],
    expiresIn: defaults.expiresIn,
    extras: ["values"],
  };
  const moduleStep = modulesStep(clients);
  const steps = [
    ...(only === undefined ? [connectionStep(connections)] : []),
    moduleStep,
    operationsStep,
    expiryStep,
    extrasStep,
  ];
  return runSteps(vscode.l10n.t("New Subscription"), initial, steps);
}

function connectionStep(connections: readonly Connection[]): Step<SubscriptionAnswers> {
  return async (answers, place) => {
    const connection = await pickOne({
      place,
      placeholder: vscode.l10n.t("Whose changes?"),
      choices: connections.map(value => ({
        label: value.organization.name,
        description: value.organization.type,
        detail: value.user.email,
        value,
      })),
      ...(answers.connection === undefined ? {} : { active: answers.connection }),
    });
    return connection === back ? back : { ...answers, connection };
  };
}

function modulesStep(clients: ZohoClients): Step<SubscriptionAnswers> {
  return async (answers, place) => {
    const modules = await pickMany({
      place,
      placeholder: vscode.l10n.t("Which modules? Type to filter."),
      choices: moduleChoices(clients, answers.connection),
      picked: answers.modules,
    });
    return modules === back ? back : { ...answers, modules };
  };
}

async function moduleChoices(clients: ZohoClients, connection: Connection | undefined): Promise<Choice<string>[]> {
  if (connection === undefined) return [];
  const modules = await clients.for(connection.id).modules();
  if (!modules.ok) throw new ProblemError(modules.error);
  return modules.value.filter(isWatchable).map(toChoice);
}

function toChoice({ apiName, pluralLabel }: ModuleInfo): Choice<string> {
  return { label: pluralLabel, ...(pluralLabel === apiName ? {} : { description: apiName }), value: apiName };
}

const operationsStep: Step<SubscriptionAnswers> = async (answers, place) => {
  const operations = await pickMany<WatchedOperation>({
    place,
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
    picked: answers.operations,
  });
  return operations === back ? back : { ...answers, operations };
};

const expiryStep: Step<SubscriptionAnswers> = async (answers, place) => {
  const expiresIn = await pickOne({
    place,
    placeholder: vscode.l10n.t("For how long? Zoho ends every subscription within a week; it can be renewed."),
    choices: expiryChoices(answers.expiresIn),
    active: answers.expiresIn,
  });
  return expiresIn === back ? back : { ...answers, expiresIn };
};

function expiryChoices(preferred: number): Choice<number>[] {
  const choices = [
    {
      label: vscode.l10n.t("One week"),
      description: vscode.l10n.t("the longest, less an hour"),
      value: 7 * day - hour,
    },
    { label: vscode.l10n.t("Three days"), value: 3 * day },
    { label: vscode.l10n.t("One day"), value: day },
    { label: vscode.l10n.t("One hour"), value: hour },
    {
      label: vscode.l10n.t("Five minutes"),
      description: vscode.l10n.t("to see what expiry looks like"),
      value: 5 * minute,
    },
  ];
  if (choices.some(choice => choice.value === preferred)) return choices;
  const hours = Math.round(preferred / hour);
  return [
    { label: vscode.l10n.t("{0} hours", hours), description: vscode.l10n.t("your setting"), value: preferred },
    ...choices,
  ];
}

const extrasStep: Step<SubscriptionAnswers> = async (answers, place) => {
  const extras = await pickMany<Extra>({
    place,
    placeholder: vscode.l10n.t("What else? Press Enter to subscribe."),
    choices: [
      {
        label: vscode.l10n.t("Send the changed values"),
        description: vscode.l10n.t("not only the names of the changed fields"),
        value: "values",
      },
      {
        label: vscode.l10n.t("Also when related records change"),
        description: vscode.l10n.t("notes, activities and the like; Zoho's default, often more than wanted"),
        value: "related",
      },
    ],
    picked: answers.extras,
    least: 0,
  });
  return extras === back ? back : { ...answers, extras };
};
