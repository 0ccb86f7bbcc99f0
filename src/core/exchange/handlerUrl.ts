import type { TextParts } from "../../base/shell.ts";
import type { OutgoingRequest } from "./outgoingRequest.ts";

/** Where a copied request goes when no handler is known: the port that most examples of servers use. */
export const usualHandler = "http://127.0.0.1:3000/";

/** The address of the handler with the request's own path and query behind it, as forwarding asks for it. */
export function handlerUrl(handler: string, { path, query }: Pick<OutgoingRequest, "path" | "query">): TextParts {
  const url = new URL(handler);
  const own = path === "" ? url.pathname : url.pathname.replace(/\/$/, "") + path;
  const hasQuery = query.some(part => part !== "");
  const base = `${url.origin}${own}${url.search}`;
  if (!hasQuery) return [base];
  return [`${base}${url.search === "" ? "?" : "&"}`, ...query];
}
