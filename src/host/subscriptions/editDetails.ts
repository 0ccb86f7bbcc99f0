import * as vscode from "vscode";
import { remainingWords, wishedWords } from "../../core/subscriptions/channel.ts";
import { applyChange, conditionOn } from "../../core/subscriptions/channelChange.ts";
import { type ChannelDetails, withoutRepetition } from "../../core/subscriptions/channelDetails.ts";
import { newChannelToken } from "../../core/subscriptions/channelIdentity.ts";
import { readCondition, writeCondition } from "../../core/subscriptions/condition.ts";
import { conditionWordsOn, differencesBetween, operationWords } from "../../core/subscriptions/differences.ts";
import { type WatchedOperation, eventNames, watchedOperations } from "../../core/subscriptions/draft.ts";
import { moduleOf } from "../../core/subscriptions/grants.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import { type Back, type Choice, type StepPlace, askText, back, pickOne, unnumbered } from "../multiStep.ts";
import { editCondition } from "./editCondition.ts";
import { editEventsOf, pickModules, pickOperations } from "./pickEvents.ts";
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

/** What a channel was made, and whether the last line was pressed or the way back was taken. */
export interface EditedDetails {
  readonly details: ChannelDetails;
  readonly isFinished: boolean;
}

/** Shows what a channel is, line by line; each can be changed, until the last is pressed. Going back leaves a line as it is. */
export async function editDetails(draft: ChannelDetails, options: EditDetailsOptions): Promise<EditedDetails> {
  let current = draft;
  let active: Line | undefined;
  for (;;) {
    const line: Line | Back = await pickOne<Line>({
      place: unnumbered(options.title, options.base === undefined),
      placeholder: vscode.l10n.t("Choose a line to change it. Nothing is sent before the last step."),
      choices: linesOf(current, options),
      ...(active === undefined ? {} : { active }),
    });
    if (line === back || line === "finish") return { details: current, isFinished: line === "finish" };
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
    line("clock", vscode.l10n.t("Expires"), vscode.l10n.t("in {0}", leftWords(draft, options)), "expiry"),
    line("key", vscode.l10n.t("Token"), tokenWords(draft, options.base), "token"),
    line("link", vscode.l10n.t("Events go to"), addressWords(draft, options), "address"),
    {
      ...line("references", vscode.l10n.t("Related records"), onOff(draft.notifyOnRelatedAction), "related"),
      detail: draft.notifyOnRelatedAction
        ? vscode.l10n.t("On, Zoho's default: also notify when a note, task or the like is added to a record.")
        : vscode.l10n.t("Notify only when the records themselves change."),
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
  const condition = conditionWordsOn(conditions, module) ?? vscode.l10n.t("none: notify on every edit");
  const watchesEdits = events.includes(`${module}.edit`);
  return [
    line("symbol-class", module, operationWords(events, module), `events:${module}`),
    ...(watchesEdits
      ? [line("filter", vscode.l10n.t("Condition of {0}", module), condition, `condition:${module}`)]
      : []),
  ];
}

/** Of a time that was chosen here, the moment that has passed since is no less. */
function leftWords({ expiresAt }: ChannelDetails, { base, now }: EditDetailsOptions): string {
  const left = expiresAt - now();
  return expiresAt === base?.expiresAt ? remainingWords(left) : wishedWords(left);
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

/** From the operations one goes back to the modules. */
async function addModules(
  draft: ChannelDetails,
  { title, client }: EditDetailsOptions,
): Promise<ChannelDetails | Back> {
  const without = withoutRepetition(draft.events.map(moduleOf));
  let modules: readonly string[] = [];
  let ticked: readonly WatchedOperation[] = watchedOperations;
  for (;;) {
    const picked = await pickModules(unnumbered(title), client, { without, picked: modules });
    if (picked === back) return back;
    modules = picked;
    const place = unnumbered(`${title}: ${modules.join(", ")}`);
    const operations = await pickOperations(place, ticked, left => (ticked = left));
    if (operations !== back) return { ...draft, events: [...draft.events, ...eventNames(modules, operations)] };
  }
}

async function changeExpiry(draft: ChannelDetails, { title, now }: EditDetailsOptions): Promise<ChannelDetails | Back> {
  const expiresIn = await pickExpiry(unnumbered(title), draft.expiresAt - now());
  return expiresIn === back ? back : { ...draft, expiresAt: now() + expiresIn };
}

const longestToken = 50;

/** From typing one goes back to the choice, and what was typed stays. */
async function changeToken(draft: ChannelDetails, options: EditDetailsOptions): Promise<ChannelDetails | Back> {
  let typed = "";
  for (;;) {
    const chosen = await chooseToken(options);
    if (chosen === back) return back;
    if (chosen === "new") return { ...draft, token: newChannelToken() };
    if (chosen === "same") return withTokenOf(draft, options.base);
    const token = await typeToken(options.title, typed, left => (typed = left));
    if (token !== back) return { ...draft, token };
  }
}

async function chooseToken({ title, base }: EditDetailsOptions): Promise<"new" | "typed" | "same" | Back> {
  return pickOne<"new" | "typed" | "same">({
    place: unnumbered(`${title}: ${vscode.l10n.t("Token")}`),
    placeholder: vscode.l10n.t("Zoho repeats it in every delivery, so that the receiver knows whose it is."),
    choices: [
      {
        label: vscode.l10n.t("A new random token"),
        ...(base?.token === undefined
          ? {}
          : { description: vscode.l10n.t("deliveries with the current one still verify") }),
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
}

async function typeToken(title: string, value: string, onBack: (typed: string) => void): Promise<string | Back> {
  return askText({
    place: unnumbered(title),
    prompt: vscode.l10n.t("The token, at most {0} characters.", longestToken),
    password: true,
    value,
    onBack,
    validate: token =>
      token.length > 0 && token.length <= longestToken
        ? undefined
        : vscode.l10n.t("A token has 1 to {0} characters; this one has {1}.", longestToken, token.length),
  });
}

function withTokenOf({ token: _, ...draft }: ChannelDetails, base: ChannelDetails | undefined): ChannelDetails {
  return base?.token === undefined ? draft : { ...draft, token: base.token };
}

const longestAddress = 255;

/** From typing one goes back to the choice, and what was typed stays. */
async function changeAddress(draft: ChannelDetails, options: EditDetailsOptions): Promise<ChannelDetails | Back> {
  const place = unnumbered(`${options.title}: ${vscode.l10n.t("Events go to")}`);
  let typed = draft.notifyUrl;
  for (;;) {
    const chosen = await chooseAddress(place, options.isHere(draft.notifyUrl));
    if (chosen === back) return back;
    if (chosen === "here") return { ...draft, notifyUrl: await options.ownAddress() };
    const notifyUrl = await askText({
      place,
      prompt: vscode.l10n.t("The address that Zoho calls with POST; its query string is sent with every delivery."),
      value: typed,
      onBack: left => (typed = left),
      validate: addressFault,
    });
    if (notifyUrl !== back) return { ...draft, notifyUrl };
  }
}

async function chooseAddress(place: StepPlace, isHere: boolean): Promise<"here" | "elsewhere" | Back> {
  return pickOne({
    place,
    placeholder: vscode.l10n.t("Where does Zoho send the events?"),
    choices: [
      { label: vscode.l10n.t("This editor"), value: "here" as const },
      { label: vscode.l10n.t("Another address…"), value: "elsewhere" as const },
    ],
    active: isHere ? ("here" as const) : ("elsewhere" as const),
  });
}

function addressFault(address: string): string | undefined {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    return vscode.l10n.t("An address begins with https:// and names a host that Zoho can reach.");
  }
  if (address.length <= longestAddress) return undefined;
  return vscode.l10n.t("Zoho takes at most {0} characters; these are {1}.", longestAddress, address.length);
}
