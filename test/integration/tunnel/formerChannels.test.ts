import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { hour, minute } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import { ChannelVault } from "../../../src/core/tunnel/channelVault.ts";
import { type FormerChannel, FormerChannels } from "../../../src/core/tunnel/formerChannels.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemorySink } from "../../support/memorySink.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { post, startTestRelay } from "../../support/testRelay.ts";

class Window {
  readonly clock = new FakeClock();
  readonly sink = new MemorySink();
  readonly former: FormerChannels;
  current = "https://new.example.com";

  constructor(test: TestContext, vault: MemoryVault) {
    this.former = new FormerChannels({
      ...{ vault, clock: this.clock, random: () => 0, logger: silentLogger },
      sinkFor: () => this.sink,
      currentRelay: () => this.current,
    });
    test.after(() => this.former.dispose());
  }

  /** Resolves once the list is as wanted. */
  async until(isWanted: (list: readonly FormerChannel[]) => boolean): Promise<readonly FormerChannel[]> {
    while (!isWanted(this.former.list())) await new Promise(resolve => setImmediate(resolve));
    return this.former.list();
  }

  async untilStored(count: number): Promise<void> {
    while (this.sink.sequences.length < count) await new Promise(resolve => setImmediate(resolve));
  }
}

async function leftRelay(
  test: TestContext,
): Promise<{ vault: MemoryVault; url: string; address: string; path: string }> {
  const relay = await startTestRelay(test);
  const vault = new MemoryVault();
  const created = await createRelayChannel(relay.url);
  assert.ok(created.ok);
  await new ChannelVault(vault, silentLogger).write(relay.url, created.value);
  return { vault, url: relay.url, address: created.value.ingestUrl, path: `/in/${created.value.channel}` };
}

describe("a channel at a relay that was left", { timeout: 60_000 }, () => {
  it("is read on, in all windows and after a restart, until it is deleted there", async test => {
    const { vault, url, address, path } = await leftRelay(test);
    const [one, other] = [new Window(test, vault), new Window(test, vault)];
    assert.deepEqual(one.former.list(), []);
    await one.former.add(url);
    for (const window of [one, other]) {
      assert.deepEqual(await window.until(({ length }) => length === 1), [
        { relay: url, ingestPath: path, isDrained: false },
      ]);
    }
    assert.equal(await post(address, "still sent there"), 200);
    await Promise.all([one.untilStored(1), other.untilStored(1)]);
    one.former.dispose();
    const later = new Window(test, vault);
    await later.former.follow();
    await later.untilStored(1);
    assert.deepEqual(await later.former.delete(url), { ok: true, value: undefined });
    assert.equal(await post(address, "too late"), 404);
    for (const window of [later, other]) await window.until(({ length }) => length === 0);
    assert.deepEqual(Object.fromEntries(vault.entries), { "relay.former": "[]", "relay.names": "[]" });
  });

  it("is drained when nothing has come for an hour, and not before all is here", async test => {
    const { vault, url, address } = await leftRelay(test);
    const window = new Window(test, vault);
    await window.former.add(url);
    await window.until(({ length }) => length === 1);
    assert.equal(await post(address, "one"), 200);
    await window.untilStored(1);
    const isDrained = (): boolean => window.former.list().every(channel => channel.isDrained);
    // Not advanced: the session would miss the heartbeats of a relay whose clock stands still.
    window.clock.jump(hour - 1);
    assert.equal(isDrained(), false);
    window.clock.jump(1);
    assert.equal(isDrained(), true);
    assert.equal(await post(address, "two"), 200);
    await window.untilStored(2);
    assert.equal(isDrained(), false);
    let changes = 0;
    window.former.onDidChange(() => (changes += 1));
    window.clock.advance(10 * minute);
    assert.ok(changes > 0, "whoever listens hears that time has passed");
  });

  it("is none as long as the relay is in use again, and is kept when it cannot be deleted", async test => {
    const { vault, url, address } = await leftRelay(test);
    const window = new Window(test, vault);
    await window.former.add(url);
    await window.until(({ length }) => length === 1);
    window.current = url;
    await window.former.follow();
    assert.deepEqual(window.former.list(), []);
    window.current = "https://new.example.com";
    await window.former.follow();
    assert.equal(window.former.list().length, 1);
    const name = `relay.channel:${url}`;
    const kept = vault.entries.get(name) ?? "";
    vault.entries.set(name, kept.replaceAll(url, "http://127.0.0.1:1"));
    const deleted = await window.former.delete(url);
    assert.ok(!deleted.ok && deleted.error.code === "RELAY_UNREACHABLE");
    assert.equal(window.former.list().length, 1);
    assert.equal(await post(address, "still there"), 200);
  });

  it("is forgotten when the relay itself says that it is gone", async test => {
    const { vault, url } = await leftRelay(test);
    const window = new Window(test, vault);
    const name = `relay.channel:${url}`;
    vault.entries.set(
      name,
      (vault.entries.get(name) ?? "").replace(/"channel":"[^"]+"/, '"channel":"no-such-channel-here"'),
    );
    await window.former.add(url);
    await window.until(({ length }) => length === 1);
    await window.until(({ length }) => length === 0);
    while (vault.entries.has(name)) await new Promise(resolve => setImmediate(resolve));
  });
});
