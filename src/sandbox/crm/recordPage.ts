import { day } from "../../base/clock.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { Answer } from "../http/answer.ts";
import { type JsonObject } from "../state/json.ts";
import { apiError, refusals } from "./apiError.ts";
import { type CrmCall, pageRequest } from "./crmCall.ts";
import { organizationTime } from "./organization.ts";
import { type PagePosition, readPageToken, writePageToken } from "./pageToken.ts";

/** Records that can be had by page number; those beyond need a token. */
const mostWithoutToken = 2_000;
const mostWithToken = 100_000;

/** From this version on, there are page tokens, and numbers end at 2,000. */
const tokensSince = 3;

const tokenLife = day;

export interface RecordPage<T> {
  readonly items: readonly T[];
  readonly info: JsonObject;
}

/** The page of a list of records that a call asks for by number or by token; or the answer that refuses the call. */
export function recordPage<T>(all: readonly T[], call: CrmCall, now: number): Result<RecordPage<T>, Answer> {
  const asked = pageRequest(call.request.query);
  if (!asked.ok) return asked;
  const { perPage } = asked.value;
  const start = pageStart(call, asked.value.start, perPage, now);
  if (!start.ok) return start;
  const items = all.slice(start.value, start.value + perPage);
  const next = start.value + perPage < all.length ? start.value + perPage : undefined;
  const previous = start.value > 0 ? Math.max(0, start.value - perPage) : undefined;
  const position = (from: number | undefined): string | null =>
    from === undefined || call.version < tokensSince ? null : tokenFor(call, from, now);
  const info = {
    page: Math.floor(start.value / perPage) + 1,
    per_page: perPage,
    count: items.length,
    more_records: next !== undefined,
    next_page_token: position(next),
    previous_page_token: position(previous),
    page_token_expiry: next === undefined && previous === undefined ? null : organizationTime(now + tokenLife),
  };
  return succeed({ items, info });
}

function pageStart(call: CrmCall, byNumber: number, perPage: number, now: number): Result<number, Answer> {
  const { query } = call.request;
  const token = query.get("page_token");
  if (token === null) {
    const beyond = call.version >= tokensSince && byNumber + perPage > mostWithoutToken;
    return beyond ? fail(refusals.pageLimit()) : succeed(byNumber);
  }
  if (query.has("page")) return fail(refusals.ambiguousPage());
  const position = readPageToken(token);
  if (position === undefined) return fail(refusals.invalidParameter("page_token"));
  const fault = tokenFault(position, call, now);
  return fault === undefined ? succeed(position.start) : fail(fault);
}

function tokenFault(position: PagePosition, call: CrmCall, now: number): Answer | undefined {
  if (position.expiresAt <= now) return refusedPage("EXPIRED_VALUE", "page_token has expired");
  if (position.question !== questionOf(call)) {
    return refusedPage(
      "TOKEN_BOUND_DATA_MISMATCH",
      "the parameters differ from those that the page_token was given for",
    );
  }
  return position.start < mostWithToken
    ? undefined
    : refusedPage("PAGINATION_LIMIT_EXCEEDED", "You can get only the first 100000 records");
}

function refusedPage(code: string, message: string): Answer {
  return refusals.body(apiError(code, message, { param_name: "page_token" }));
}

function tokenFor(call: CrmCall, start: number, now: number): string {
  return writePageToken({ start, question: questionOf(call), expiresAt: now + tokenLife });
}

/** The call without what says which page of it is asked for. */
function questionOf({ request }: CrmCall): string {
  const query = new URLSearchParams(request.query);
  query.delete("page");
  query.delete("page_token");
  query.sort();
  return `${request.path}?${query.toString()}`;
}
