import { type ForwardRule, keyOf, parseRules } from "../../../src/core/forwarding/forwardRule.ts";
import type { Randomness } from "../world/randomness.ts";

/** A rule as a person writes it here. Rules choose by operation alone. */
export interface PlayedRule {
  readonly operation?: "create" | "edit";
  readonly url: string | readonly string[];
  readonly enabled?: boolean;
  readonly wrongToken?: boolean;
}

/** Windows differ by their rules, and two of them share one. */
const atFirst: readonly (readonly PlayedRule[])[] = [
  [{ operation: "create", url: "http://localhost:1" }, { url: "http://localhost:2" }],
  [{ operation: "edit", url: ["http://localhost:3", "http://localhost:4"] }],
  [{ operation: "create", url: "http://localhost:1" }],
];

/** What a person does to the rules of one kind of window. */
export const ruleChanges = ["rule turned off", "address changed", "rule added", "rules as at first"] as const;
export type RuleChange = (typeof ruleChanges)[number];

/** The rules of each kind of window, which a person changes while events wait. */
export class PlayedRules {
  readonly #written = [...atFirst];

  /** As the settings give them. */
  of(kind: number): readonly ForwardRule[] {
    return parseRules(this.#written[kind]).rules;
  }

  /** Whether this kind of window has the rule with that key. */
  has(kind: number, key: string): boolean {
    return this.of(kind).some(rule => rule.enabled && keyOf(rule) === key);
  }

  /** The key of the rule of this kind of window that sends an event with such an operation, be its token right or not. */
  keyFor(kind: number, operation: string): string | undefined {
    const rule = this.of(kind).find(each => isFor(each, operation));
    return rule === undefined ? undefined : keyOf(rule);
  }

  /** Whether the rule that has such an event sends it without its token, too. */
  allowsAnyToken(kind: number, operation: string): boolean {
    return (this.#written[kind] ?? []).some(rule => isFor(rule, operation) && rule.wrongToken === true);
  }

  change(kind: number, change: RuleChange, randomness: Randomness): void {
    const rules = this.#written[kind] ?? [];
    const at = randomness.integer(0, Math.max(0, rules.length - 1));
    this.#written[kind] = changed(kind, rules, at, change, randomness);
  }
}

function isFor(rule: Pick<ForwardRule, "operation"> & { readonly enabled?: boolean }, operation: string): boolean {
  return rule.enabled !== false && (rule.operation === undefined || rule.operation === operation);
}

function changed(
  kind: number,
  rules: readonly PlayedRule[],
  at: number,
  change: RuleChange,
  randomness: Randomness,
): readonly PlayedRule[] {
  const [rule] = rules.slice(at);
  switch (change) {
    case "rule turned off":
      return rule === undefined ? rules : rules.with(at, { ...rule, enabled: false });
    case "address changed":
      return rule === undefined ? rules : rules.with(at, { ...rule, url: someAddress(randomness) });
    case "rule added":
      return [{ operation: "edit", url: someAddress(randomness), wrongToken: randomness.chance(0.3) }, ...rules];
    case "rules as at first":
      return atFirst[kind] ?? [];
  }
}

/** One address, or two. */
function someAddress(randomness: Randomness): string | readonly string[] {
  const first = `http://localhost:${randomness.integer(5, 6)}`;
  return randomness.chance(0.3) ? [first, "http://localhost:7"] : first;
}
