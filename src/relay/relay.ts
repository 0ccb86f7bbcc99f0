import { randomBytes } from "node:crypto";
import { type SteadyClock, day, second } from "../base/clock.ts";
import { DisposableStore } from "../base/lifecycle.ts";
import type { Health } from "../protocol/relayApi.ts";
import { httpLimits } from "../protocol/relayLimits.ts";
import manifest from "../../package.json" with { type: "json" };
import { AccessApi } from "./accessApi.ts";
import { ChannelApi } from "./channelApi.ts";
import { CreateKeys } from "./createKeys.ts";
import type { EventLog } from "./eventLog.ts";
import { Ingest } from "./ingest.ts";
import { machineClock } from "./machineClock.ts";
import { Leases } from "../base/process/leases.ts";
import type { LogLevel } from "./pinoRelayLogger.ts";
import { type RelayLogger, silentRelayLogger } from "./relayLogger.ts";
import { type RelayRoutes, RelayServer } from "./relayServer.ts";
import { failures, sendFailure, sendJson } from "./respond.ts";
import { announceServer } from "../base/process/serverFile.ts";
import { SqliteEventLog } from "./sqliteEventLog.ts";
import { PrometheusMeter } from "./prometheusMeter.ts";
import { type RelayMeter, silentRelayMeter } from "./relayMeter.ts";
import { readTlsFiles } from "./tlsFiles.ts";
import { startMetricsServer } from "./metricsServer.ts";
import { RequestAccounts } from "./requestAccounts.ts";
import { StreamServer } from "./streamServer.ts";

/** Everything that can be set on a relay. Durations in milliseconds; `docs/relay-protocol.md` and `--help` say more. */
export interface RelayOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  /** Take any port when `port` is taken. */
  readonly portOrAny: boolean;
  /** Servers of a NATS cluster that keeps channels and events, instead of the data directory; none: SQLite. */
  readonly natsServers: readonly string[];
  readonly natsCredentials: string | undefined;
  readonly replicas: number;
  readonly shards: number;
  readonly publicUrl: string | undefined;
  /** Wanted for new channels: one key, or a file with several (see createKeys.ts). Neither: anybody may make them. */
  readonly createKey: string | undefined;
  readonly createKeyFile: string | undefined;
  /** Give channels only to those who bring a public key, so that nothing new is kept in the clear. */
  readonly requirePublicKey: boolean;
  /** PEM files; both or neither. */
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** How many proxies in front of the relay add to X-Forwarded-For; 0: believe no such header. */
  readonly trustProxy: number;
  readonly maxBodyBytes: number;
  readonly maxHeadBytes: number;
  readonly maxHeaders: number;
  readonly headTimeout: number;
  readonly requestTimeout: number;
  readonly idleTimeout: number;
  /** Bytes of all requests under way, and bytes that wait for all editors; one channel or address gets half at most. */
  readonly maxUnstoredBytes: number;
  readonly maxUnsentBytes: number;
  /** Per channel; 0: no limit. Ten seconds' worth may come at once. So with bytes. */
  readonly maxEventsPerSecond: number;
  readonly maxBytesPerSecond: number;
  /** New channels per hour and client address; 0: no limit. */
  readonly maxNewChannels: number;
  readonly maxConnections: number;
  /** 0: no limit. */
  readonly maxConnectionsPerAddress: number;
  readonly maxStreams: number;
  readonly maxStreamsPerChannel: number;
  readonly maxAge: number;
  readonly maxEvents: number;
  /** Bytes kept per channel, and bytes of the whole database. */
  readonly maxChannelBytes: number;
  readonly maxStorageBytes: number;
  readonly window: number;
  readonly heartbeatInterval: number;
  readonly drainDeadline: number;
  readonly logLevel: LogLevel;
  /** Where Prometheus finds metrics; none without a port. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
  /** Once nobody has held a lease for this long, {@link Relay.unused} resolves. */
  readonly exitWhenUnused: number | undefined;
}

const mebibyte = 1024 * 1024;

