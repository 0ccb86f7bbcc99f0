import * as v from "valibot";
import { type Clock, second } from "../base/clock.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import type { ApiCall } from "./apiCaller.ts";
import { problemOfAnswer } from "./apiProblem.ts";
import { readHttpDate } from "./httpDate.ts";
import type { HttpAnswer } from "./httpTransport.ts";
import { type NumberedPage, readOverlappingPages } from "./overlappingPages.ts";
import { pageInfoSchema } from "./pageInfo.ts";
import type { ZohoProblem } from "./problem.ts";
import { type ItemRead, errorInstead, readItem, sorted } from "./readItems.ts";
import type { ShapeTeller } from "./shapeTeller.ts";
import { formatTime, readJson } from "./wire.ts";

/** What a list call brought over its pages. */
export interface RecordList<T> {
  /** Each record once. */
  readonly records: readonly T[];
  /** How many entries cannot be read. */
  readonly unreadable: number;
  /** False where there is more than was read, or may be: entries that cannot be read count, and lists that kept moving. */
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

/** Carries a call to Zoho. */
export type SendCall = (call: ApiCall) => Promise<Result<HttpAnswer, ZohoProblem>>;

/** What reading records takes. */
export interface RecordSource {
  readonly send: SendCall;
  readonly clock: Clock;
  readonly shapes: ShapeTeller;
}

/** A list of records to read, page by page. */
export interface RecordReading<T extends { readonly id: string }> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly schema: v.GenericSchema<unknown, T>;
  readonly isWanted: (record: T) => boolean;
  /** What the list was asked to be in descending order of: then what follows an unwanted record is unwanted too. */
  readonly orderedBy?: (record: T) => number | undefined;
  /** What the call is called where forms of answers are noted: without the module's name. */
  readonly where: string;
  readonly options: RecordListOptions;
  readonly source: RecordSource;
}

/** All wanted records of a list. Where the server gives tokens for the next page these are followed, else page numbers. */
export async function readRecordPages<T extends { readonly id: string }>(
  reading: RecordReading<T>,
): Promise<Result<RecordList<T>, ZohoProblem>> {
  return new RecordPages(reading).gather();
}

interface RecordPage<T> extends NumberedPage<ItemRead<T>> {
  readonly nextToken: string | undefined;
}

interface GatheredRecords<T> {
  readonly items: readonly ItemRead<T>[];
  readonly complete: boolean;
}

const perPage = 200;
const defaultPages = 100;

/** Beyond so many records Zoho takes no page numbers, only the tokens that it gave. */
const mostByNumber = 2_000;

class RecordPages<T extends { readonly id: string }> {
  readonly #reading: RecordReading<T>;
  readonly #wanted = new Set<string>();
  #serverAhead: number | undefined;
  /** So far, the records came in the order that was asked for. */
  #isInOrder = true;

  constructor(reading: RecordReading<T>) {
    this.#reading = reading;
  }

  async gather(): Promise<Result<RecordList<T>, ZohoProblem>> {
    const first = await this.#read({ page: "1" }, perPage);
    if (!first.ok) return first;
    const hasToken = first.value.nextToken !== undefined && first.value.more !== false;
    const gathered = hasToken ? await this.#gatherByTokens(first.value) : await this.#gatherByNumbers(first.value);
    return gathered.ok ? succeed(this.#toList(gathered.value)) : gathered;
  }

  async #gatherByNumbers(first: RecordPage<T>): Promise<Result<GatheredRecords<T>, ZohoProblem>> {
    let held: RecordPage<T> | undefined = first;
    const read = async (page: number, size: number): Promise<Result<RecordPage<T>, ZohoProblem>> => {
      const known = held;
      held = undefined;
      return known === undefined ? this.#read({ page: String(page) }, size) : succeed(known);
    };
    const mostPages = this.#mostPages;
    return readOverlappingPages({ read, keyOf, longestPage: perPage, mostPages, mostByNumber });
  }

