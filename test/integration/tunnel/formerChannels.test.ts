import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import * as v from "valibot";
import { day, hour, minute, second } from "../../../src/base/clock.ts";
import { Emitter } from "../../../src/base/lifecycle.ts";
import { type Logger, silentLogger } from "../../../src/base/logger.ts";
import type { Problem } from "../../../src/base/problem.ts";
import { fail, succeed } from "../../../src/base/result.ts";
import type { LocalServer } from "../../../src/core/local/localServer.ts";
import { secretDamaged } from "../../../src/core/connections/vaultProblems.ts";
import { newReadKey, replaceReadKey } from "../../../src/core/relay/channelAccess.ts";
import { deleteRelayChannel } from "../../../src/core/relay/deleteRelayChannel.ts";
import { type RelayChannel, createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import { ChannelVault } from "../../../src/core/tunnel/channelVault.ts";
import { type FormerChannel, FormerChannels } from "../../../src/core/tunnel/formerChannels.ts";
import { generateSealingKeyPair, keyIdOf } from "../../../src/protocol/sealing.ts";
import type { Relay } from "../../../src/relay/relay.ts";
import { CuttableLink } from "../../support/cuttableLink.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemorySink } from "../../support/memorySink.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { startRelayFront } from "../../support/relayFront.ts";
import { post, startTestRelay } from "../../support/testRelay.ts";
import { RecordingLogger } from "../../unit/core/connections/recordingLogger.ts";

const newRelay = "https://new.example.com";

/** What is so of a channel at a relay that can be reached. */
const asLeft = { isReplaced: false, isGone: false, problem: undefined };

class Window {
  readonly clock = new FakeClock();
  readonly sink = new MemorySink();
  readonly former: FormerChannels;
  current = newRelay;

  constructor(
    test: TestContext,
    vault: MemoryVault,
    embeddedRelay: () => LocalServer = () => assert.fail("no embedded relay is expected"),
    logger: Logger = silentLogger,
  ) {
    this.former = new FormerChannels({
      ...{ vault, embeddedRelay, clock: this.clock, random: () => 0, logger },
      sinkFor: () => this.sink,
      currentRelay: () => this.current,
    });
    test.after(() => this.former.dispose());
  }

  /** Has the relay delete the channel that was left there. */
  async delete(relay: string): ReturnType<FormerChannels["delete"]> {
    const left = this.former.list().find(each => each.relay === relay);
    return this.former.delete(left?.channel ?? assert.fail("nothing is left there"));
  }

  /** As the setting is changed, by a link or by hand. */
  async move(from: string): Promise<void> {
    const to = this.current;
    this.current = from;
    await this.former.follow();
    this.current = to;
    await this.former.follow();
  }

  /** Resolves once the list is as wanted. */
  async until(isWanted: (list: readonly FormerChannel[]) => boolean): Promise<readonly FormerChannel[]> {
    await until(() => isWanted(this.former.list()));
    return this.former.list();
  }

  async untilStored(count: number): Promise<void> {
    await until(() => this.sink.sequences.length >= count);
  }

  /** The same of events that come one after another: a stream rests for a moment after it stored one. */
  async untilStoredInTime(count: number): Promise<void> {
    await until(() => {
      this.clock.advance(1);
      return this.sink.sequences.length >= count;
    });
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 200_000, "it does not come about");
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** Gives a relay on this machine the time to answer. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 500; turns++) await new Promise(resolve => setImmediate(resolve));
}

/** This machine's relay as windows hold it. Its address is another at each start, and it is held as long as it is read. */
class EmbeddedRelay {
  url: string | undefined;
  held = 0;
  readonly #lost = new Emitter<Problem>();

