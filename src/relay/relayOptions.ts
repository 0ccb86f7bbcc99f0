import { parseArgs } from "node:util";
import { type Result, fail, succeed } from "../base/result.ts";
import { hour, second } from "../base/clock.ts";
import { type RelayOptions, defaultRelayOptions } from "./relay.ts";
import { OptionReader, type OptionValues } from "./optionReader.ts";
import { logLevels } from "./pinoRelayLogger.ts";
import { type OptionSpec, optionNames, optionTable, variableOf, variablePrefix } from "./relayOptionTable.ts";

/** What the command line and the environment ask for. */
export type RelayCommand =
  { readonly kind: "help" } | { readonly kind: "run" | "join-link"; readonly options: RelayOptions };

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const defaults = defaultRelayOptions;

export function relayHelp(): string {
  const entries = optionNames.map(name => {
    const spec: OptionSpec = optionTable[name];
    const head = spec.value === undefined ? `--${name}` : `--${name} ${spec.value}`;
    return `  ${head}\n      ${spec.about}\n      Default: ${spec.fallback}. Environment: ${variableOf(name)}\n`;
  });
  return [
    "Keeps every request sent to a channel and streams it to the editor that holds the channel's key.\n",
    "Usage: relay [options]\n",
    ...entries,
    "  --join-link\n      Prints the link by which editors join the relay of these options, with its create key, and ends.\n",
    "  --help\n      Prints this.\n",
    "When ready it prints one line, `relay ready <url>`. The log goes to standard error as lines of JSON.",
    "Exit codes: 0 after SIGTERM or SIGINT, 64 for options it cannot use, 75 when the data directory is in use, 1 else.\n",
  ].join("\n");
}

