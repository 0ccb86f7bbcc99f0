import * as v from "valibot";
import type { JsonObject, JsonValue } from "../state/json.ts";
import type { Module } from "./module.ts";
import { organizationTime } from "./organization.ts";
import { userById, userReference } from "./users.ts";

const jsonValueSchema: v.GenericSchema<unknown, JsonValue> = v.lazy(() =>
  v.union([
    v.string(),
    v.number(),
    v.boolean(),
    v.null(),
    v.array(jsonValueSchema),
    v.record(v.string(), jsonValueSchema),
  ]),
);

export const jsonObjectSchema: v.GenericSchema<unknown, JsonObject> = v.record(v.string(), jsonValueSchema);

/** A record as the sandbox keeps it; {@link describeRecord} is how the API shows it. */
export const recordSchema = v.object({
  id: v.string(),
  /** Values of the module's own fields, those of the system left out. */
  values: jsonObjectSchema,
  ownerId: v.string(),
  createdBy: v.string(),
  modifiedBy: v.string(),
  createdAt: v.number(),
  modifiedAt: v.number(),
});
export type CrmRecord = v.InferOutput<typeof recordSchema>;

/** A record that was deleted, as the recycle bin remembers it. */
export const deletedRecordSchema = v.object({
  id: v.string(),
  module: v.string(),
  displayName: v.string(),
  createdBy: v.string(),
  deletedBy: v.string(),
  deletedAt: v.number(),
  /** Whether it left the recycle bin before its time. */
  purged: v.optional(v.boolean()),
});
export type DeletedRecord = v.InferOutput<typeof deletedRecordSchema>;

/** The record with its system fields, as the API shows it. */
export function describeRecord(module: Module, record: CrmRecord): JsonObject {
  const blank = Object.fromEntries(module.fields.map(({ apiName }) => [apiName, null]));
  return {
    ...blank,
    ...record.values,
    id: record.id,
    Owner: userReference(userById(record.ownerId)),
    Created_By: userReference(userById(record.createdBy)),
    Modified_By: userReference(userById(record.modifiedBy)),
    Created_Time: organizationTime(record.createdAt),
    Modified_Time: organizationTime(record.modifiedAt),
    Tag: [],
  };
}

/** What people call the record. */
export function displayName(module: Module, record: CrmRecord): string {
  const name = record.values[module.nameField];
  return typeof name === "string" ? name : record.id;
}
