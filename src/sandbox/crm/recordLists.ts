import { type Answer, empty, json } from "../http/answer.ts";
import type { JsonObject } from "../state/json.ts";
import { refusals } from "./apiError.ts";
import { type CrmCall, pageOf } from "./crmCall.ts";
import type { Module } from "./module.ts";
import { organizationTime } from "./organization.ts";
import { pageTokens, withPageNumber } from "./pageTokens.ts";
import { type CrmRecord, type DeletedRecord, describeRecord } from "./record.ts";
import type { Records } from "./records.ts";
import { userById, userReference } from "./users.ts";

const mostFields = 50;

/** From this version on, a list call has to name its fields. */
const fieldsNeededSince = 3;

/** The records of a module: `fields`, `ids`, `sort_by`, `sort_order`, `page`, `per_page`, and If-Modified-Since. */
export function listRecords(records: Records, module: Module, call: CrmCall): Answer {
  const { query } = call.request;
  const fields = (query.get("fields") ?? "").split(",").filter(name => name !== "");
  if (fields.length === 0 && call.version >= fieldsNeededSince) return refusals.parameterMissing("fields");
  if (fields.length > mostFields) return refusals.invalidParameter("fields", { maximum_length: mostFields });
  const order = sortOrder(query);
  if (order === undefined) return refusals.invalidParameter("sort_by");
  const since = modifiedSince(call);
  const found = withIds(records.list(module), query).filter(({ modifiedAt }) => wholeSecond(modifiedAt) >= since);
  if (found.length === 0) return empty(since === -Infinity ? 204 : 304);
  const numbered = withPageNumber(query);
  const page = numbered.ok ? pageOf(found.toSorted(order.compare), numbered.value) : numbered;
  if (!page.ok) return page.error;
  if (page.value.items.length === 0) return empty(204);
  const { info } = page.value;
  const tokens = pageTokens(query, info.page, info.more_records);
  const data = page.value.items.map(record => project(describeRecord(module, record), fields));
  return json(200, { data, info: { ...info, sort_by: order.by, sort_order: order.direction, ...tokens } });
}

function withIds(all: readonly CrmRecord[], query: URLSearchParams): readonly CrmRecord[] {
  const ids = query.get("ids")?.split(",");
  return ids === undefined ? all : all.filter(({ id }) => ids.includes(id));
}

function project(record: JsonObject, fields: readonly string[]): JsonObject {
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

/** The header's instant in milliseconds. A record of that same second counts: its time is shown without fractions. */
function modifiedSince({ request }: CrmCall): number {
  const instant = Date.parse(request.headers["if-modified-since"] ?? "");
  return Number.isNaN(instant) ? -Infinity : wholeSecond(instant);
}

function wholeSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}

/** What was deleted from a module, newest first. Nothing here is ever deleted for good. */
export function listDeletedRecords(records: Records, module: Module, call: CrmCall): Answer {
  const { query } = call.request;
  const type = query.get("type") ?? "all";
  if (!["all", "recycle", "permanent"].includes(type)) return refusals.invalidParameter("type");
  const since = modifiedSince(call);
  const all = type === "permanent" ? [] : records.listDeleted(module);
  const found = all.filter(({ deletedAt }) => wholeSecond(deletedAt) >= since).toReversed();
  const page = pageOf(found, query);
  if (!page.ok) return page.error;
  if (page.value.items.length === 0) return empty(204);
  return json(200, { data: page.value.items.map(describeDeleted), info: page.value.info });
}

function describeDeleted(deleted: DeletedRecord): JsonObject {
  return {
    id: deleted.id,
    display_name: deleted.displayName,
    type: "recycle",
    created_by: userReference(userById(deleted.createdBy)),
    deleted_by: userReference(userById(deleted.deletedBy)),
    deleted_time: organizationTime(deleted.deletedAt),
  };
}
