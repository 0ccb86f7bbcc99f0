import * as vscode from "vscode";
import type { Connection } from "../../core/connections/connection.ts";
import type { RecordField } from "../../core/sandbox/recordFields.ts";
import type { SandboxRecords } from "../../core/sandbox/sandboxRecords.ts";
import { type Back, type Choice, type StepPlace, back, pickOne } from "../multiStep.ts";
import { askForValue } from "./askForValue.ts";
import { type Values, valueWords } from "./recordWords.ts";

export interface RecordForm {
  readonly place: StepPlace;
  readonly records: SandboxRecords;
  readonly connection: Connection;
  readonly fields: readonly RecordField[];
  /** What the record has already; empty for one that is to be made. */
  readonly before: Readonly<Record<string, unknown>>;
  /** What the last row does, such as "Create". */
  readonly done: string;
}

/** A field to fill in, or that all is filled in. */
type Row = RecordField | "done";

/**
 * Asks for values field by field, mandatory ones that are missing first, until the person says that this is all. Gives
 * the values that were entered.
 */
export async function fillIn(form: RecordForm): Promise<Values | Back> {
  let values: Values = {};
  for (;;) {
    const missing = form.fields.find(field => field.mandatory && isEmpty(field, form, values));
    const row = missing ?? (await askRow(form, values));
    if (row === back || row === "done") return row === back ? back : values;
    const place = { ...form.place, step: form.place.step + 1, total: form.place.total + 1 };
    const current = values[row.apiName] ?? form.before[row.apiName];
    const value = await askForValue({ ...form, place, field: row, current });
    if (value === back && missing !== undefined) return back;
    if (value !== back) values = { ...values, [row.apiName]: value };
  }
}

function isEmpty({ apiName }: RecordField, { before }: RecordForm, values: Values): boolean {
  return valueWords(values[apiName] ?? before[apiName]) === undefined;
}

async function askRow(form: RecordForm, values: Values): Promise<Row | Back> {
  const entered = Object.keys(values).length;
  const done: Choice<Row> = { label: `$(check) ${form.done}`, value: "done" };
  const rows = form.fields.map(field => fieldRow(field, form, values));
  const placeholder = vscode.l10n.t("Pick a field to set its value. Type to filter.");
  const choices = entered === 0 ? rows : [done, ...rows];
  return pickOne<Row>({ place: form.place, placeholder, choices });
}

function fieldRow(field: RecordField, { before }: RecordForm, values: Values): Choice<Row> {
  const entered = Object.hasOwn(values, field.apiName);
  const words = valueWords(entered ? values[field.apiName] : before[field.apiName]) ?? vscode.l10n.t("no value");
  return { label: `${entered ? "$(edit) " : ""}${field.label}`, description: words, value: field };
}
