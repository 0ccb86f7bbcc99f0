import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "../../../../src/base/logger.ts";
import { ProblemError } from "../../../../src/base/problem.ts";
import type { SecretVault } from "../../../../src/core/connections/connection.ts";
import { ChannelVault } from "../../../../src/core/tunnel/channelVault.ts";
import type { Exclusive } from "../../../../src/core/windows/turns.ts";
import { generateSealingKeyPair } from "../../../../src/protocol/sealing.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";

const relay = "http://relay.example.com";
const place = { relayUrl: relay, readKey: "key-of-the-channel", ingestUrl: `${relay}/in/x` };
const [one, two, three] = [
  await generateSealingKeyPair(),
  await generateSealingKeyPair(),
  await generateSealingKeyPair(),
];

function plain(secrets: MemoryVault): SecretVault {
  return {
    get: async key => secrets.get(key),
    store: async (key, value) => secrets.store(key, value),
    delete: async key => secrets.delete(key),
    onDidChange: secrets.onDidChange,
  };
}

describe("the vault of channels", () => {
  it("loses no key when two windows write without knowing of each other; the newest is first", async () => {
    const vault = new ChannelVault(new MemoryVault(), silentLogger);
    const channel = { ...place, channel: "channel-of-the-test" };
    await vault.write(relay, { ...channel, keys: [one] });
    await vault.write(relay, { ...channel, keys: [two, one] });
    const written = await vault.write(relay, { ...channel, keys: [three, one] });
    assert.deepEqual(written.keys, [three, one, two]);
    assert.deepEqual(await vault.read(relay), written);
  });

  it("loses no key of another window whose turn came between its reading and its writing", async () => {
    const secrets = new MemoryVault();
    const channel = { ...place, channel: "channel-of-the-test" };
    const there = new ChannelVault(secrets, silentLogger);
    let turns = 0;
    const exclusive: Exclusive = async (_name, work) => {
      turns += 1;
      const isFirst = turns === 1;
      return work(() => !isFirst);
    };
    const get = async (key: string): Promise<string | undefined> => {
      const text = await secrets.get(key);
      if (turns === 1) await there.write(relay, { ...channel, keys: [one] });
      return text;
    };
    const here = new ChannelVault({ ...plain(secrets), get, exclusive }, silentLogger);
    assert.deepEqual((await here.write(relay, { ...channel, keys: [two] })).keys, [two, one]);
  });

  it("keeps nothing of the channel before when there is another one", async () => {
    const vault = new ChannelVault(new MemoryVault(), silentLogger);
    await vault.write(relay, { ...place, channel: "channel-of-before-1", keys: [one] });
    const written = await vault.write(relay, { ...place, channel: "channel-of-after-22", keys: [two] });
    assert.deepEqual(written.keys, [two]);
  });

  it("reads what was kept before there were keys", async () => {
    const secrets = new MemoryVault();
    await secrets.store(`relay.channel:${relay}`, JSON.stringify({ ...place, channel: "channel-of-the-test" }));
    assert.deepEqual((await new ChannelVault(secrets, silentLogger).read(relay))?.keys, []);
  });

  it("makes no other channel of a damaged one, and keeps it aside when one is written", async () => {
    const secrets = new MemoryVault();
    const vault = new ChannelVault(secrets, silentLogger);
    for (const text of ["{", '{"channel":7}']) {
      secrets.entries.clear();
      await secrets.store(`relay.channel:${relay}`, text);
      await assert.rejects(
        vault.read(relay),
        error => error instanceof ProblemError && error.problem.code === "CHANNEL_DAMAGED",
      );
      await vault.write(relay, { ...place, channel: "channel-of-after-22", keys: [two] });
      assert.deepEqual((await vault.read(relay))?.keys, [two]);
      assert.ok([...secrets.entries.values()].includes(text));
    }
  });

  it("tells a vault that cannot be read now from one without a channel", async () => {
    const secrets = new MemoryVault();
    const vault = new ChannelVault(secrets, silentLogger);
    await vault.write(relay, { ...place, channel: "channel-of-the-test", keys: [one] });
    const kept = new Map(secrets.entries);
    secrets.get = async () => Promise.reject(new Error("locked"));
    const unavailable = (error: unknown): boolean =>
      error instanceof ProblemError && error.problem.code === "VAULT_UNAVAILABLE";
    await assert.rejects(vault.read(relay), unavailable);
    await assert.rejects(vault.write(relay, { ...place, channel: "channel-of-after-22", keys: [two] }), unavailable);
    assert.deepEqual(secrets.entries, kept);
  });
});
