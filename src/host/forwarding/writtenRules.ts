import * as vscode from "vscode";
import { CancelledError, ProblemError } from "../../base/problem.ts";
import { type WrittenRule, parseRules, sameChoice, targetsOf, withRule } from "../../core/forwarding/forwardRule.ts";
import { settingIds } from "../names.ts";

/** Whose settings a rule is written into. */
export type RuleScope = "workspace" | "user";

/** Where rules are in force now: those of a workspace hide the user's. */
export function scopeInForce(): RuleScope {
  return inspect()?.workspaceValue === undefined ? "user" : "workspace";
}

/** Adds a rule to the settings, in its place among the others. Asks where its events go somewhere else already. */
export async function addRule(rule: WrittenRule, scope: RuleScope): Promise<void> {
  const inspected = inspect();
  const raw = scope === "workspace" ? inspected?.workspaceValue : inspected?.globalValue;
  const { rules, malformed } = parseRules(raw ?? []);
  if (malformed > 0) throw new ProblemError(malformedProblem());
  const target = scope === "workspace" ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const url = await askForAddresses(sameChoice(rules, rule), rule);
  const written = withRule<WrittenRule>(rules, { ...rule, url }).map(withoutDefaults);
  await vscode.workspace.getConfiguration().update(settingIds.forwardRules, written, target);
}

/** Where events go of which there is a rule already: where that sends them, too, or only where the new one does. */
async function askForAddresses(before: WrittenRule | undefined, { url }: WrittenRule): Promise<WrittenRule["url"]> {
  const former = before === undefined || before.enabled === false ? [] : targetsOf(before);
  const added = targetsOf({ url });
  if (former.length === 0 || added.every(each => former.includes(each))) return former.length === 0 ? url : [...former];
  const both = vscode.l10n.t("Send to Both");
  const instead = vscode.l10n.t("Send There Instead");
  const options = { modal: true, detail: vscode.l10n.t("They go to {0} now.", former.join(", ")) };
  const question = vscode.l10n.t("Send these events to another handler as well?");
  const answer = await vscode.window.showInformationMessage(question, options, both, instead);
  if (answer === undefined) throw new CancelledError();
  return answer === both ? [...new Set([...former, ...added])] : url;
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
