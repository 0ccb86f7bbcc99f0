import { parseJson } from "../../base/json.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { Answer } from "../http/answer.ts";
import { type SandboxRequest, bodyText } from "../http/sandboxRequest.ts";
import type { RequiredScope } from "../oauth/scopes.ts";
import { type JsonObject, isJsonArray, isJsonObject } from "../state/json.ts";
import { apiError, refusals } from "./apiError.ts";
import type { User } from "./users.ts";

/** A call of the CRM's API that came with a good token. */
export interface CrmCall {
  readonly request: SandboxRequest;
  /** The API's version in the path: 2, 2.1, … 8. */
  readonly version: number;
  readonly user: User;
  /** Whether the token covers what the call needs. */
  readonly allows: (scope: RequiredScope) => boolean;
}

/** The objects of the body's array `member`, at most `most` of them; or the answer that refuses the body. */
export function bodyItems(call: CrmCall, member: string, most: number): Result<readonly JsonObject[], Answer> {
  const body = parseJson(bodyText(call.request));
  if (!body.ok || !isJsonObject(body.value)) return fail(refusals.invalidBody());
  const items = body.value[member];
  const where = { api_name: member, json_path: `$.${member}` };
  if (items === undefined) {
    return fail(refusals.body(apiError("MANDATORY_NOT_FOUND", "required field not found", where)));
  }
  if (!isJsonArray(items) || items.length === 0) {
    return fail(refusals.body(apiError("INVALID_DATA", "invalid data", { ...where, expected_data_type: "jsonarray" })));
  }
  if (items.length > most) {
    return fail(refusals.body(apiError("INVALID_DATA", "invalid data", { ...where, maximum_length: most })));
  }
  return items.every(isJsonObject) ? succeed(items) : fail(refusals.invalidBody());
}

/** One page of a list, as the query's `page` and `per_page` ask for it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly info: {
    readonly page: number;
    readonly per_page: number;
    readonly count: number;
    readonly more_records: boolean;
  };
}

const largestPage = 200;

/** The page that the query asks for; or the answer that refuses the query. At most 200 items, which is the default. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams): Result<Page<T>, Answer> {
  const asked = pageRequest(query);
  if (!asked.ok) return asked;
  const { page, perPage, start } = asked.value;
  const items = all.slice(start, start + perPage);
  const info = { page, per_page: perPage, count: items.length, more_records: start + perPage < all.length };
  return succeed({ items, info });
}

/** Which part of a list is asked for, by number. */
export interface PageRequest {
  readonly page: number;
  readonly perPage: number;
  /** How many items come before the page. */
  readonly start: number;
}

/** The query's `page` and `per_page`; or the answer that refuses them. */
export function pageRequest(query: URLSearchParams): Result<PageRequest, Answer> {
  const page = positive(query.get("page") ?? "1");
  if (page === undefined) return fail(refusals.invalidParameter("page", { expected_data_type: "integer" }));
  const perPage = positive(query.get("per_page") ?? String(largestPage));
  if (perPage === undefined || perPage > largestPage) {
    return fail(refusals.invalidParameter("per_page", { maximum_length: largestPage }));
  }
  return succeed({ page, perPage, start: (page - 1) * perPage });
}

/** The instant of If-Modified-Since in milliseconds, -Infinity without it. Times are shown without fractions of a second. */
export function modifiedSince({ request }: CrmCall): number {
  const instant = Date.parse(request.headers["if-modified-since"] ?? "");
  return Number.isNaN(instant) ? -Infinity : wholeSecond(instant);
}

export function wholeSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}

function positive(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
