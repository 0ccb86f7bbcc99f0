import { type Answer, empty, json } from "../http/answer.ts";
import type { JsonObject } from "../state/json.ts";
import { refusals } from "./apiError.ts";
import { type CrmCall, modifiedSince, wholeSecond } from "./crmCall.ts";
import type { Module } from "./module.ts";
import { type CrmRecord, describeRecord } from "./record.ts";
import { recordPage } from "./recordPage.ts";
import type { Records } from "./records.ts";

const mostFields = 50;

/** From this version on, a list call has to name its fields. */
const fieldsNeededSince = 3;

/** The records of a module: `fields`, `ids`, `sort_by`, `sort_order`, `page`, `page_token`, `per_page`, and If-Modified-Since. */
export function listRecords(records: Records, module: Module, call: CrmCall, now: number): Answer {
  const { query } = call.request;
  const fields = (query.get("fields") ?? "").split(",").filter(name => name !== "");
  if (fields.length === 0 && call.version >= fieldsNeededSince) return refusals.parameterMissing("fields");
  if (fields.length > mostFields) return refusals.invalidParameter("fields", { maximum_length: mostFields });
  const order = sortOrder(query);
  if (order === undefined) return refusals.invalidParameter("sort_by");
  const since = modifiedSince(call);
  const found = withIds(records.list(module), query).filter(({ modifiedAt }) => wholeSecond(modifiedAt) >= since);
  if (found.length === 0) return empty(since === -Infinity ? 204 : 304);
  const page = recordPage(found.toSorted(order.compare), call, now);
  if (!page.ok) return page.error;
  if (page.value.items.length === 0) return empty(204);
  const data = page.value.items.map(record => project(describeRecord(module, record), fields));
  return json(200, { data, info: { ...page.value.info, sort_by: order.by, sort_order: order.direction } });
}

function withIds(all: readonly CrmRecord[], query: URLSearchParams): readonly CrmRecord[] {
  const ids = query.get("ids")?.split(",");
  return ids === undefined ? all : all.filter(({ id }) => ids.includes(id));
}

/** A record's id and those of its fields that were asked for; all when none were. */
export function project(record: JsonObject, fields: readonly string[]): JsonObject {
  if (fields.length === 0) return record;
  return Object.fromEntries(Object.entries(record).filter(([name]) => name === "id" || fields.includes(name)));
}

interface SortOrder {
  readonly by: string;
  readonly direction: "asc" | "desc";
  readonly compare: (left: CrmRecord, right: CrmRecord) => number;
}

function sortOrder(query: URLSearchParams): SortOrder | undefined {
  const by = query.get("sort_by") ?? "id";
  const key = sortKeys.get(by);
  if (key === undefined) return undefined;
  const direction = query.get("sort_order") === "asc" ? "asc" : "desc";
  const sign = direction === "asc" ? 1 : -1;
  const compare = (left: CrmRecord, right: CrmRecord): number =>
    sign * (key(left) - key(right) || (left.id < right.id ? -1 : 1));
  return { by, direction, compare };
}

/** What records can be sorted by; ids of equal length compare as text. */
const sortKeys: ReadonlyMap<string, (record: CrmRecord) => number> = new Map([
  ["id", () => 0],
  ["Created_Time", ({ createdAt }: CrmRecord) => createdAt],
  ["Modified_Time", ({ modifiedAt }: CrmRecord) => modifiedAt],
]);
