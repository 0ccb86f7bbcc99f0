import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { minute } from "../../../../src/base/clock.ts";
import { parseJson } from "../../../../src/base/json.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { type Channel, makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import { ChannelOwnership, type OwnedChannel } from "../../../../src/core/subscriptions/ownership.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { TroubledVault } from "../../../support/troubledVault.ts";
import { aSubscription } from "./aSubscription.ts";

const connectionId = "c";
const most = 200;

function asListed(channelId: string): Channel {
  return makeChannel(connectionId, channelId, [aSubscription({ channelId })], true);
}

/** As many channels as are remembered, all of them alive at the server. */
async function fullOwnership(): Promise<{ ownership: ChannelOwnership; alive: Channel[] }> {
  const ownership = new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock());
  const alive = Array.from({ length: most }, (_, index) => asListed(`${index}`));
  for (const { channelId, subscriptions } of alive) {
    await ownership.add({ channelId, connectionId, token: "t", lastKnown: subscriptions });
  }
  return { ownership, alive };
}

async function reconcile(ownership: ChannelOwnership, listed: readonly Channel[]): Promise<void> {
  const reading = { channels: listed, unreadable: [], complete: true };
  await ownership.reconcile(
    reading,
    owned => owned.connectionId === connectionId,
    () => false,
  );
}

async function addNew(ownership: ChannelOwnership, ...channelIds: readonly string[]): Promise<void> {
  for (const channelId of channelIds) await ownership.add({ channelId, connectionId, token: "t" });
}

/** Without what is undefined, as the vault has it. */
function plain(owned: OwnedChannel | undefined): unknown {
  return parseJson(JSON.stringify(owned));
}

function has(ownership: ChannelOwnership, ...channelIds: readonly string[]): boolean[] {
  return channelIds.map(channelId => ownership.get(channelId) !== undefined);
}

describe("the channels that are remembered when there are too many", () => {
  it("include those that were made just now and were not read back yet", async () => {
    const { ownership, alive } = await fullOwnership();
    await addNew(ownership, "new-1", "new-2");
    assert.deepEqual(has(ownership, "new-1", "new-2", "0"), [true, true, true]);
    // A list that was on its way when they were made.
    await reconcile(ownership, alive);
    await addNew(ownership, "new-3");
    assert.deepEqual(has(ownership, "new-1", "new-2", "new-3", "0"), [true, true, true, true]);
  });

  it("no longer include the oldest that the server no longer has, as many as are too many", async () => {
    const { ownership, alive } = await fullOwnership();
    await reconcile(ownership, alive.slice(3));
    assert.deepEqual(has(ownership, "0", "1", "2"), [true, true, true]);
    await addNew(ownership, "new-1", "new-2");
    assert.deepEqual(has(ownership, "0", "1", "2", "3", "new-1"), [false, false, true, true, true]);
  });

  it("no longer include one that was never seen at the server, after two lists without it", async () => {
    const { ownership, alive } = await fullOwnership();
    await addNew(ownership, "never");
    await reconcile(ownership, alive);
    await reconcile(ownership, alive);
    await addNew(ownership, "new");
    assert.deepEqual(has(ownership, "never", "new", "0"), [false, true, true]);
  });

  it("no longer include what the person is done with, unless the server has it again", async () => {
    const { ownership, alive } = await fullOwnership();
    await ownership.forgetDetails(["0", "1"]);
    await reconcile(ownership, alive.slice(1));
    await addNew(ownership, "new-1", "new-2");
    assert.deepEqual(has(ownership, "0", "1", "new-1", "new-2"), [false, true, true, true]);
  });
});

