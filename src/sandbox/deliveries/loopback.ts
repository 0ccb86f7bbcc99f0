import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

const loopbackAddresses = new BlockList();
loopbackAddresses.addSubnet("127.0.0.0", 8, "ipv4");
loopbackAddresses.addAddress("::1", "ipv6");

/**
 * The loopback address that `hostname` (of a URL) stands for; undefined when it is not this machine's own or unknown.
 * Connecting to what comes back, not to the name, leaves no time for the name to change its meaning.
 */
export async function loopbackAddressOf(hostname: string): Promise<string | undefined> {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  const allLoopback = addresses.every(isLoopback);
  return allLoopback ? addresses[0] : undefined;
}

export function isLoopback(address: string): boolean {
  return loopbackAddresses.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

async function resolve(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true, order: "ipv4first" })).map(({ address }) => address);
  } catch {
    return [];
  }
}
