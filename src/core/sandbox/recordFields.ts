import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { type Result, fail, succeed } from "../../base/result.ts";
import { fieldsSchema } from "../../zoho/fieldInfo.ts";

/** A field of a module, with what a form needs to ask for a value (`GET /settings/fields`). */
export interface RecordField {
  readonly apiName: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly mandatory: boolean;
  /** The values of a picklist, as the API takes them. */
  readonly choices: readonly string[];
  /** The module that a lookup points to. */
  readonly lookupModule: string | undefined;
  /** The longest text, in characters. */
  readonly longest: number | undefined;
}

/** How a value is asked for and sent. */
export type FieldKind =
  "text" | "email" | "choice" | "choices" | "boolean" | "integer" | "decimal" | "date" | "datetime" | "lookup" | "user";

const kinds: Readonly<Record<string, FieldKind>> = {
  email: "email",
  picklist: "choice",
  multiselectpicklist: "choices",
  boolean: "boolean",
  integer: "integer",
  double: "decimal",
  currency: "decimal",
  percent: "decimal",
  date: "date",
  datetime: "datetime",
  lookup: "lookup",
  ownerlookup: "user",
};

/** The fields of a module that a person can set, mandatory ones first. */
export const recordFieldsSchema = v.pipe(
  fieldsSchema,
  v.transform(({ items }): readonly RecordField[] =>
    items
      .filter(field => !field.readOnly)
      .map(({ apiName, label, dataType, mandatory, choices, lookupModules, longest }) => ({
        ...{ apiName, label, mandatory, choices, longest },
        kind: kinds[dataType] ?? "text",
        lookupModule: lookupModules[0],
      }))
      .sort((one, other) => Number(other.mandatory) - Number(one.mandatory)),
  ),
);

/** A value as the API takes it. */
export type FieldValue = string | number | boolean | null | readonly string[] | { readonly id: string };

/** What was typed for a field as a value of the API, or what is wrong with it, as a sentence. */
export function readTyped(field: RecordField, typed: string): Result<FieldValue, string> {
  if (typed === "") return field.mandatory ? fail(l10n.t("{0} needs a value.", field.label)) : succeed(null);
  switch (field.kind) {
    case "integer":
      return readNumber(typed, /^[+-]?\d{1,9}$/, l10n.t("Type a whole number of at most nine digits, such as 42."));
    case "decimal":
      return readNumber(typed, /^[+-]?\d{1,15}(\.\d{1,9})?$/, l10n.t("Type a number, such as 1500 or 99.5."));
    case "date":
      return isDay(typed) ? succeed(typed) : fail(l10n.t("Type a day as year-month-day, such as 2026-03-31."));
    case "datetime":
      return readInstant(typed);
    case "email":
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(typed)
        ? readText(field, typed)
        : fail(l10n.t("Type an e-mail address."));
    default:
      return readText(field, typed);
  }
}

function readText({ longest }: RecordField, typed: string): Result<string, string> {
  if (longest === undefined || typed.length <= longest) return succeed(typed);
  return fail(
    l10n.t("At most {0} characters; these are {1}.", longest.toLocaleString("en"), typed.length.toLocaleString("en")),
  );
}

function readNumber(typed: string, form: RegExp, advice: string): Result<number, string> {
  return form.test(typed) ? succeed(Number(typed)) : fail(advice);
}

/** A day that the calendar has: 30 February is none. */
function isDay(typed: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(typed)) return false;
  const time = Date.parse(`${typed}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(typed);
}

/** Without an offset, UTC is meant. The API wants seconds and an offset. */
function readInstant(typed: string): Result<string, string> {
  const parts = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?\s*(Z|[+-]\d{2}:\d{2})?$/.exec(typed);
  const [, day = "", time = "", seconds = ":00", offset = "+00:00"] = parts ?? [];
  const value = `${day}T${time}${seconds}${offset === "Z" ? "+00:00" : offset}`;
  if (parts !== null && isDay(day) && !Number.isNaN(Date.parse(value))) return succeed(value);
  return fail(l10n.t("Type a day and a time, such as 2026-03-31 14:30 (UTC) or 2026-03-31T14:30:00+05:30."));
}
