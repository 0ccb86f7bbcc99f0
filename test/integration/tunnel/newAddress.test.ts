import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { silentLogger } from "../../../src/base/logger.ts";
import { newReadKey } from "../../../src/core/relay/channelAccess.ts";
import { deleteRelayChannel } from "../../../src/core/relay/deleteRelayChannel.ts";
import { type FormerChannel, FormerChannels } from "../../../src/core/tunnel/formerChannels.ts";
import { Tunnel } from "../../../src/core/tunnel/tunnel.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { freePort } from "../../support/freePort.ts";
import { MemorySink } from "../../support/memorySink.ts";
import { MemoryVault } from "../../support/memoryVault.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { post, startTestRelay } from "../../support/testRelay.ts";

const never = new AbortController().signal;

/** A window that uses the relay, with what it reads of former channels. */
class Window {
  readonly vault: MemoryVault;
  readonly clock = new FakeClock();
  readonly former: FormerChannels;
  readonly tunnel: Tunnel;
  readonly formerEvents = new MemorySink();
  relay: string;

  constructor(test: TestContext, relay: string, vault = new MemoryVault()) {
    this.relay = relay;
    this.vault = vault;
    const shared = {
      ...{ vault, clock: this.clock, random: () => 0, logger: silentLogger },
      embeddedRelay: () => assert.fail("a relay is named"),
    };
    this.tunnel = new Tunnel({
      ...shared,
      settings: () => ({ relayUrl: this.relay, publicUrl: undefined }),
      sinkFor: () => new MemorySink(),
    });
    this.former = new FormerChannels({
      ...shared,
      sinkFor: () => this.formerEvents,
      currentRelay: () => this.relay,
    });
    test.after(() => {
      this.tunnel.dispose();
      this.former.dispose();
    });
  }

  async address(): Promise<string> {
    const address = await this.tunnel.waitForAddress();
    assert.ok(address.ok);
    return address.value;
  }

