import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { RelaySession, type RelayState } from "../../../../src/core/relay/relaySession.ts";
import type { SocketEnding } from "../../../../src/core/relay/relaySocket.ts";
import type { UpgradeAnswer } from "../../../../src/core/relay/upgradeAnswer.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { type FakeRelaySocket, FakeRelaySockets } from "../../../support/fakeRelaySocket.ts";
import { MemorySink } from "../../../support/memorySink.ts";

const channel = {
  relayUrl: "http://relay.example.com:8080",
  channel: "channel-of-the-test",
  readKey: "key-of-the-test-1",
  ingestUrl: "http://relay.example.com:8080/in/channel-of-the-test",
  keys: [],
};
const heartbeatInterval = 15 * second;

class Fixture {
  readonly clock = new FakeClock();
  readonly sockets = new FakeRelaySockets();
  readonly sink: MemorySink;
  readonly session: RelaySession;
  readonly states: RelayState[] = [];

  constructor(last = 0, random = 0) {
    this.sink = new MemorySink(last);
    this.session = new RelaySession({
      channel,
      sink: this.sink,
      clock: this.clock,
      random: () => random,
      logger: silentLogger,
      openSocket: this.sockets.open,
    });
    this.session.onDidChangeState(state => this.states.push(state));
    this.session.start();
  }

  get socket(): FakeRelaySocket {
    return this.sockets.last;
  }

  get kinds(): string[] {
    return this.states.map(state => state.kind);
  }

  hello(newest = 0, oldest = 1): void {
    this.socket.say({ type: "hello", channel: channel.channel, oldest, newest, window: 8, heartbeatInterval });
  }

  goLive(newest = 0): void {
    this.hello(newest);
    this.socket.say({ type: "live", newest });
  }

  problemCode(): string | undefined {
    const { state } = this.session;
    return state.kind === "reconnecting" || state.kind === "refused" ? state.problem.code : undefined;
  }
}

function answered(status: number, rest: Omit<UpgradeAnswer, "status"> = {}): SocketEnding {
  return { kind: "answered", answer: { status, ...rest } };
}

function answer(status: number, code: string): (fixture: Fixture) => void {
  return fixture => fixture.socket.end(answered(status, { code }));
}

function deletion(fixture: Fixture): void {
  fixture.socket.say({ type: "goodbye", reason: "channel-deleted", retryAfter: 0 });
}

