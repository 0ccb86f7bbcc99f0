import { readFileSync } from "node:fs";
import {
  type ConsumerInfo,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
  type StoredMsg,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { AuthorizationError, type NatsConnection, connect, credsAuthenticator, nanos } from "@nats-io/transport-node";
import { type Clock, second, sleep } from "../base/clock.ts";
import { ConfigurationError } from "./configurationError.ts";
import { type StoredBatch, decodeHead } from "./jetstreamBatch.ts";
import { JetStreamNames } from "./jetstreamNames.ts";
import { storedUnit } from "./jetstreamPadding.ts";

/** How to reach NATS, and how the relay keeps its things there. */
export interface JetStreamClusterOptions {
  /** Addresses of servers of one cluster: `nats://host:port`, `tls://host:port`. One that answers is enough. */
  readonly servers: readonly string[];
  /** A file of credentials, as NATS's own tools write it. */
  readonly credentialsFile?: string | undefined;
  /** Servers that keep a copy of each event: 1, 3 or 5. An append needs more than half of them. */
  readonly replicas: number;
  /** Streams that the channels are spread over, decided by the first relay that ever used the prefix. */
  readonly shards?: number;
  /** What the names of streams, bucket and subjects begin with. */
  readonly prefix?: string;
  /** The largest event that may have to be stored, in bytes. */
  readonly maxEventBytes: number;
  /** Messages per channel above which the stream itself removes the oldest, whatever the relays do. */
  readonly maxMessagesPerChannel: number;
  /** Bytes of all events together, of one copy; when they are used up, new events are refused. */
  readonly maxStorageBytes: number;
  readonly clock: Clock;
}

const defaultShards = 4;
/** Making a stream involves all servers; everything else is a matter of milliseconds, or of asking again. */
const setupTimeout = 5 * second;
const requestTimeout = 2 * second;
/** While a cluster starts or elects, its answers fail: some seconds, as a rule. */
const patience = 30 * second;
const retryDelay = second / 4;
/** The head of a batch, the protocol's own lines, and a margin. */
const overheadBytes = 4 * 1024;
const duplicateWindow = 60 * second;
const certificateFaults: readonly unknown[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
];

/** A connection to a NATS cluster in which the relay's streams and bucket are there as they should be. */
export class JetStreamCluster {
  readonly connection: NatsConnection;
  readonly names: JetStreamNames;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly channels: KV;
  #madeRoom: Promise<unknown> = Promise.resolve();

  private constructor(connection: NatsConnection, names: JetStreamNames, manager: JetStreamManager, channels: KV) {
    this.connection = connection;
    this.names = names;
    this.manager = manager;
    this.client = manager.jetstream();
    this.channels = channels;
  }

  /** Throws when no server answers, and ConfigurationError when what answers will not do. */
  static async open(options: JetStreamClusterOptions): Promise<JetStreamCluster> {
    const connection = await withPatience(options.clock, async () => connectTo(options));
    try {
      requirePayload(connection, options.maxEventBytes);
      return await withPatience(options.clock, async () => JetStreamCluster.#prepare(connection, options));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  static async #prepare(connection: NatsConnection, options: JetStreamClusterOptions): Promise<JetStreamCluster> {
    const { prefix = "zcn", replicas, shards = defaultShards } = options;
    const manager = await jetstreamManager(connection, { timeout: setupTimeout });
    const kvm = new Kvm(jetstream(connection, { timeout: requestTimeout }));
    // Not from any replica: who has just been told of a new channel may ask another node for it.
    const bucket = { replicas, history: 1, allow_direct: false };
    const setup = new Kvm(jetstream(connection, { timeout: setupTimeout }));
    const channels = await setup.create(JetStreamNames.bucket(prefix), bucket);
    const names = new JetStreamNames(prefix, await agreeOnShards(channels, shards));
    for (let shard = 0; shard < names.shards; shard++) await ensureStream(manager, streamConfig(names, shard, options));
    return new JetStreamCluster(
      connection,
      names,
      await jetstreamManager(connection, { timeout: requestTimeout }),
      await kvm.open(JetStreamNames.bucket(prefix)),
    );
  }

  /** What time it was at NATS when it made this consumer. Milliseconds since 1970. */
  timeOf({ created }: Pick<ConsumerInfo, "created">): number {
    return Date.parse(created);
  }

  /** The newest message of a channel, from the leader: it knows of everything that has been acknowledged. */
  async last(channel: string): Promise<StoredBatch | undefined> {
    const subject = this.names.events(channel);
    return toBatch(await this.manager.streams.getMessage(this.names.streamOf(channel), { last_by_subj: subject }));
  }

  /** The first message of a channel from `sequence` (the stream's) on, from the leader. */
  async next(channel: string, sequence: number): Promise<StoredBatch | undefined> {
    const query = { seq: sequence, next_by_subj: this.names.events(channel) };
    return toBatch(await this.manager.streams.getMessage(this.names.streamOf(channel), query));
  }

  /** Removes a channel's messages before `sequence` (the stream's). */
  async purgeBefore(channel: string, sequence: number): Promise<void> {
    // Nothing comes before 1, but servers before 2.14.2 take it as if no sequence was given, and remove everything.
    if (sequence <= 1) return;
    const filter = this.names.events(channel);
    await this.manager.streams.purge(this.names.streamOf(channel), { filter, seq: sequence });
  }

  /**
   * Gives a stream so many bytes of room where it has less: it may hold more from then on, until a relay starts again.
   * One at a time, as an update goes by what the stream was like before it.
   */
  async makeRoom(stream: string, bytes: number): Promise<void> {
    const made = this.#madeRoom.then(async () => this.#raiseLimit(stream, bytes));
    this.#madeRoom = made.catch(() => undefined);
    await made;
  }

  async #raiseLimit(stream: string, bytes: number): Promise<void> {
    const { config, state } = await this.manager.streams.info(stream);
    const needed = Math.ceil(state.bytes / storedUnit) * storedUnit + bytes;
    if (needed > config.max_bytes) await this.manager.streams.update(stream, { ...config, max_bytes: needed });
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}

function toBatch(message: StoredMsg | null): StoredBatch | undefined {
  return message === null ? undefined : { sequence: message.seq, data: message.data, ...decodeHead(message.header) };
}

async function connectTo({ servers, credentialsFile }: JetStreamClusterOptions): Promise<NatsConnection> {
  const authenticator =
    credentialsFile === undefined ? undefined : credsAuthenticator(readCredentials(credentialsFile));
  return connect({
    servers: [...servers],
    name: "zcn-relay",
    timeout: setupTimeout,
    maxReconnectAttempts: -1,
    reconnectTimeWait: retryDelay,
    reconnectJitter: retryDelay,
    pingInterval: 10 * second,
    ...(authenticator && { authenticator }),
    ...(servers.some(server => server.startsWith("tls:")) && { tls: {} }),
  }).catch(refuseToStart);
}

/** What no waiting mends is said at once. */
function refuseToStart(error: unknown): never {
  if (error instanceof AuthorizationError) {
    throw new ConfigurationError("NATS does not take these credentials: set --nats-creds to a file of its account.", {
      cause: error,
    });
  }
  if (error instanceof Error && "code" in error && certificateFaults.includes(error.code)) {
    throw new ConfigurationError(
      `The certificate of NATS cannot be trusted (${String(error.code)}): name the file of its authority in ` +
        "NODE_EXTRA_CA_CERTS.",
      { cause: error },
    );
  }
  throw error;
}

function readCredentials(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    throw new ConfigurationError(`--nats-creds: the file ${file} cannot be read.`);
  }
}

function requirePayload({ info }: NatsConnection, maxEventBytes: number): void {
  const offered = info?.max_payload ?? 0;
  const needed = maxEventBytes + overheadBytes;
  if (offered >= needed) return;
  const [has, needs] = [offered, needed].map(bytes => Math.ceil(bytes / 1024));
  throw new ConfigurationError(
    `NATS takes messages of up to ${has} KiB, and an event of this relay may have ${needs} KiB. ` +
      "Set max_payload in the configuration of the NATS servers (8MB is usual), or a smaller --max-body-kib.",
  );
}

/** Nodes that disagreed would look for a channel in different streams, so the first one's word is kept. */
async function agreeOnShards(channels: KV, wanted: number): Promise<number> {
  const key = "config.shards";
  const known = await channels.get(key);
  if (known !== null) return Number(known.string());
  try {
    await channels.create(key, String(wanted));
    return wanted;
  } catch (error) {
    const winner = await channels.get(key);
    if (winner === null) throw error;
    return Number(winner.string());
  }
}

const limitNames = ["num_replicas", "max_msgs_per_subject", "max_bytes"] as const;
type LimitName = (typeof limitNames)[number];

type WantedStream = Partial<StreamConfig> & Pick<StreamConfig, "name" | LimitName>;

function streamConfig(
  names: JetStreamNames,
  shard: number,
  { replicas, maxMessagesPerChannel, maxStorageBytes }: JetStreamClusterOptions,
): WantedStream {
  return {
    name: names.stream(shard),
    subjects: [names.shardEvents(shard, "*")],
    storage: "file",
    retention: "limits",
    // A full stream refuses what is new (senders get 503) instead of dropping what was accepted.
    discard: "new",
    num_replicas: replicas,
    max_msgs_per_subject: maxMessagesPerChannel,
    max_bytes: Math.floor(maxStorageBytes / names.shards / storedUnit) * storedUnit,
    duplicate_window: nanos(duplicateWindow),
    allow_direct: true,
    republish: { src: names.shardEvents(shard, "*"), dest: names.shardLive(shard, "{{wildcard(1)}}") },
  };
}

async function ensureStream(manager: JetStreamManager, wanted: WantedStream): Promise<void> {
  const found = await findStream(manager, wanted.name);
  if (found === undefined) {
    await manager.streams.add(wanted);
    return;
  }
  const limits = { ...wanted, max_bytes: leastBytes(found, wanted.max_bytes) };
  if (differs(found.config, limits)) await manager.streams.update(wanted.name, { ...found.config, ...limits });
}

/** A stream that is given less room than it has filled drops its oldest messages, so it is given that until they go. */
function leastBytes({ config, state }: StreamInfo, wanted: number): number {
  // Some may come in before the limit holds.
  const filled = Math.ceil((state.bytes + wanted / 8) / storedUnit) * storedUnit;
  const given = config.max_bytes > 0 ? config.max_bytes : Infinity;
  return Math.max(wanted, Math.min(given, filled));
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function differs(found: StreamConfig, wanted: WantedStream): boolean {
  return limitNames.some(name => found[name] !== wanted[name]);
}

function isNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.status === 404;
}

async function withPatience<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ConfigurationError || performance.now() > deadline) throw error;
      await sleep(clock, retryDelay);
    }
  }
}