export const defaultRelayOptions: Omit<RelayOptions, "dataDir"> = {
  host: "127.0.0.1",
  port: 0,
  portOrAny: false,
  natsServers: [],
  natsCredentials: undefined,
  replicas: 3,
  shards: 4,
  publicUrl: undefined,
  createKey: undefined,
  createKeyFile: undefined,
  requirePublicKey: false,
  tlsCert: undefined,
  tlsKey: undefined,
  trustProxy: 0,
  maxBodyBytes: mebibyte,
  ...httpLimits,
  maxHeaders: 128,
  maxUnstoredBytes: 256 * mebibyte,
  maxUnsentBytes: 128 * mebibyte,
  maxEventsPerSecond: 1_000,
  maxBytesPerSecond: 8 * mebibyte,
  maxNewChannels: 100,
  maxConnections: 20_000,
  maxConnectionsPerAddress: 1_000,
  maxStreams: 16_000,
  maxStreamsPerChannel: 64,
  maxAge: 7 * day,
  maxEvents: 100_000,
  maxChannelBytes: 512 * mebibyte,
  maxStorageBytes: 20 * 1024 * mebibyte,
  window: 1_024,
  heartbeatInterval: 15 * second,
  drainDeadline: 5 * second,
  logLevel: "info",
  metricsPort: undefined,
  metricsHost: "127.0.0.1",
  exitWhenUnused: undefined,
};

/** What a relay takes from outside; tests bring their own. */
export interface RelayDependencies {
  readonly clock?: SteadyClock;
  readonly logger?: RelayLogger;
  /** Another engine than SQLite in the data directory. The relay closes it. */
  readonly log?: EventLog;
}

export interface Relay {
  readonly url: string;
  readonly instance: string;
  /** Resolves when `exitWhenUnused` says that it is time to go. */
  readonly unused: Promise<void>;
  /** Resolves with the cause when the storage can do nothing more in this process: another one may. */
  readonly failed: Promise<unknown>;
  /** Reads the TLS files anew, for new connections. Throws ConfigurationError and goes on as before if it cannot. */
  reloadCertificate(): void;
  /** Reads the create keys anew, for new channels. Throws ConfigurationError and goes on as before if it cannot. */
  reloadCreateKeys(): void;
  /** Announces the end to all editors, answers what is under way, and lets go of the storage. */
  close(): Promise<void>;
}

/** How soon editors may come back after a planned restart. */
const restartRetryAfter = second;

/** By how much an event can be larger than the request: JSON around the head, its escapes, and the seal. */
const encodingBytes = 64 * 1024;

/** Starts a relay in this process. Throws DataDirectoryInUseError when another process has the directory. */
export async function createRelay(
  given: Partial<RelayOptions> & Pick<RelayOptions, "dataDir">,
  dependencies: RelayDependencies = {},
): Promise<Relay> {
  const options: RelayOptions = { ...defaultRelayOptions, ...given };
  const { clock = machineClock, logger = silentRelayLogger } = dependencies;
  const log = dependencies.log ?? (await openLog(options, clock, logger));
  const relay = new RunningRelay(options, clock, logger, log);
  try {
    await relay.start();
    return relay;
  } catch (error) {
    await relay.close();
    throw error;
  }
}

async function openLog(options: RelayOptions, clock: SteadyClock, logger: RelayLogger): Promise<EventLog> {
  const { dataDir, natsServers, maxAge, maxEvents, maxChannelBytes, maxStorageBytes } = options;
  const retention = { maxAge, maxEvents, maxBytes: maxChannelBytes, maxStorageBytes };
  if (natsServers.length === 0) return SqliteEventLog.open({ directory: dataDir, retention, clock, logger });
  // Only now: the client is half of the bundle, and most relays do without.
  const { JetStreamEventLog } = await import("./jetstreamEventLog.ts");
  const { natsCredentials, replicas, shards, maxBodyBytes, maxHeadBytes } = options;
  const maxEventBytes = maxBodyBytes + maxHeadBytes + encodingBytes;
  return JetStreamEventLog.open({
    servers: natsServers,
    credentialsFile: natsCredentials,
    replicas,
    shards,
    maxEventBytes,
    maxStorageBytes,
    retention,
    clock,
    logger,
  });
}

class RunningRelay implements Relay {
  readonly instance = randomBytes(12).toString("base64url");
  readonly unused: Promise<void>;
  readonly failed: Promise<unknown>;
  readonly #options: RelayOptions;
  readonly #clock: SteadyClock;
  readonly #logger: RelayLogger;
  readonly #log: EventLog;
  readonly #prometheus: PrometheusMeter | undefined;
  readonly #meter: RelayMeter;
  readonly #accounts: RequestAccounts;
  readonly #streams: StreamServer;
  readonly #server: RelayServer;
  readonly #createKeys: CreateKeys;
  readonly #leases: Leases | undefined;
  readonly #owned = new DisposableStore();
  #url = "";
  #closed: Promise<void> | undefined;

