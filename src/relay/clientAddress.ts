import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import { TLSSocket } from "node:tls";

/**
 * The address that a request came from. Behind `proxies` proxies it is what the outermost of these saw, which each adds
 * at the end of X-Forwarded-For; what stands further left anybody may have written.
 */
export function clientAddress(request: IncomingMessage, proxies: number): string {
  const forwarded = proxies === 0 ? "" : headerText(request, "x-forwarded-for");
  return seenAddress(request.socket.remoteAddress ?? "", forwarded, proxies);
}

/** The same of what the socket says and what X-Forwarded-For does. */
export function seenAddress(direct: string, forwarded: string, proxies: number): string {
  if (proxies === 0) return direct;
  const seen = forwarded.split(",").at(-proxies)?.trim() ?? "";
  return seen === "" ? direct : seen;
}

/** What one household or host has: an IPv4 address, or the 64-bit network of an IPv6 address. */
export function addressGroup(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(plain)) return plain;
  const [left = "", right] = plain.toLowerCase().split("%")[0]?.split("::") ?? [];
  const parts = left === "" ? [] : left.split(":");
  const missing = right === undefined ? 0 : 8 - parts.length - groupsIn(right);
  const whole = [...parts, ...Array.from({ length: missing }, () => "0"), ...(right ?? "").split(":")];
  return whole
    .slice(0, 4)
    .map(part => part.replace(/^0+(?=.)/, ""))
    .join(":");
}

function groupsIn(text: string): number {
  return text === "" ? 0 : text.split(":").length;
}

/** How the sender reached the relay, as far as it can be known. */
export function clientProtocol(request: IncomingMessage, proxies: number): "http" | "https" {
  if (request.socket instanceof TLSSocket) return "https";
  if (proxies === 0) return "http";
  const forwarded = headerText(request, "x-forwarded-proto").split(",");
  const seen = forwarded.at(-proxies) ?? forwarded.at(-1);
  return seen?.trim().toLowerCase() === "https" ? "https" : "http";
}

function headerText(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}
