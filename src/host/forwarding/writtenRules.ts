import * as vscode from "vscode";
import { ProblemError } from "../../base/problem.ts";
import { type WrittenRule, parseRules, withRule } from "../../core/forwarding/forwardRule.ts";
import { settingIds } from "../names.ts";

/** Whose settings a rule is written into. */
export type RuleScope = "workspace" | "user";

/** Where rules are in force now: those of a workspace hide the user's. */
export function scopeInForce(): RuleScope {
  return inspect()?.workspaceValue === undefined ? "user" : "workspace";
}

/** Adds a rule to the settings, in its place among the others. */
export async function addRule(rule: WrittenRule, scope: RuleScope): Promise<void> {
  const inspected = inspect();
  const raw = scope === "workspace" ? inspected?.workspaceValue : inspected?.globalValue;
  const { rules, malformed } = parseRules(raw ?? []);
  if (malformed > 0) throw new ProblemError(malformedProblem());
  const target = scope === "workspace" ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const written = withRule<WrittenRule>(rules.map(withoutDefaults), rule);
  await vscode.workspace.getConfiguration().update(settingIds.forwardRules, written, target);
}

function inspect(): { readonly globalValue?: unknown; readonly workspaceValue?: unknown } | undefined {
  return vscode.workspace.getConfiguration().inspect<unknown>(settingIds.forwardRules);
}

function withoutDefaults({ enabled, wrongToken, ...rule }: WrittenRule): WrittenRule {
  return {
    ...rule,
    ...(enabled === false ? { enabled } : {}),
    ...(wrongToken === true ? { wrongToken } : {}),
  };
}

function malformedProblem(): ProblemError["problem"] {
  return {
    code: "FORWARD_RULES_MALFORMED",
    message: vscode.l10n.t(
      "A forwarding rule in your settings has an unknown form. Mend “{0}” there first.",
      settingIds.forwardRules,
    ),
    remedy: "none",
  };
}
