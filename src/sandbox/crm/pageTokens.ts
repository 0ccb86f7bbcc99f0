import { createHash } from "node:crypto";
import { type Result, fail, succeed } from "../../base/result.ts";
import type { Answer } from "../http/answer.ts";
import { refusals } from "./apiError.ts";

/** Beyond so many records Zoho takes no page numbers, only the tokens that it gave. */
const mostByNumber = 2_000;

/** What `info` says of the pages around this one. */
export interface PageTokens {
  readonly next_page_token: string | null;
  readonly previous_page_token: string | null;
  readonly page_token_expiry: null;
}

/**
 * The query with the page that it asks for as a number, be it by `page` or by `page_token`; or the answer that refuses
 * it: both at once, a token of another list, or a number beyond the first 2,000 records.
 */
export function withPageNumber(query: URLSearchParams): Result<URLSearchParams, Answer> {
  const token = query.get("page_token");
  if (token === null) return isBeyond(query) ? fail(refusals.pageLimit()) : succeed(query);
  if (query.has("page")) return fail(refusals.ambiguousPage());
  const [page, seal] = Buffer.from(token, "base64url").toString().split(".");
  if (page === undefined || seal !== sealOf(query, page)) return fail(refusals.invalidParameter("page_token"));
  const numbered = new URLSearchParams(query);
  numbered.set("page", page);
  return succeed(numbered);
}

/** The tokens of the pages beside number `page` of the list that `query` describes. */
export function pageTokens(query: URLSearchParams, page: number, more: boolean): PageTokens {
  return {
    next_page_token: more ? tokenOf(query, page + 1) : null,
    previous_page_token: page > 1 ? tokenOf(query, page - 1) : null,
    page_token_expiry: null,
  };
}

function isBeyond(query: URLSearchParams): boolean {
  const perPage = Number(query.get("per_page") ?? "200");
  return Number(query.get("page") ?? "1") * perPage > mostByNumber;
}

function tokenOf(query: URLSearchParams, page: number): string {
  return Buffer.from(`${page}.${sealOf(query, String(page))}`).toString("base64url");
}

/** A token is good for the list that it was given with. */
function sealOf(query: URLSearchParams, page: string): string {
  const list = [...query].filter(([name]) => name !== "page" && name !== "page_token").toSorted();
  return createHash("sha256")
    .update(JSON.stringify([page, list]))
    .digest("base64url")
    .slice(0, 22);
}
