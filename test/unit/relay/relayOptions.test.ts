import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultRelayOptions } from "../../../src/relay/relay.ts";
import type { RelayOptions } from "../../../src/relay/relay.ts";
import { optionNames } from "../../../src/relay/relayOptionTable.ts";
import { parseRelayOptions, relayHelp } from "../../../src/relay/relayOptions.ts";

function run(commandLine: readonly string[], environment: Record<string, string> = {}): RelayOptions {
  const command = parseRelayOptions(commandLine, environment);
  assert.ok(command.ok && command.value.kind === "run");
  return command.value.options;
}

describe("the relay's options", () => {
  it("have the defaults that the code has", () => {
    assert.deepEqual(run([]), { ...defaultRelayOptions, dataDir: "relay-data" });
  });

  it("come from the command line, else from the environment", () => {
    const environment = {
      ZCN_RELAY_PORT: "1",
      ZCN_RELAY_MAX_BODY_KIB: "2",
      ZCN_RELAY_PORT_OR_ANY: "on",
      ZCN_RELAY_HOST: "",
    };
    const options = run(["--port", "3", "--exit-when-unused", "4"], environment);
    assert.deepEqual(
      [options.port, options.maxBodyBytes, options.portOrAny, options.exitWhenUnused, options.host],
      [3, 2048, true, 4000, "127.0.0.1"],
    );
  });

  it("are refused with a sentence when they make no sense", () => {
    const cases: [string[], RegExp][] = [
      [["--port", "1e3"], /^--port is a whole number from 0 to 65535\.$/],
      [["--window", "0"], /^--window is a whole number from 1 to 65536\.$/],
      [["--public-url", "relay.example.com"], /^--public-url is an address like/],
      [["--public-url", "https://relay.example.com/?x"], /^--public-url is an address like/],
      [["--nonsense"], /--nonsense/],
      [["positional"], /positional/],
    ];
    for (const [commandLine, message] of cases) {
      const command = parseRelayOptions(commandLine, {});
      assert.ok(!command.ok);
      assert.match(command.error, message);
    }
  });

  it("are all in the help, with their default and their environment variable", () => {
    const help = relayHelp();
    const names = [...help.matchAll(/^ {2}--([a-z-]+)/gm)]
      .map(match => match[1])
      .filter(name => !["help", "join-link"].includes(name ?? ""));
    assert.deepEqual(names, optionNames);
    for (const name of names) {
      assert.ok(help.includes(`ZCN_RELAY_${name.toUpperCase().replaceAll("-", "_")}`), name);
    }
    assert.equal(help.match(/Default: /g)?.length, names.length);
  });
});
