import * as v from "valibot";
import { JsonSource } from "../base/jsonSource.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { zohosCodeIn, problemOfAnswer } from "./apiProblem.ts";
import { present } from "./present.ts";
import type { ZohoProblem } from "./problem.ts";
import {
  type RecordList,
  type RecordListOptions,
  type RecordSource,
  readRecordPages,
  wholeSecond,
} from "./recordPages.ts";
import { formatTime, idSchema, looseText, optionalPart, timeSchema, unreadableProblem, withoutMark } from "./wire.ts";

export type { RecordList, RecordListOptions, RecordSource } from "./recordPages.ts";

/** A record as a list call shows it. Zoho's times have no fractions of a second. */
export interface RecordRead {
  /** A 64-bit number as its digits. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt?: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt?: number;
  /** Names of users. */
  readonly createdBy?: string;
  readonly modifiedBy?: string;
  /** The fields that were asked for, as the CRM gave them. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A record that is in the recycle bin, or was. Zoho does not tell when it was created. */
export interface DeletedRecord {
  readonly id: string;
  /** What people called it. */
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly deletedAt: number;
  readonly deletedBy?: string;
  /** Zoho's own entry for it. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface ModifiedRecordsOptions extends RecordListOptions {
  /** API names, of which Zoho takes 50; those that are needed here are added. */
  readonly fields?: readonly string[];
}

const mostFields = 50;

/** What telling created from edited records takes. */
const neededFields = ["Created_Time", "Modified_Time", "Created_By", "Modified_By"];

/**
 * The records of a module that were created or modified since an instant. Read newest first: what changes while pages
 * are read then moves to pages that were read, and nothing is passed over. Ends at the first record that is older, so a
 * server that does not know If-Modified-Since costs no more, unless it does not know that order either.
 */
export async function readModifiedRecords(
  module: string,
  options: ModifiedRecordsOptions,
  source: RecordSource,
): Promise<Result<RecordList<RecordRead>, ZohoProblem>> {
  const since = wholeSecond(options.since);
  const fields = [...new Set([...neededFields, ...(options.fields ?? [])])].slice(0, mostFields).join(",");
  return readRecordPages({
    path: `/${encodeURIComponent(module)}`,
    query: { fields, sort_by: "Modified_Time", sort_order: "desc" },
    schema: recordSchema,
    isWanted: record => (record.modifiedAt ?? since) >= since,
    orderedBy: record => record.modifiedAt,
    where: "GET /{module}",
    options,
    source,
  });
}

/** The records of a module that were deleted since an instant, for good or into the recycle bin; Zoho's order is open. */
export async function readDeletedRecords(
  module: string,
  options: RecordListOptions,
  source: RecordSource,
): Promise<Result<RecordList<DeletedRecord>, ZohoProblem>> {
  const since = wholeSecond(options.since);
  return readRecordPages({
    path: `/${encodeURIComponent(module)}/deleted`,
    query: { type: "all" },
    schema: deletedSchema,
    isWanted: record => record.deletedAt >= since,
    where: "GET /{module}/deleted",
    options,
    source,
  });
}

/**
 * One record as the CRM has it now: the text of its JSON with every digit; undefined where there is none with that id,
 * or it is in the recycle bin. One credit.
 */
export async function readRecord(
  module: string,
  recordId: string,
  { send, clock, shapes }: RecordSource,
  signal?: AbortSignal,
): Promise<Result<string | undefined, ZohoProblem>> {
  const path = `/${encodeURIComponent(module)}/${encodeURIComponent(recordId)}`;
  const answer = await send({ method: "GET", path, signal });
  if (!answer.ok) return answer;
  if (answer.value.status === noContent) return succeed(undefined);
  const isGood = answer.value.status === 200;
  const text = isGood ? textOfRecord(withoutMark(answer.value.text)) : undefined;
  if (text !== undefined) return succeed(text);
  if (!isGood || zohosCodeIn(answer.value) !== undefined) return readRefusal(problemOfAnswer(answer.value, clock));
  const problem = unreadableProblem(answer.value.status);
  shapes.unclear("GET /{module}/{id}", answer.value, problem);
  return fail(problem);
}

const noContent = 204;

/** Of an id that it does not know, Zoho says that it is not valid; some versions say that it is not found. */
function readRefusal(problem: ZohoProblem): Result<undefined, ZohoProblem> {
  return ["INVALID_DATA", "RECORD_NOT_FOUND"].includes(problem.code) ? succeed(undefined) : fail(problem);
}

/** The only entry of `data`, as it is written: a record has an id, as an error has not. */
function textOfRecord(text: string): string | undefined {
  const json = JsonSource.parse(text);
  if (!json.ok) return undefined;
  const source = json.value;
  const data = source.member(source.root, "data");
  const record = data === undefined || source.countOf(data) === 0 ? undefined : data + 1;
  return record !== undefined && source.member(record, "id") !== undefined ? source.literal(record) : undefined;
}

const userName = optionalPart(
  v.pipe(
    v.object({ name: looseText }),
    v.transform(({ name }) => name),
  ),
);

const recordSchema = v.pipe(
  v.looseObject({ id: idSchema }),
  v.transform((values): RecordRead => {
    const { Created_Time, Modified_Time, Created_By, Modified_By } = v.parse(systemFieldsSchema, values);
    return {
      id: values.id,
      ...present("createdAt", Created_Time),
      ...present("modifiedAt", Modified_Time),
      ...present("createdBy", Created_By),
      ...present("modifiedBy", Modified_By),
      values,
    };
  }),
);

/** Some modules do not have all of these. */
const systemFieldsSchema = v.object({
  Created_Time: optionalPart(timeSchema),
  Modified_Time: optionalPart(timeSchema),
  Created_By: userName,
  Modified_By: userName,
});

const deletedSchema = v.pipe(
  v.looseObject({ id: idSchema, deleted_time: timeSchema }),
  v.transform(({ deleted_time: deletedAt, ...entry }): DeletedRecord => {
    const { display_name, deleted_by } = v.parse(deletionSchema, entry);
    return {
      id: entry.id,
      deletedAt,
      ...present("name", display_name),
      ...present("deletedBy", deleted_by),
      values: { ...entry, deleted_time: formatTime(deletedAt) },
    };
  }),
);

const deletionSchema = v.object({ display_name: looseText, deleted_by: userName });
