import * as vscode from "vscode";
import { ProblemError } from "../../base/problem.ts";
import {
  type Condition,
  type ModuleCondition,
  type Operator,
  combine,
  conditionFaults,
  conditionWords,
  fieldsOf,
  mostFields,
} from "../../core/subscriptions/condition.ts";
import { unreadableNote } from "./unreadableNote.ts";
import type { ItemList } from "../../zoho/readItems.ts";
import type { FieldInfo } from "../../zoho/fieldInfo.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import { type Back, type Choice, back, pickMany, pickOne, unnumbered } from "../multiStep.ts";

/** What is asked about: a module with the condition it has. */
export interface ConditionSubject {
  readonly module: string;
  readonly current?: ModuleCondition | undefined;
  readonly client: Pick<ZohoApi, "fields" | "modules">;
}

/**
 * Asks which changed fields are worth a notification, and how they combine; each step is gone back to as it was left.
 * Undefined: every edit is.
 */
export async function editCondition(subject: ConditionSubject): Promise<ModuleCondition | undefined | Back> {
  const fields = loadFields(subject);
  const { current } = subject;
  let picked: readonly string[] = current === undefined ? [] : fieldsOf(current.condition);
  for (;;) {
    const answer = await pickFields(subject, fields, picked);
    if (answer === back) return back;
    if (answer.length === 0) return undefined;
    picked = answer;
    const condition = await askHow(subject, toConditions(picked, (await fields).items));
    if (condition === back) continue;
    const moduleId = current?.moduleId ?? (await idOf(subject));
    return { module: subject.module, condition, ...(moduleId === undefined ? {} : { moduleId }) };
  }
}

async function loadFields({ client, module }: ConditionSubject): Promise<ItemList<FieldInfo>> {
  const fields = await client.fields(module);
  if (!fields.ok) throw new ProblemError(fields.error);
  return fields.value;
}

/** Zoho takes a module by its name; its id goes along where it can be had. */
async function idOf({ client, module }: ConditionSubject): Promise<string | undefined> {
  const modules = await client.modules();
  return modules.ok ? modules.value.items.find(({ apiName }) => apiName === module)?.id : undefined;
}

/** Asks until what is picked can be had; the reason stands in the title, where nothing covers it. */
async function pickFields(
  { module }: ConditionSubject,
  fields: Promise<ItemList<FieldInfo>>,
  ticked: readonly string[],
): Promise<readonly string[] | Back> {
  let picked = ticked;
  let title = vscode.l10n.t("Condition of {0}: notify only when these fields change ({1} at most)", module, mostFields);
  for (;;) {
    const answer = await pickMany({
      place: unnumbered(title),
      placeholder: vscode.l10n.t("Type to filter. No field: notify on every edit."),
      choices: fields.then(({ items, unreadable }) => [...items.map(toChoice), ...unreadableNote(unreadable, "")]),
      picked,
      least: 0,
    });
    if (answer === back) return back;
    picked = answer;
    const [fault] = faultsOf(picked);
    if (fault === undefined) return picked;
    title = vscode.l10n.t("Condition of {0}: {1}", module, fault);
  }
}

function faultsOf(fields: readonly string[]): readonly string[] {
  const all = combine("or", fields.map(toField));
  return all === undefined ? [] : conditionFaults(all);
}

function toChoice({ apiName, label, dataType }: FieldInfo): Choice<string> {
  return { label, description: apiName === label ? dataType : `${apiName} · ${dataType}`, value: apiName };
}

function toField(field: string): Condition {
  return { kind: "field", field };
}

function toConditions(picked: readonly string[], fields: readonly FieldInfo[]): readonly Condition[] {
  const ids = new Map(fields.map(({ apiName, id }) => [apiName, id]));
  return picked.map(field => {
    const id = ids.get(field);
    return { kind: "field", field, ...(id === undefined ? {} : { id }) };
  });
}

