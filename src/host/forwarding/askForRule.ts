import * as vscode from "vscode";
import type { WrittenRule } from "../../core/forwarding/forwardRule.ts";
import type { KnownNames } from "../../core/filter/completion.ts";
import type { ConnectionStore } from "../../core/connections/connectionStore.ts";
import type { SubscriptionService } from "../../core/subscriptions/subscriptionService.ts";
import { type Choice, type Step, back, pickOne, runSteps } from "../multiStep.ts";
import { hostOf, modulesOf } from "../subscriptions/subscriptionItems.ts";
import { askForAddress } from "./askForAddress.ts";
import { type RuleScope, scopeInForce } from "./writtenRules.ts";

/** What there is to choose from. */
export interface RuleSource {
  readonly connections: Pick<ConnectionStore, "list">;
  readonly subscriptions: Pick<SubscriptionService, "stateOf">;
  readonly history: { names(): KnownNames };
}

type Events = Pick<WrittenRule, "module" | "operation" | "channel">;

interface Answers {
  readonly events: Events;
  readonly url: string;
  readonly scope: RuleScope;
}

/** Asks which events go where, and for whom to remember it. */
export async function askForRule(
  source: RuleSource,
  lastUrl: string | undefined,
): Promise<{ readonly rule: WrittenRule; readonly scope: RuleScope }> {
  const hasWorkspace = (vscode.workspace.workspaceFolders?.length ?? 0) > 0;
  const scope = hasWorkspace ? scopeInForce() : "user";
  const steps: Step<Answers>[] = [
    async (answers, place) => {
      const events = await pickOne({
        place,
        placeholder: vscode.l10n.t("Which events?"),
        choices: eventChoices(source),
      });
      return events === back ? back : { ...answers, events };
    },
    async (answers, place) => {
      const url = await askForAddress(place, lastUrl);
      return url === back ? back : { ...answers, url };
    },
    ...(hasWorkspace ? [askForScope] : []),
  ];
  const title = vscode.l10n.t("Forward Events");
  const { events, url, scope: chosen } = await runSteps<Answers>(title, { events: {}, url: "", scope }, steps);
  return { rule: { ...events, url }, scope: chosen };
}

const askForScope: Step<Answers> = async (answers, place) => {
  const scope = await pickOne<RuleScope>({
    place,
    placeholder: vscode.l10n.t("Where to remember this?"),
    active: answers.scope,
    choices: [
      {
        label: vscode.l10n.t("This workspace"),
        detail: vscode.l10n.t("In its settings, for everybody who works on it."),
        value: "workspace",
      },
      {
        label: vscode.l10n.t("All my windows"),
        detail: vscode.l10n.t("In your user settings."),
        value: "user",
      },
    ],
  });
  return scope === back ? back : { ...answers, scope };
};

function eventChoices(source: RuleSource): readonly Choice<Events>[] {
  const t = vscode.l10n.t;
  const heading = (label: string): Choice<Events> => ({
    label,
    kind: vscode.QuickPickItemKind.Separator,
    value: {},
  });
  const channels = channelChoices(source);
  return [
    { label: t("All events"), detail: t("Workflow webhooks too."), value: {} },
    heading(t("Of a module")),
    ...modulesIn(source).map(module => ({ label: module, value: { module } })),
    heading(t("Of an operation")),
    { label: t("Created"), value: { operation: "create" } },
    { label: t("Edited"), value: { operation: "edit" } },
    { label: t("Deleted"), value: { operation: "delete" } },
    ...(channels.length === 0 ? [] : [heading(t("Of a subscription")), ...channels]),
  ];
}

/** Of the subscriptions, and of what has come in. */
function modulesIn({ connections, subscriptions, history }: RuleSource): readonly string[] {
  const subscribed = connections.list().flatMap(({ id }) => {
    const state = subscriptions.stateOf(id);
    const channels = state.kind === "loading" ? [] : state.channels;
    return channels.flatMap(channel => channel.subscriptions.map(({ module }) => module));
  });
  return [...new Set([...subscribed, ...history.names().module])];
}

function channelChoices({ connections, subscriptions }: RuleSource): readonly Choice<Events>[] {
  return connections.list().flatMap(({ id, label }) => {
    const state = subscriptions.stateOf(id);
    const channels = state.kind === "loading" ? [] : state.channels;
    return channels.map(channel => ({
      label: modulesOf(channel),
      description: hostOf(channel.notifyUrl),
      detail: label,
      value: { channel: channel.channelId },
    }));
  });
}
