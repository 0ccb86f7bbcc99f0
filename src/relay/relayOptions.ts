import { parseArgs } from "node:util";
import { type Result, fail, succeed } from "../base/result.ts";
import { second } from "../base/clock.ts";
import { type RelayOptions, defaultRelayOptions } from "./relay.ts";

/** What the command line and the environment ask for. */
export type RelayCommand = { readonly kind: "help" } | { readonly kind: "run"; readonly options: RelayOptions };

interface OptionSpec {
  /** What stands for the value in the help; none for a switch. */
  readonly value?: string;
  readonly fallback: string;
  readonly about: string;
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const defaults = defaultRelayOptions;

/** Every option with its default and the reason for it; `--help` and the environment variables derive from this table. */
const specs = {
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
  "public-url": {
    value: "URL",
    fallback: "the Host header of the request that creates a channel",
    about: "What senders reach this relay at, for the ingest addresses it hands out. Set it behind a proxy.",
  },
  "create-key": {
    value: "KEY",
    fallback: "none",
    about: "Wanted as a bearer token for a new channel. Set it where strangers can reach the relay.",
  },
  "max-body-kib": {
    value: "KIB",
    fallback: String(defaults.maxBodyBytes / kibibyte),
    about: "Largest body; more is answered 413. A notification has some 2 KiB, a large workflow webhook a few hundred.",
  },
  "max-unstored-mib": {
    value: "MIB",
    fallback: String(defaults.maxUnstoredBytes / mebibyte),
    about: "Bytes on their way to disk over all requests; beyond it senders get 503. Bounds memory when a disk stalls.",
  },
  "max-age-hours": {
    value: "HOURS",
    fallback: String(defaults.maxAge / (3600 * second)),
    about: "How long events are kept. A week, like a subscription: an editor may be closed over a holiday.",
  },
  "max-events": {
    value: "COUNT",
    fallback: String(defaults.maxEvents),
    about: "Events kept per channel, oldest removed first: some 150 MB of usual notifications.",
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
  "exit-when-unused": {
    value: "SECONDS",
    fallback: "never",
    about: "End when nobody has held a lease (GET /lease) for so long. For a relay that editors share.",
  },
} as const satisfies Record<string, OptionSpec>;

type OptionName = keyof typeof specs;
type Values = Readonly<Partial<Record<OptionName, string | boolean>>>;

const names = Object.keys(specs).filter((name): name is OptionName => Object.hasOwn(specs, name));

export function relayHelp(): string {
  const entries = names.map(name => {
    const spec: OptionSpec = specs[name];
    const head = spec.value === undefined ? `--${name}` : `--${name} ${spec.value}`;
    return `  ${head}\n      ${spec.about}\n      Default: ${spec.fallback}. Environment: ${variableOf(name)}\n`;
  });
  return [
    "Keeps every request sent to a channel and streams it to the editor that holds the channel's key.\n",
    "Usage: relay [options]\n",
    ...entries,
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
    const { help, ...given } = parseCommandLine(commandLine);
    if (help === true) return succeed({ kind: "help" });
    return succeed({ kind: "run", options: toOptions(new OptionReader(given, environment)) });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function parseCommandLine(commandLine: readonly string[]): Values & { readonly help?: string | boolean } {
  const kinds = names.map(name => [name, { type: "value" in specs[name] ? "string" : "boolean" }] as const);
  const options = { ...Object.fromEntries(kinds), help: { type: "boolean" } } as const;
  return parseArgs({ args: [...commandLine], options, strict: true, allowPositionals: false }).values;
}

function toOptions(read: OptionReader): RelayOptions {
  return {
    dataDir: read.text("data-dir") ?? specs["data-dir"].fallback,
    host: read.text("host") ?? defaults.host,
    port: read.whole("port", 0, 65_535) ?? defaults.port,
    portOrAny: read.flag("port-or-any"),
    publicUrl: read.origin("public-url"),
    createKey: read.text("create-key"),
    maxBodyBytes: scaled(read.whole("max-body-kib", 1, 64 * kibibyte), kibibyte) ?? defaults.maxBodyBytes,
    maxUnstoredBytes: scaled(read.whole("max-unstored-mib", 1, 4_096), mebibyte) ?? defaults.maxUnstoredBytes,
    maxAge: scaled(read.whole("max-age-hours", 1, 87_600), 3600 * second) ?? defaults.maxAge,
    maxEvents: read.whole("max-events", 1, 1_000_000_000) ?? defaults.maxEvents,
    window: read.whole("window", 1, 65_536) ?? defaults.window,
    heartbeatInterval: scaled(read.whole("heartbeat-seconds", 1, 3_600), second) ?? defaults.heartbeatInterval,
    drainDeadline: scaled(read.whole("drain-seconds", 0, 3_600), second) ?? defaults.drainDeadline,
    exitWhenUnused: scaled(read.whole("exit-when-unused", 1, 86_400), second),
  };
}

function scaled(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : value * unit;
}

function variableOf(name: OptionName): string {
  return `ZCN_RELAY_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Gives options by name and throws a sentence about one that cannot be used. */
class OptionReader {
  readonly #given: Values;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(given: Values, environment: Readonly<Record<string, string | undefined>>) {
    this.#given = given;
    this.#environment = environment;
  }

  text(name: OptionName): string | undefined {
    const value = this.#given[name] ?? this.#environment[variableOf(name)];
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  flag(name: OptionName): boolean {
    if (this.#given[name] === true) return true;
    const value = this.text(name) ?? "off";
    if (["on", "1", "true"].includes(value)) return true;
    if (["off", "0", "false"].includes(value)) return false;
    throw new Error(`--${name} is on or off.`);
  }

  whole(name: OptionName, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new Error(`--${name} is a whole number from ${least} to ${most}.`);
  }

  /** An http or https address without a slash at its end. */
  origin(name: OptionName): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const url = URL.parse(text);
    const usable = url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
    if (usable) return url.href.replace(/\/+$/, "");
    throw new Error(`--${name} is an address like https://relay.example.com.`);
  }
}
