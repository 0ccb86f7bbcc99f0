import { day } from "../../base/clock.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import type { JsonObject } from "../state/json.ts";
import { refusals } from "./apiError.ts";
import { type CrmCall, modifiedSince, pageOf, wholeSecond } from "./crmCall.ts";
import type { Module } from "./module.ts";
import { organizationTime } from "./organization.ts";
import type { DeletedRecord } from "./record.ts";
import type { Records } from "./records.ts";
import { userById, userReference } from "./users.ts";

/** How long a deleted record stays in the recycle bin. */
const recycleBinLife = 60 * day;

type DeletionType = "recycle" | "permanent";

/** What was deleted from a module, newest first: `type` all, recycle or permanent, and If-Modified-Since. */
export function listDeletedRecords(records: Records, module: Module, call: CrmCall, now: number): Answer {
  const { query } = call.request;
  const wanted = query.get("type") ?? "all";
  if (!["all", "recycle", "permanent"].includes(wanted)) return refusals.invalidParameter("type");
  const since = modifiedSince(call);
  const found = records
    .listDeleted(module)
    .filter(({ deletedAt }) => wholeSecond(deletedAt) >= since)
    .map(deleted => ({ deleted, type: deletionType(deleted, now) }))
    .filter(({ type }) => wanted === "all" || type === wanted)
    .toReversed();
  const page = pageOf(found, query);
  if (!page.ok) return page.error;
  if (page.value.items.length === 0) return empty(204);
  const data = page.value.items.map(({ deleted, type }) => describeDeleted(deleted, type));
  return json(200, { data, info: page.value.info });
}

function deletionType({ purged, deletedAt }: DeletedRecord, now: number): DeletionType {
  return purged === true || deletedAt + recycleBinLife <= now ? "permanent" : "recycle";
}

function describeDeleted(deleted: DeletedRecord, type: DeletionType): JsonObject {
  return {
    id: deleted.id,
    display_name: deleted.displayName,
    type,
    created_by: userReference(userById(deleted.createdBy)),
    deleted_by: userReference(userById(deleted.deletedBy)),
    deleted_time: organizationTime(deleted.deletedAt),
  };
}
