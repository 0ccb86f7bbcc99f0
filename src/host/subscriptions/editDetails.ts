import * as vscode from "vscode";
import { remainingWords } from "../../core/subscriptions/channel.ts";
import { applyChange, conditionOn } from "../../core/subscriptions/channelChange.ts";
import { type ChannelDetails, withoutRepetition } from "../../core/subscriptions/channelDetails.ts";
import { newChannelToken } from "../../core/subscriptions/channelIdentity.ts";
import { readCondition, writeCondition } from "../../core/subscriptions/condition.ts";
import { conditionWordsOn, differencesBetween, operationWords } from "../../core/subscriptions/differences.ts";
import { moduleOf } from "../../core/subscriptions/grants.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import { type Back, type Choice, askText, back, pickOne, unnumbered } from "../multiStep.ts";
import { editCondition } from "./editCondition.ts";
import { editEventsOf, eventNames, pickModules, pickOperations, watchedOperations } from "./pickEvents.ts";
import { pickExpiry } from "./pickExpiry.ts";

export interface EditDetailsOptions {
  readonly title: string;
  /** The label of the line that ends the editing, such as "Subscribe". */
  readonly finish: string;
  /** What changes are counted from; none where the channel is yet to be made. */
  readonly base?: ChannelDetails;
  readonly client: Pick<ZohoApi, "fields" | "modules">;
  /** The address that leads to this editor; asked for only when it is chosen. */
  readonly ownAddress: () => Promise<string>;
  /** True where an address leads to this editor. */
  readonly isHere: (notifyUrl: string) => boolean;
  readonly now: () => number;
}

/** A line of the list: what it is about, and for some lines of which module. */
type Line =
  "finish" | `events:${string}` | "add" | `condition:${string}` | "expiry" | "token" | "address" | "related" | "values";

/** Shows what a channel is, line by line; each can be changed, until the last is pressed. Going back leaves a line as it is. */
export async function editDetails(draft: ChannelDetails, options: EditDetailsOptions): Promise<ChannelDetails | Back> {
  let current = draft;
  let active: Line | undefined;
  for (;;) {
    const line: Line | Back = await pickOne<Line>({
      place: unnumbered(options.title, options.base === undefined),
      placeholder: vscode.l10n.t("Choose a line to change it. Nothing is sent before the last step."),
      choices: linesOf(current, options),
      ...(active === undefined ? {} : { active }),
    });
    if (line === back) return back;
    if (line === "finish") return current;
    active = line;
    const changed = await changeLine(line, current, options);
    if (changed !== back) current = changed;
  }
}

function linesOf(draft: ChannelDetails, options: EditDetailsOptions): Choice<Line>[] {
  const modules = withoutRepetition(draft.events.map(moduleOf));
  return [
    finishLine(draft, options),
    ...modules.flatMap(module => moduleLines(draft, module)),
    { label: `$(add) ${vscode.l10n.t("Add Modules…")}`, value: "add" },
    line(
      "clock",
      vscode.l10n.t("Expires"),
      vscode.l10n.t("in {0}", remainingWords(draft.expiresAt - options.now())),
      "expiry",
    ),
    line("key", vscode.l10n.t("Token"), tokenWords(draft, options.base), "token"),
    line("link", vscode.l10n.t("Events go to"), addressWords(draft, options), "address"),
    {
      ...line("references", vscode.l10n.t("Related records"), onOff(draft.notifyOnRelatedAction), "related"),
      detail: draft.notifyOnRelatedAction
        ? vscode.l10n.t("On, Zoho's default: a note or a task on a record tells of the record too.")
        : vscode.l10n.t("Only changes of the records themselves are told."),
    },
    line("diff", vscode.l10n.t("Changed values"), onOff(draft.returnAffectedFieldValues), "values"),
  ];
}

function finishLine(draft: ChannelDetails, { base, finish }: EditDetailsOptions): Choice<Line> {
  const changes = base === undefined ? [] : differencesBetween(base, draft);
  if (base === undefined) return { label: `$(check) ${finish}`, value: "finish" };
  return { label: `$(check) ${finish}`, description: countWords(changes.length), value: "finish" };
}

function countWords(count: number): string {
  if (count === 0) return vscode.l10n.t("no changes yet");
  return count === 1 ? vscode.l10n.t("1 change") : vscode.l10n.t("{0} changes", count);
}

function moduleLines({ events, conditions }: ChannelDetails, module: string): Choice<Line>[] {
  const condition = conditionWordsOn(conditions, module) ?? vscode.l10n.t("none, every edit is told");
  const watchesEdits = events.includes(`${module}.edit`);
  return [
    line("symbol-class", module, operationWords(events, module), `events:${module}`),
    ...(watchesEdits
      ? [line("filter", vscode.l10n.t("Condition of {0}", module), condition, `condition:${module}`)]
      : []),
  ];
}

function line(icon: string, name: string, description: string, value: Line): Choice<Line> {
  return { label: `$(${icon}) ${name}`, description, value };
}

function tokenWords({ token }: ChannelDetails, base: ChannelDetails | undefined): string {
  if (token === undefined) return vscode.l10n.t("none: deliveries cannot be verified");
  return base !== undefined && token !== base.token
    ? vscode.l10n.t("a new one of {0} characters", token.length)
    : vscode.l10n.t("{0} characters", token.length);
}

function addressWords({ notifyUrl }: ChannelDetails, { isHere }: EditDetailsOptions): string {
  return isHere(notifyUrl) ? vscode.l10n.t("this editor") : notifyUrl;
}

function onOff(on: boolean): string {
  return on ? vscode.l10n.t("on") : vscode.l10n.t("off");
}