/** How the fields combine; one needs no question. What it was is offered first where it is of the same fields. */
async function askHow({ module, current }: ConditionSubject, entries: readonly Condition[]): Promise<Condition | Back> {
  const [first] = entries;
  const any = combine("or", entries);
  const all = combine("and", entries);
  if (first === undefined || any === undefined || all === undefined || entries.length === 1) return first ?? back;
  const was = current !== undefined && sameFields(current.condition, any) ? [current.condition] : [];
  const choices = [
    ...was.map(value => choiceOf(vscode.l10n.t("As it was"), value)),
    choiceOf(vscode.l10n.t("Any of them changed"), any),
    choiceOf(vscode.l10n.t("All of them changed together"), all),
    ...(entries.length > 2 ? [groupsChoice()] : []),
  ];
  const place = unnumbered(vscode.l10n.t("Condition of {0}: How They Combine", module));
  for (;;) {
    const answer = await pickOne({ place, placeholder: vscode.l10n.t("When to notify?"), choices });
    const condition = answer === "groups" ? await group(module, entries) : answer;
    // From the groups one goes back to here.
    if (condition !== back || answer === back) return condition;
  }
}

function sameFields(one: Condition, other: Condition): boolean {
  return fieldsOf(one).toSorted().join() === fieldsOf(other).toSorted().join();
}

function choiceOf(label: string, value: Condition): Choice<Condition | "groups"> {
  return { label, detail: conditionWords(value), value };
}

function groupsChoice(): Choice<Condition | "groups"> {
  return {
    label: vscode.l10n.t("In groups…"),
    detail: vscode.l10n.t("such as: Stage or (Amount and Probability)"),
    value: "groups",
  };
}

/** Puts together what belongs together, two or more at a time, until one is left; going back takes the last apart again. */
async function group(module: string, all: readonly Condition[]): Promise<Condition | Back> {
  const stages: Entries[] = [all];
  const ticked = new Map<Entries, Entries>();
  for (let entries = stages.at(-1); entries !== undefined; entries = stages.at(-1)) {
    const [first, second] = entries;
    if (second === undefined) return first ?? back;
    const joined = await joinSome(module, entries, ticked);
    if (joined === back) stages.pop();
    else stages.push(joined);
  }
  return back;
}

type Entries = readonly Condition[];

/** `ticked`: what was ticked of which entries when they were shown last. */
async function joinSome(module: string, entries: Entries, ticked: Map<Entries, Entries>): Promise<Entries | Back> {
  let together: Entries = ticked.get(entries) ?? (entries.length === 2 ? entries : []);
  for (;;) {
    const picked = await pickMany({
      place: unnumbered(vscode.l10n.t("Condition of {0}: What Belongs Together", module)),
      placeholder: vscode.l10n.t("Choose two or more that belong together; the rest comes next."),
      choices: entries.map(value => ({ label: conditionWords(value), value })),
      picked: together,
      least: 2,
    });
    if (picked === back) return back;
    together = picked;
    ticked.set(entries, picked);
    const operator = await pickOperator(module, together);
    const joined = operator === back ? undefined : combine(operator, together);
    if (joined !== undefined) return [...entries.filter(entry => !together.includes(entry)), joined];
  }
}

async function pickOperator(module: string, members: readonly Condition[]): Promise<Operator | Back> {
  const words = (operator: Operator): string => {
    const combined = combine(operator, members);
    return combined === undefined ? "" : conditionWords(combined);
  };
  return pickOne<Operator>({
    place: unnumbered(vscode.l10n.t("Condition of {0}: How They Combine", module)),
    placeholder: vscode.l10n.t("How do these belong together?"),
    choices: [
      { label: vscode.l10n.t("One is enough (or)"), detail: words("or"), value: "or" },
      { label: vscode.l10n.t("All together (and)"), detail: words("and"), value: "and" },
    ],
  });
}