describe("what is remembered of a channel", () => {
  it("is in the vault where every version of this editor looks for it", async () => {
    const vault = new MemoryVault();
    await addNew(new ChannelOwnership(vault, silentLogger, new FakeClock()), "1");
    assert.deepEqual([...vault.entries.keys()], ["zohoCrm.ownedChannels"]);
    const later = new ChannelOwnership(vault, silentLogger, new FakeClock());
    await later.load();
    assert.deepEqual(later.get("1"), { channelId: "1", connectionId, token: "t" });
  });

  it("keeps the token that another took the place of", async () => {
    const ownership = new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock());
    await addNew(ownership, "1");
    await ownership.add({ channelId: "1", connectionId, token: "another" });
    assert.deepEqual(ownership.get("1")?.formerTokens, ["t"]);
  });

  it("expects another token of that channel alone, and only where it is another", async () => {
    const ownership = new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock());
    await addNew(ownership, "1", "2");
    await ownership.expectToken("1", "another");
    await ownership.expectToken("2", "t");
    assert.deepEqual(
      ["1", "2"].map(channelId => ownership.get(channelId)?.formerTokens),
      [["another"], undefined],
    );
  });

  it("keeps a module that a reading may only hide, and drops one that a whole reading lacks", async () => {
    const ownership = new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock());
    const modules = (): (string | undefined)[] => ownership.get("1")?.lastKnown?.map(({ module }) => module) ?? [];
    const [leads, deals] = [aSubscription({ channelId: "1" }), aSubscription({ channelId: "1", module: "Deals" })];
    await ownership.add({ channelId: "1", connectionId, token: "t", lastKnown: [leads, deals] });
    const listed = makeChannel(connectionId, "1", [leads], true);
    const hidden = [{ faults: ["channel_id"] }];
    const all = [() => true, () => false] as const;
    await ownership.reconcile({ channels: [listed], unreadable: [], complete: false }, ...all);
    await ownership.reconcile({ channels: [listed], unreadable: hidden, complete: true }, ...all);
    assert.deepEqual(modules(), [leads.module, "Deals"]);
    await ownership.reconcile({ channels: [listed], unreadable: [], complete: true }, ...all);
    assert.deepEqual(modules(), [leads.module]);
  });

  it("has the modules of a new channel that reading it back could not show", async () => {
    const ownership = new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock());
    const [leads, deals] = [aSubscription({ channelId: "1" }), aSubscription({ channelId: "1", module: "Deals" })];
    await ownership.add({ channelId: "1", connectionId, token: "t", lastKnown: [leads] });
    await ownership.noteMade("1", [leads, deals]);
    assert.deepEqual(ownership.get("1")?.lastKnown, [leads, deals]);
  });

  it("stays that of a channel that was made here where it is adopted as well", async () => {
    const ownership = new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock());
    await addNew(ownership, "1");
    for (const channelId of ["1", "2"]) await ownership.adopt(asListed(channelId), false);
    assert.deepEqual(
      ["1", "2"].map(channelId => ownership.get(channelId)?.adopted),
      [undefined, true],
    );
  });
});

describe("a channel that somebody adopts", () => {
  it("stays ours where the vault has it and this window has not heard of it", async () => {
    const vault = new MemoryVault();
    const entry = { channelId: "1", connectionId, token: "t", formerTokens: ["former"], lastKnown: [aSubscription()] };
    await new ChannelOwnership(vault, silentLogger, new FakeClock()).add(entry);
    const ownership = new ChannelOwnership(vault, silentLogger, new FakeClock());
    await ownership.adopt(asListed("1"), false);
    assert.deepEqual(plain(ownership.kept("1")), plain(entry));
  });

  it("keeps what the vault has of it where this window keeps a token without having heard of it", async () => {
    const vault = new MemoryVault();
    await new ChannelOwnership(vault, silentLogger, new FakeClock()).adopt(asListed("1"), false);
    const ownership = new ChannelOwnership(vault, silentLogger, new FakeClock());
    await ownership.add({ channelId: "1", connectionId, token: "t" });
    assert.deepEqual([ownership.get("1")?.adopted, ownership.get("1")?.lastKnown?.length], [true, 1]);
  });

  it("is a part until all of it was read", async () => {
    const ownership = new ChannelOwnership(new MemoryVault(), silentLogger, new FakeClock());
    await ownership.adopt(asListed("1"), true);
    assert.equal(ownership.kept("1")?.isPart, true);
    await reconcile(ownership, [asListed("1")]);
    assert.equal(ownership.kept("1")?.isPart, undefined);
  });
});

