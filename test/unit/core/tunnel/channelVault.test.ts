import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "../../../../src/base/logger.ts";
import { ProblemError } from "../../../../src/base/problem.ts";
import type { SecretVault } from "../../../../src/core/connections/connection.ts";
import type { RelayChannel } from "../../../../src/core/relay/relayChannel.ts";
import { ChannelVault } from "../../../../src/core/tunnel/channelVault.ts";
import type { Exclusive } from "../../../../src/core/windows/turns.ts";
import { generateSealingKeyPair } from "../../../../src/protocol/sealing.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { TroubledVault } from "../../../support/troubledVault.ts";
import { TurnsVault } from "../../../support/turnsVault.ts";

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
    const exclusive: Exclusive = async (name, work) => {
      turns += name.startsWith("relay.channel:") ? 1 : 0;
      const isFirst = turns === 1;
      return work(() => !isFirst);
    };
    const get = async (key: string): Promise<string | undefined> => {
      const text = await secrets.get(key);
      if (turns === 1 && key.startsWith("relay.channel:")) await there.write(relay, { ...channel, keys: [one] });
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

  it("loses no change when two windows change the channel at the same time", async () => {
    const secrets = new TurnsVault();
    const windows = [new ChannelVault(secrets, silentLogger), new ChannelVault(secrets, silentLogger)];
    await windows[0]?.write(relay, { ...place, channel: "channel-of-the-test", keys: [one] });
    const add = (id: string) => (kept: RelayChannel) => {
      return { ...kept, readers: [...(kept.readers ?? []), { id, name: id, createdAt: 0 }] };
    };
    await Promise.all(windows.map(async (window, at) => window.change(relay, "channel-of-the-test", add(String(at)))));
    const kept = await windows[0]?.read(relay);
    assert.deepEqual(kept?.readers?.map(({ id }) => id).sort(), ["0", "1"]);
  });

  it("changes and forgets the channel that is meant, and none that has taken its place", async () => {
    const vault = new ChannelVault(new MemoryVault(), silentLogger);
    const after = { ...place, channel: "channel-of-after-22", keys: [two] };
    await vault.write(relay, after);
    assert.equal(await vault.change(relay, "channel-of-before-1", kept => ({ ...kept, keys: [] })), undefined);
    await vault.forget(relay, "channel-of-before-1");
    assert.deepEqual(await vault.read(relay), after);
    assert.deepEqual(await vault.relays(), [relay]);
  });

  it("changes and forgets the own channel behind a colleague's, which stays", async () => {
    const secrets = new MemoryVault();
    const vault = new ChannelVault(secrets, silentLogger);
    const guest = { ...place, channel: "channel-of-a-colleague", keys: [], isGuest: true };
    await vault.write(relay, { ...place, channel: "channel-of-the-test", keys: [one] });
    await vault.writeGuest(relay, guest);
    await vault.change(relay, "channel-of-the-test", kept => ({ ...kept, readKey: "another-key-of-it" }));
    assert.equal((await vault.readOwnBehind(relay))?.readKey, "another-key-of-it");
    const heard: string[] = [];
    vault.onDidChange(name => heard.push(name));
    await vault.forget(relay, "channel-of-the-test");
    assert.deepEqual([await vault.read(relay), await vault.readOwnBehind(relay)], [guest, undefined]);
    assert.deepEqual(heard, [relay], "windows that read it hear that there is nothing to read");
  });

  it("has no own channel behind itself where a window died while the two changed places", async () => {
    const secrets = new MemoryVault();
    const vault = new ChannelVault(secrets, silentLogger);
    await vault.write(relay, { ...place, channel: "channel-of-the-test", keys: [one] });
    secrets.entries.set(`relay.ownChannel:${relay}`, secrets.entries.get(`relay.channel:${relay}`) ?? "");
    assert.equal(await vault.readOwnBehind(relay), undefined);
    await vault.forget(relay, "channel-of-the-test");
    assert.deepEqual(Object.fromEntries(secrets.entries), { "relay.names": "[]", "relay.names.again": "[]" });
  });

  it("keeps the name of a relay of which another window keeps a channel while this one forgets the former", async () => {
    for (let late = 0; late < 12; late++) {
      const secrets = new TurnsVault();
      const [here, there] = [new ChannelVault(secrets, silentLogger), new ChannelVault(secrets, silentLogger)];
      await here.write(relay, { ...place, channel: "channel-of-before-1", keys: [one] });
      const forgetting = here.forget(relay, "channel-of-before-1");
      for (let turn = 0; turn < late; turn++) await new Promise(resolve => setImmediate(resolve));
      await Promise.all([forgetting, there.write(relay, { ...place, channel: "channel-of-after-22", keys: [two] })]);
      const kept = await here.read(relay);
      if (kept !== undefined) assert.deepEqual(await here.relays(), [relay], `${late} turns later`);
    }
  });

  it("gives the channel that another window has kept first in place of a second one", async () => {
    const secrets = new TurnsVault();
    const windows = [new ChannelVault(secrets, silentLogger), new ChannelVault(secrets, silentLogger)];
    const kept = await Promise.all(
      windows.map(async (window, at) =>
        window.writeFirst(relay, { ...place, channel: `channel-of-window-${at}`, keys: [] }),
      ),
    );
    assert.equal(new Set(kept.map(({ channel }) => channel)).size, 1);
    assert.deepEqual(await windows[0]?.read(relay), kept[0]);
  });

  it("loses no owner's keys where the editor is invited to a channel of its own, wherever that is kept", async () => {
    const own = { ...place, channel: "channel-of-the-test", readKey: "key-of-its-owner", keys: [one] };
    const colleagues = { ...place, channel: "channel-of-a-friend", keys: [two], isGuest: true };
    const invited = { ...own, readKey: "key-of-one-guest", isGuest: true };
    for (const isBehind of [false, true]) {
      const vault = new ChannelVault(new MemoryVault(), silentLogger);
      await vault.write(relay, own);
      if (isBehind) await vault.writeGuest(relay, colleagues);
      await vault.writeGuest(relay, invited);
      assert.deepEqual(await vault.read(relay), own);
      assert.equal(await vault.readOwnBehind(relay), undefined);
    }
    const vault = new ChannelVault(new MemoryVault(), silentLogger);
    await vault.write(relay, own);
    const next = { ...place, channel: "channel-of-after-22", keys: [two] };
    await vault.replace(relay, own, next);
    await vault.writeGuest(relay, invited);
    assert.deepEqual(await vault.read(relay), next);
    assert.deepEqual(await vault.find(relay, own.channel), own);
  });

  it("has its own channel again where a version before has put a guest's key to it in front", async () => {
    const own = { ...place, channel: "channel-of-the-test", readKey: "key-of-its-owner", keys: [one] };
    const secrets = new MemoryVault();
    const vault = new ChannelVault(secrets, silentLogger);
    await vault.write(relay, { ...own, readKey: "key-of-one-guest", isGuest: true });
    await secrets.store(`relay.ownChannel:${relay}`, JSON.stringify(own));
    assert.deepEqual(await vault.readOwnBehind(relay), own);
    await vault.forget(relay, own.channel);
    assert.deepEqual(await vault.read(relay), own);
  });

  it("keeps two channels of its own where one is behind and a colleague's takes the other's place", async () => {
    const secrets = new MemoryVault();
    const vault = new ChannelVault(secrets, silentLogger);
    const [before, after] = ["channel-of-before-1", "channel-of-after-22"].map(channel => ({
      ...place,
      channel,
      keys: [one],
    }));
    assert.ok(before !== undefined && after !== undefined);
    await vault.write(relay, after);
    await secrets.store(`relay.ownChannel:${relay}`, JSON.stringify(before));
    await vault.writeGuest(relay, { ...place, channel: "channel-of-a-friend", keys: [two], isGuest: true });
    for (const own of [before, after]) assert.deepEqual(await vault.find(relay, own.channel), own);
  });

  const own = { ...place, channel: "channel-of-the-test", keys: [one] };
  const made = { ...place, channel: "channel-of-after-22", keys: [two] };
  const guest = { ...place, channel: "channel-of-a-friend", keys: [three], isGuest: true };

  it("has not replaced the own channel where the new one could not be kept, also once it is behind a colleague's", async () => {
    const secrets = new TroubledVault();
    const vault = new ChannelVault(secrets, silentLogger);
    await vault.write(relay, own);
    const get = secrets.get.bind(secrets);
    secrets.fail(`relay.channel:${relay}`);
    secrets.get = async key => Promise.resolve(secrets.entries.get(key));
    await assert.rejects(vault.replace(relay, own, made));
    secrets.recover();
    secrets.get = get;
    assert.deepEqual([await vault.read(relay), await vault.replaced()], [own, []]);
    await vault.writeGuest(relay, guest);
    assert.deepEqual([await vault.readOwnBehind(relay), await vault.replaced()], [own, []]);
    assert.equal(secrets.entries.get("relay.replaced"), "[]");
    await vault.forget(relay, own.channel);
    assert.ok(![...secrets.entries.values()].some(text => text.includes(own.channel)));
  });

  it("has not replaced the one behind where the one in front could not be put there", async () => {
    const secrets = new TroubledVault();
    const vault = new ChannelVault(secrets, silentLogger);
    await vault.write(relay, made);
    await secrets.store(`relay.ownChannel:${relay}`, JSON.stringify(own));
    secrets.fail(`relay.ownChannel:${relay}`);
    secrets.get = async key => Promise.resolve(secrets.entries.get(key));
    await assert.rejects(vault.writeGuest(relay, guest));
    assert.deepEqual([await vault.readOwnBehind(relay), await vault.replaced()], [own, []]);
    secrets.recover();
    await vault.writeGuest(relay, guest);
    assert.deepEqual(await vault.readOwnBehind(relay), made);
    assert.deepEqual(await vault.replaced(), [{ relay, channel: own }]);
  });

  it("keeps nothing of a channel that is forgotten, wherever a window has died before", async () => {
    for (const isBehind of [false, true]) {
      const secrets = new MemoryVault();
      const vault = new ChannelVault(secrets, silentLogger);
      await vault.write(relay, own);
      if (isBehind) await vault.writeGuest(relay, guest);
      await secrets.store("relay.replaced", JSON.stringify([{ relay, channel: own }]));
      await vault.forget(relay, own.channel);
      assert.deepEqual(await vault.replaced(), []);
      assert.ok(![...secrets.entries.values()].some(text => text.includes(own.channel)));
    }
  });

  it("keeps once what is replaced, also where a window died while it was put behind", async () => {
    const secrets = new MemoryVault();
    const vault = new ChannelVault(secrets, silentLogger);
    await vault.write(relay, own);
    await secrets.store(`relay.ownChannel:${relay}`, JSON.stringify(own));
    await vault.replace(relay, own, made);
    assert.equal(await vault.readOwnBehind(relay), undefined);
    assert.deepEqual(await vault.replaced(), [{ relay, channel: own }]);
  });

  it("has its own channel again in place of a colleague's, or of a damaged one, which is kept aside", async () => {
    for (const isDamaged of [false, true]) {
      const secrets = new MemoryVault();
      const vault = new ChannelVault(secrets, silentLogger);
      await vault.write(relay, own);
      await vault.writeGuest(relay, guest);
      if (isDamaged) secrets.entries.set(`relay.channel:${relay}`, "{");
      assert.equal(await vault.useOwn(relay), true);
      assert.deepEqual([await vault.read(relay), await vault.readOwnBehind(relay)], [own, undefined]);
      assert.equal([...secrets.entries.values()].includes("{"), isDamaged);
    }
  });

  it("has none of its own to use where there is only a colleague's, and keeps the one that another window made", async () => {
    const vault = new ChannelVault(new MemoryVault(), silentLogger);
    await vault.writeGuest(relay, guest);
    assert.equal(await vault.useOwn(relay), false);
    assert.deepEqual(await vault.read(relay), guest);
    await vault.write(relay, made);
    assert.equal(await vault.useOwn(relay), true);
    assert.deepEqual(await vault.read(relay), made);
  });
});
