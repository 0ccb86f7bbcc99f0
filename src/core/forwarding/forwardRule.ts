import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { operationWord } from "../../zoho/operationWord.ts";
import { isGenuine } from "../events/verification.ts";
import { readAddress, shownTarget } from "./forwardTarget.ts";
import { isRuleHeader } from "./ruleHeaders.ts";
import type { ForwardedEvent } from "./forwardedEvent.ts";

const addressSchema = v.pipe(
  v.string(),
  v.check(text => readAddress(text).ok),
);

const ruleSchema = v.object({
  name: v.optional(v.string()),
  /** API name, such as `Deals`. */
  module: v.optional(v.string()),
  /** As the inspector names it: create, edit, delete, or another word of a delivery. */
  operation: v.optional(v.string()),
  /** Channel id of a subscription at Zoho. */
  channel: v.optional(v.string()),
  /** One address, or several that get each event side by side. */
  url: v.union([addressSchema, v.pipe(v.array(addressSchema), v.minLength(1))]),
  /** Added to what is sent, in the place of equal names; see ruleHeaders.ts. */
  headers: v.optional(
    v.pipe(
      v.record(v.string(), v.string()),
      v.check(headers => Object.entries(headers).every(([name, value]) => isRuleHeader(name, value))),
    ),
  ),
  /** Adds X-Forwarded-Host and X-Forwarded-Proto: where the request went first. */
  forwarded: v.optional(v.boolean()),
  enabled: v.optional(v.boolean(), true),
  /** Sends notifications without their subscription's token too: somebody else may have made them up. */
  wrongToken: v.optional(v.boolean(), false),
});

/** Which events go to which local handler. What is left out fits every event, requests that are no notification too. */
export type ForwardRule = v.InferOutput<typeof ruleSchema>;

/** A rule as people write it into their settings. */
export type WrittenRule = v.InferInput<typeof ruleSchema>;

/** Reads rules as they stand in the settings; those of no known form, or without an address, are counted and left out. */
export function parseRules(raw: unknown): { readonly rules: readonly ForwardRule[]; readonly malformed: number } {
  if (!Array.isArray(raw)) return { rules: [], malformed: raw === undefined ? 0 : 1 };
  const parsed = raw.map((each: unknown) => v.safeParse(ruleSchema, each));
  const rules = parsed.flatMap(each => (each.success ? [each.output] : []));
  return { rules, malformed: parsed.length - rules.length };
}

/** The first enabled rule that fits the event: each event goes to one handler. */
export function ruleFor(rules: readonly ForwardRule[], event: ForwardedEvent): ForwardRule | undefined {
  return rules.find(rule => rule.enabled && fits(rule, event));
}

/** The rule that would send the event, did its token prove what it is to prove. */
export function ruleButForTheToken(rules: readonly ForwardRule[], event: ForwardedEvent): ForwardRule | undefined {
  return ruleFor(
    rules.map(rule => ({ ...rule, wrongToken: true })),
    event,
  );
}

function fits(rule: ForwardRule, { notification }: ForwardedEvent): boolean {
  if (notification === undefined) return matchesAnything(rule);
  return (
    isOneOf(rule.module, notification.module) &&
    isOperation(rule.operation, notification.operation) &&
    isOneOf(rule.channel, notification.channelId) &&
    (rule.wrongToken || isGenuine(notification.verification, notification.operation))
  );
}

function matchesAnything({ module, operation, channel }: Partial<WrittenRule>): boolean {
  return module === undefined && operation === undefined && channel === undefined;
}

function isOneOf(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

/** Zoho's other words for an operation mean the same, and so does any word in another case. */
function isOperation(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || operationWord(wanted).toLowerCase() === actual?.toLowerCase();
}

/** Tells rules apart that choose other events or send them elsewhere, in all windows alike. */
export function keyOf({ module, operation, channel, url }: ForwardRule): string {
  return JSON.stringify([module ?? null, operation ?? null, channel ?? null, url]);
}

/** Where a rule sends what it chooses. */
export function targetsOf({ url }: Pick<ForwardRule, "url">): readonly string[] {
  return typeof url === "string" ? [url] : url;
}

/** Where a rule sends first. */
export function firstTargetOf(rule: Pick<ForwardRule, "url">): string {
  return targetsOf(rule)[0] ?? "";
}

/** A rule in a few words: its name, or what it sends, and where to. */
export function ruleWords({ name, module, operation, channel, url }: ForwardRule): string {
  const where = targetsOf({ url }).map(shownAddress).join(", ");
  const what = name ?? [module, operation, channel].filter(part => part !== undefined).join(" ");
  return what === "" ? where : l10n.t("{0} to {1}", what, where);
}

function shownAddress(address: string): string {
  const url = URL.parse(address);
  return url === null ? address : shownTarget(url);
}

/** The rule that chooses the same events. */
export function sameChoice<Rule extends WrittenRule>(rules: readonly Rule[], of: WrittenRule): Rule | undefined {
  return rules.find(rule => covers(rule, of) && covers(of, rule));
}

/**
 * The rules with `added` among them: in the place of one that chooses the same events, with what else was written there,
 * else before the first that would take all of its events from it, else at the end.
 */
export function withRule<Rule extends WrittenRule>(rules: readonly Rule[], added: Rule): readonly Rule[] {
  const same = sameChoice(rules, added);
  if (same !== undefined) return rules.with(rules.indexOf(same), { ...same, enabled: true, ...added });
  const wider = rules.findIndex(rule => covers(rule, added));
  return wider >= 0 ? rules.toSpliced(wider, 0, added) : [...rules, added];
}

function covers(wider: WrittenRule, narrower: WrittenRule): boolean {
  return (["module", "operation", "channel"] as const).every(
    part => wider[part] === undefined || wider[part] === narrower[part],
  );
}
