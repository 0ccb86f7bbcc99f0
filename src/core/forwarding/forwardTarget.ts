import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";

/** Where a request goes: to one of `addresses`, or, where the user allowed the host, wherever its name leads. */
export interface ForwardTarget {
  readonly url: URL;
  /** Loopback addresses, in the order in which to try them. */
  readonly addresses?: readonly string[];
}

/** All addresses of a host name; rejects, or gives none, when it is unknown. */
export type LookUp = (hostname: string) => Promise<readonly string[]>;

export const systemLookUp: LookUp = async hostname => {
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
};

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Also for an IPv4 address in IPv6 form. */
function isLoopbackAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 6 ? "ipv6" : "ipv4");
}

/** Reads the address of a handler, whatever machine it is on. */
export function readAddress(text: string): Result<URL, Problem> {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return fail(notAnAddress());
  if (url.username !== "" || url.password !== "") return fail(withPassword());
  return url.hash === "" ? succeed(url) : fail(notAnAddress());
}

/**
 * Reads the address of a handler and says what can be said of it without asking the network: numbers in any notation
 * are this machine or refused, names stand until {@link resolveTarget}.
 */
export function parseTarget(text: string, allowedHosts: readonly string[]): Result<URL, Problem> {
  const address = readAddress(text);
  if (!address.ok) return address;
  const url = address.value;
  const host = bare(url.hostname);
  const isRefused = isIP(host) !== 0 && addressesHere(host) === undefined && !isAllowed(url, allowedHosts);
  return isRefused ? fail(notLocal(url)) : succeed(url);
}

/** Where to connect for an address in numbers that is this machine's; servers call themselves by `0.0.0.0` and `::`. */
function addressesHere(host: string): readonly string[] | undefined {
  if (isLoopbackAddress(host)) return [host];
  if (host === "0.0.0.0") return ["127.0.0.1"];
  return host === "::" ? ["::1", "127.0.0.1"] : undefined;
}

/**
 * Finds where `url` leads. A name counts as local when all of its addresses are loopback; connecting to what comes back,
 * not to the name, leaves no time for the name to change its meaning. Names under `localhost` are local by definition
 * (RFC 6761) and are not looked up.
 */
export async function resolveTarget(
  url: URL,
  allowedHosts: readonly string[],
  lookUp: LookUp,
): Promise<Result<ForwardTarget, Problem>> {
  const host = bare(url.hostname);
  const addressed = addressesHere(host);
  if (addressed !== undefined) return succeed({ url, addresses: addressed });
  if (isLocalhost(host)) return succeed({ url, addresses: ["127.0.0.1", "::1"] });
  if (isAllowed(url, allowedHosts)) return succeed({ url });
  if (isIP(host) !== 0) return fail(notLocal(url));
  const addresses = await lookUp(host).catch(() => []);
  if (addresses.length === 0) return fail(unknownHost(url));
  return addresses.every(isLoopbackAddress) ? succeed({ url, addresses }) : fail(notLocal(url));
}

/** The address without what may be secret in it: for logs, notifications and tooltips. */
export function shownTarget(url: URL): string {
  return url.origin + (url.pathname === "/" ? "" : url.pathname);
}

/** Whether the user's own settings allow the host; an entry with a port allows that port only. */
function isAllowed(url: URL, allowedHosts: readonly string[]): boolean {
  return allowedHosts.some(entry => {
    const allowed = URL.parse(`${url.protocol}//${entry.trim()}`);
    if (allowed?.hostname !== url.hostname) return false;
    return !/:\d+$/.test(entry.trim()) || allowed.port === url.port;
  });
}

function isLocalhost(host: string): boolean {
  return /(?:^|\.)localhost\.?$/.test(host);
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function problem(code: string, message: string): Problem {
  return { code, message, remedy: "none" };
}

function notAnAddress(): Problem {
  const message = l10n.t("Give the address of your handler, such as http://localhost:3000/hooks/zoho.");
  return problem("FORWARD_ADDRESS_INVALID", message);
}

function withPassword(): Problem {
  const message = l10n.t("Leave the user name and password out of the address: settings are no place for secrets.");
  return problem("FORWARD_ADDRESS_SECRET", message);
}

function notLocal({ hostname }: URL): Problem {
  const message = l10n.t(
    "{0} is not this machine. To send events there all the same, add the host to “zohoCrm.forward.allowedHosts” in your user settings.",
    hostname,
  );
  return problem("FORWARD_NOT_LOCAL", message);
}

function unknownHost({ hostname }: URL): Problem {
  return problem("FORWARD_HOST_UNKNOWN", l10n.t("No address is known for {0}. Check the spelling.", hostname));
}
