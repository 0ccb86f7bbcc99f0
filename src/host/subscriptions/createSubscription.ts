import * as vscode from "vscode";
import type { Connection } from "../../core/connections/connection.ts";
import { wishedWords } from "../../core/subscriptions/channel.ts";
import { type ChannelDetails, withoutRepetition } from "../../core/subscriptions/channelDetails.ts";
import { newChannelId, newChannelToken } from "../../core/subscriptions/channelIdentity.ts";
import { conditionWordsOn } from "../../core/subscriptions/differences.ts";
import { moduleOf } from "../../core/subscriptions/grants.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import { pickConnection } from "../connections/pickConnection.ts";
import { type Chosen, eventNames, redraft, watchedOperations } from "../../core/subscriptions/draft.ts";
import { type Back, type Step, type StepPlace, back, backWith, pickOne, runSteps } from "../multiStep.ts";
import { editDetails } from "./editDetails.ts";
import { pickModules, pickOperations } from "./pickEvents.ts";
import { pickExpiry } from "./pickExpiry.ts";
import { hostOf } from "./subscriptionItems.ts";

/** What the wizard asks for. */
export interface SubscriptionAnswers extends Chosen {
  readonly connection: Connection | undefined;
  /** What was set under Options, and of what it was drafted; an empty address is this editor's own. */
  readonly drafted?: { readonly details: ChannelDetails; readonly from: Chosen };
}

export interface WizardOptions {
  readonly clients: { for(connectionId: string): Pick<ZohoApi, "fields" | "modules"> };
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
  };
  const steps = [
    ...(only === undefined ? [connectionStep(connections)] : []),
    modulesStep(options),
    operationsStep,
    expiryStep,
    lastStep(options),
  ];
  const answers = await runSteps(title(), initial, steps);
  return { connection: answers.connection, details: detailsOf(answers, options) };
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

function modulesStep({ clients }: WizardOptions): Step<SubscriptionAnswers> {
  return async (answers, place) => {
    const client = clients.for(answers.connection?.id ?? "");
    let { modules: picked } = answers;
    const modules = await pickModules(place, client, { picked, onBack: ticked => (picked = ticked) });
    return modules === back ? backWith({ ...answers, modules: picked }) : { ...answers, modules };
  };
}

const operationsStep: Step<SubscriptionAnswers> = async (answers, place) => {
  let { operations: picked } = answers;
  const operations = await pickOperations(place, picked, ticked => (picked = ticked));
  return operations === back ? backWith({ ...answers, operations: picked }) : { ...answers, operations };
};

const expiryStep: Step<SubscriptionAnswers> = async (answers, place) => {
  const expiresIn = await pickExpiry(place, answers.expiresIn);
  return expiresIn === back ? back : { ...answers, expiresIn };
};

/** Enter subscribes; who wants more goes through the options, and comes back here with the back button and what was set. */
function lastStep(options: WizardOptions): Step<SubscriptionAnswers> {
  return async (answers, place) => {
    let details = detailsOf(answers, options);
    const { modules, operations, expiresIn } = answers;
    const from = { modules, operations, expiresIn };
    const kept = (): SubscriptionAnswers => ({ ...answers, drafted: { details, from } });
    for (;;) {
      const next = await pickEnd(place, details, options);
      if (next === back) return backWith(kept());
      if (next === "subscribe") return kept();
      const edited = await editDetails(details, {
        ...options,
        title: vscode.l10n.t("New Subscription: Options"),
        finish: vscode.l10n.t("Subscribe"),
        client: options.clients.for(answers.connection?.id ?? ""),
        isHere: notifyUrl => notifyUrl === "" || options.isHere(notifyUrl),
        ownAddress: async () => Promise.resolve(""),
      });
      details = edited.details;
      if (edited.isFinished) return kept();
    }
  };
}

async function pickEnd(
  place: StepPlace,
  details: ChannelDetails,
  options: WizardOptions,
): Promise<"subscribe" | "options" | Back> {
  return pickOne<"subscribe" | "options">({
    place,
    placeholder: vscode.l10n.t("Press Enter to subscribe."),
    choices: [
      {
        label: `$(check) ${vscode.l10n.t("Subscribe")}`,
        description: endWords(details, options),
        detail: [switchWords(details), ...conditionsInWords(details)].join(" "),
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

/** What is about to be subscribed to: modules, time, address. */
function endWords({ events, expiresAt, notifyUrl }: ChannelDetails, { now, isHere }: WizardOptions): string {
  const modules = withoutRepetition(events.map(moduleOf)).join(", ");
  const left = wishedWords(expiresAt - now());
  return notifyUrl === "" || isHere(notifyUrl)
    ? vscode.l10n.t("{0} · {1} · to this editor", modules, left)
    : vscode.l10n.t("{0} · {1} · to {2}", modules, left, hostOf(notifyUrl));
}

function switchWords({ notifyOnRelatedAction, returnAffectedFieldValues }: ChannelDetails): string {
  if (notifyOnRelatedAction) {
    return returnAffectedFieldValues
      ? vscode.l10n.t("With changed values, and when related records change (Zoho's default; see Options).")
      : vscode.l10n.t("Without changed values, and when related records change (Zoho's default; see Options).");
  }
  return returnAffectedFieldValues ? vscode.l10n.t("With changed values.") : vscode.l10n.t("Without changed values.");
}

function conditionsInWords({ events, conditions }: ChannelDetails): readonly string[] {
  return withoutRepetition(events.map(moduleOf)).flatMap(module => {
    const words = conditionWordsOn(conditions, module);
    return words === undefined ? [] : [vscode.l10n.t("Condition of {0}: {1}.", module, words)];
  });
}

/** What was set under Options is kept, with what was chosen otherwise since. */
function detailsOf(answers: SubscriptionAnswers, options: WizardOptions): ChannelDetails {
  const { drafted } = answers;
  return drafted === undefined
    ? draftOf(answers, options)
    : redraft(drafted.details, drafted.from, answers, options.now());
}

/** Zoho notifies of related records unless it is turned off, as where it is not asked otherwise. */
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
