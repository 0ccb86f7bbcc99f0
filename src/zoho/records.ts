import * as v from "valibot";
import { type Clock, second } from "../base/clock.ts";
import { JsonSource } from "../base/jsonSource.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { ApiCall } from "./apiCaller.ts";
import { problemOfAnswer } from "./apiProblem.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import type { ZohoProblem } from "./problem.ts";
import { formatTime, idSchema, optionalText, readJson, timeSchema, unreadableProblem } from "./wire.ts";

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

/** What a list call brought over its pages. */
export interface RecordList<T> {
  /** Each record once. */
  readonly records: readonly T[];
  /** False where there is more than was read. */
  readonly complete: boolean;
  /**
   * How far the server's clock (the header Date of its first answer, in whole seconds) is ahead of ours, in milliseconds;
   * 0 where it does not tell.
   */
  readonly serverAhead: number;
}

export interface RecordListOptions {
  /** Only what changed at or after this instant: milliseconds since 1970, by Zoho's clock. */
  readonly since: number;
  /** How many pages of 200 to read at most; each costs one credit. Default 100. */
  readonly mostPages?: number;
  /** Told after each page how many records there are so far. */
  readonly onPage?: (records: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ModifiedRecordsOptions extends RecordListOptions {
  /** API names, of which Zoho takes 50; those that are needed here are added. */
  readonly fields?: readonly string[];
}

/** Carries a call to Zoho. */
export type SendCall = (call: ApiCall) => Promise<Result<HttpAnswer, ZohoProblem>>;

const perPage = 200;
const mostFields = 50;
const defaultPages = 100;

/** Beyond so many records Zoho takes no page numbers, only the tokens that it gave. */
const mostByNumber = 2_000;

/** What telling created from edited records takes. */
const neededFields = ["Created_Time", "Modified_Time", "Created_By", "Modified_By"];

/**
 * The records of a module that were created or modified since an instant. Read newest first: what changes while pages
 * are read then moves to pages that were read, and nothing is passed over. Ends at the first record that is older, so a
 * server that does not know If-Modified-Since costs no more.
 */
export async function readModifiedRecords(
  module: string,
  options: ModifiedRecordsOptions,
  send: SendCall,
  clock: Clock,
): Promise<Result<RecordList<RecordRead>, ZohoProblem>> {
  const since = wholeSecond(options.since);
  const fields = [...new Set([...neededFields, ...(options.fields ?? [])])].slice(0, mostFields).join(",");
  return readPages({
    path: `/${encodeURIComponent(module)}`,
    query: { fields, sort_by: "Modified_Time", sort_order: "desc" },
    schema: recordPageSchema,
    isWanted: record => (record.modifiedAt ?? since) >= since,
    endsAtUnwanted: true,
    options,
    send,
    clock,
  });
}

/** The records of a module that were deleted since an instant, for good or into the recycle bin; Zoho's order is open. */
export async function readDeletedRecords(
  module: string,
  options: RecordListOptions,
  send: SendCall,
  clock: Clock,
): Promise<Result<RecordList<DeletedRecord>, ZohoProblem>> {
  const since = wholeSecond(options.since);
  return readPages({
    path: `/${encodeURIComponent(module)}/deleted`,
    query: { type: "all" },
    schema: deletedPageSchema,
    isWanted: record => record.deletedAt >= since,
    endsAtUnwanted: false,
    options,
    send,
    clock,
  });
}

/**
 * One record as the CRM has it now: the text of its JSON with every digit; undefined where there is none with that id,
 * or it is in the recycle bin. One credit.
 */
export async function readRecord(
  module: string,
  recordId: string,
  send: SendCall,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Result<string | undefined, ZohoProblem>> {
  const path = `/${encodeURIComponent(module)}/${encodeURIComponent(recordId)}`;
  const answer = await send({ method: "GET", path, signal });
  if (!answer.ok) return answer;
  if (answer.value.status === noContent) return succeed(undefined);
  if (answer.value.status !== 200) return readRefusal(problemOfAnswer(answer.value, clock));
  const text = textOfRecord(answer.value.text);
  return text === undefined ? fail(unreadableProblem(answer.value.status)) : succeed(text);
}

/** Of an id that it does not know, Zoho says that it is not valid. */
function readRefusal(problem: ZohoProblem): Result<undefined, ZohoProblem> {
  const isUnknownId = problem.kind === "invalid" && problem.code === "INVALID_DATA";
  return isUnknownId ? succeed(undefined) : fail(problem);
}

/** The only entry of `data`, as it is written. */
function textOfRecord(text: string): string | undefined {
  const json = JsonSource.parse(text);
  if (!json.ok) return undefined;
  const source = json.value;
  const data = source.member(source.root, "data");
  const record = data === undefined || source.countOf(data) === 0 ? undefined : data + 1;
  return record !== undefined && source.kindOf(record) === "object" ? source.literal(record) : undefined;
}

interface Page<T> {
  readonly records: readonly T[];
  readonly more: boolean;
  readonly nextToken?: string | undefined;
}

interface Reading<T extends { readonly id: string }> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly schema: v.GenericSchema<unknown, Page<T>>;
  readonly isWanted: (record: T) => boolean;
  /** The list is in order, so what follows an unwanted record is unwanted too. */
  readonly endsAtUnwanted: boolean;
  readonly options: RecordListOptions;
  readonly send: SendCall;
  readonly clock: Clock;
}

async function readPages<T extends { readonly id: string }>(
  reading: Reading<T>,
): Promise<Result<RecordList<T>, ZohoProblem>> {
  const { mostPages = defaultPages, onPage } = reading.options;
  const found = new Map<string, T>();
  let next: Readonly<Record<string, string>> | undefined = { page: "1" };
  let serverAhead: number | undefined;
  for (let number = 1; next !== undefined && number <= mostPages; number++) {
    const answer = await reading.send(callOf(reading, next));
    if (!answer.ok) return answer;
    serverAhead ??= aheadOf(answer.value, reading.clock);
    const page = readPage(answer.value, reading);
    if (!page.ok) return page;
    const wanted = page.value.records.filter(reading.isWanted);
    for (const record of wanted) if (!found.has(record.id)) found.set(record.id, record);
    onPage?.(found.size);
    const isOver = reading.endsAtUnwanted && wanted.length < page.value.records.length;
    if (isOver || !page.value.more) return succeed(listOf(found, true, serverAhead));
    next = nextPage(page.value, number);
  }
  return succeed(listOf(found, false, serverAhead));
}

function listOf<T>(found: ReadonlyMap<string, T>, complete: boolean, serverAhead = 0): RecordList<T> {
  return { records: [...found.values()], complete, serverAhead };
}

/** How to ask for the page after number `page`; undefined where there is no way. */
function nextPage({ nextToken }: Page<unknown>, page: number): Readonly<Record<string, string>> | undefined {
  if (nextToken !== undefined) return { page_token: nextToken };
  return page * perPage < mostByNumber ? { page: String(page + 1) } : undefined;
}

function callOf(
  { path, query, options }: Pick<Reading<never>, "path" | "query" | "options">,
  page: Readonly<Record<string, string>>,
): ApiCall {
  return {
    method: "GET",
    path,
    query: { ...query, per_page: String(perPage), ...page },
    headers: { "if-modified-since": formatTime(wholeSecond(options.since)) },
    signal: options.signal,
  };
}

const noContent = 204;
const notModified = 304;

function readPage<T extends { readonly id: string }>(
  answer: HttpAnswer,
  { schema, clock }: Pick<Reading<T>, "schema" | "clock">,
): Result<Page<T>, ZohoProblem> {
  if (answer.status === noContent || answer.status === notModified) return succeed({ records: [], more: false });
  if (answer.status !== 200) return fail(problemOfAnswer(answer, clock));
  const body = readJson(answer);
  const parsed = body.ok ? v.safeParse(schema, body.value) : undefined;
  return parsed?.success === true ? succeed(parsed.output) : fail(unreadableProblem(answer.status));
}

function aheadOf({ headers }: HttpAnswer, clock: Clock): number | undefined {
  const time = Date.parse(headers["date"] ?? "");
  return Number.isNaN(time) ? undefined : time - wholeSecond(clock.now());
}

function wholeSecond(instant: number): number {
  return Math.floor(instant / second) * second;
}

/** A time that some modules do not have. */
const timeIfAny = v.fallback(v.optional(timeSchema), undefined);

const userName = v.fallback(
  v.optional(
    v.pipe(
      v.object({ name: optionalText }),
      v.transform(({ name }) => name),
    ),
  ),
  undefined,
);

const infoSchema = v.fallback(
  v.object({ more_records: v.fallback(v.boolean(), false), next_page_token: v.fallback(optionalText, undefined) }),
  { more_records: false, next_page_token: undefined },
);

const recordSchema = v.pipe(
  v.looseObject({ id: idSchema }),
  v.transform((values): RecordRead => {
    const { Created_Time, Modified_Time, Created_By, Modified_By } = v.parse(systemFieldsSchema, values);
    return {
      id: values.id,
      ...(Created_Time === undefined ? {} : { createdAt: Created_Time }),
      ...(Modified_Time === undefined ? {} : { modifiedAt: Modified_Time }),
      ...(Created_By === undefined ? {} : { createdBy: Created_By }),
      ...(Modified_By === undefined ? {} : { modifiedBy: Modified_By }),
      values,
    };
  }),
);

const systemFieldsSchema = v.object({
  Created_Time: timeIfAny,
  Modified_Time: timeIfAny,
  Created_By: userName,
  Modified_By: userName,
});

const deletedSchema = v.pipe(
  v.looseObject({ id: idSchema, deleted_time: timeSchema }),
  v.transform(({ deleted_time: deletedAt, ...entry }): DeletedRecord => {
    const { display_name: name, deleted_by: deletedBy } = v.parse(deletionSchema, entry);
    return {
      id: entry.id,
      deletedAt,
      ...(name === undefined ? {} : { name }),
      ...(deletedBy === undefined ? {} : { deletedBy }),
      values: { ...entry, deleted_time: formatTime(deletedAt) },
    };
  }),
);

const deletionSchema = v.object({ display_name: v.fallback(optionalText, undefined), deleted_by: userName });

const recordPageSchema = pageSchema(recordSchema);
const deletedPageSchema = pageSchema(deletedSchema);

function pageSchema<T>(item: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, Page<T>> {
  return v.pipe(
    v.object({ data: v.array(item), info: infoSchema }),
    v.transform(({ data, info }): Page<T> => ({
      records: data,
      more: info.more_records,
      nextToken: info.next_page_token,
    })),
  );
}