  /** A handle, as `LocalServer` is one, without the process. */
  readonly handle = (): LocalServer => {
    let isHeld = false;
    const acquire = async (): ReturnType<LocalServer["acquire"]> => {
      if (this.url === undefined) return Promise.resolve(fail({ code: "DOWN", message: "down", remedy: "retry" }));
      this.held += isHeld ? 0 : 1;
      isHeld = true;
      return Promise.resolve(succeed({ url: this.url }));
    };
    const dispose = (): void => {
      this.held -= isHeld ? 1 : 0;
      isHeld = false;
    };
    return { acquire, dispose, onDidLose: this.#lost.event } as unknown as LocalServer;
  };

  lose(): void {
    this.#lost.fire({ code: "LOST", message: "lost", remedy: "retry" });
  }
}

/** For a front that changes nothing but where streams go. */
const answered: Parameters<typeof startRelayFront>[2] = async (_method, path) =>
  Promise.resolve({ path, passage: "answered" });

async function leftRelay(
  test: TestContext,
): Promise<{ relay: Relay; vault: MemoryVault; url: string; address: string; channel: string; path: string }> {
  // Nobody waits for connections over a line that is cut.
  const relay = await startTestRelay(test, { drainDeadline: 100 });
  const vault = new MemoryVault();
  const created = await createRelayChannel(relay.url);
  assert.ok(created.ok);
  await new ChannelVault(vault, silentLogger).write(relay.url, created.value);
  const { channel, ingestUrl } = created.value;
  return { relay, vault, url: relay.url, address: ingestUrl, channel, path: `/in/${channel}` };
}

/** A window that has left a relay which it reached by way of `front`, and knows of nothing more there. */
async function leaveAt(test: TestContext, vault: MemoryVault, url: string, front: string): Promise<Window> {
  const channels = new ChannelVault(vault, silentLogger);
  const kept = (await channels.read(url)) ?? assert.fail("no channel is kept");
  await channels.forget(url);
  await channels.write(front, { ...kept, relayUrl: front });
  const window = new Window(test, vault);
  await window.move(front);
  await window.until(([left]) => left !== undefined);
  return window;
}

describe("a channel at a relay that was left", { timeout: 60_000 }, () => {
  it("is read on, in all windows and after a restart, until it is deleted there", async test => {
    const { vault, url, address, path } = await leftRelay(test);
    const [one, other] = [new Window(test, vault), new Window(test, vault)];
    assert.deepEqual(one.former.list(), []);
    await one.move(url);
    for (const window of [one, other]) {
      assert.deepEqual(await window.until(({ length }) => length === 1), [
        { relay: url, channel: path.slice(4), ingestPath: path, isDrained: false, daysAway: undefined, ...asLeft },
      ]);
    }
    assert.equal(await post(address, "still sent there"), 200);
    await Promise.all([one.untilStored(1), other.untilStored(1)]);
    one.former.dispose();
    const later = new Window(test, vault);
    await later.former.follow();
    await later.untilStored(1);
    assert.deepEqual(await later.delete(url), { ok: true, value: true });
    assert.equal(await post(address, "too late"), 404);
    for (const window of [later, other]) await window.until(({ length }) => length === 0);
    assert.deepEqual(Object.fromEntries(vault.entries), {
      "relay.inUse": newRelay,
      "relay.names": "[]",
      "relay.names.again": "[]",
    });
  });

  it("is drained when nothing has come for an hour, and not before all is here", async test => {
    const { vault, url, address } = await leftRelay(test);
    const window = new Window(test, vault);
    await window.move(url);
    await window.until(({ length }) => length === 1);
    assert.equal(await post(address, "one"), 200);
    await window.untilStored(1);
    const isDrained = (): boolean => window.former.list().every(channel => channel.isDrained);
    // Not advanced: the session would miss the heartbeats of a relay whose clock stands still.
    window.clock.jump(hour - 1);
    assert.equal(isDrained(), false);
    window.clock.jump(1);
    await until(isDrained);
    assert.equal(await post(address, "two"), 200);
    await window.untilStored(2);
    assert.equal(isDrained(), false);
    const heard = new Promise<void>(resolve => window.former.onDidChange(resolve));
    window.clock.advance(10 * minute);
    // Whoever listens hears that time has passed.
    await heard;
  });

  it("is none as long as the relay is in use again, and is kept when it cannot be deleted", async test => {
    const { relay, vault, url, address } = await leftRelay(test);
    const window = new Window(test, vault);
    await window.move(url);
    await window.until(({ length }) => length === 1);
    window.current = url;
    await window.former.follow();
    assert.deepEqual(window.former.list(), []);
    window.current = newRelay;
    await window.former.follow();
    assert.equal(window.former.list().length, 1);
    assert.equal(await post(address, "still there"), 200);
    await relay.close();
    const deleted = await window.delete(url);
    assert.ok(!deleted.ok && deleted.error.code === "RELAY_NOT_DRAINED");
    assert.equal(window.former.list().length, 1);
    assert.ok(vault.entries.has(`relay.channel:${url}`));
  });

  it("keeps its keys when the relay says once that it does not know it, and is forgotten when that is said again after a day", async test => {
    const { vault, url } = await leftRelay(test);
    const window = new Window(test, vault);
    const name = `relay.channel:${url}`;
    vault.entries.set(
      name,
      (vault.entries.get(name) ?? "").replace(/"channel":"[^"]+"/, '"channel":"no-such-channel-here"'),
    );
    await window.move(url);
    await until(() => vault.entries.has("relay.unknownSince"));
    // Asked again now and then; nothing else is heard of it.
    const passHour = async (): Promise<void> => {
      // Not advanced: no connection would be there in time.
      window.clock.jump(hour);
      window.clock.advance(0);
      await settled();
    };
    for (let hours = 0; hours < 23; hours++) await passHour();
    assert.ok(vault.entries.has(name));
    for (let hours = 0; hours < 30 && vault.entries.has(name); hours++) await passHour();
    assert.ok(!vault.entries.has(name));
    await window.until(({ length }) => length === 0);
    await until(() => vault.entries.get("relay.unknownSince") === "[]");
  });

  it("keeps its keys where the clock was two days behind when the relay said that", async test => {
    const { vault, url } = await leftRelay(test);
    const other = await startTestRelay(test, { drainDeadline: 100 });
    const window = await leaveAt(test, vault, url, await startRelayFront(test, url, answered, () => other.url));
    await until(() => vault.entries.has("relay.unknownSince"));
    const before = vault.entries.get("relay.unknownSince");
    window.clock.jump(2 * day);
    window.clock.advance(0);
    await until(() => vault.entries.get("relay.unknownSince") !== before);
    await settled();
    assert.equal(window.former.list().length, 1);
  });

  it("is not noted as unknown by what takes its time while the relay knows it again", async test => {
    const { vault, url, address, channel } = await leftRelay(test);
    const other = await startTestRelay(test, { drainDeadline: 100 });
    let streams = url;
    const window = await leaveAt(test, vault, url, await startRelayFront(test, url, answered, () => streams));
    assert.equal(await post(address, "one"), 200);
    await window.untilStored(1);
    const at = window.clock.now();
    await vault.store("relay.unknownSince", JSON.stringify([{ channel, since: at - 2 * day, at }]));
    const isRead = Promise.withResolvers<undefined>();
    const mayRead = Promise.withResolvers<undefined>();
    const get = vault.get.bind(vault);
    vault.get = async key => {
      if (key !== "relay.awaySince") return get(key);
      isRead.resolve(undefined);
      await mayRead.promise;
      return get(key);
    };
    streams = other.url;
    window.sink.failure = new Error("so that it connects again");
    assert.equal(await post(address, "two"), 200);
    await until(
      () => (window.clock.advance(second), window.former.list()[0]?.problem?.code === "RELAY_UNKNOWN_CHANNEL"),
    );
    await isRead.promise;
    streams = url;
    window.sink.failure = undefined;
    await until(() => (window.clock.advance(second), window.sink.sequences.length === 2));
    await window.until(([left]) => left?.problem === undefined);
    mayRead.resolve(undefined);
    await until(() => vault.entries.get("relay.unknownSince") === "[]");
    assert.equal(window.former.list().length, 1);
  });

  it("is read on where what is kept of another one is damaged", async test => {
    const { vault, url, address } = await leftRelay(test);
    await vault.store("relay.channel:http://127.0.0.1:1", "damaged");
    await vault.store("relay.names", JSON.stringify(["http://127.0.0.1:1", url]));
    await vault.store("relay.inUse", newRelay);
    const window = new Window(test, vault);
    await window.former.follow();
    assert.equal(await post(address, "still sent there"), 200);
    await window.untilStored(1);
  });

  for (const name of ["relay.names", "relay.names.again", "relay.inUse"]) {
    it(`is read on where ${name} is damaged`, async test => {
      const { vault, address } = await leftRelay(test);
      await vault.store("relay.inUse", newRelay);
      const get = vault.get.bind(vault);
      vault.get = async key => (vault.entries.get(key) === "damaged" ? Promise.reject(secretDamaged(key)) : get(key));
      vault.entries.set(name, "damaged");
      const window = new Window(test, vault);
      await window.former.follow();
      assert.equal(await post(address, "still sent there"), 200);
      await window.untilStored(1);
    });
  }

  it("is read also where the secret storage once doesn't answer, whatever it was asked", async test => {
    const { vault, url, address } = await leftRelay(test);
    vault.entries.set("relay.inUse", newRelay);
    const get = vault.get.bind(vault);
    const names = ["relay.awaySince", "relay.inUse", "relay.names", "relay.replaced"];
    for (const name of [...names, `relay.channel:${url}`, `relay.ownChannel:${url}`]) {
      let answer: () => void = () => undefined;
      let isAsked = false;
      vault.get = async key => {
        if (key !== name || isAsked) return get(key);
        isAsked = true;
        await new Promise<void>(resolve => (answer = resolve));
        return get(key);
      };
      for (const isLate of [false, true]) {
        isAsked = false;
        const window = new Window(test, vault);
        void window.former.follow();
        await until(() => isAsked);
        assert.equal(await post(address, "one"), 200);
        await settled();
        window.clock.advance(10 * second);
        if (isLate) answer();
        await settled();
        if (!isLate) {
          // The next look.
          window.clock.jump(10 * minute);
          window.clock.advance(0);
        }
        await window.untilStored(1);
        window.former.dispose();
      }
    }
  });

  it("is read on where the list is none, which is kept aside", async test => {
    const { vault, url, address } = await leftRelay(test);
    await vault.store("relay.names", `["${url}`);
    await vault.store("relay.inUse", newRelay);
    const window = new Window(test, vault);
    await window.former.follow();
    assert.equal(await post(address, "still sent there"), 200);
    await window.untilStored(1);
    // With the next name that is written.
    const created = await createRelayChannel(url);
    assert.ok(created.ok);
    await new ChannelVault(vault, silentLogger).write("another", created.value);
    assert.ok([...vault.entries].some(([key, text]) => key !== "relay.names" && text === `["${url}`));
    assert.equal(vault.entries.get("relay.names"), JSON.stringify([url, "another"]));
  });

  it("is read with the key that replaced the former one meanwhile", async test => {
    const { vault, url, address } = await leftRelay(test);
    const channels = new ChannelVault(vault, silentLogger);
    const kept = (await channels.read(url)) ?? assert.fail();
    const window = new Window(test, vault);
    await window.move(url);
    assert.equal(await post(address, "one"), 200);
    await window.untilStored(1);
    const readKey = newReadKey();
    assert.ok((await replaceReadKey(kept, readKey)).ok);
    await channels.write(url, { ...kept, readKey });
    assert.equal(await post(address, "two"), 200);
    await window.untilStored(2);
  });

  it("is read and deleted where it is not certain that the relay knows the new read key", async test => {
    const { vault, url, address } = await leftRelay(test);
    const channels = new ChannelVault(vault, silentLogger);
    const kept = (await channels.read(url)) ?? assert.fail();
    await channels.write(url, { ...kept, readKey: newReadKey(), formerReadKey: kept.readKey });
    const window = new Window(test, vault);
    await window.move(url);
    assert.equal(await post(address, "one"), 200);
    await window.untilStored(1);
    assert.deepEqual(await window.delete(url), { ok: true, value: true });
    assert.equal(await post(address, "too late"), 404);
  });

  it("is refused, and can be deleted, where that is not certain and the relay does not have it any more", async test => {
    const { vault, url } = await leftRelay(test);
    const channels = new ChannelVault(vault, silentLogger);
    const kept = (await channels.read(url)) ?? assert.fail();
    await channels.write(url, { ...kept, readKey: newReadKey(), formerReadKey: kept.readKey });
    const window = new Window(test, vault);
    assert.ok((await deleteRelayChannel(kept, window.clock)).ok);
    await window.move(url);
    await window.until(([left]) => left?.problem?.code === "RELAY_UNKNOWN_CHANNEL");
    await until(() => vault.entries.has("relay.unknownSince"));
    assert.deepEqual(await window.delete(url), { ok: true, value: true });
    await window.until(({ length }) => length === 0);
    assert.ok(!vault.entries.has(`relay.channel:${url}`));
  });

  it("is deleted once where that is asked for twice at the same time", async test => {
    const { vault, url, address } = await leftRelay(test);
    const window = new Window(test, vault);
    await window.move(url);
    await window.until(({ length }) => length === 1);
    const deleted = await Promise.all([window.delete(url), window.delete(url)]);
    for (const each of deleted) assert.deepEqual(each, { ok: true, value: true });
    assert.equal(await post(address, "too late"), 404);
  });

  it("is forgotten also where what is noted of it cannot be read any more, and windows hear of it", async test => {
    const { vault, url, channel } = await leftRelay(test);
    const window = new Window(test, vault);
    await window.move(url);
    await window.until(({ length }) => length === 1);
    const get = vault.get.bind(vault);
    vault.get = async key => (key === "relay.unknownSince" ? Promise.reject(new Error("locked")) : get(key));
    await window.former.forget(channel);
    assert.deepEqual(window.former.list(), []);
    assert.ok(!vault.entries.has(`relay.channel:${url}`));
  });

  it("is not deleted, and not said to be, once its relay is in use again, also where it is behind a colleague's", async test => {
    for (const isBehind of [false, true]) {
      const { vault, url, address, channel } = await leftRelay(test);
      const shared = await createRelayChannel(url);
      assert.ok(shared.ok);
      if (isBehind) await new ChannelVault(vault, silentLogger).writeGuest(url, { ...shared.value, isGuest: true });
      const window = new Window(test, vault);
      await window.move(url);
      await window.until(({ length }) => length === 1);
      window.current = url;
      assert.deepEqual(await window.former.delete(channel), { ok: true, value: false });
      await window.former.follow();
      assert.deepEqual(await window.former.delete(channel), { ok: true, value: false });
      assert.equal(await post(address, "still there"), 200);
    }
  });

  it("is not deleted before what came in over a line that was cut is here, or where that cannot be fetched", async test => {
    const { vault, url, address } = await leftRelay(test);
    const link = await CuttableLink.open(test, url);
    const channels = new ChannelVault(vault, silentLogger);
    const kept = (await channels.read(url)) ?? assert.fail();
    await channels.write(link.url, { ...kept, relayUrl: link.url });
    const window = new Window(test, vault);
    await window.move(link.url);
    window.clock.jump(hour);
    await window.until(list => list[0]?.isDrained === true || (window.clock.jump(hour), false));
    link.cut();
    assert.equal(await post(address, "nobody was told that the line is cut"), 200);
    window.sink.failure = new Error("the disk is full");
    const failed = await window.delete(link.url);
    assert.ok(!failed.ok && failed.error.code === "RELAY_NOT_DRAINED");
    window.sink.failure = undefined;
    assert.deepEqual(await window.delete(link.url), { ok: true, value: true });
    assert.equal(window.sink.sequences.length, 1);
    assert.equal(await post(address, "too late"), 404);
  });

  it("is deleted only once what came in just before the deletion is here, too, however often that happens", async test => {
    const { vault, url, address } = await leftRelay(test);
    let late = 2;
    const front = await startRelayFront(test, url, async (method, path) => {
      if (method === "DELETE" && late-- > 0) assert.equal(await post(address, "between the last look and that"), 200);
      return { path, passage: "answered" };
    });
    const window = await leaveAt(test, vault, url, front);
    assert.deepEqual(await window.delete(front), { ok: true, value: true });
    assert.equal(window.sink.sequences.length, 2);
    assert.equal(await post(address, "too late"), 404);
  });

  it("is not deleted while events keep coming in, and says so", async test => {
    const { vault, url, address } = await leftRelay(test);
    const front = await startRelayFront(test, url, async (method, path) => {
      if (method === "DELETE") assert.equal(await post(address, "once more"), 200);
      return { path, passage: "answered" };
    });
    const window = await leaveAt(test, vault, url, front);
    const deleted = await window.delete(front);
    assert.ok(!deleted.ok && deleted.error.code === "RELAY_NEWER_EVENTS");
    await window.untilStoredInTime(5);
    assert.equal(await post(address, "still there"), 200);
    await window.untilStoredInTime(6);
  });

  it("is deleted at a relay that is too old to be asked whether all was read, and when its answer was lost", async test => {
    const { vault, url, address } = await leftRelay(test);
    let isLost = true;
    const front = await startRelayFront(test, url, async (method, path) => {
      const passage = method === "DELETE" && isLost ? "lost" : "answered";
      return Promise.resolve({ path: path.replace(/\?after=.*/, ""), passage });
    });
    const window = await leaveAt(test, vault, url, front);
    const lost = await window.delete(front);
    assert.ok(!lost.ok && lost.error.code === "RELAY_UNREACHABLE");
    assert.equal(await post(address, "too late"), 404);
    isLost = false;
    // Its stream may have said by now that it is deleted.
    assert.ok((await window.former.delete(window.former.list()[0]?.channel ?? "")).ok);
    await window.until(({ length }) => length === 0);
    assert.ok(!vault.entries.has(`relay.channel:${front}`));
  });

  it("is not deleted with what is not here, also where another node has just said that there is no such channel", async test => {
    const { vault, url, address } = await leftRelay(test);
    const other = await startTestRelay(test, { drainDeadline: 100 });
    let streams = url;
    const window = await leaveAt(test, vault, url, await startRelayFront(test, url, answered, () => streams));
    assert.equal(await post(address, "one"), 200);
    await window.untilStored(1);
    window.sink.failure = new Error("the disk is full");
    assert.equal(await post(address, "not stored"), 200);
    await until(() => window.former.list()[0]?.problem !== undefined);
    window.sink.failure = undefined;
    streams = other.url;
    const deleted = await window.former.delete(window.former.list()[0]?.channel ?? "");
    assert.ok(!deleted.ok && deleted.error.code === "RELAY_NEWER_EVENTS");
    assert.equal(await post(address, "still there"), 200);
    streams = url;
    assert.ok((await window.former.delete(window.former.list()[0]?.channel ?? "")).ok);
    assert.deepEqual(window.sink.sequences, [1, 2, 3]);
  });

  it("is told the key to seal to that has replaced the one before meanwhile", async test => {
    const { vault, url, address, channel } = await leftRelay(test);
    const channels = new ChannelVault(vault, silentLogger);
    const next = await generateSealingKeyPair();
    await channels.change(url, channel, kept => ({ ...kept, keys: [next, ...kept.keys] }));
    const window = new Window(test, vault);
    await window.move(url);
    const wanted = Buffer.from(await keyIdOf(next.publicKey)).toString("hex");
    const kept = (await channels.read(url)) ?? assert.fail();
    const headers = { authorization: `Bearer ${kept.readKey}` };
    for (let keyId = ""; keyId !== wanted;) {
      keyId = v.parse(
        v.object({ keyId: v.string() }),
        await (await fetch(`${url}/v1/channels/${channel}`, { headers })).json(),
      ).keyId;
    }
    assert.equal(await post(address, "sealed to the new one"), 200);
    await window.untilStored(1);
    assert.equal(window.sink.batches.flat()[0]?.unreadable, undefined);
  });

  it("is forgotten when its owner has deleted it, and not the one that another window made in its place", async test => {
    const { vault, url, address, channel } = await leftRelay(test);
    const window = new Window(test, vault);
    await window.move(url);
    // Only a stream that is open hears of a deletion.
    assert.equal(await post(address, "one"), 200);
    await window.untilStored(1);
    const kept = (await new ChannelVault(vault, silentLogger).read(url)) ?? assert.fail();
    const made = await createRelayChannel(url);
    assert.ok(made.ok);
    // As another window writes it that has moved back, before this one was told.
    vault.entries.set(`relay.channel:${url}`, JSON.stringify(made.value));
    assert.ok((await deleteRelayChannel(kept, window.clock)).ok);
    await window.until(list => list.every(left => left.channel !== channel));
    await settled();
    assert.equal((await new ChannelVault(vault, silentLogger).read(url))?.channel, made.value.channel);
  });

  it("is logged once when its relay is gone, and after a week can be forgotten by whoever knows that it stays so", async test => {
    const { relay, vault, url, channel } = await leftRelay(test);
    const logger = new RecordingLogger();
    const window = new Window(test, vault, undefined, logger);
    await relay.close();
    await window.move(url);
    const tries = async (hours: number): Promise<void> => {
      for (let left = hours; left > 0; left -= 12) {
        window.clock.advance(Math.min(left, 12) * hour);
        await settled();
      }
    };
    await tries(7 * 24 - 1);
    assert.equal(window.former.list()[0]?.daysAway, undefined);
    // Said after the next try.
    for (let times = 0; times < 3 && window.former.list()[0]?.daysAway === undefined; times++) await tries(12);
    assert.equal(window.former.list()[0]?.daysAway, 7);
    const told = logger.lines.filter(line => line.includes(url));
    assert.equal(new Set(told).size, told.length, told.join("\n"));
    assert.ok(told.length <= 2);
    // One that has just been opened does not know yet whether it is the network.
    const later = new Window(test, vault);
    later.clock.advance(8 * day);
    await later.former.follow();
    assert.equal(later.former.list()[0]?.daysAway, undefined);
    await window.former.forget(channel);
    for (const each of [window, later]) await each.until(({ length }) => length === 0);
    assert.equal(vault.entries.get("relay.awaySince"), "[]");
    assert.ok(!vault.entries.has(`relay.channel:${url}`));
  });

  it("is tried at once when the network is back, and is not away before that has failed", async test => {
    const { vault, url, address } = await leftRelay(test);
    let streams = "http://127.0.0.1:1";
    const window = await leaveAt(test, vault, url, await startRelayFront(test, url, answered, () => streams));
    for (let days = 0; days < 20 && window.former.list()[0]?.daysAway === undefined; days++) {
      window.clock.advance(day);
      await settled();
    }
    const isAway = ([left]: readonly FormerChannel[]): boolean => left?.daysAway !== undefined;
    assert.ok(isAway(window.former.list()));
    window.former.retryNow();
    assert.ok(!isAway(window.former.list()));
    await window.until(isAway);
    streams = url;
    assert.equal(await post(address, "while it was not read"), 200);
    window.former.retryNow();
    await window.untilStored(1);
    assert.ok(!isAway(window.former.list()));
  });

  it("is not away while it is this machine that stores nothing", async test => {
    const { vault, url, address } = await leftRelay(test);
    const window = new Window(test, vault);
    window.sink.failure = new Error("the disk is full");
    await window.move(url);
    assert.equal(await post(address, "not stored"), 200);
    window.clock.advance(0);
    await settled();
    assert.ok(!vault.entries.has("relay.awaySince"));
  });

  it("stays one when windows hear of the move at different times", async test => {
    const { vault, url } = await leftRelay(test);
    const [one, late] = [new Window(test, vault), new Window(test, vault)];
    for (const window of [one, late]) window.current = url;
    await Promise.all([one.former.follow(), late.former.follow()]);
    one.current = newRelay;
    await one.former.follow();
    // Which makes a channel there, and the late window must not take it for one that was left.
    const channels = new ChannelVault(vault, silentLogger);
    const kept = (await channels.read(url)) ?? assert.fail();
    await channels.write(newRelay, { ...kept, channel: "channel-at-the-new-relay", relayUrl: "http://127.0.0.1:1" });
    await late.former.follow();
    assert.equal(vault.entries.get("relay.inUse"), newRelay);
    assert.deepEqual([one.former.list().length, late.former.list().length], [1, 0]);
    late.current = newRelay;
    await late.former.follow();
    for (const window of [one, late]) await window.until(({ length }) => length === 1);
  });
});

describe("the channel at this machine's relay, after a move to another", { timeout: 60_000 }, () => {
  async function leftEmbedded(
    test: TestContext,
  ): Promise<{ vault: MemoryVault; embedded: EmbeddedRelay; channel: RelayChannel }> {
    const relay = await startTestRelay(test);
    const created = await createRelayChannel(relay.url);
    assert.ok(created.ok);
    const vault = new MemoryVault();
    // It was at another port when that was kept.
    const kept = { ...created.value, relayUrl: "http://127.0.0.1:1" };
    await new ChannelVault(vault, silentLogger).write("embedded", kept);
    const embedded = new EmbeddedRelay();
    embedded.url = relay.url;
    return { vault, embedded, channel: created.value };
  }

  it("is read on: what the relay answered 200 for before and after comes in, and the relay is held as long", async test => {
    const { vault, embedded, channel } = await leftEmbedded(test);
    assert.equal(await post(channel.ingestUrl, "accepted, and not read before the move"), 200);
    const window = new Window(test, vault, embedded.handle);
    await window.move("embedded");
    await window.untilStored(1);
    assert.equal(await post(channel.ingestUrl, "sent to the former address"), 200);
    await window.untilStored(2);
    assert.equal(embedded.held, 1);
    const path = `/in/${channel.channel}`;
    // What is stored may be told before the relay says that it was all.
    const isQuiet = ([left]: readonly FormerChannel[]): boolean =>
      left?.isDrained === true || (window.clock.jump(hour), false);
    assert.deepEqual(await window.until(isQuiet), [
      {
        relay: "embedded",
        channel: channel.channel,
        ingestPath: path,
        isDrained: true,
        daysAway: undefined,
        ...asLeft,
      },
    ]);
    assert.deepEqual(await window.delete("embedded"), { ok: true, value: true });
    assert.equal(await post(channel.ingestUrl, "too late"), 404);
    assert.equal(embedded.held, 0);
  });

  it("is read again when the relay has gone while reading was begun", async test => {
    const { vault, embedded, channel } = await leftEmbedded(test);
    const { url } = embedded;
    embedded.url = "http://127.0.0.1:1";
    const get = vault.get.bind(vault);
    let isThere = true;
    vault.get = async key => {
      if (!isThere || embedded.held === 0) return get(key);
      isThere = false;
      const text = await get(key);
      embedded.url = url;
      embedded.lose();
      return text;
    };
    const window = new Window(test, vault, embedded.handle);
    await window.move("embedded");
    assert.equal(await post(`${url}/in/${channel.channel}`, "after it has come up elsewhere"), 200);
    await window.untilStored(1);
    assert.equal(embedded.held, 1);
  });

  it("is read again when the relay has stopped, or could not be started at first", async test => {
    const { vault, embedded, channel } = await leftEmbedded(test);
    const { url } = embedded;
    embedded.url = undefined;
    const window = new Window(test, vault, embedded.handle);
    await window.move("embedded");
    await window.former.follow();
    assert.equal(embedded.held, 0);
    const deleted = await window.delete("embedded");
    assert.ok(!deleted.ok && deleted.error.code === "DOWN");
    assert.ok(vault.entries.has("relay.channel:embedded"), "what was not deleted is not forgotten");
    embedded.url = "http://127.0.0.1:1";
    window.former.retryNow();
    await until(() => embedded.held === 1);
    await window.until(([left]) => left?.problem !== undefined && left.problem.code !== "DOWN");
    // At another port than before.
    embedded.url = url;
    embedded.lose();
    assert.equal(await post(channel.ingestUrl, "after it came back"), 200);
    await window.untilStored(1);
    assert.equal(embedded.held, 1);
    window.former.dispose();
    assert.equal(embedded.held, 0);
  });
});

describe("this machine's relay", { timeout: 60_000 }, () => {
  it("is not held on to while it is not certain which of two keys it knows", async test => {
    const vault = new MemoryVault();
    const embedded = new EmbeddedRelay();
    embedded.url = "http://127.0.0.1:1";
    const created = {
      relayUrl: embedded.url,
      channel: "channel-of-the-test",
      ingestUrl: `${embedded.url}/in/x`,
      keys: [],
    };
    const keys = { readKey: newReadKey(), formerReadKey: newReadKey() };
    await new ChannelVault(vault, silentLogger).write("embedded", { ...created, ...keys });
    const window = new Window(test, vault, embedded.handle);
    await window.move("embedded");
    assert.deepEqual([window.former.list().length, embedded.held], [1, 0]);
    vault.get = async () => Promise.reject(new Error("the keyring is locked"));
    window.clock.advance(2 * minute);
    await settled();
    assert.equal(embedded.held, 0);
  });
});

describe("an own channel that made room for a colleague's at the same relay", { timeout: 60_000 }, () => {
  it("is read meanwhile, in every window, and is none of those that were left", async test => {
    const { vault, url, address } = await leftRelay(test);
    const window = new Window(test, vault);
    window.current = url;
    const shared = await createRelayChannel(url);
    assert.ok(shared.ok);
    const channels = new ChannelVault(vault, silentLogger);
    await channels.writeGuest(url, { ...shared.value, isGuest: true });
    assert.equal(await post(address, "to the own address"), 200);
    assert.equal(await post(shared.value.ingestUrl, "to the colleague's, which the tunnel reads"), 200);
    await window.untilStored(1);
    const later = new Window(test, vault);
    later.current = url;
    await later.former.follow();
    await later.untilStored(1);
    assert.deepEqual([window.former.list(), later.former.list()], [[], []]);
    await channels.forget(url);
    await window.former.follow();
    assert.equal(await post(address, "once it is in use again, the tunnel reads it"), 200);
    assert.equal((await channels.read(url))?.ingestUrl, address);
    assert.equal(window.sink.sequences.length, 1);
  });

  it("goes on alone when the relay is left, until it is deleted there: the colleague's is kept, and read no more", async test => {
    const { vault, url, address, path } = await leftRelay(test);
    const shared = await createRelayChannel(url);
    assert.ok(shared.ok);
    await new ChannelVault(vault, silentLogger).writeGuest(url, { ...shared.value, isGuest: true });
    const window = new Window(test, vault);
    await window.move(url);
    assert.equal(await post(shared.value.ingestUrl, "to the colleague's"), 200);
    assert.equal(await post(address, "to the own address"), 200);
    await window.untilStored(1);
    assert.equal(window.sink.batches.flat().length, 1);
    assert.deepEqual(
      window.former.list().map(({ ingestPath }) => ingestPath),
      [path],
    );
    assert.deepEqual(await window.delete(url), { ok: true, value: true });
    assert.deepEqual(window.former.list(), []);
    assert.equal(await post(address, "too late"), 404);
    assert.equal(await post(shared.value.ingestUrl, "to the colleague's"), 200);
    const channels = new ChannelVault(vault, silentLogger);
    assert.deepEqual(
      [(await channels.read(url))?.channel, await channels.readOwnBehind(url)],
      [shared.value.channel, undefined],
    );
  });
});
