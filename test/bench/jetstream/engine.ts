import { readFileSync } from "node:fs";
import { day, systemClock } from "../../../src/base/clock.ts";
import { newChannelId } from "../../../src/relay/channelKeys.ts";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { JetStreamEventLog } from "../../../src/relay/jetstreamEventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import type { NatsServer } from "../../support/natsServers.ts";

/** The size of a usual notification with its headers, sealed. */
export const eventBytes = 1_200;

/** A relay node's log, in this process: what is measured is the engine, without HTTP. */
export async function openEngine(servers: readonly NatsServer[]): Promise<JetStreamEventLog> {
  return JetStreamEventLog.open({
    servers: servers.map(({ url }) => url),
    replicas: servers.length,
    maxEventBytes: 2_000_000,
    maxStorageBytes: 2_000_000_000,
    retention: { maxAge: 7 * day, maxEvents: 1_000_000, maxBytes: 2_000_000_000 },
    clock: systemClock,
    logger: silentRelayLogger,
  });
}

export async function makeChannels(log: EventLog, count: number): Promise<readonly string[]> {
  const channels = Array.from({ length: count }, newChannelId);
  const readKeyHash = new Uint8Array(32);
  await inParallel(channels, 64, async channel => log.createChannel({ channel, readKeyHash, createdAt: 0 }));
  return channels;
}

export async function appendOne(log: EventLog, channel: string): Promise<void> {
  const outcome = await log.append(channel, { receivedAt: Date.now(), scheme: 0, payload: new Uint8Array(eventBytes) });
  if (!outcome.ok) throw new Error("An event was not stored", { cause: outcome.error });
}

/** Does `work` with every item, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const run = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: width }, run));
}

/** Resident bytes of a server's process, from Linux's proc file system. */
export function residentBytes(server: NatsServer): number {
  const status = readFileSync(`/proc/${server.pid() ?? 0}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024;
}