  async #gatherByTokens(first: RecordPage<T>): Promise<Result<GatheredRecords<T>, ZohoProblem>> {
    const found = new Map(first.items.map(item => [keyOf(item), item]));
    let page = first;
    for (let read = 1; !isLast(page) && page.nextToken !== undefined && read < this.#mostPages; read++) {
      const next = await this.#read({ page_token: page.nextToken }, perPage);
      if (!next.ok) return next;
      const before = found.size;
      for (const item of next.value.items) if (!found.has(keyOf(item))) found.set(keyOf(item), item);
      page = next.value;
      if (found.size === before) break;
    }
    return succeed({ items: [...found.values()], complete: isLast(page) });
  }

  get #mostPages(): number {
    return this.#reading.options.mostPages ?? defaultPages;
  }

  async #read(page: Readonly<Record<string, string>>, size: number): Promise<Result<RecordPage<T>, ZohoProblem>> {
    const { source, options, where } = this.#reading;
    const answer = await source.send(this.#callOf(page, size));
    if (!answer.ok) return answer;
    this.#serverAhead ??= aheadOf(answer.value, source.clock);
    const read = readPage(answer.value, this.#reading);
    if (!read.ok) {
      source.shapes.unclear(where, answer.value, read.error);
      return read;
    }
    const { items: records } = sorted(read.value.items);
    for (const { id } of records.filter(this.#reading.isWanted)) this.#wanted.add(id);
    options.onPage?.(this.#wanted.size);
    return succeed(this.#isOver(records) ? { ...read.value, more: false } : read.value);
  }

  /** True where only unwanted records can follow: a server that gives another order than the one asked for shows it. */
  #isOver(records: readonly T[]): boolean {
    const { orderedBy, isWanted } = this.#reading;
    if (orderedBy === undefined) return false;
    const places = records.flatMap(record => orderedBy(record) ?? []);
    this.#isInOrder &&= places.every((place, at) => place <= (places[at - 1] ?? Infinity));
    const last = records.at(-1);
    return this.#isInOrder && last !== undefined && !isWanted(last);
  }

  #callOf(page: Readonly<Record<string, string>>, size: number): ApiCall {
    const { path, query, options } = this.#reading;
    return {
      method: "GET",
      path,
      query: { ...query, per_page: String(size), ...page },
      headers: { "if-modified-since": formatTime(wholeSecond(options.since)) },
      signal: options.signal,
    };
  }

  #toList({ items, complete }: GatheredRecords<T>): RecordList<T> {
    const { isWanted, source, where } = this.#reading;
    const { items: readable, odd } = sorted(items);
    source.shapes.odd(where, odd);
    const isWhole = complete && odd.length === 0;
    const records = readable.filter(isWanted);
    return { records, unreadable: odd.length, complete: isWhole, serverAhead: this.#serverAhead ?? 0 };
  }
}

/** True where a page says that none follows. Where it does not say, a token leads on, unless there was nothing more. */
function isLast({ more, nextToken, items }: RecordPage<unknown>): boolean {
  return more === undefined ? nextToken === undefined || items.length === 0 : !more;
}

function keyOf(record: ItemRead<{ readonly id: string }>): string {
  return "item" in record ? record.item.id : JSON.stringify(record.odd.value);
}

const noContent = 204;
const notModified = 304;

const pageSchema = v.object({ data: v.nullable(v.array(v.unknown())), info: pageInfoSchema });

function readPage<T extends { readonly id: string }>(
  answer: HttpAnswer,
  { schema, source }: RecordReading<T>,
): Result<RecordPage<T>, ZohoProblem> {
  if (answer.status === noContent || answer.status === notModified) {
    return succeed({ items: [], more: false, nextToken: undefined });
  }
  const body = readJson(answer);
  const parsed = body.ok && answer.status === 200 ? v.safeParse(pageSchema, body.value) : undefined;
  if (parsed?.success !== true) return fail(problemOfAnswer(answer, source.clock));
  const { data, info } = parsed.output;
  const items = (data ?? []).map(record => readItem(record, schema));
  const error = errorInstead(answer, sorted(items), source.clock);
  return error === undefined
    ? succeed({ items, more: info.more_records, nextToken: info.next_page_token })
    : fail(error);
}

function aheadOf({ headers }: HttpAnswer, clock: Clock): number | undefined {
  const time = readHttpDate(headers["date"]);
  return time === undefined ? undefined : time - wholeSecond(clock.now());
}

/** The instant without its fraction of a second, which Zoho does not take. */
export function wholeSecond(instant: number): number {
  return Math.floor(instant / second) * second;
}