  constructor(options: RelayOptions, clock: SteadyClock, logger: RelayLogger, log: EventLog) {
    const tls = readTlsFiles(options);
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#log = log;
    this.failed = log.failed;
    this.#prometheus = options.metricsPort === undefined ? undefined : new PrometheusMeter();
    this.#meter = this.#prometheus ?? silentRelayMeter;
    const unused = Promise.withResolvers<undefined>();
    this.unused = unused.promise;
    this.#createKeys = new CreateKeys(options);
    const api = new ChannelApi(log, this.#createKeys, clock, logger, options);
    this.#streams = new StreamServer(log, api, clock, logger, this.#meter, options);
    this.#leases = this.#createLeases(() => unused.resolve(undefined));
    this.#accounts = new RequestAccounts(options);
    const ingest = new Ingest(log, this.#accounts, clock, this.#meter, logger, options);
    const routes = this.#routes(api, ingest);
    this.#server = new RelayServer(routes, this.#accounts, clock, logger, this.#meter, options, tls);
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    const { host, dataDir } = this.#options;
    const port = await this.#listen();
    const scheme = this.#options.tlsCert === undefined ? "http" : "https";
    this.#url = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
    const address = { url: this.#url, pid: process.pid, instance: this.instance };
    if (this.#leases !== undefined) this.#owned.add(announceServer(dataDir, address));
    this.#logger.info("relay started", { url: this.#url, version: manifest.version });
    await this.#startMetrics();
  }

  reloadCertificate(): void {
    const tls = readTlsFiles(this.#options);
    if (tls === undefined) return;
    this.#server.renewTls(tls);
    this.#logger.info("certificate read anew");
  }

  reloadCreateKeys(): void {
    if (this.#options.createKeyFile === undefined) return;
    this.#logger.info("create keys read anew", { count: this.#createKeys.reload() });
  }

  async close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    this.#owned.dispose();
    this.#streams.leave(restartRetryAfter);
    this.#leases?.dispose();
    await this.#server.drain(this.#clock, this.#options.drainDeadline);
    this.#streams.terminate();
    await this.#log.close();
    this.#logger.info("relay stopped");
  }

  async #startMetrics(): Promise<void> {
    const { dataDir, metricsHost, metricsPort } = this.#options;
    if (this.#prometheus === undefined || metricsPort === undefined) return;
    this.#prometheus.read({
      version: manifest.version,
      streams: () => this.#streams.connectionCount,
      connections: async () => this.#server.countConnections(),
      unstoredBytes: () => this.#accounts.held,
      unsentBytes: () => this.#streams.unsentBytes,
      isReady: async () => this.#isReady(),
    });
    if (this.#log instanceof SqliteEventLog) this.#prometheus.readDirectory(dataDir);
    const { registry } = this.#prometheus;
    const metrics = this.#owned.add(await startMetricsServer(registry, metricsHost, metricsPort, this.#logger));
    this.#logger.info("metrics served", { host: metricsHost, port: metrics.port });
  }

  /** False from the beginning of a shutdown on, so that a load balancer turns away. */
  async #isReady(): Promise<boolean> {
    return this.#closed === undefined && (await this.#log.isReady());
  }

  async #listen(): Promise<number> {
    const { host, port, portOrAny } = this.#options;
    try {
      return await this.#server.listen(host, port);
    } catch (error) {
      if (!portOrAny || !isAddressInUse(error)) throw error;
      return this.#server.listen(host, 0);
    }
  }

  #createLeases(onUnused: () => void): Leases | undefined {
    const { exitWhenUnused } = this.#options;
    return exitWhenUnused === undefined ? undefined : new Leases(this.#clock, exitWhenUnused, onUnused);
  }

  #routes(api: ChannelApi, ingest: Ingest): RelayRoutes {
    const leases = this.#leases;
    const access = new AccessApi(this.#log, api, this.#clock, this.#logger);
    const health: Health = { service: "relay", version: manifest.version, instance: this.instance };
    return {
      plainIngest: (request, answer, socket) => ingest.take(request, answer, socket),
      ingest: (request, response) => ingest.handle(request, response),
      health: (_request, response) => sendJson(response, 200, health),
      ready: async (_request, response) => {
        if (await this.#isReady()) sendJson(response, 200, { ready: true });
        else sendFailure(response, failures.notReady);
      },
      lease: leases === undefined ? undefined : (_request, response) => leases.hold(response),
      channels: async (request, response) => api.handleCollection(request, response),
      channel: async (channel, request, response) => api.handleChannel(channel, request, response),
      channelParts: {
        key: async (channel, request, response) => api.handleKey(channel, request, response),
        answer: async (channel, request, response) => api.handleAnswer(channel, request, response),
        "read-key": async (channel, request, response) => access.handleReadKey(channel, request, response),
        readers: async (channel, request, response) => access.handleReaders(channel, request, response),
      },
      reader: async (channel, id, request, response) => access.handleReader(channel, id, request, response),
      stream: async (...upgrade) => this.#streams.handleUpgrade(...upgrade),
    };
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
