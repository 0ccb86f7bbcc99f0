import { isIP } from "node:net";

/** Where a connection goes. */
export interface Place {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** The name to ask a certificate for; an address has none. */
  readonly servername?: string;
}

export function placeOf(url: URL): Place {
  const isTls = url.protocol === "https:";
  const host = bareHost(url);
  const port = Number(url.port === "" ? (isTls ? 443 : 80) : url.port);
  return { host, port, isTls, ...(isTls && isIP(host) === 0 ? { servername: host } : {}) };
}

/** The addresses as a lookup gives them. */
export function familiesOf(addresses: readonly string[]): { readonly address: string; readonly family: number }[] {
  return addresses.map(address => ({ address, family: isIP(address) }));
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}