async function changeLine(
  chosen: Exclude<Line, "finish">,
  draft: ChannelDetails,
  options: EditDetailsOptions,
): Promise<ChannelDetails | Back> {
  const [kind, module = ""] = split(chosen);
  switch (kind) {
    case "events":
      return changeEvents(draft, module, options);
    case "condition":
      return changeCondition(draft, module, options);
    case "add":
      return addModules(draft, options);
    case "expiry":
      return changeExpiry(draft, options);
    case "token":
      return changeToken(draft, options);
    case "address":
      return changeAddress(draft, options);
    case "related":
      return { ...draft, notifyOnRelatedAction: !draft.notifyOnRelatedAction };
    default:
      return { ...draft, returnAffectedFieldValues: !draft.returnAffectedFieldValues };
  }
}

function split(chosen: Line): [kind: string, module?: string] {
  const colon = chosen.indexOf(":");
  return colon < 0 ? [chosen] : [chosen.slice(0, colon), chosen.slice(colon + 1)];
}

async function changeEvents(
  draft: ChannelDetails,
  module: string,
  { title }: EditDetailsOptions,
): Promise<ChannelDetails | Back> {
  const events = await editEventsOf(unnumbered(`${title}: ${module}`), draft.events, module);
  return events === back ? back : { ...draft, events };
}

/** A channel with another condition on one module. */
export async function changeCondition(
  draft: ChannelDetails,
  module: string,
  { client }: Pick<EditDetailsOptions, "client">,
): Promise<ChannelDetails | Back> {
  const current = readCondition(conditionOn(draft.conditions, module));
  const condition = await editCondition({ module, current, client });
  if (condition === back) return back;
  const entry = condition === undefined ? undefined : writeCondition(condition);
  return applyChange(draft, { conditions: new Map([[module, entry]]) });
}

async function addModules(
  draft: ChannelDetails,
  { title, client }: EditDetailsOptions,
): Promise<ChannelDetails | Back> {
  const without = withoutRepetition(draft.events.map(moduleOf));
  const modules = await pickModules(unnumbered(title), client, { without });
  if (modules === back) return back;
  const operations = await pickOperations(unnumbered(`${title}: ${modules.join(", ")}`), watchedOperations);
  return operations === back ? back : { ...draft, events: [...draft.events, ...eventNames(modules, operations)] };
}

async function changeExpiry(draft: ChannelDetails, { title, now }: EditDetailsOptions): Promise<ChannelDetails | Back> {
  const expiresIn = await pickExpiry(unnumbered(title), draft.expiresAt - now());
  return expiresIn === back ? back : { ...draft, expiresAt: now() + expiresIn };
}

const longestToken = 50;

async function changeToken(draft: ChannelDetails, { title, base }: EditDetailsOptions): Promise<ChannelDetails | Back> {
  const chosen = await pickOne<"new" | "typed" | "same">({
    place: unnumbered(`${title}: ${vscode.l10n.t("Token")}`),
    placeholder: vscode.l10n.t("Zoho repeats it in every delivery, so that the receiver knows whose it is."),
    choices: [
      {
        label: vscode.l10n.t("A new random token"),
        description: vscode.l10n.t("deliveries with the former one still verify"),
        value: "new",
      },
      {
        label: vscode.l10n.t("Type one…"),
        description: vscode.l10n.t("such as one your handler checks"),
        value: "typed",
      },
      ...(base === undefined ? [] : [{ label: vscode.l10n.t("As it was"), value: "same" as const }]),
    ],
  });
  if (chosen === back) return back;
  if (chosen === "new") return { ...draft, token: newChannelToken() };
  return chosen === "typed" ? typeToken(draft, title) : withTokenOf(draft, base);
}

async function typeToken(draft: ChannelDetails, title: string): Promise<ChannelDetails | Back> {
  const token = await askText({
    place: unnumbered(title),
    prompt: vscode.l10n.t("The token, at most {0} characters.", longestToken),
    password: true,
    validate: value =>
      value.length > 0 && value.length <= longestToken
        ? undefined
        : vscode.l10n.t("A token has 1 to {0} characters; this one has {1}.", longestToken, value.length),
  });
  return token === back ? back : { ...draft, token };
}

function withTokenOf({ token: _, ...draft }: ChannelDetails, base: ChannelDetails | undefined): ChannelDetails {
  return base?.token === undefined ? draft : { ...draft, token: base.token };
}

const longestAddress = 255;

async function changeAddress(draft: ChannelDetails, options: EditDetailsOptions): Promise<ChannelDetails | Back> {
  const place = unnumbered(`${options.title}: ${vscode.l10n.t("Events go to")}`);
  const chosen = await pickOne<"here" | "elsewhere">({
    place,
    placeholder: vscode.l10n.t("Where does Zoho send the events?"),
    choices: [
      { label: vscode.l10n.t("This editor"), value: "here" },
      { label: vscode.l10n.t("Another address…"), value: "elsewhere" },
    ],
    active: options.isHere(draft.notifyUrl) ? "here" : "elsewhere",
  });
  if (chosen === back) return back;
  if (chosen === "here") return { ...draft, notifyUrl: await options.ownAddress() };
  const notifyUrl = await askText({
    place,
    prompt: vscode.l10n.t("The address that Zoho calls with POST; a query comes back in every delivery."),
    value: draft.notifyUrl,
    validate: addressFault,
  });
  return notifyUrl === back ? back : { ...draft, notifyUrl };
}

function addressFault(address: string): string | undefined {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    return vscode.l10n.t("An address begins with https:// and names a host that Zoho can reach.");
  }
  if (address.length <= longestAddress) return undefined;
  return vscode.l10n.t("Zoho takes at most {0} characters; these are {1}.", longestAddress, address.length);
}
