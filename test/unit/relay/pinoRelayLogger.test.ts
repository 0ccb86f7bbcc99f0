import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { channelFingerprint, newChannelId } from "../../../src/relay/channelKeys.ts";
import { type LogLevel, pinoRelayLogger } from "../../../src/relay/pinoRelayLogger.ts";
import type { RelayLogger } from "../../../src/relay/relayLogger.ts";

function recording(level: LogLevel = "info"): { readonly logger: RelayLogger; readonly lines: string[] } {
  const lines: string[] = [];
  return { logger: pinoRelayLogger(level, { write: line => void lines.push(line) }), lines };
}

describe("the relay's log", () => {
  it("is a line of JSON with time, level and message", () => {
    const { logger, lines } = recording();
    logger.warn("events not stored", { events: 3 });
    const line: unknown = JSON.parse(lines[0] ?? "");
    assert.ok(typeof line === "object" && line !== null && "time" in line);
    assert.ok(!Number.isNaN(Date.parse(String(line.time))));
    assert.deepEqual({ ...line, time: "" }, { level: "warn", time: "", events: 3, message: "events not stored" });
    assert.match(lines[0] ?? "", /^[^\n]+\n$/);
  });

  it("begins at the level that was asked for", () => {
    const { logger, lines } = recording("error");
    logger.info("a");
    logger.warn("b");
    logger.error("c");
    assert.equal(lines.length, 1);
    const silent = recording("silent");
    silent.logger.error("d");
    assert.equal(silent.lines.length, 0);
  });

  it("names a channel by its fingerprint, also where somebody passes the channel", () => {
    const { logger, lines } = recording();
    const channel = newChannelId();
    logger.info("mistake", { channel });
    logger.info("right", { channel: channelFingerprint(channel) });
    assert.ok(!lines.join("").includes(channel));
    assert.equal(lines.filter(line => line.includes(channelFingerprint(channel))).length, 2);
  });

  it("takes out what is secret by its name, and breaks no line on what comes from outside", () => {
    const { logger, lines } = recording();
    logger.info("mistake", {
      readKey: "hush-1",
      payload: "hush-2",
      authorization: "hush-3",
      cause: 'a"\n{"level":"x"}',
    });
    assert.ok(!lines.join("").includes("hush"));
    assert.equal(lines.join("").split("\n").length, 2);
  });
});
