import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { second } from "../../../../src/base/clock.ts";
import { RelaySession, type RelayState } from "../../../../src/core/relay/relaySession.ts";
import { type EventFrame, encodeEventFrame } from "../../../../src/protocol/relayFrames.ts";
import { type SealingKeyPair, generateSealingKeyPair } from "../../../../src/protocol/sealing.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { FakeRelaySockets } from "../../../support/fakeRelaySocket.ts";
import { MemorySink } from "../../../support/memorySink.ts";
import { sealedFrames } from "../../../support/sealing.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";

const keys = await generateSealingKeyPair();
const channel = {
  relayUrl: "http://relay.example.com",
  channel: "channel-of-the-test",
  readKey: "key-of-the-test-1",
  ingestUrl: "http://relay.example.com/in/channel-of-the-test",
  keys: [keys],
};

class Fixture {
  readonly clock = new FakeClock();
  readonly sockets = new FakeRelaySockets();
  readonly logger = new RecordingLogger();
  readonly sink: MemorySink;
  readonly session: RelaySession;

  constructor(
    test: TestContext,
    known: readonly SealingKeyPair[],
    reload = async () => Promise.resolve(known),
    last = 0,
  ) {
    this.sink = new MemorySink(last);
    this.session = new RelaySession({
      channel: { ...channel, keys: known },
      reloadKeys: reload,
      sink: this.sink,
      clock: this.clock,
      random: () => 0,
      logger: this.logger,
      openSocket: this.sockets.open,
    });
    test.after(() => this.session.dispose());
    this.session.start();
    this.hello();
  }

  hello(newest = 0): void {
    const { channel: name } = channel;
    this.sockets.last.say({ type: "hello", channel: name, oldest: 1, newest, window: 8, heartbeatInterval: 15_000 });
  }

  say(...frames: readonly EventFrame[]): void {
    for (const frame of frames) this.sockets.last.sayBytes(encodeEventFrame(frame));
  }

  async reach(kind: RelayState["kind"]): Promise<RelayState> {
    if (this.session.state.kind === kind) return this.session.state;
    return new Promise(resolve => {
      this.session.onDidChangeState(state => {
        if (state.kind === kind) resolve(state);
      });
    });
  }
}

async function frames(bodies: readonly string[], to = keys): Promise<EventFrame[]> {
  const requests = bodies.map(body => Buffer.from(body));
  return sealedFrames(channel.channel, to, requests);
}

function contentsOf(sink: MemorySink): string[] {
  return sink.batches.flat().map(({ payload, unreadable }) => unreadable ?? Buffer.from(payload).toString());
}

describe("a session with sealed events", { timeout: 30_000 }, () => {
  it("stores them opened and in order, though the first of a content key takes a moment", async test => {
    const fixture = new Fixture(test, [keys]);
    const [one, two] = await frames(["one", "two"]);
    const [later] = await frames(["later"]);
    assert.ok(one !== undefined && two !== undefined && later !== undefined);
    fixture.say(one, two);
    fixture.sockets.last.say({ type: "gap", from: 3, to: 4, reason: "retention" });
    // The time that a seal is bound to goes with the frame; the number is the relay's to give.
    fixture.say({ sequence: 5, receivedAt: 1, scheme: 0, payload: Buffer.from("plain") }, { ...later, sequence: 6 });
    fixture.sockets.last.say({ type: "live", newest: 6 });
    assert.equal(fixture.sockets.last.acks.length, 0, "nothing is taken before what came first is open");
    await fixture.reach("live");
    assert.deepEqual(contentsOf(fixture.sink), ["one", "two", "plain", "later"]);
    assert.deepEqual(fixture.sink.sequences, [1, 2, 5, 6]);
    assert.deepEqual(fixture.sink.gaps, [{ from: 3, to: 4, reason: "retention" }]);
    assert.deepEqual(fixture.sockets.last.acks.at(-1), { type: "ack", sequence: 6 });
  });

  it("keeps and acknowledges those that it cannot open, says so once, and goes on", async test => {
    const fixture = new Fixture(test, [keys]);
    const strange = await frames(["a", "b"], await generateSealingKeyPair());
    const [, , broken, good] = await frames(["", "", "c", "d"]);
    assert.ok(broken !== undefined && good !== undefined);
    fixture.say(...strange, { ...broken, receivedAt: 0 }, good);
    fixture.sockets.last.say({ type: "live", newest: 4 });
    await fixture.reach("live");
    assert.deepEqual(contentsOf(fixture.sink), ["no-key", "no-key", "damaged", "d"]);
    assert.deepEqual(fixture.sockets.last.acks.at(-1), { type: "ack", sequence: 4 });
    assert.equal(fixture.logger.lines.filter(line => line.includes("cannot be opened")).length, 1);
  });

  it("takes nothing while the keys cannot be read, and asks again", async test => {
    let readable = false;
    const reload = async (): Promise<(typeof keys)[]> => {
      await Promise.resolve();
      if (!readable) throw new Error("the vault is locked");
      return [keys];
    };
    const fixture = new Fixture(test, [], reload);
    const sealed = await frames(["one"]);
    fixture.say(...sealed);
    const state = await fixture.reach("reconnecting");
    assert.ok(state.kind === "reconnecting" && state.problem.code === "RELAY_KEYS_UNREADABLE");
    assert.deepEqual([fixture.sink.sequences, fixture.sockets.last.acks], [[], []]);
    readable = true;
    fixture.clock.advance(second);
    fixture.hello(1);
    fixture.say(...sealed);
    fixture.sockets.last.say({ type: "live", newest: 1 });
    await fixture.reach("live");
    assert.deepEqual(contentsOf(fixture.sink), ["one"]);
  });

  it("forgets what waited when the connection ends, so that the relay sends it again", async test => {
    const fixture = new Fixture(test, [keys]);
    const sealed = await frames(["one", "two"]);
    fixture.say(...sealed);
    fixture.sockets.last.say({ type: "goodbye", reason: "restart", retryAfter: 1 });
    fixture.clock.advance(second);
    assert.match(fixture.sockets.last.request.url, /after=0$/);
    fixture.hello(2);
    fixture.say(...sealed);
    fixture.sockets.last.say({ type: "live", newest: 2 });
    await fixture.reach("live");
    assert.deepEqual(contentsOf(fixture.sink), ["one", "two"]);
  });
});

describe("a session whose relay was reset", { timeout: 30_000 }, () => {
  it("says so in the log, and has it recorded", async test => {
    const fixture = new Fixture(test, [keys], undefined, 9);
    fixture.sockets.last.say({ type: "gap", from: 5, to: 9, reason: "reset" });
    fixture.sockets.last.say({ type: "live", newest: 4 });
    await fixture.reach("live");
    assert.deepEqual(fixture.sink.gaps, [{ from: 5, to: 9, reason: "reset" }]);
    assert.ok(fixture.logger.lines.some(line => /reset or restored.*5 to 9/.test(line)));
  });
});