/** Reads the command line, and the environment for what it leaves out. The error is a sentence. */
export function parseRelayOptions(
  commandLine: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<RelayCommand, string> {
  try {
    const { help, "join-link": joinLink, ...given } = parseCommandLine(commandLine);
    if (help === true) return succeed({ kind: "help" });
    refuseUnknownVariables(environment);
    const options = toOptions(new OptionReader(given, environment));
    checkTogether(options);
    return succeed({ kind: joinLink === true ? "join-link" : "run", options });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** A name that is misspelt would otherwise leave a limit where it was. */
function refuseUnknownVariables(environment: Readonly<Record<string, string | undefined>>): void {
  const known = new Set(optionNames.map(variableOf));
  const unknown = Object.keys(environment).find(name => name.startsWith(variablePrefix) && !known.has(name));
  if (unknown !== undefined) throw new Error(`${unknown} in the environment is not a variable of the relay.`);
}

/** What each option allows by itself can still make no sense together. */
function checkTogether(options: RelayOptions): void {
  const { tlsCert, tlsKey, maxBodyBytes, maxUnstoredBytes, maxStreams, maxConnections } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new Error("--tls-cert and --tls-key are given together, or neither is.");
  }
  if (options.createKey !== undefined && options.createKeyFile !== undefined) {
    throw new Error("--create-key or --create-key-file is given, not both.");
  }
  // Half of it is the share of one channel, which has to take a body with its head.
  if (maxUnstoredBytes < 3 * maxBodyBytes) {
    throw new Error("--max-unstored-mib holds at least three bodies of --max-body-kib.");
  }
  if (maxStreams >= maxConnections)
    throw new Error("--max-streams is less than --max-connections, to leave senders room.");
  if (options.natsCredentials !== undefined && options.natsServers.length === 0) {
    throw new Error("--nats-creds is for the cluster that --nats names.");
  }
  if (options.headTimeout > options.requestTimeout) throw new Error("--head-seconds is at most --request-seconds.");
}

type GivenValues = OptionValues & Readonly<Partial<Record<"help" | "join-link", string | boolean>>>;

function parseCommandLine(commandLine: readonly string[]): GivenValues {
  const kinds = optionNames.map(name => [name, { type: "value" in optionTable[name] ? "string" : "boolean" }] as const);
  const options = {
    ...Object.fromEntries(kinds),
    help: { type: "boolean" },
    "join-link": { type: "boolean" },
  } as const;
  return parseArgs({ args: [...commandLine], options, strict: true, allowPositionals: false }).values;
}

function toOptions(read: OptionReader): RelayOptions {
  return {
    ...whereItIs(read),
    ...limits(read),
    window: read.whole("window", 1, 65_536) ?? defaults.window,
    heartbeatInterval: scaled(read.whole("heartbeat-seconds", 1, 3_600), second) ?? defaults.heartbeatInterval,
    drainDeadline: scaled(read.whole("drain-seconds", 0, 3_600), second) ?? defaults.drainDeadline,
    logLevel: read.oneOf("log-level", logLevels) ?? defaults.logLevel,
    metricsPort: read.whole("metrics-port", 0, 65_535),
    metricsHost: read.text("metrics-host") ?? defaults.metricsHost,
    exitWhenUnused: scaled(read.whole("exit-when-unused", 1, 86_400), second),
  };
}

type Place =
  | "dataDir"
  | "host"
  | "port"
  | "portOrAny"
  | "natsServers"
  | "natsCredentials"
  | "replicas"
  | "shards"
  | "publicUrl"
  | "createKey"
  | "createKeyFile"
  | "requirePublicKey"
  | "tlsCert"
  | "tlsKey"
  | "trustProxy";

function whereItIs(read: OptionReader): Pick<RelayOptions, Place> {
  return {
    dataDir: read.text("data-dir") ?? optionTable["data-dir"].fallback,
    host: read.text("host") ?? defaults.host,
    port: read.whole("port", 0, 65_535) ?? defaults.port,
    portOrAny: read.flag("port-or-any"),
    natsServers: read.natsServers("nats"),
    natsCredentials: read.text("nats-creds"),
    replicas: Number(read.oneOf("replicas", ["1", "3", "5"]) ?? defaults.replicas),
    shards: read.whole("shards", 1, 1_024) ?? defaults.shards,
    publicUrl: read.origin("public-url"),
    createKey: read.text("create-key"),
    createKeyFile: read.text("create-key-file"),
    requirePublicKey: read.flag("require-public-key"),
    tlsCert: read.text("tls-cert"),
    tlsKey: read.text("tls-key"),
    trustProxy: read.whole("trust-proxy", 0, 16) ?? defaults.trustProxy,
  };
}

type Operation = "logLevel" | "metricsPort" | "metricsHost" | "drainDeadline" | "exitWhenUnused";
type Limits = Omit<RelayOptions, Place | Operation | "window" | "heartbeatInterval">;

const most = 1_000_000_000;

function limits(read: OptionReader): Limits {
  return {
    maxBodyBytes: scaled(read.whole("max-body-kib", 1, 64 * kibibyte), kibibyte) ?? defaults.maxBodyBytes,
    maxHeadBytes: scaled(read.whole("max-head-kib", 1, 1_024), kibibyte) ?? defaults.maxHeadBytes,
    maxHeaders: read.whole("max-headers", 8, 10_000) ?? defaults.maxHeaders,
    headTimeout: scaled(read.whole("head-seconds", 1, 3_600), second) ?? defaults.headTimeout,
    requestTimeout: scaled(read.whole("request-seconds", 1, 3_600), second) ?? defaults.requestTimeout,
    idleTimeout: scaled(read.whole("idle-seconds", 1, 3_600), second) ?? defaults.idleTimeout,
    maxUnstoredBytes: scaled(read.whole("max-unstored-mib", 1, 4_096), mebibyte) ?? defaults.maxUnstoredBytes,
    maxUnsentBytes: scaled(read.whole("max-unsent-mib", 8, 4_096), mebibyte) ?? defaults.maxUnsentBytes,
    maxEventsPerSecond: read.whole("max-events-per-second", 0, most) ?? defaults.maxEventsPerSecond,
    maxBytesPerSecond: scaled(read.whole("max-kib-per-second", 0, most), kibibyte) ?? defaults.maxBytesPerSecond,
    maxNewChannels: read.whole("max-new-channels", 0, most) ?? defaults.maxNewChannels,
    maxConnections: read.whole("max-connections", 1, most) ?? defaults.maxConnections,
    maxConnectionsPerAddress: read.whole("max-connections-per-address", 0, most) ?? defaults.maxConnectionsPerAddress,
    maxStreams: read.whole("max-streams", 1, most) ?? defaults.maxStreams,
    maxStreamsPerChannel: read.whole("max-streams-per-channel", 1, most) ?? defaults.maxStreamsPerChannel,
    maxAge: scaled(read.whole("max-age-hours", 1, 87_600), hour) ?? defaults.maxAge,
    maxChannelBytes: scaled(read.whole("max-channel-mib", 1, most), mebibyte) ?? defaults.maxChannelBytes,
    maxStorageBytes: scaled(read.whole("max-storage-mib", 1, most), mebibyte) ?? defaults.maxStorageBytes,
    maxEvents: read.whole("max-events", 1, most) ?? defaults.maxEvents,
  };
}

function scaled(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : value * unit;
}
