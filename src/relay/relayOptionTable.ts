import { hour, second } from "../base/clock.ts";
import { defaultRelayOptions } from "./relay.ts";

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const defaults = defaultRelayOptions;

export interface OptionSpec {
  /** What stands for the value in the help; none for a switch. */
  readonly value?: string;
  readonly fallback: string;
  readonly about: string;
}

/** Every option with its default and the reason for it; `--help` and the environment variables derive from this table. */
export const optionTable = {
  host: {
    value: "ADDRESS",
    fallback: defaults.host,
    about: "Where to listen. This machine only unless told otherwise: put a TLS proxy in front of anything else.",
  },
  port: { value: "PORT", fallback: String(defaults.port), about: "0 takes any free port; the ready line says which." },
  "port-or-any": {
    fallback: "off",
    about: "Take any port when that one is taken. For a relay that an editor starts and finds by its ready line.",
  },
  "data-dir": {
    value: "DIR",
    fallback: "relay-data",
    about: "Where channels and events are kept. One process at a time: a second one exits with code 75.",
  },
  nats: {
    value: "URL[,URL…]",
    fallback: "none: SQLite in the data directory",
    about:
      "Keep channels and events in this NATS cluster (JetStream, server 2.9 or newer), so that several relays can share " +
      "them. Name every server: nats://host:4222, or tls://host:4222.",
  },
  "nats-creds": {
    value: "FILE",
    fallback: "none",
    about: "Credentials for NATS, a file as its own tools write it (.creds).",
  },
  replicas: {
    value: "COUNT",
    fallback: String(defaults.replicas),
    about: "With --nats: servers that keep each event, 1, 3 or 5. With 3, one may fail and nothing is lost or refused.",
  },
  shards: {
    value: "COUNT",
    fallback: String(defaults.shards),
    about:
      "With --nats: streams that the channels are spread over. The first relay of a cluster decides, for good; a few for " +
      "each NATS server that there may ever be.",
  },
  "public-url": {
    value: "URL",
    fallback: "the Host header of the request that creates a channel",
    about: "What senders reach this relay at, for the ingest addresses it hands out. Set it behind a proxy.",
  },
  "tls-cert": {
    value: "FILE",
    fallback: "none",
    about: "Certificate chain (PEM): the relay then speaks HTTPS itself. SIGHUP reads both files anew.",
  },
  "tls-key": { value: "FILE", fallback: "none", about: "Private key (PEM) of that certificate." },
  "trust-proxy": {
    value: "COUNT",
    fallback: String(defaults.trustProxy),
    about:
      "How many proxies in front add to X-Forwarded-For and -Proto. 0 believes no such header, as anybody can write one.",
  },
  "create-key": {
    value: "KEY",
    fallback: "none",
    about: "Wanted as a bearer token for a new channel. Set it where strangers can reach the relay, better by file.",
  },
  "create-key-file": {
    value: "FILE",
    fallback: "none",
    about:
      "A file with the create key, which a process list does not show; or with several, one a line, of which each holds. " +
      "SIGHUP reads it anew.",
  },
  "require-public-key": {
    fallback: "off",
    about:
      "Refuse new channels that bring no key to seal their events to. What editors make has one; on, nothing is kept in " +
      "the clear, even for clients that do not know how to seal.",
  },
  "max-body-kib": {
    value: "KIB",
    fallback: String(defaults.maxBodyBytes / kibibyte),
    about: "Largest body; more is answered 413. A notification has some 2 KiB, a large workflow webhook a few hundred.",
  },
  "max-head-kib": {
    value: "KIB",
    fallback: String(defaults.maxHeadBytes / kibibyte),
    about: "Largest request line and headers together; more is answered 431. Twice what common proxies let through.",
  },
  "max-headers": {
    value: "COUNT",
    fallback: String(defaults.maxHeaders),
    about: "Most headers of a request; more is answered 431. Senders and proxies together have some thirty.",
  },
  "head-seconds": {
    value: "SECONDS",
    fallback: String(defaults.headTimeout / second),
    about: "A head must be whole by then, else 408. Ends senders that dribble to hold connections.",
  },
  "request-seconds": {
    value: "SECONDS",
    fallback: String(defaults.requestTimeout / second),
    about:
      "A request must be whole by then, else 408. Enough for a megabyte over a poor line. Also ends what moves no more.",
  },
  "idle-seconds": {
    value: "SECONDS",
    fallback: String(defaults.idleTimeout / second),
    about: "How long a connection may idle between requests. Longer than in common proxies, so that they close first.",
  },
  "max-unstored-mib": {
    value: "MIB",
    fallback: String(defaults.maxUnstoredBytes / mebibyte),
    about:
      "Memory for requests under way, heads and copies included; beyond it senders get 503. Half of it is the most for one " +
      "channel, and for one client address. Bounds memory when a disk stalls.",
  },
  "max-unsent-mib": {
    value: "MIB",
    fallback: String(defaults.maxUnsentBytes / mebibyte),
    about:
      "Memory for what waits in the sockets of all streams; beyond it streams wait their turn, and those whose readers " +
      "take nothing are ended. Half of it is the most for one channel, and for one client address.",
  },
  "max-events-per-second": {
    value: "COUNT",
    fallback: String(defaults.maxEventsPerSecond),
    about: "Per channel; ten seconds' worth may come at once, more is answered 429. 0: no limit.",
  },
  "max-kib-per-second": {
    value: "KIB",
    fallback: String(defaults.maxBytesPerSecond / kibibyte),
    about: "Per channel; ten seconds' worth may come at once, more is answered 429. 0: no limit.",
  },
  "max-new-channels": {
    value: "COUNT",
    fallback: String(defaults.maxNewChannels),
    about: "Channels that one client address (IPv6: one /64) may make in an hour; more is answered 429. 0: no limit.",
  },
  "max-connections": {
    value: "COUNT",
    fallback: String(defaults.maxConnections),
    about: "Connections of all kinds; more are closed as they come. Below the limit on open files of the process.",
  },
  "max-connections-per-address": {
    value: "COUNT",
    fallback: String(defaults.maxConnectionsPerAddress),
    about:
      "Connections of one client address (IPv6: one /64); more are closed as they come. With --trust-proxy connections are " +
      "the proxy's, and only streams are counted: more are answered 429. An office has some hundreds. 0: no limit.",
  },
  "max-streams": {
    value: "COUNT",
    fallback: String(defaults.maxStreams),
    about: "Streams of editors; more are answered 503. Below the connections, so that senders always find a place.",
  },
  "max-streams-per-channel": {
    value: "COUNT",
    fallback: String(defaults.maxStreamsPerChannel),
    about: "Streams on one channel; more are answered 429. Each event is sent to every one: a large team has a dozen.",
  },
  "max-age-hours": {
    value: "HOURS",
    fallback: String(defaults.maxAge / hour),
    about: "How long events are kept. A week, like a subscription: an editor may be closed over a holiday.",
  },
  "max-events": {
    value: "COUNT",
    fallback: String(defaults.maxEvents),
    about: "Events kept per channel, oldest removed first: some 150 MB of usual notifications.",
  },
  "max-channel-mib": {
    value: "MIB",
    fallback: String(defaults.maxChannelBytes / mebibyte),
    about: "Bytes of events kept per channel, oldest removed first: one busy sender does not fill the disk.",
  },
  "max-storage-mib": {
    value: "MIB",
    fallback: String(defaults.maxStorageBytes / mebibyte),
    about: "Size of the database file; at it events are answered 503 until older ones go. Less than the disk has.",
  },
  window: {
    value: "COUNT",
    fallback: String(defaults.window),
    about: "Events that an editor may leave unacknowledged. 20,000 events/s over a line with 50 ms round trip.",
  },
  "heartbeat-seconds": {
    value: "SECONDS",
    fallback: String(defaults.heartbeatInterval / second),
    about: "How often editors are pinged; twice as long a silence ends a stream. Below the idle limit of proxies.",
  },
  "drain-seconds": {
    value: "SECONDS",
    fallback: String(defaults.drainDeadline / second),
    about: "How long requests under way may take to finish after SIGTERM. Well below what supervisors wait.",
  },
  "metrics-port": {
    value: "PORT",
    fallback: "none",
    about: "Where Prometheus finds metrics (GET /metrics), apart from what senders and editors reach. 0: any.",
  },
  "metrics-host": {
    value: "ADDRESS",
    fallback: defaults.metricsHost,
    about: "Where to listen for Prometheus. Metrics tell how busy a relay is, so not where strangers reach it.",
  },
  "log-level": {
    value: "LEVEL",
    fallback: defaults.logLevel,
    about: "info, warn, error or silent. Logs hold no payload, no key and no channel's address at any level.",
  },
  "exit-when-unused": {
    value: "SECONDS",
    fallback: "never",
    about: "End when nobody has held a lease (GET /lease) for so long. For a relay that editors share.",
  },
} as const satisfies Record<string, OptionSpec>;

export type OptionName = keyof typeof optionTable;

export const optionNames = Object.keys(optionTable).filter((name): name is OptionName =>
  Object.hasOwn(optionTable, name),
);

/** The environment variable that stands in for an option. */
export function variableOf(name: OptionName): string {
  return `${variablePrefix}${name.toUpperCase().replaceAll("-", "_")}`;
}

export const variablePrefix = "ZCN_RELAY_";