describe("what becomes of a channel", () => {
  it("is in the vault once it is said to be noted", async () => {
    const vault = new MemoryVault();
    const ownership = new ChannelOwnership(vault, silentLogger, new FakeClock());
    const subscription = aSubscription({ channelId: "1" });
    await ownership.add({ channelId: "1", connectionId, token: "t" });
    const store = vault.store.bind(vault);
    vault.store = async (key, value) => {
      await setImmediate();
      await store(key, value);
    };
    const changes: (() => Promise<void>)[] = [
      async () => ownership.noteMade("1", [subscription]),
      async () => ownership.noteRenewals([{ channel: asListed("1"), granted: new Map() }]),
      async () => ownership.keepRefused("1", () => false),
      async () => ownership.noteWritten({ ...subscription, notifyUrl: "https://elsewhere.example.com/in" }, undefined),
      async () => ownership.expectToken("1", "next"),
      async () => ownership.replaceToken("1", "next"),
      async () => ownership.forgetDetails(["1"]),
    ];
    for (const change of changes) {
      const before = plain(ownership.kept("1"));
      await change();
      assert.notDeepEqual(plain(ownership.kept("1")), before);
      assert.deepEqual(plain(ownership.kept("1")), plain(ownership.get("1")));
    }
  });
});

describe("a secret storage that does not answer", () => {
  it("keeps no reading waiting for what is noted of it, and has all of it once it answers", async () => {
    const vault = new MemoryVault();
    const clock = new FakeClock();
    const ownership = new ChannelOwnership(vault, silentLogger, clock);
    for (const channelId of ["1", "2"]) await ownership.add({ channelId, connectionId, token: "t" });
    const answers = Promise.withResolvers<undefined>();
    const store = vault.store.bind(vault);
    vault.store = async (key, value) => {
      await answers.promise;
      await store(key, value);
    };
    for (const channelId of ["1", "2"]) {
      const noted = ownership.noteMade(channelId, [aSubscription({ channelId })]);
      clock.advance(minute);
      await noted;
    }
    assert.deepEqual([ownership.get("2")?.lastKnown?.length, ownership.kept("2")?.lastKnown], [1, undefined]);
    answers.resolve(undefined);
    await ownership.load();
    assert.deepEqual(
      ownership.list().map(({ channelId, lastKnown }) => [channelId, lastKnown?.length]),
      [
        ["1", 1],
        ["2", 1],
      ],
    );
    assert.equal(clock.pending, 0);
  });

  it("has of each reading what that alone could judge, as that a colleague took away what was refused", async () => {
    const vault = new TroubledVault();
    const clock = new FakeClock();
    const ownership = new ChannelOwnership(vault, silentLogger, clock);
    const leads = aSubscription({ channelId: "1" });
    const deals = aSubscription({ channelId: "1", module: "Deals" });
    await ownership.add({ channelId: "1", connectionId, token: "t", lastKnown: [leads, deals], refused: [deals] });
    vault.hang();
    for (const isOver of [false, true]) {
      const listed = makeChannel(connectionId, "1", [{ ...leads, notifyOnRelatedAction: isOver }], true);
      const reading = { channels: [listed], unreadable: [], complete: true };
      const noted = ownership.reconcile(
        reading,
        () => true,
        () => isOver,
      );
      clock.advance(minute);
      await noted;
    }
    vault.recover();
    await ownership.load();
    assert.deepEqual(
      [ownership.kept("1")?.refused, ownership.kept("1")?.lastKnown?.map(({ module }) => module)],
      [undefined, ["Leads"]],
    );
  });

  it("is not asked again by a window that closed", async () => {
    const vault = new MemoryVault();
    const clock = new FakeClock();
    const ownership = new ChannelOwnership(vault, silentLogger, clock);
    await ownership.add({ channelId: "1", connectionId, token: "t" });
    vault.store = async () => Promise.reject(new Error("locked"));
    await ownership.noteMade("1", [aSubscription({ channelId: "1" })]);
    assert.equal(clock.pending, 1);
    ownership.dispose();
    assert.equal(clock.pending, 0);
  });
});
