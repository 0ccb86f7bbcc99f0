import * as vscode from "vscode";
import type { ZohoClients } from "../../core/connections/clients.ts";
import type { Connection } from "../../core/connections/connection.ts";
import { remainingWords } from "../../core/subscriptions/channel.ts";
import type { ChannelDetails } from "../../core/subscriptions/channelDetails.ts";
import { newChannelId, newChannelToken } from "../../core/subscriptions/channelIdentity.ts";
import { pickConnection } from "../connections/pickConnection.ts";
import { type Back, type Step, type StepPlace, back, pickOne, runSteps } from "../multiStep.ts";
import { editDetails } from "./editDetails.ts";
import { type WatchedOperation, eventNames, pickModules, pickOperations, watchedOperations } from "./pickEvents.ts";
import { pickExpiry } from "./pickExpiry.ts";

/** What the wizard asks for. */
export interface SubscriptionAnswers {
  readonly connection: Connection | undefined;
  readonly modules: readonly string[];
  readonly operations: readonly WatchedOperation[];
  /** Milliseconds from now. */
  readonly expiresIn: number;
  /** What was set under Options; an empty address is this editor's own. */
  readonly details: ChannelDetails | undefined;
}

export interface WizardOptions {
  readonly clients: ZohoClients;
  readonly connections: readonly Connection[];
  readonly connection: Connection | undefined;
  readonly expiresIn: number;
  readonly isHere: (notifyUrl: string) => boolean;
  readonly now: () => number;
}

/** Asks step by step what to subscribe to. The connection is asked for only where there are several. */
export async function askForSubscription(
  options: WizardOptions,
): Promise<{ readonly connection: Connection | undefined; readonly details: ChannelDetails }> {
  const { connections } = options;
  const only = options.connection ?? (connections.length === 1 ? connections[0] : undefined);
  const initial: SubscriptionAnswers = {
    connection: only,
    modules: [],
    operations: watchedOperations,
    expiresIn: options.expiresIn,
    details: undefined,
  };
  const steps = [
    ...(only === undefined ? [connectionStep(connections)] : []),
    modulesStep(options),
    operationsStep,
    expiryStep,
    lastStep(options),
  ];
  const answers = await runSteps(title(), initial, steps);
  return { connection: answers.connection, details: answers.details ?? draftOf(answers, options) };
}

function title(): string {
  return vscode.l10n.t("New Subscription");
}

function connectionStep(connections: readonly Connection[]): Step<SubscriptionAnswers> {
  return async (answers, place) => {
    const connection = await pickConnection(place, connections, answers.connection);
    return connection === back ? back : { ...answers, connection };
  };
}

/** What is answered anew makes what was set under Options obsolete. */
function modulesStep({ clients }: WizardOptions): Step<SubscriptionAnswers> {
  return async (answers, place) => {
    const client = clients.for(answers.connection?.id ?? "");
    const modules = await pickModules(place, client, { picked: answers.modules });
    return modules === back ? back : { ...answers, modules, details: undefined };
  };
}

const operationsStep: Step<SubscriptionAnswers> = async (answers, place) => {
  const operations = await pickOperations(place, answers.operations);
  return operations === back ? back : { ...answers, operations, details: undefined };
};

const expiryStep: Step<SubscriptionAnswers> = async (answers, place) => {
  const expiresIn = await pickExpiry(place, answers.expiresIn);
  return expiresIn === back ? back : { ...answers, expiresIn, details: undefined };
};

/** Enter subscribes; who wants more goes through the options, and comes back here with the back button. */
function lastStep(options: WizardOptions): Step<SubscriptionAnswers> {
  return async (answers, place) => {
    let details = answers.details ?? draftOf(answers, options);
    for (;;) {
      const next = await pickEnd(place, details, options);
      if (next === back) return back;
      if (next === "subscribe") return { ...answers, details };
      const edited = await editDetails(details, {
        ...options,
        title: vscode.l10n.t("New Subscription: Options"),
        finish: vscode.l10n.t("Subscribe"),
        client: options.clients.for(answers.connection?.id ?? ""),
        isHere: notifyUrl => notifyUrl === "" || options.isHere(notifyUrl),
        ownAddress: async () => Promise.resolve(""),
      });
      if (edited !== back) return { ...answers, details: edited };
      details = answers.details ?? draftOf(answers, options);
    }
  };
}

async function pickEnd(
  place: StepPlace,
  details: ChannelDetails,
  options: WizardOptions,
): Promise<"subscribe" | "options" | Back> {
  const left = remainingWords(details.expiresAt - options.now());
  return pickOne<"subscribe" | "options">({
    place,
    placeholder: vscode.l10n.t("Press Enter to subscribe."),
    choices: [
      {
        label: `$(check) ${vscode.l10n.t("Subscribe")}`,
        description: vscode.l10n.t("{0} · to this editor", left),
        detail: details.notifyOnRelatedAction
          ? vscode.l10n.t("With changed values, and when related records change (Zoho's default; see Options).")
          : vscode.l10n.t("With changed values."),
        value: "subscribe",
      },
      {
        label: `$(gear) ${vscode.l10n.t("Options…")}`,
        description: vscode.l10n.t("related records, changed values, condition, token, address"),
        value: "options",
      },
    ],
    active: "subscribe",
  });
}

/** Related records are told of unless it is turned off, as where Zoho is not told otherwise. */
function draftOf({ modules, operations, expiresIn }: SubscriptionAnswers, { now }: WizardOptions): ChannelDetails {
  return {
    channelId: newChannelId(),
    events: eventNames(modules, operations),
    notifyUrl: "",
    expiresAt: now() + expiresIn,
    token: newChannelToken(),
    notifyOnRelatedAction: true,
    returnAffectedFieldValues: true,
    conditions: [],
  };
}
