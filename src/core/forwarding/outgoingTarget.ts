import type { CapturedRequest } from "../../protocol/capturedRequest.ts";

/**
 * Path and query to ask a handler for: its own, then what followed the ingest address, as it was sent. Undefined where
 * the request would climb out of the handler's path.
 */
export function pathAndQuery(url: URL, { path, query }: Pick<CapturedRequest, "path" | "query">): string | undefined {
  if (path.split(/[/\\]|%2f|%5c/i).some(isDoubleDot)) return undefined;
  const own = path === "" ? url.pathname : url.pathname.replace(/\/$/, "") + path;
  const queries = [url.search.slice(1), query].filter(part => part !== "");
  return queries.length === 0 ? own : `${own}?${queries.join("&")}`;
}

function isDoubleDot(segment: string): boolean {
  return segment.replaceAll(/%2e/gi, ".") === "..";
}
