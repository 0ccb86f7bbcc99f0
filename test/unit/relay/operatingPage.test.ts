import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { PrometheusMeter } from "../../../src/relay/prometheusMeter.ts";
import { parseRelayOptions } from "../../../src/relay/relayOptions.ts";
import {
  type OptionSpec,
  optionNames,
  optionTable,
  variableOf,
  variablePrefix,
} from "../../../src/relay/relayOptionTable.ts";

const page = readFileSync(new URL("../../../docs/operate-a-relay.md", import.meta.url), "utf8");

/** The rows of the table that follows `heading`, cell by cell. */
function rowsUnder(heading: string): string[][] {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`)).split("\n## ")[1] ?? "";
  const lines = section.split("\n").filter(line => line.startsWith("|"));
  return lines.slice(2).map(line => line.split(" | ").map(cell => cell.replace(/^\| | \|$/g, "").trim()));
}

describe("the page on operating a relay", () => {
  it("has every option with its default and its reason", () => {
    const expected = optionNames.map(name => {
      const { fallback, about }: OptionSpec = optionTable[name];
      return [`\`--${name}\``, fallback, about];
    });
    assert.deepEqual(rowsUnder("All options"), expected);
  });

  it("has every metric of the relay's own", () => {
    const meter = new PrometheusMeter();
    const look = {
      streams: () => 0,
      unstoredBytes: () => 0,
      unsentBytes: () => 0,
      connections: async () => Promise.resolve(0),
    };
    meter.read({ version: "1", isReady: async () => Promise.resolve(true), ...look });
    meter.readDirectory("/");
    const names = meter.registry.getMetricsAsArray().map(({ name }) => name);
    const own = names.filter(name => name.startsWith("relay_")).map(name => `\`${name}\``);
    const listed = rowsUnder("Watch it").map(([name]) => name);
    assert.deepEqual(listed.sort(), own.sort());
  });

  it("shows a unit whose settings the relay takes", () => {
    const settings = new Map<string, string>();
    for (const [, name = "", value = ""] of page.matchAll(/^ *Environment=(\w+)=(.+)$/gm)) settings.set(name, value);
    assert.ok(settings.size > 5 && [...settings.keys()].every(name => name.startsWith(variablePrefix)));
    // Its key file is systemd's, and not here.
    settings.delete(variableOf("create-key-file"));
    const command = parseRelayOptions([], Object.fromEntries(settings));
    assert.ok(command.ok && command.value.kind === "run");
    assert.deepEqual([command.value.options.trustProxy, command.value.options.port], [1, 8080]);
  });

  it("names no option that there is not", () => {
    const other = ["production", "option", "help", "join-link", "max-semi-space-size"];
    const known = new Set<string>([...optionNames, ...other]);
    const named = [...page.matchAll(/`--([a-z-]+)/g)].map(([, name = ""]) => name);
    assert.deepEqual(
      named.filter(name => !known.has(name)),
      [],
    );
  });
});
