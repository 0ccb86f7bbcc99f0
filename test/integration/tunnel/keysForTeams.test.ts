import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, describe, it } from "node:test";
import { systemClock } from "../../../src/base/clock.ts";
import { CancelledError } from "../../../src/base/problem.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { addReader, holdsKey, listReaders, newReadKey } from "../../../src/core/relay/channelAccess.ts";
import { type RelayChannel, createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import type { Capture, EventSink } from "../../../src/core/events/capture.ts";
import type { RelayState } from "../../../src/core/relay/relaySession.ts";
import { ChannelKeyring } from "../../../src/core/tunnel/channelKeyring.ts";
import { type KnownReader, readersOf } from "../../../src/core/tunnel/channelSharing.ts";
import { ChannelVault } from "../../../src/core/tunnel/channelVault.ts";
import { settleReadKey } from "../../../src/core/tunnel/settleReadKey.ts";
import { Tunnel, type TunnelSettings } from "../../../src/core/tunnel/tunnel.ts";
import { decodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { formatJoinLink, parseJoinLink } from "../../../src/protocol/joinLink.ts";
import { startRelayFront } from "../../support/relayFront.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { post, startTestRelay } from "../../support/testRelay.ts";
import { TurnsVault } from "../../support/turnsVault.ts";
import { RecordingLogger } from "../../unit/core/connections/recordingLogger.ts";

const createKey = "the-create-key-of-the-team";
const never = new AbortController().signal;
/** For relays that are closed while windows are still connecting: nobody waits for those. */
const drainDeadline = 100;

class Sink implements EventSink {
  readonly events: Capture[] = [];
  #wake: () => void = () => undefined;
  lastSequence(): number {
    return this.events.at(-1)?.sequence ?? 0;
  }
  store(events: readonly Capture[]): void {
    // As windows share a history.
    this.events.push(...events.filter(({ sequence }) => sequence > this.lastSequence()));
    this.#wake();
  }
  recordGap(): void {
    assert.fail("no gap is expected");
  }
  /** The bodies of the first `count` events, once they are there; of one that cannot be opened, why. */
  async bodies(count: number): Promise<string[]> {
    while (this.events.length < count) await new Promise<void>(resolve => (this.#wake = resolve));
    return this.events.map(({ payload, unreadable }) => unreadable ?? bodyOf(payload));
  }
}

function bodyOf(payload: Uint8Array): string {
  const decoded = decodeCapturedRequest(payload);
  return decoded.ok ? Buffer.from(decoded.value.body).toString() : decoded.error;
}

/** One person's editor: their secrets, their history, and what they set. */
class Person {
  readonly vault = new TurnsVault();
  readonly logger = new RecordingLogger();
  readonly settings: { -readonly [Name in keyof TunnelSettings]: TunnelSettings[Name] };
  readonly #sinks = new Map<string, Sink>();
  readonly tunnel: Tunnel;

  constructor(test: TestContext, relayUrl: string) {
    this.settings = { relayUrl, publicUrl: undefined };
    this.tunnel = this.openWindow(test);
  }

  openWindow(test: TestContext): Tunnel {
    const tunnel = new Tunnel({
      settings: () => this.settings,
      vault: this.vault,
      embeddedRelay: () => assert.fail("a configured relay is used, not the embedded one"),
      sinkFor: (_relay, channel) => this.sink(channel),
      clock: systemClock,
      random: () => 0,
      logger: this.logger,
    });
    test.after(() => tunnel.dispose());
    return tunnel;
  }

  sink(channel: string): Sink {
    const sink = this.#sinks.get(channel) ?? new Sink();
    this.#sinks.set(channel, sink);
    return sink;
  }

  /** The events of the channel in use. */
  get events(): Sink {
    return this.sink(this.tunnel.channel?.channel ?? "");
  }
}

async function until(tunnel: Tunnel, isReached: (state: RelayState) => boolean): Promise<RelayState> {
  if (isReached(tunnel.state)) return tunnel.state;
  return new Promise(resolve => {
    const subscription = tunnel.onDidChangeState(state => {
      if (!isReached(state)) return;
      subscription.dispose();
      resolve(state);
    });
  });
}

const isLive = ({ kind }: RelayState): boolean => kind === "live";

function isRefused(code: string): (state: RelayState) => boolean {
  return state => state.kind === "refused" && state.problem.code === code;
}

async function addressOf(tunnel: Tunnel): Promise<string> {
  const address = await tunnel.waitForAddress();
  assert.ok(address.ok, address.ok ? "" : address.error.message);
  return address.value;
}

async function keptChannel({ vault }: Person, relayUrl: string): Promise<RelayChannel> {
  return (await new ChannelVault(vault, silentLogger).read(relayUrl)) ?? assert.fail("no channel is kept");
}

function channelOf({ channel }: Tunnel): RelayChannel {
  assert.ok(channel !== undefined);
  return channel;
}

describe("a relay that wants a create key", { timeout: 60_000 }, () => {
  it("is not asked again and again without one, and makes a channel as soon as any window has joined", async test => {
    const relay = await startTestRelay(test, { createKey });
    const person = new Person(test, relay.url);
    const other = person.openWindow(test);
    for (const window of [person.tunnel, other]) window.start();
    for (const window of [person.tunnel, other]) {
      const state = await until(window, isRefused("RELAY_NEEDS_CREATE_KEY"));
      assert.ok(state.kind === "refused");
      assert.equal(state.problem.message, "This relay needs a create key. Ask its operator for a join link.");
      assert.equal(state.problem.remedy, "join-relay");
    }
    const wrong = await person.tunnel.join(
      { relay: relay.url, createKey: "a-guess-at-it", invitation: undefined },
      never,
    );
    assert.ok(!wrong.ok && wrong.error.code === "RELAY_WRONG_CREATE_KEY");
    assert.deepEqual([...person.vault.entries.keys()], [], "nothing is kept of what the relay does not take");
    const link = parseJoinLink(formatJoinLink("p.n", { relay: relay.url, createKey, invitation: undefined }));
    assert.ok(link);
    assert.deepEqual(await person.tunnel.join(link, never), { ok: true, value: undefined });
    await Promise.all([until(person.tunnel, isLive), until(other, isLive)]);
    assert.equal(await addressOf(other), await addressOf(person.tunnel));
    assert.ok(person.logger.lines.every(line => !line.includes(createKey)));
    // The next address is had with the kept key.
    const before = await addressOf(person.tunnel);
    await person.tunnel.renewChannel();
    assert.notEqual(await addressOf(person.tunnel), before);
  });

  it("may replace it: the channel goes on, and the next one is refused with whom to ask", async test => {
    const dataDir = temporaryFolder(test);
    const relay = await startTestRelay(test, { createKey, dataDir });
    const person = new Person(test, relay.url);
    assert.ok((await person.tunnel.join({ relay: relay.url, createKey, invitation: undefined }, never)).ok);
    const address = await addressOf(person.tunnel);
    await until(person.tunnel, isLive);
    const away = until(person.tunnel, ({ kind }) => kind === "reconnecting");
    await relay.close();
    await away;
    const port = Number(new URL(relay.url).port);
    await startTestRelay(test, { createKey: "the-next-create-key", dataDir, port });
    person.tunnel.retryNow();
    await until(person.tunnel, isLive);
    assert.equal(await post(address, "as before"), 200);
    assert.deepEqual(await person.events.bodies(1), ["as before"]);
    const refused = await person.tunnel.renewChannel();
    assert.ok(!refused.ok && refused.error.code === "RELAY_WRONG_CREATE_KEY");
    assert.match(refused.error.message, /may have been replaced\. Ask the relay's operator for a new join link\.$/);
    const rejoined = { relay: relay.url, createKey: "the-next-create-key", invitation: undefined };
    assert.ok((await person.tunnel.join(rejoined, never)).ok);
    await until(person.tunnel, isLive);
    assert.equal(await addressOf(person.tunnel), address, "what was refused changed nothing");
    assert.ok((await person.tunnel.renewChannel()).ok);
    assert.notEqual(await addressOf(person.tunnel), address);
  });

  it("is not joined when the person changes their mind", async test => {
    const relay = await startTestRelay(test);
    const person = new Person(test, relay.url);
    const link = { relay: relay.url, createKey: undefined, invitation: undefined };
    await assert.rejects(person.tunnel.join(link, AbortSignal.abort()), CancelledError);
    assert.equal(person.vault.entries.size, 0);
  });
});

describe("the keys of a channel in use", { timeout: 60_000 }, () => {
  it("are replaced without losing it: the former read key stops, events stay and go on, in all windows", async test => {
    const relay = await startTestRelay(test);
    const person = new Person(test, relay.url);
    const address = await addressOf(person.tunnel);
    const other = person.openWindow(test);
    other.start();
    await Promise.all([until(person.tunnel, isLive), until(other, isLive)]);
    const before = channelOf(person.tunnel);
    assert.equal(await post(address, "before"), 200);
    assert.deepEqual(await person.tunnel.replaceKeys(), { ok: true, value: undefined });
    assert.equal(await addressOf(person.tunnel), address);
    await Promise.all([until(person.tunnel, isLive), until(other, isLive)]);
    assert.equal(await post(address, "after"), 200);
    assert.deepEqual(await person.events.bodies(2), ["before", "after"]);
    const after = channelOf(person.tunnel);
    assert.notEqual(after.readKey, before.readKey);
    assert.equal(after.keys.length, 2);
    assert.equal(after.formerReadKey, undefined);
    const headers = { authorization: `Bearer ${before.readKey}` };
    assert.equal((await fetch(`${relay.url}/v1/channels/${before.channel}`, { headers })).status, 401);
    for (const secret of [before.readKey, after.readKey, ...after.keys.map(({ privateKey }) => privateKey)]) {
      assert.ok(person.logger.lines.every(line => !line.includes(secret)));
    }
  });

  it("are found again when the window died in between, whether the relay had heard of the new one or not", async test => {
    const relay = await startTestRelay(test);
    const person = new Person(test, relay.url);
    await addressOf(person.tunnel);
    await until(person.tunnel, isLive);
    const channel = channelOf(person.tunnel);
    person.tunnel.dispose();
    const next = Buffer.alloc(32, 7).toString("base64url");
    const name = `relay.channel:${relay.url}`;
    await person.vault.store(name, JSON.stringify({ ...channel, readKey: next, formerReadKey: channel.readKey }));
    const unheard = person.openWindow(test);
    unheard.start();
    await until(unheard, isLive);
    assert.deepEqual([unheard.channel?.readKey, unheard.channel?.formerReadKey], [next, undefined]);
    unheard.dispose();
    await person.vault.store(name, JSON.stringify({ ...channel, readKey: next, formerReadKey: channel.readKey }));
    const heard = person.openWindow(test);
    heard.start();
    await until(heard, isLive);
    assert.equal(heard.channel?.readKey, next);
  });

  it("are one another's when two windows replace them at the same time", async test => {
    const relay = await startTestRelay(test);
    const person = new Person(test, relay.url);
    const other = person.openWindow(test);
    await Promise.all([addressOf(person.tunnel), addressOf(other)]);
    const replaced = await Promise.all([person.tunnel.replaceKeys(), other.replaceKeys()]);
    assert.deepEqual(
      replaced.map(({ ok }) => ok),
      [true, true],
    );
    const kept = await keptChannel(person, relay.url);
    assert.equal(kept.formerReadKey, undefined);
    assert.deepEqual(await holdsKey(kept), { ok: true, value: true });
    assert.equal(await post(kept.ingestUrl, "after"), 200);
    assert.deepEqual(await person.events.bodies(1), ["after"]);
  });

  it("are settled by whichever window is first when several begin at the same time", async test => {
    const relay = await startTestRelay(test, { drainDeadline });
    const person = new Person(test, relay.url);
    await addressOf(person.tunnel);
    person.tunnel.dispose();
    const kept = await keptChannel(person, relay.url);
    const unsettled = { ...kept, readKey: newReadKey(), formerReadKey: kept.readKey };
    await person.vault.store(`relay.channel:${relay.url}`, JSON.stringify(unsettled));
    const windows = [1, 2, 3].map(() => person.openWindow(test));
    for (const window of windows) window.start();
    for (const window of windows) await until(window, ({ kind }) => kind === "live" || kind === "refused");
    assert.deepEqual(
      windows.map(({ state }) => state.kind),
      ["live", "live", "live"],
    );
    assert.equal((await keptChannel(person, relay.url)).formerReadKey, undefined);
  });

  it("are not replaced again before the relay is known to have the one before", async test => {
    const relay = await startTestRelay(test);
    const person = new Person(test, relay.url);
    await addressOf(person.tunnel);
    person.tunnel.dispose();
    const kept = await keptChannel(person, relay.url);
    const vault = new ChannelVault(person.vault, silentLogger);
    const unsettled = { ...kept, readKey: newReadKey(), formerReadKey: kept.readKey };
    await vault.write(relay.url, unsettled);
    // As another window has begun it. A second new key in its place would leave none that the relay knows.
    const keyring = new ChannelKeyring(relay.url, kept, vault, silentLogger);
    assert.deepEqual(await keyring.replaceReadKey(), { ok: true, value: undefined });
    const settled = await keptChannel(person, relay.url);
    assert.deepEqual([settled.readKey, settled.formerReadKey], [unsettled.readKey, undefined]);
    assert.deepEqual(await holdsKey(settled), { ok: true, value: true });
    // A window that settles late takes back nothing that was replaced since.
    const later = { ...settled, readKey: newReadKey(), formerReadKey: settled.readKey };
    await vault.write(relay.url, later);
    assert.ok((await settleReadKey(relay.url, unsettled, vault)).ok);
    assert.deepEqual(await keptChannel(person, relay.url), later);
  });

  it("are changed by no window that has not heard of a new address, which would be lost", async test => {
    const relay = await startTestRelay(test);
    const person = new Person(test, relay.url);
    await addressOf(person.tunnel);
    await until(person.tunnel, isLive);
    const made = await createRelayChannel(relay.url);
    assert.ok(made.ok);
    // As another window writes it, before this one was told.
    person.vault.entries.set(`relay.channel:${relay.url}`, JSON.stringify(made.value));
    await assert.rejects(person.tunnel.rotateKey(), /new relay address/);
    assert.equal((await keptChannel(person, relay.url)).channel, made.value.channel);
  });

  it("stay as they are where the relay is too old, and say so", async test => {
    const relay = await startTestRelay(test);
    const old = await startOldFront(test, relay.url);
    const person = new Person(test, relay.url);
    await addressOf(person.tunnel);
    await until(person.tunnel, isLive);
    const before = channelOf(person.tunnel);
    await person.vault.store(`relay.channel:${old}`, JSON.stringify({ ...before, relayUrl: old }));
    person.settings.relayUrl = old;
    person.tunnel.restart();
    await addressOf(person.tunnel);
    const replaced = await person.tunnel.replaceKeys();
    assert.ok(!replaced.ok && replaced.error.code === "RELAY_TOO_OLD");
    assert.equal(await addressOf(person.tunnel), before.ingestUrl);
    assert.deepEqual(
      [channelOf(person.tunnel).readKey, channelOf(person.tunnel).formerReadKey],
      [before.readKey, undefined],
    );
  });
});

/** What a relay of before answers: it knows channels, and nothing of read keys that are replaced. */
async function startOldFront(test: TestContext, relayUrl: string): Promise<string> {
  const server = createServer((request, response) => {
    const { method = "GET", url = "", headers } = request;
    const unknown = { error: { code: "UNKNOWN_PATH", message: "There is nothing at this address." } };
    if (url.endsWith("/read-key")) response.writeHead(404).end(JSON.stringify(unknown));
    else {
      void fetch(relayUrl + url, { method, headers: { authorization: headers.authorization ?? "" } }).then(
        async answer => response.writeHead(answer.status).end(await answer.text()),
        () => response.destroy(),
      );
    }
  });
  test.after(() => server.close());
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

async function readersAt(tunnel: Tunnel): Promise<readonly KnownReader[]> {
  const readers = await tunnel.readers();
  assert.ok(readers.ok);
  return readers.value;
}

describe("a channel that is shared with a colleague", { timeout: 60_000 }, () => {
  it("is read in both editors until its owner stops it; then the colleague is told, and has their own again", async test => {
    const relay = await startTestRelay(test);
    const [owner, guest] = [new Person(test, relay.url), new Person(test, relay.url)];
    const [address, ownAddress] = [await addressOf(owner.tunnel), await addressOf(guest.tunnel)];
    assert.equal(await post(address, "before"), 200);
    const shared = await owner.tunnel.share("Ana");
    assert.ok(shared.ok);
    const link = formatJoinLink("p.n", shared.value);
    const parsed = parseJoinLink(link);
    assert.ok(parsed?.invitation);
    assert.deepEqual(await guest.tunnel.join(parsed, never), { ok: true, value: undefined });
    assert.equal(await addressOf(guest.tunnel), address);
    await until(guest.tunnel, isLive);
    assert.equal(await post(address, "for both"), 200);
    for (const person of [owner, guest]) assert.deepEqual(await person.events.bodies(2), ["before", "for both"]);
    const [reader] = owner.tunnel.channel?.readers ?? [];
    assert.equal(reader?.name, "Ana");
    assert.deepEqual(await owner.tunnel.stopSharing(reader.id), { ok: true, value: undefined });
    assert.deepEqual(owner.tunnel.channel?.readers, []);
    const state = await until(guest.tunnel, isRefused("RELAY_NOT_SHARED"));
    assert.ok(state.kind === "refused");
    assert.match(state.problem.message, /no longer shared with you\. Ask the person who shared it/);
    assert.equal(await post(address, "for the owner"), 200);
    assert.deepEqual((await owner.events.bodies(3)).at(-1), "for the owner");
    await guest.tunnel.renewChannel();
    assert.equal(await addressOf(guest.tunnel), ownAddress);
    const again = await guest.tunnel.join(parsed, never);
    assert.ok(!again.ok && again.error.code === "RELAY_NOT_SHARED");
    assert.equal(await addressOf(guest.tunnel), ownAddress, "an invitation that holds no more changes nothing");
    const { readKey, keys } = parsed.invitation;
    for (const secret of [readKey, keys[0]?.privateKey ?? ""]) {
      assert.ok([...owner.logger.lines, ...guest.logger.lines].every(line => !line.includes(secret)));
    }
    assert.ok(
      [...owner.vault.entries.values()].every(text => !text.includes(readKey)),
      "the owner keeps no reader's key",
    );
  });

  it("goes on with the next window of a colleague who is signed in nowhere, and begins nowhere unasked", async test => {
    const relay = await startTestRelay(test);
    const [owner, guest] = [new Person(test, relay.url), new Person(test, relay.url)];
    const address = await addressOf(owner.tunnel);
    await guest.tunnel.startWhereJoined();
    assert.equal(guest.tunnel.state.kind, "off");
    const shared = await owner.tunnel.share("Ana");
    assert.ok(shared.ok);
    assert.ok((await guest.tunnel.join(shared.value, never)).ok);
    guest.tunnel.dispose();
    const next = guest.openWindow(test);
    await next.startWhereJoined();
    await until(next, isLive);
    assert.equal(await addressOf(next), address);
  });

  it("begins also where the list of relays is damaged, and a channel that is damaged keeps nothing else from beginning", async test => {
    const relay = await startTestRelay(test);
    const person = new Person(test, relay.url);
    const address = await addressOf(person.tunnel);
    person.tunnel.dispose();
    person.vault.entries.set("relay.names", "no list");
    const next = person.openWindow(test);
    await next.startWhereJoined();
    assert.equal(await addressOf(next), address);
    next.dispose();
    person.vault.entries.set(`relay.channel:${relay.url}`, "no channel");
    const last = person.openWindow(test);
    await last.startWhereJoined();
    assert.equal(last.state.kind, "off");
    assert.ok(person.logger.lines.some(line => line.includes("is damaged and cannot be read")));
  });

  it("tells whoever shows it that it is shared, and that it is no more", async test => {
    const relay = await startTestRelay(test);
    const { tunnel } = new Person(test, relay.url);
    await addressOf(tunnel);
    await until(tunnel, isLive);
    const told: (readonly string[])[] = [];
    tunnel.onDidChangeState(() => told.push((tunnel.channel?.readers ?? []).map(({ name }) => name)));
    assert.ok((await tunnel.share("Ana")).ok);
    assert.ok((await tunnel.stopSharing(tunnel.channel?.readers?.[0]?.id ?? "")).ok);
    assert.deepEqual(told, [["Ana"], []]);
  });

  it("stays its owner's: the colleague's editor changes no key, and a new key of the owner's opens nothing there", async test => {
    const relay = await startTestRelay(test);
    const [owner, guest] = [new Person(test, relay.url), new Person(test, relay.url)];
    const address = await addressOf(owner.tunnel);
    const shared = await owner.tunnel.share("Ben");
    assert.ok(shared.ok);
    assert.ok((await guest.tunnel.join(shared.value, never)).ok);
    guest.tunnel.start();
    await until(guest.tunnel, isLive);
    for (const attempt of [guest.tunnel.replaceKeys(), guest.tunnel.rotateKey(), guest.tunnel.share("Cara")]) {
      const outcome = await attempt;
      assert.ok(!outcome.ok && outcome.error.code === "RELAY_NOT_OWNER", JSON.stringify(outcome));
      await addressOf(guest.tunnel);
    }
    assert.ok((await owner.tunnel.replaceKeys()).ok);
    await until(guest.tunnel, isLive);
    assert.equal(await post(address, "to the new key"), 200);
    assert.deepEqual(await guest.events.bodies(1), ["no-key"]);
    // An invitation of now brings the key along.
    const renewed = await owner.tunnel.share("Ben");
    assert.ok(renewed.ok && (await guest.tunnel.join(renewed.value, never)).ok);
    assert.equal(await addressOf(guest.tunnel), address);
    await until(guest.tunnel, isLive);
    assert.equal(await post(address, "and so is this"), 200);
    assert.deepEqual(await guest.events.bodies(2), ["no-key", "and so is this"]);
  });

  it("is shared with nobody when the relay cannot be reached", async test => {
    const relay = await startTestRelay(test);
    const owner = new Person(test, relay.url);
    await addressOf(owner.tunnel);
    await relay.close();
    const shared = await owner.tunnel.share("Ana");
    assert.ok(!shared.ok && shared.error.code === "RELAY_UNREACHABLE");
    assert.deepEqual(readersOf(channelOf(owner.tunnel)), []);
  });

  it("is shared with both when two windows share it at the same time", async test => {
    const relay = await startTestRelay(test, { drainDeadline });
    const owner = new Person(test, relay.url);
    const other = owner.openWindow(test);
    await Promise.all([addressOf(owner.tunnel), addressOf(other)]);
    const shared = await Promise.all([owner.tunnel.share("Ana"), other.share("Bo")]);
    assert.deepEqual(
      shared.map(({ ok }) => ok),
      [true, true],
    );
    const readers = await readersAt(owner.tunnel);
    assert.deepEqual(readers.map(({ name }) => name).sort(), ["Ana", "Bo"]);
  });

  it("has no reader of whom only the relay knows when its answer was lost", async test => {
    const relay = await startTestRelay(test);
    const front = { isDeaf: false };
    const url = await startRelayFront(test, relay.url, async (_method, path) =>
      Promise.resolve({ path, passage: front.isDeaf && path.includes("/readers") ? "lost" : "answered" }),
    );
    const owner = new Person(test, url);
    await addressOf(owner.tunnel);
    await until(owner.tunnel, isLive);
    front.isDeaf = true;
    const shared = await owner.tunnel.share("Ana");
    assert.ok(!shared.ok && shared.error.code === "RELAY_UNREACHABLE");
    assert.deepEqual(readersOf(channelOf(owner.tunnel)), []);
    const direct = { ...channelOf(owner.tunnel), relayUrl: relay.url };
    const atRelay = await listReaders(direct);
    assert.ok(atRelay.ok && atRelay.value.length === 1, "the relay has heard of it");
    front.isDeaf = false;
    owner.tunnel.restart();
    for (let left = 1; left > 0;) {
      const listed = await listReaders(direct);
      left = listed.ok ? listed.value.length : left;
    }
    while (channelOf(owner.tunnel).readers?.length !== 0) await new Promise(resolve => setImmediate(resolve));
  });

  it("shows whom only the relay knows of, who can be removed like all others", async test => {
    const relay = await startTestRelay(test);
    const owner = new Person(test, relay.url);
    await addressOf(owner.tunnel);
    assert.ok((await addReader(channelOf(owner.tunnel), "ghost", newReadKey())).ok);
    assert.ok((await owner.tunnel.share("Ana")).ok);
    assert.deepEqual(
      (await readersAt(owner.tunnel)).map(({ name }) => name),
      ["Ana", undefined],
    );
    assert.ok((await owner.tunnel.stopSharing("ghost")).ok);
    assert.deepEqual(
      (await readersAt(owner.tunnel)).map(({ name }) => name),
      ["Ana"],
    );
  });
});
