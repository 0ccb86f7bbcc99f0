import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { hour, minute, second, systemClock } from "../../src/base/clock.ts";
import type { Disposable } from "../../src/base/lifecycle.ts";
import { newChannelId } from "../../src/relay/channelKeys.ts";
import type { EventLog, Retention } from "../../src/relay/eventLog.ts";
import { JetStreamCluster } from "../../src/relay/jetstreamCluster.ts";
import { JetStreamEventLog } from "../../src/relay/jetstreamEventLog.ts";
import { JetStreamNames } from "../../src/relay/jetstreamNames.ts";
import { type RelayLogger, silentRelayLogger } from "../../src/relay/relayLogger.ts";
import { FakeClock } from "./fakeClock.ts";
import { type NatsServer, startNatsServers } from "./natsServers.ts";

export const shards = 2;

export interface OpenOptions {
  readonly server: NatsServer;
  readonly clock: FakeClock;
  readonly prefix?: string;
  readonly replicas?: number;
  readonly maxStorageBytes?: number;
  readonly retention?: Partial<Retention>;
  readonly logger?: RelayLogger;
}

/** Lets as much time pass at NATS as on the clock. */
export function passTimeAtNats(test: TestContext, clock: FakeClock): void {
  const begun = clock.elapsed();
  test.mock.method(JetStreamCluster.prototype, "timeOf", ({ created }: { readonly created: string }) => {
    return Date.parse(created) + clock.elapsed() - begun;
  });
}

/** A relay node's log. Hooks run in the order of registration, so the server is to be started with {@link startServer}. */
export async function openLog(closing: Closing, options: OpenOptions): Promise<JetStreamEventLog> {
  const { server, clock, prefix = "drill", replicas = 1, maxStorageBytes = 100_000_000, retention, logger } = options;
  const log = await JetStreamEventLog.open({
    ...{ servers: [server.url], replicas, shards, prefix, maxEventBytes: 1_000_000, maxStorageBytes, clock },
    retention: { maxAge: hour, maxEvents: 100_000, maxBytes: 100_000_000, ...retention },
    logger: logger ?? silentRelayLogger,
  });
  closing.push(async () => log.close());
  return log;
}

/**
 * Time in which sweeps wait for the test, and tries that failed because of an election do not. It begins at NATS's own
 * time, which cannot be faked.
 */
export class FakeSweeps extends FakeClock {
  constructor() {
    super(Date.now());
  }

  override after(delay: number, action: () => void): Disposable {
    return delay <= second ? systemClock.after(delay, action) : super.after(delay, action);
  }
}

export type Closing = (() => Promise<void>)[];

export async function startServer(
  test: TestContext,
  count: 1 | 3 = 1,
): Promise<{ readonly server: NatsServer; readonly closing: Closing }> {
  const closing: Closing = [];
  test.after(async () => {
    for (const close of closing.reverse()) await close();
  });
  const [server] = await startNatsServers(test, count);
  assert.ok(server);
  return { server, closing };
}

export async function openManager(closing: Closing, server: NatsServer): Promise<JetStreamManager> {
  const connection = await connect({ servers: server.url });
  closing.push(async () => connection.close());
  return jetstreamManager(connection);
}

export async function makeChannels(log: EventLog, count: number): Promise<string[]> {
  const channels = Array.from({ length: count }, newChannelId);
  const readKeyHash = new Uint8Array(32);
  await Promise.all(channels.map(async channel => log.createChannel({ channel, readKeyHash, createdAt: 0 })));
  return channels;
}

/** Channels of which the events lie in one stream. */
export async function makeNeighbours(log: EventLog, count: number): Promise<string[]> {
  const names = new JetStreamNames("drill", shards);
  const channels = await makeChannels(log, 16 * count);
  return channels.filter(channel => names.streamOf(channel) === names.stream(0)).slice(0, count);
}

/** The event's sequence; undefined where the log has refused it. */
export async function append(log: EventLog, channel: string, at: number, bytes = 10): Promise<number | undefined> {
  const outcome = await log.append(channel, { receivedAt: at, scheme: 0, payload: new Uint8Array(bytes) });
  return outcome.ok ? outcome.value : undefined;
}

/** Has one channel fill its stream; gives its newest sequence. */
export async function fillWith(log: EventLog, channel: string, at: number): Promise<number> {
  let newest = 0;
  for (const bytes of [3_000, 1]) {
    for (let added: number | undefined = 0; added !== undefined; added = await append(log, channel, at, bytes)) {
      newest = Math.max(newest, added);
    }
  }
  return newest;
}

/** Lets the log sweep until it is as wanted. */
export async function sweepUntil(clock: FakeClock, isAsWanted: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 2_000; round++) {
    if (await isAsWanted()) return;
    if (round % 50 === 0) clock.advance(minute);
  }
  throw new Error("The sweeps do not bring it about");
}
