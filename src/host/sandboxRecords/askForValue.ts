import * as vscode from "vscode";
import type { Connection } from "../../core/connections/connection.ts";
import { type FieldValue, type RecordField, readTyped } from "../../core/sandbox/recordFields.ts";
import type { SandboxRecords } from "../../core/sandbox/sandboxRecords.ts";
import { type Back, type Choice, type StepPlace, askText, back, pickMany, pickOne } from "../multiStep.ts";
import { orThrow } from "../results.ts";
import { recordChoice } from "./recordWords.ts";

export interface ValueQuestion {
  readonly place: StepPlace;
  readonly field: RecordField;
  /** What it is now, or was answered before. */
  readonly current: unknown;
  readonly records: SandboxRecords;
  readonly connection: Connection;
}

/** Asks for a value in the way that fits the field's type. */
export async function askForValue(question: ValueQuestion): Promise<FieldValue | Back> {
  switch (question.field.kind) {
    case "choice":
      return askChoice(question, question.field.choices.map(toChoice));
    case "choices":
      return askChoices(question);
    case "boolean":
      return askChoice(question, [
        { label: vscode.l10n.t("Yes"), value: true },
        { label: vscode.l10n.t("No"), value: false },
      ]);
    case "lookup":
      return askRecord(question);
    default:
      return askTyped(question);
  }
}

function toChoice(value: string): Choice<FieldValue> {
  return { label: value, value };
}

async function askChoice(
  { place, field, current }: ValueQuestion,
  choices: readonly Choice<FieldValue>[],
): Promise<FieldValue | Back> {
  const none: readonly Choice<FieldValue>[] =
    field.mandatory || field.kind === "boolean" ? [] : [{ label: vscode.l10n.t("No value"), value: null }];
  const all = [...choices, ...none];
  const active = all.find(({ value }) => value === current)?.value;
  const options = { place, placeholder: field.label, choices: all };
  return pickOne<FieldValue>(active === undefined ? options : { ...options, active });
}

async function askChoices({ place, field, current }: ValueQuestion): Promise<readonly string[] | Back> {
  const picked = Array.isArray(current) ? current.map(String) : [];
  const choices = field.choices.map(value => ({ label: value, value }));
  return pickMany({ place, placeholder: field.label, choices, picked, least: field.mandatory ? 1 : 0 });
}

async function askRecord({ place, field, records, connection }: ValueQuestion): Promise<FieldValue | Back> {
  const module = field.lookupModule;
  if (module === undefined) return null;
  const listed = async (): Promise<Choice<FieldValue>[]> =>
    orThrow(await records.list(connection, module, [])).map(record => ({
      ...recordChoice(record),
      value: { id: record.id },
    }));
  const none = { label: vscode.l10n.t("No value"), value: null };
  const choices = listed().then(found => (field.mandatory ? found : [...found, none]));
  return pickOne<FieldValue>({ place, placeholder: `${field.label} (${module})`, choices });
}

async function askTyped({ place, field, current }: ValueQuestion): Promise<FieldValue | Back> {
  const placeholder = placeholders[field.kind];
  const typed = await askText({
    place,
    prompt: field.label,
    ...(placeholder === undefined ? {} : { placeholder }),
    value: typeof current === "string" || typeof current === "number" ? String(current) : "",
    validate: text => {
      const read = readTyped(field, text);
      return read.ok ? undefined : read.error;
    },
  });
  if (typed === back) return back;
  const read = readTyped(field, typed);
  return read.ok ? read.value : back;
}

const placeholders: Partial<Record<RecordField["kind"], string>> = {
  date: "2026-03-31",
  datetime: "2026-03-31 14:30",
  email: "name@example.com",
};
