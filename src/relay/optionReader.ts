import { type OptionName, variableOf } from "./relayOptionTable.ts";

/** What the command line gave, by name. */
export type OptionValues = Readonly<Partial<Record<OptionName, string | boolean>>>;

/** Gives options by name and throws a sentence about one that cannot be used. */
export class OptionReader {
  readonly #given: OptionValues;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(given: OptionValues, environment: Readonly<Record<string, string | undefined>>) {
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

  oneOf<T extends string>(name: OptionName, values: readonly T[]): T | undefined {
    const text = this.text(name);
    const value = values.find(candidate => candidate === text);
    if (text === undefined || value !== undefined) return value;
    throw new Error(`--${name} is one of ${values.join(", ")}.`);
  }

  /** Addresses of NATS servers with commas between them; none where the option is not given. */
  natsServers(name: OptionName): readonly string[] {
    const servers = (this.text(name) ?? "").split(",").filter(server => server !== "");
    if (servers.every(isNatsServer)) return servers;
    throw new Error(`--${name} has addresses like nats://10.0.0.1:4222 with commas between them, and no password.`);
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

function isNatsServer(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^(nats|tls):$/.test(url.protocol) && url.hostname !== "" && url.password === "";
}
