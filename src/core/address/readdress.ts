import { type Channel, pointsHere } from "../subscriptions/channel.ts";

/**
 * The channels among `channels` that this editor made for its relay channel (`ingestPath`, such as `/in/abc`) and that
 * carry an address under which it is no longer reached: those of a tunnel that is gone.
 */
export function leftBehind(
  channels: readonly Channel[],
  addresses: readonly string[],
  ingestPath: string,
): readonly Channel[] {
  return channels.filter(
    channel =>
      channel.createdHere && !pointsHere(channel, addresses) && tailOf(channel.notifyUrl, ingestPath) !== undefined,
  );
}

/** The same notify URL under `address`, with what follows the ingest path. */
export function underAddress(notifyUrl: string, address: string, ingestPath: string): string {
  return address + (tailOf(notifyUrl, ingestPath) ?? "");
}

/** What follows the ingest path in a URL that has it; undefined in others. */
function tailOf(notifyUrl: string, ingestPath: string): string | undefined {
  if (!URL.canParse(notifyUrl)) return undefined;
  const { pathname, search } = new URL(notifyUrl);
  const at = pathname.indexOf(ingestPath);
  const tail = pathname.slice(at + ingestPath.length);
  return at === -1 || (tail !== "" && !tail.startsWith("/")) ? undefined : tail + search;
}