  async until(isWanted: (list: readonly FormerChannel[]) => boolean): Promise<readonly FormerChannel[]> {
    await until(() => isWanted(this.former.list()));
    return this.former.list();
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 200_000, "it does not come about");
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** What is kept of channels: in use, replaced, and to be deleted. */
function channelsIn({ entries }: MemoryVault): readonly unknown[] {
  return [...entries].filter(([key]) => /^relay\.(channel:|replaced|erasures)/.test(key));
}

/** What is kept of the channel with that address. */
function ownIn({ entries }: MemoryVault, address: string): string | undefined {
  return [...entries.values()].find(text => text.includes(address));
}

function pathOf(address: string): string {
  return new URL(address).pathname;
}

describe("a new relay address", { timeout: 60_000 }, () => {
  it("leaves the one before a former one: it is read on, in all windows, until it is deleted at the relay", async test => {
    const { url } = await startTestRelay(test);
    const window = new Window(test, url);
    const before = await window.address();
    assert.deepEqual(await window.tunnel.renewChannel(), { ok: true, value: [] });
    assert.notEqual(await window.address(), before);
    const other = new Window(test, url, window.vault);
    await other.former.follow();
    for (const { former } of [window, other]) await until(() => former.list().length === 1);
    const [left] = window.former.list();
    assert.ok(left !== undefined);
    assert.deepEqual(
      { ...left, channel: "" },
      {
        ...{ relay: url, channel: "", ingestPath: pathOf(before), isDrained: false, daysAway: undefined },
        ...{ isReplaced: true, isGone: false, problem: undefined },
      },
    );
    assert.equal(await post(before, "from a subscription"), 200);
    for (const { formerEvents } of [window, other]) await until(() => formerEvents.sequences.length === 1);
    assert.deepEqual(await window.former.delete(left.channel), { ok: true, value: true });
    assert.equal(await post(before, "too late"), 404);
    for (const each of [window, other]) await each.until(({ length }) => length === 0);
    assert.ok(![...window.vault.entries.values()].some(text => text.includes(left.channel)));
  });

  it("leaves each one before, however many, also once the relay itself is left", async test => {
    const { url } = await startTestRelay(test);
    const window = new Window(test, url);
    const addresses = [await window.address()];
    for (let times = 0; times < 2; times++) {
      assert.ok((await window.tunnel.renewChannel()).ok);
      addresses.push(await window.address());
    }
    await window.former.follow();
    window.relay = "https://another.example.com";
    await window.former.follow();
    const left = await window.until(({ length }) => length === 3);
    assert.deepEqual(new Set(left.map(each => each.ingestPath)), new Set(addresses.map(pathOf)));
    for (const address of addresses) assert.equal(await post(address, "late"), 200);
    await until(() => window.formerEvents.batches.flat().length === 3);
  });

  it("is not made while the relay is away: the one in use stays, and nothing is given up", async test => {
    const dataDir = temporaryFolder(test);
    const relay = await startTestRelay(test, { dataDir });
    const window = new Window(test, relay.url);
    const before = await window.address();
    const kept = channelsIn(window.vault);
    await relay.close();
    const renewed = await window.tunnel.renewChannel();
    assert.ok(!renewed.ok);
    assert.equal(renewed.error.code, "RELAY_UNREACHABLE");
    assert.equal(window.tunnel.address, before);
    assert.deepEqual(channelsIn(window.vault), kept);
    await startTestRelay(test, { dataDir, port: Number(new URL(relay.url).port) });
    assert.equal(await post(before, "it goes on"), 200);
  });

  it("is not made where the relay wants a create key: an address that is shared with this editor is not left for it", async test => {
    const { url } = await startTestRelay(test, { createKey: "the-create-key-of-the-team" });
    const [owner, guest] = [new Window(test, url), new Window(test, url)];
    const link = { relay: url, createKey: "the-create-key-of-the-team", invitation: undefined };
    assert.ok((await owner.tunnel.join(link, never)).ok);
    const address = await owner.address();
    const shared = await owner.tunnel.share("Ana");
    assert.ok(shared.ok && (await guest.tunnel.join(shared.value, never)).ok);
    assert.equal(await guest.address(), address);
    const kept = channelsIn(guest.vault);
    const left = await guest.tunnel.renewChannel();
    assert.ok(!left.ok);
    assert.deepEqual(channelsIn(guest.vault), kept);
    assert.equal(left.error.code, "RELAY_NEEDS_CREATE_KEY");
    assert.equal(guest.tunnel.address, address);
    assert.equal(guest.tunnel.channel?.isGuest, true);
  });

  it("is made by a colleague who leaves a shared one, which stays its owner's alone", async test => {
    const { url } = await startTestRelay(test);
    const [owner, guest] = [new Window(test, url), new Window(test, url)];
    const address = await owner.address();
    const shared = await owner.tunnel.share("Ana");
    assert.ok(shared.ok && (await guest.tunnel.join(shared.value, never)).ok);
    assert.ok((await guest.tunnel.renewChannel()).ok);
    assert.notEqual(await guest.address(), address);
    assert.equal(guest.tunnel.channel?.isGuest, undefined);
    await guest.former.follow();
    assert.deepEqual(guest.former.list(), []);
    assert.equal(await post(address, "the owner's"), 200);
  });

  it("is the one that was there before where a colleague's that took its place is damaged", async test => {
    const { url } = await startTestRelay(test);
    const [owner, guest] = [new Window(test, url), new Window(test, url)];
    await owner.address();
    const before = await guest.address();
    const shared = await owner.tunnel.share("Ana");
    assert.ok(shared.ok && (await guest.tunnel.join(shared.value, never)).ok);
    assert.notEqual(await guest.address(), before);
    // For the window that knows of it, and for one that is opened later.
    for (const window of [guest, new Window(test, url, guest.vault)]) {
      await guest.vault.store(`relay.ownChannel:${url}`, ownIn(guest.vault, before) ?? "");
      guest.vault.entries.set(`relay.channel:${url}`, "{");
      assert.ok((await window.tunnel.renewChannel()).ok);
      assert.equal(await window.address(), before);
      assert.equal(window.tunnel.channel?.isGuest, undefined);
    }
  });

  it("is needed where the relay does not know one of which it is not certain which key it takes", async test => {
    const { url } = await startTestRelay(test);
    const window = new Window(test, url);
    await window.address();
    const kept = window.tunnel.channel ?? assert.fail();
    const unsettled = { ...kept, readKey: newReadKey(), formerReadKey: kept.readKey };
    await window.vault.store(`relay.channel:${url}`, JSON.stringify(unsettled));
    assert.ok((await deleteRelayChannel(kept, window.clock)).ok);
    const later = new Window(test, url, window.vault);
    later.tunnel.start();
    await until(() => !["connecting", "off"].includes(later.tunnel.state.kind));
    const { state } = later.tunnel;
    assert.ok(state.kind === "refused" && state.problem.code === "RELAY_UNKNOWN_CHANNEL");
    assert.ok((await later.tunnel.renewChannel()).ok);
    assert.notEqual(await later.address(), kept.ingestUrl);
  });

  it("ends the invitations to one that is deleted, which say so to whoever opens them and to whoever uses them", async test => {
    const { url } = await startTestRelay(test);
    const [owner, guest, late] = [new Window(test, url), new Window(test, url), new Window(test, url)];
    await owner.address();
    const shared = await owner.tunnel.share("Ana");
    assert.ok(shared.ok && (await guest.tunnel.join(shared.value, never)).ok);
    guest.tunnel.start();
    await until(() => guest.tunnel.state.kind === "live");
    assert.ok((await owner.tunnel.renewChannel({ deletesFormer: true })).ok);
    await until(() => guest.tunnel.state.kind === "refused");
    const { state } = guest.tunnel;
    assert.ok(state.kind === "refused" && state.problem.code === "RELAY_INVITATION_OVER");
    const joined = await late.tunnel.join(shared.value, never);
    assert.ok(!joined.ok);
    assert.equal(joined.error.message, `This invitation to the relay at ${url} no longer works. Ask for a new one.`);
    assert.equal(joined.error.remedy, "join-relay");
  });

  it("is not had of another relay than the one that was waited for", async test => {
    const away = `http://127.0.0.1:${await freePort()}`;
    const { url } = await startTestRelay(test);
    const window = new Window(test, away);
    const waiting = window.tunnel.waitForAddress();
    await until(() => window.tunnel.state.kind === "reconnecting");
    window.relay = url;
    window.tunnel.restart();
    const waited = await waiting;
    assert.ok(!waited.ok && waited.error.code === "RELAY_CHANGED");
    assert.equal(new URL(await window.address()).origin, url);
  });

  it("has the one before deleted at once where it leaked; what leads there is known until it was brought along", async test => {
    const { url } = await startTestRelay(test);
    const window = new Window(test, url);
    const before = await window.address();
    await window.former.follow();
    const readKey = window.tunnel.channel?.readKey ?? assert.fail();
    assert.deepEqual(await window.tunnel.renewChannel({ deletesFormer: true }), { ok: true, value: [] });
    assert.equal(await post(before, "by whoever found it"), 404);
    const [left] = await window.until(([each]) => each?.isGone === true || each?.problem !== undefined);
    assert.equal(left?.ingestPath, pathOf(before));
    await window.former.forget(left.channel);
    assert.deepEqual(window.former.list(), []);
    assert.ok(![...window.vault.entries.values()].some(text => text.includes(readKey)));
  });

  it("is one for all windows that ask at the same time, and what was made in vain is deleted", async test => {
    const { url } = await startTestRelay(test);
    const window = new Window(test, url);
    const before = await window.address();
    const other = new Window(test, url, window.vault);
    assert.equal(await other.address(), before);
    const renewed = await Promise.all([window.tunnel.renewChannel(), other.tunnel.renewChannel()]);
    assert.ok(renewed.every(({ ok }) => ok));
    assert.equal(await window.address(), await other.address());
    assert.notEqual(await window.address(), before);
    await window.until(({ length }) => length === 1);
  });

  it("is made, and given up, where the list of those before is damaged by then", async test => {
    const { url } = await startTestRelay(test);
    const window = new Window(test, url);
    await window.address();
    await window.vault.store("relay.replaced", "{");
    const before = window.tunnel.address ?? assert.fail();
    assert.ok((await window.tunnel.renewChannel()).ok);
    const after = await window.address();
    await window.until(({ length }) => length === 1);
    await window.vault.store("relay.replaced", "{");
    assert.deepEqual(await window.tunnel.giveUpAll(), []);
    assert.deepEqual([await post(before, "gone"), await post(after, "gone")], [404, 404]);
  });

  it("is forgotten with everything else: former ones are deleted at the relay, too", async test => {
    const { url } = await startTestRelay(test);
    const window = new Window(test, url);
    const before = await window.address();
    assert.ok((await window.tunnel.renewChannel()).ok);
    const after = await window.address();
    assert.deepEqual(await window.tunnel.giveUpAll(), []);
    assert.deepEqual([await post(before, "gone"), await post(after, "gone")], [404, 404]);
  });
});
