/** As Node's errors say whom they are about. */
interface Peer {
  readonly hostname?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly message?: unknown;
}

/** As the editor's own way through proxies says it, which keeps what went wrong to itself. */
const editorsWords = /socket connection to proxies: (?:PROXY|HTTPS?|SOCKS[45]?) (?:\S*@)?([^\s;@]+)/i;

/** Errors wrap errors, and of several addresses that were tried each has its own; deeper than this they do not go. */
const deepest = 4;

/**
 * The proxy that could not be reached, as a host with its port where that is known, or undefined where it was the server
 * at `url` itself: an error of Node's network stack tells whom it could not find or connect to, and who stands between is
 * known to the editor or the environment alone.
 */
export function unreachedProxy(error: unknown, url: string): string | undefined {
  const asked = new URL(url);
  for (const { hostname, address, port, message } of peersOf(error, deepest)) {
    const named = typeof message === "string" ? editorsWords.exec(message)?.[1] : undefined;
    if (named !== undefined) return named;
    if (typeof hostname === "string" && hostname !== asked.hostname) return hostname;
    if (typeof address === "string" && typeof port === "number" && String(port) !== portOf(asked)) {
      return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    }
  }
  return undefined;
}

function portOf({ port, protocol }: URL): string {
  return port === "" ? (protocol === "https:" ? "443" : "80") : port;
}

function peersOf(error: unknown, depth: number): Peer[] {
  if (typeof error !== "object" || error === null || depth === 0) return [];
  const cause = "cause" in error ? peersOf(error.cause, depth - 1) : [];
  const several = "errors" in error && Array.isArray(error.errors) ? error.errors : [];
  return [error, ...cause, ...several.flatMap(one => peersOf(one, depth - 1))];
}
