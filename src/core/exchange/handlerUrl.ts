import type { TextParts } from "../../base/shell.ts";
import { readAddress } from "../forwarding/forwardTarget.ts";
import type { OutgoingRequest } from "./outgoingRequest.ts";

/** Where a copied request goes when no handler is known: the port that most examples of servers use. */
export const usualHandler = "http://127.0.0.1:3000/";

/**
 * The address of the handler with the request's own path and query behind it, as forwarding asks for it. An attempt may
 * have had from the settings what is no address: then no handler is known.
 */
export function handlerUrl(handler: string, { path, query }: Pick<OutgoingRequest, "path" | "query">): TextParts {
  const address = readAddress(handler);
  const url = address.ok ? address.value : new URL(usualHandler);
  const own = path === "" ? url.pathname : url.pathname.replace(/\/$/, "") + path;
  const hasQuery = query.some(part => part !== "");
  const base = `${url.origin}${own}${url.search}`;
  if (!hasQuery) return [base];
  return [`${base}${url.search === "" ? "?" : "&"}`, ...query];
}
