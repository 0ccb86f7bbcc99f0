import { type Result, fail, succeed } from "../../base/result.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { type JsonObject, type JsonValue, isJsonObject } from "../state/json.ts";
import { apiError, refusals } from "./apiError.ts";
import type { CrmCall } from "./crmCall.ts";
import { type Module, fieldNamed } from "./module.ts";
import { describeRecord } from "./record.ts";
import { project } from "./recordLists.ts";
import { recordPage } from "./recordPage.ts";
import type { Records } from "./records.ts";
import { type SearchCriteria, type SearchOperator, parseSearchCriteria } from "./searchCriteria.ts";

type Matches = (record: JsonObject) => boolean;

/** `GET /{module}/search` by one of criteria, email, phone and word, in this order; newest first. */
export function searchRecords(records: Records, module: Module, call: CrmCall, now: number): Answer {
  if (!call.allows({ product: "ZohoSearch", group: "securesearch", operation: "READ" }))
    return refusals.scopeMismatch();
  const matches = searchOf(module, call.request.query);
  if (!matches.ok) return matches.error;
  const found = records
    .list(module)
    .map(record => describeRecord(module, record))
    .filter(matches.value)
    .toReversed();
  const page = recordPage(found, call, now);
  if (!page.ok) return page.error;
  if (page.value.items.length === 0) return empty(204);
  const fields = (call.request.query.get("fields") ?? "").split(",").filter(name => name !== "");
  return json(200, { data: page.value.items.map(record => project(record, fields)), info: page.value.info });
}

function searchOf(module: Module, query: URLSearchParams): Result<Matches, Answer> {
  const [criteria, email, phone, word] = ["criteria", "email", "phone", "word"].map(
    name => query.get(name) ?? undefined,
  );
  if (criteria !== undefined) return byCriteria(module, criteria);
  if (email !== undefined) return succeed(byType(module, ["email"], value => sameText(value, email)));
  if (phone !== undefined) return succeed(byType(module, ["phone"], value => digits(value).includes(digits(phone))));
  if (word === undefined) return fail(refusals.parameterMissing("criteria"));
  return succeed(byType(module, wordTypes, value => value.toLowerCase().includes(word.toLowerCase())));
}

const wordTypes = ["text", "textarea", "email", "phone", "website", "picklist"];

function byType(module: Module, types: readonly string[], matches: (value: string) => boolean): Matches {
  const names = module.fields.filter(({ dataType }) => types.includes(dataType)).map(({ apiName }) => apiName);
  return record => names.some(name => typeof record[name] === "string" && matches(record[name]));
}

function byCriteria(module: Module, text: string): Result<Matches, Answer> {
  const criteria = parseSearchCriteria(text);
  if (!criteria.ok) return fail(invalidQuery({ reason: criteria.error }));
  const unknown = fieldsOf(criteria.value).find(name => fieldNamed(module, name) === undefined);
  if (unknown !== undefined) return fail(invalidQuery({ reason: "the field does not exist", api_name: unknown }));
  return succeed(record => holds(criteria.value, record));
}

function invalidQuery(details: JsonObject): Answer {
  return refusals.body(apiError("INVALID_QUERY", "Invalid query formed", details));
}

function fieldsOf(criteria: SearchCriteria): readonly string[] {
  return criteria.kind === "comparison" ? [criteria.field] : [...fieldsOf(criteria.left), ...fieldsOf(criteria.right)];
}

function holds(criteria: SearchCriteria, record: JsonObject): boolean {
  switch (criteria.kind) {
    case "and":
      return holds(criteria.left, record) && holds(criteria.right, record);
    case "or":
      return holds(criteria.left, record) || holds(criteria.right, record);
    case "comparison":
      return compares(criteria.operator, shown(record[criteria.field] ?? null), criteria.values);
  }
}

/** The texts that a value can be found by: a reference by its name and its id. */
function shown(value: JsonValue): readonly string[] {
  if (isJsonObject(value)) return [value["name"], value["id"]].filter(part => typeof part === "string");
  return value === null || typeof value === "object" ? [] : [String(value)];
}

function compares(
  operator: SearchOperator,
  found: readonly string[],
  [first = "", second = "", ...more]: string[],
): boolean {
  const some = (test: (text: string) => boolean): boolean => found.some(test);
  switch (operator) {
    case "equals":
      return some(text => sameText(text, first));
    case "not_equal":
      return !some(text => sameText(text, first));
    case "starts_with":
      return some(text => text.toLowerCase().startsWith(first.toLowerCase()));
    case "in":
      return some(text => [first, second, ...more].some(wanted => wanted !== "" && sameText(text, wanted)));
    case "greater_than":
      return some(text => order(text, first) > 0);
    case "greater_equal":
      return some(text => order(text, first) >= 0);
    case "less_than":
      return some(text => order(text, first) < 0);
    case "less_equal":
      return some(text => order(text, first) <= 0);
    case "between":
      return some(text => order(text, first) >= 0 && order(text, second) <= 0);
  }
}

/** Compares as numbers or instants where both are, as text otherwise. */
function order(left: string, right: string): number {
  const [one, other] = [ordinal(left), ordinal(right)];
  return Number.isNaN(one) || Number.isNaN(other) ? left.localeCompare(right) : one - other;
}

function ordinal(text: string): number {
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number(text);
}

function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function digits(text: string): string {
  return text.replace(/\D/g, "");
}
