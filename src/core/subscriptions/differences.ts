import * as l10n from "@vscode/l10n";
import { minute } from "../../base/clock.ts";
import { changeBetween, conditionOn } from "./channelChange.ts";
import type { ChannelDetails } from "./channelDetails.ts";
import { conditionWords, readCondition } from "./condition.ts";
import { moduleOf } from "./grants.ts";

/** What of a channel differs. */
export type DetailKind = "events" | "condition" | "address" | "expiry" | "token" | "related" | "values";

/** One thing that is not the same in two states of a channel, in words; never a token. */
export interface Difference {
  readonly kind: DetailKind;
  /** API name of the module, where it is about one. */
  readonly module?: string;
  readonly before: string;
  readonly after: string;
}

/** Zoho drops fractions of a second, and answers in the organisation's own clock. */
const sameInstant = minute;

/** What changes on the way from one state to the other, module by module. */
export function differencesBetween(before: ChannelDetails, after: ChannelDetails): readonly Difference[] {
  const change = changeBetween(before, after);
  const moved = Math.abs(before.expiresAt - after.expiresAt) > sameInstant;
  return [
    ...eventDifferences(before.events, after.events),
    ...[...(change.conditions?.keys() ?? [])].map(module => conditionDifference(module, before, after)),
    ...(change.notifyUrl === undefined ? [] : [difference("address", addressWords(before), addressWords(after))]),
    ...(moved ? [difference("expiry", instant(before.expiresAt), instant(after.expiresAt))] : []),
    ...(change.token === undefined
      ? []
      : [difference("token", tokenWords(before, l10n.t("one")), tokenWords(after, l10n.t("another")))]),
    ...flag("related", before.notifyOnRelatedAction, after.notifyOnRelatedAction),
    ...flag("values", before.returnAffectedFieldValues, after.returnAffectedFieldValues),
  ];
}

function addressWords({ notifyUrl, otherUrls = [] }: ChannelDetails): string {
  return [notifyUrl, ...otherUrls].join(", ");
}

const kindWords: Readonly<Record<DetailKind, () => string>> = {
  events: () => l10n.t("Events"),
  condition: () => l10n.t("Condition"),
  address: () => l10n.t("Events go to"),
  expiry: () => l10n.t("Expires"),
  token: () => l10n.t("Token"),
  related: () => l10n.t("Related records"),
  values: () => l10n.t("Changed values"),
};

/** Such as "Events of Leads: create, edit → create". */
export function differenceWords({ kind, module, before, after }: Difference): string {
  return module === undefined
    ? l10n.t("{0}: {1} → {2}", kindWords[kind](), before, after)
    : l10n.t("{0} of {1}: {2} → {3}", kindWords[kind](), module, before, after);
}

/** The operations watched of a module, such as "create, edit"; "none" where it is not watched. */
export function operationWords(events: readonly string[], module: string): string {
  const operations = events.filter(event => moduleOf(event) === module).map(event => event.slice(module.length + 1));
  return operations.length === 0 ? l10n.t("none") : operations.join(", ");
}

/** The condition on a module in words; undefined where there is none. */
export function conditionWordsOn(conditions: readonly unknown[], module: string): string | undefined {
  const entry = conditionOn(conditions, module);
  if (entry === undefined) return undefined;
  const read = readCondition(entry);
  return read === undefined ? l10n.t("one that this editor does not know") : conditionWords(read.condition);
}

function eventDifferences(before: readonly string[], after: readonly string[]): Difference[] {
  const modules = [...new Set([...before, ...after].map(moduleOf))];
  return modules
    .map(module => ({
      kind: "events" as const,
      module,
      before: operationWords(before, module),
      after: operationWords(after, module),
    }))
    .filter(each => sorted(each.before) !== sorted(each.after));
}

function conditionDifference(module: string, before: ChannelDetails, after: ChannelDetails): Difference {
  const words = ({ conditions }: ChannelDetails): string => conditionWordsOn(conditions, module) ?? l10n.t("none");
  return { kind: "condition", module, before: words(before), after: words(after) };
}

function difference(kind: DetailKind, before: string, after: string): Difference {
  return { kind, before, after };
}

function flag(kind: DetailKind, before: boolean, after: boolean): Difference[] {
  const words = (on: boolean): string => (on ? l10n.t("on") : l10n.t("off"));
  return before === after ? [] : [difference(kind, words(before), words(after))];
}

function tokenWords({ token }: ChannelDetails, word: string): string {
  return token === undefined ? l10n.t("none") : word;
}

function instant(milliseconds: number): string {
  return new Date(milliseconds)
    .toISOString()
    .replace(/:\d{2}\.\d{3}Z$/, " UTC")
    .replace("T", " ");
}

function sorted(words: string): string {
  return words.split(", ").sort().join();
}