async function settle(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

describe("a relay session", () => {
  it("asks for what follows the last stored event, with the key and the protocol's name", () => {
    const { socket, session } = new Fixture(41);
    assert.deepEqual(socket.request, {
      url: "ws://relay.example.com:8080/v1/channels/channel-of-the-test/stream?after=41",
      protocol: "zcn.relay.v1",
      bearer: channel.readKey,
    });
    session.dispose();
  });

  it("stores what came in one go, then acknowledges it once", async () => {
    const fixture = new Fixture();
    fixture.hello(3);
    for (const sequence of [1, 2, 3]) fixture.socket.event(sequence);
    assert.deepEqual(fixture.socket.acks, [], "nothing is acknowledged before it is stored");
    await settle();
    const stored = (sequence: number): object => ({
      sequence,
      receivedAt: 1_000 + sequence,
      payload: Uint8Array.of(sequence),
      isBacklog: true,
    });
    assert.deepEqual(fixture.sink.batches, [[1, 2, 3].map(stored)]);
    assert.deepEqual(fixture.socket.acks, [{ type: "ack", sequence: 3 }]);
    fixture.session.dispose();
  });

  it("says of what it stores whether it came before it was live, by the relay's word", async () => {
    const fixture = new Fixture();
    fixture.hello(1);
    fixture.socket.event(1);
    fixture.socket.say({ type: "live", newest: 1 });
    fixture.socket.event(2);
    await settle();
    assert.deepEqual(
      fixture.sink.batches.flat().map(({ isBacklog }) => isBacklog),
      [true, undefined],
    );
    fixture.session.dispose();
  });

  it("counts down what is missing while it catches up, then is live", async () => {
    const fixture = new Fixture(2);
    fixture.hello(5);
    fixture.socket.event(3);
    fixture.socket.event(4);
    await settle();
    fixture.socket.event(5);
    fixture.socket.say({ type: "live", newest: 5 });
    await settle();
    assert.deepEqual(fixture.states, [
      { kind: "connecting" },
      { kind: "catching-up", behind: 3 },
      { kind: "catching-up", behind: 1 },
      { kind: "catching-up", behind: 0 },
      { kind: "live", since: fixture.clock.now() },
    ]);
    assert.deepEqual(fixture.sink.sequences, [3, 4, 5]);
    fixture.session.dispose();
  });

  it("passes over events it has, and takes a skipped one for a fault of the relay", async () => {
    const fixture = new Fixture(5);
    fixture.hello(7);
    for (const sequence of [4, 5, 6, 6]) fixture.socket.event(sequence);
    await settle();
    assert.deepEqual(fixture.sink.sequences, [6]);
    fixture.socket.event(8);
    assert.equal(fixture.problemCode(), "RELAY_PROTOCOL");
    assert.equal(fixture.socket.terminated, true);
    fixture.session.dispose();
  });

  it("records a gap after what came before it, and acknowledges its end", async () => {
    const fixture = new Fixture(5);
    fixture.hello(20);
    fixture.socket.event(6);
    fixture.socket.say({ type: "gap", from: 7, to: 18, reason: "retention" });
    fixture.socket.event(19);
    await settle();
    assert.deepEqual(fixture.sink.sequences, [6, 19]);
    assert.deepEqual(fixture.sink.gaps, [{ from: 7, to: 18, reason: "retention" }]);
    assert.deepEqual(fixture.socket.acks.at(-1), { type: "ack", sequence: 19 });
    fixture.session.dispose();
  });

  it("goes on after its own last event when the relay's log was reset", async () => {
    const fixture = new Fixture(9);
    fixture.hello(4);
    fixture.socket.say({ type: "gap", from: 5, to: 9, reason: "reset" });
    fixture.socket.event(10);
    await settle();
    assert.deepEqual(fixture.sink.gaps, [{ from: 5, to: 9, reason: "reset" }]);
    assert.deepEqual(fixture.sink.sequences, [10]);
    fixture.session.dispose();
  });

  it("does not acknowledge what could not be stored, says so, and asks for it again", async () => {
    const fixture = new Fixture();
    fixture.goLive();
    fixture.sink.failure = new Error("disk full");
    fixture.socket.event(1);
    await settle();
    assert.deepEqual(fixture.socket.acks, []);
    assert.equal(fixture.problemCode(), "EVENTS_NOT_STORED");
    fixture.sink.failure = undefined;
    fixture.clock.advance(second);
    assert.match(fixture.socket.request.url, /after=0$/);
    fixture.session.dispose();
  });

  it("reads nothing for a moment after it stored what came in, so that what comes meanwhile is stored together", async () => {
    const fixture = new Fixture();
    fixture.goLive();
    fixture.socket.event(1);
    assert.equal(fixture.socket.isPaused, false);
    await settle();
    assert.deepEqual([fixture.socket.isPaused, fixture.socket.acks], [true, [{ type: "ack", sequence: 1 }]]);
    fixture.clock.advance(second / 10);
    assert.equal(fixture.socket.isPaused, false);
    fixture.session.dispose();
  });

  it("reads on while it catches up, and where a read was full", async () => {
    const fixture = new Fixture();
    fixture.hello(1);
    fixture.socket.event(1);
    await settle();
    assert.equal(fixture.socket.isPaused, false);
    fixture.socket.say({ type: "live", newest: 1 });
    fixture.socket.event(2, 0, 60 * 1024);
    await settle();
    assert.equal(fixture.socket.isPaused, false);
    assert.deepEqual(fixture.sink.sequences, [1, 2]);
    fixture.session.dispose();
  });

  it("stores what came before the relay said goodbye: a channel that is deleted has it no more", () => {
    const fixture = new Fixture();
    fixture.goLive();
    fixture.socket.event(1);
    deletion(fixture);
    assert.deepEqual(fixture.sink.sequences, [1]);
    assert.equal(fixture.session.state.kind, "refused");
    fixture.session.dispose();
  });

  it("acknowledges nothing when what came before a goodbye cannot be stored", () => {
    const fixture = new Fixture();
    fixture.goLive();
    fixture.sink.failure = new Error("disk full");
    fixture.socket.event(1);
    fixture.socket.say({ type: "goodbye", reason: "restart", retryAfter: 0 });
    assert.deepEqual(fixture.socket.acks, []);
    assert.equal(fixture.problemCode(), "EVENTS_NOT_STORED");
    fixture.session.dispose();
  });

  it("passes over frames of a later version, text or binary", async () => {
    const fixture = new Fixture();
    fixture.goLive();
    fixture.socket.say({ type: "weather" });
    fixture.socket.sayBytes(Uint8Array.of(9, 9, 9));
    fixture.socket.event(1);
    await settle();
    assert.deepEqual(fixture.sink.sequences, [1]);
    fixture.session.dispose();
  });

  it("ends a connection that says something malformed", () => {
    for (const text of ["not json", "{}", '{"type":"gap"}', '{"type":"hello"}']) {
      const fixture = new Fixture();
      fixture.goLive();
      fixture.socket.sayText(text);
      assert.equal(fixture.problemCode(), "RELAY_PROTOCOL", text);
      fixture.session.dispose();
    }
  });

  it("stops for good on events in an unknown form, and leaves them at the relay", async () => {
    const fixture = new Fixture();
    fixture.hello(2);
    fixture.socket.event(1);
    fixture.socket.event(2, 7);
    await settle();
    assert.equal(fixture.session.state.kind, "refused");
    assert.equal(fixture.problemCode(), "RELAY_UNKNOWN_SCHEME");
    assert.deepEqual(fixture.socket.acks, []);
    fixture.session.dispose();
  });
});

describe("a relay session that loses its connection", () => {
  it("waits longer each time, one attempt at a time, and says when it tries again", () => {
    const fixture = new Fixture(0, 0.999);
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt++) {
      fixture.socket.end({ kind: "failed", cause: "ECONNREFUSED" });
      const { state } = fixture.session;
      assert.ok(state.kind === "reconnecting");
      assert.equal(state.attempt, attempt);
      delays.push(state.retryAt - fixture.clock.now());
      fixture.clock.advance(state.retryAt - fixture.clock.now() - 1);
      assert.equal(fixture.sockets.opened.length, attempt);
      fixture.clock.advance(1);
      assert.equal(fixture.sockets.opened.length, attempt + 1);
    }
    assert.deepEqual(
      delays.map(delay => Math.round(delay / 100) / 10),
      [0.5, 1, 2, 4, 8, 16, 30, 30, 30],
    );
    fixture.session.dispose();
  });

  it("says what is wrong in words that stay the same from one try to the next: counting down is left to the views", () => {
    const fixture = new Fixture(0, 0.999);
    const told = new Set<string>();
    for (let attempt = 1; attempt <= 5; attempt++) {
      fixture.socket.end({ kind: "failed", cause: "ECONNREFUSED" });
      const { state } = fixture.session;
      if (state.kind === "reconnecting") told.add(state.problem.message);
      if (attempt < 5) fixture.clock.advance(10 * second);
    }
    const { state } = fixture.session;
    assert.ok(state.kind === "reconnecting");
    assert.equal(
      state.problem.message,
      "The relay at http://relay.example.com:8080 does not answer. Check that it is running.",
    );
    fixture.session.dispose();
  });

  it("names what stands between, and goes on trying: the relay did not say no", () => {
    const endings: readonly (readonly [SocketEnding, RegExp])[] = [
      [
        { kind: "failed", cause: "ECONNREFUSED", proxy: "10.1.1.9:3128" },
        /^The proxy 10\.1\.1\.9:3128 of this network cannot be reached, and without it neither can the relay/,
      ],
      [answered(407), /^The proxy of this network wants a user and a password/],
      [answered(403), /^A proxy or firewall on the way to the relay .* forbids the connection/],
      [
        answered(404, { isPage: true }),
        /^The address \S+ answered with a web page that is not the relay's \(status 404\)/,
      ],
      [answered(404), /^The address \S+ gave an answer that is not the relay's \(status 404\)/],
      [answered(401), /^The address \S+ gave an answer that is not the relay's \(status 401\)/],
      [answered(400), /^The address \S+ gave an answer that is not the relay's \(status 400\)/],
      [answered(410), /^The address \S+ gave an answer that is not the relay's \(status 410\)/],
      [answered(404, { code: "NOT_FOUND" }), /^The relay at \S+ cannot serve the channel now/],
      [answered(404, { code: "constructor" }), /^The relay at \S+ cannot serve the channel now/],
      [answered(200, { isPage: true }), /^The address \S+ answered with a web page/],
      [
        answered(302, { leadsTo: "https://portal.example" }),
        /redirects to https:\/\/portal\.example, as a network's sign-in page/,
      ],
      [answered(502, { isPage: true }), /^A proxy in front of the relay .* can't reach it \(status 502\)/],
      [answered(426, { code: "UPGRADE_REQUIRED" }), /doesn't pass on WebSocket connections/],
      [answered(429, { code: "TOO_MANY_STREAMS" }), /has reached its limit of editors for this channel/],
      [answered(503, { code: "FULL" }), /has reached its limit of connected editors/],
      [{ kind: "closed", code: 4404 }, /closed the connection/],
    ];
    for (const [ending, sentence] of endings) {
      const fixture = new Fixture();
      fixture.socket.end(ending);
      const { state } = fixture.session;
      assert.ok(state.kind === "reconnecting");
      assert.match(state.problem.message, sentence);
      fixture.session.dispose();
    }
  });

  it("begins anew with short pauses once it has been live", () => {
    const fixture = new Fixture();
    for (let attempt = 1; attempt <= 3; attempt++) {
      fixture.socket.end({ kind: "closed", code: 1006 });
      fixture.clock.advance(2 * second);
    }
    fixture.goLive();
    fixture.socket.end({ kind: "closed", code: 1006 });
    const { state } = fixture.session;
    assert.ok(state.kind === "reconnecting" && state.attempt === 1);
    fixture.session.dispose();
  });

  it("gives up on a relay that does not say hello in time", () => {
    const fixture = new Fixture();
    fixture.clock.advance(10 * second);
    assert.equal(fixture.problemCode(), "RELAY_NO_ANSWER");
    assert.equal(fixture.socket.terminated, true);
    fixture.session.dispose();
  });

  it("takes a relay that is silent for two heartbeats for dead, and no other", () => {
    const fixture = new Fixture();
    fixture.goLive();
    for (let beat = 1; beat <= 4; beat++) {
      fixture.clock.advance(heartbeatInterval);
      assert.equal(fixture.socket.pings, beat);
      fixture.socket.answerPing();
    }
    fixture.clock.advance(2 * heartbeatInterval);
    assert.equal(fixture.session.state.kind, "live");
    fixture.clock.advance(heartbeatInterval);
    assert.equal(fixture.problemCode(), "RELAY_SILENT");
    fixture.session.dispose();
  });

  it("connects at once after the machine has slept, whether it was live or waiting", () => {
    const fixture = new Fixture();
    fixture.goLive();
    fixture.clock.jump(60 * minute);
    fixture.clock.advance(5 * second);
    assert.equal(fixture.session.state.kind, "connecting");
    assert.equal(fixture.sockets.opened.length, 2);
    assert.equal(fixture.sockets.opened[0]?.terminated, true);
    for (let attempt = 0; attempt < 8; attempt++) {
      fixture.socket.end({ kind: "failed", cause: "ECONNREFUSED" });
      if (attempt < 7) fixture.clock.advance(30 * second);
    }
    const opened = fixture.sockets.opened.length;
    fixture.clock.jump(60 * minute);
    fixture.clock.advance(0);
    assert.equal(fixture.sockets.opened.length, opened + 1);
    assert.equal(fixture.session.state.kind, "connecting");
    fixture.session.dispose();
  });

  it("comes back when the relay asked for it, no sooner", () => {
    const fixture = new Fixture();
    fixture.goLive();
    fixture.socket.say({ type: "goodbye", reason: "restart", retryAfter: 4 * second });
    assert.equal(fixture.problemCode(), "RELAY_RESTARTING");
    fixture.clock.advance(4 * second - 1);
    assert.equal(fixture.sockets.opened.length, 1);
    fixture.clock.advance(1);
    assert.equal(fixture.sockets.opened.length, 2);
    fixture.session.dispose();
  });

  it("tries at once when asked, and not twice", () => {
    const fixture = new Fixture();
    fixture.socket.end({ kind: "failed", cause: "ECONNREFUSED" });
    fixture.session.retryNow();
    fixture.session.retryNow();
    fixture.clock.advance(5 * second);
    assert.equal(fixture.sockets.opened.length, 2);
    fixture.session.dispose();
  });
});

describe("a relay session that is refused", () => {
  it("stops and says so: wrong key, unknown channel, channel deleted", () => {
    const cases = [
      [answer(401, "WRONG_KEY"), "RELAY_WRONG_KEY"],
      [answer(404, "UNKNOWN_CHANNEL"), "RELAY_UNKNOWN_CHANNEL"],
      [answer(400, "WRONG_PROTOCOL"), "RELAY_NOT_UNDERSTOOD"],
      [answer(400, "MALFORMED_RESUME"), "RELAY_NOT_UNDERSTOOD"],
      [deletion, "RELAY_CHANNEL_DELETED"],
    ] as const;
    for (const [end, code] of cases) {
      const fixture = new Fixture();
      end(fixture);
      assert.equal(fixture.session.state.kind, "refused");
      assert.equal(fixture.problemCode(), code);
      fixture.clock.jump(60 * minute);
      fixture.clock.advance(60 * minute);
      assert.equal(fixture.sockets.opened.length, 1, "does not try again by itself");
      fixture.session.retryNow();
      assert.equal(fixture.sockets.opened.length, 2);
      fixture.session.dispose();
    }
  });

  it("goes on trying where the relay only cannot serve now", () => {
    const answers = [answered(500, { code: "UNEXPECTED" }), answered(503, { code: "NOT_READY" })];
    for (const ending of answers) {
      const fixture = new Fixture();
      fixture.socket.end(ending);
      assert.equal(fixture.problemCode(), "RELAY_ERROR_ANSWER");
      fixture.clock.advance(second);
      assert.equal(fixture.sockets.opened.length, 2);
      fixture.session.dispose();
    }
  });
});

describe("a disposed relay session", () => {
  it("has ended its socket, keeps no timer, and is deaf", async () => {
    const fixture = new Fixture();
    fixture.goLive();
    fixture.socket.event(1);
    fixture.session.dispose();
    fixture.socket.event(2);
    fixture.socket.end({ kind: "closed", code: 1000 });
    await settle();
    assert.equal(fixture.socket.terminated, true);
    assert.equal(fixture.clock.pending, 0);
    assert.deepEqual(fixture.sink.sequences, []);
    assert.equal(fixture.kinds.at(-1), "off");
    fixture.session.start();
    assert.equal(fixture.sockets.opened.length, 1);
  });
});
