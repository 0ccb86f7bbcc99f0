import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import { RelaySession, type RelayState } from "../../../src/core/relay/relaySession.ts";
import { setChannelKey } from "../../../src/core/relay/channelKey.ts";
import { startChildServer } from "../../support/childServer.ts";
import { Ingress } from "../../support/ingress.ts";
import { MemorySink } from "../../support/memorySink.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { post, startTestRelay } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));

async function reach(session: RelaySession, isReached: (state: RelayState) => boolean): Promise<RelayState> {
  if (isReached(session.state)) return session.state;
  return new Promise(resolve => {
    const subscription = session.onDidChangeState(state => {
      if (!isReached(state)) return;
      subscription.dispose();
      resolve(state);
    });
  });
}

const isLive = ({ kind }: RelayState): boolean => kind === "live";

function isRetrying(code: string): (state: RelayState) => boolean {
  return state => state.kind === "reconnecting" && state.problem.code === code;
}

async function startSession(test: TestContext, ingress: Ingress, relayUrl: string): Promise<RelaySessionFixture> {
  const created = await createRelayChannel(relayUrl);
  assert.ok(created.ok);
  const sink = new MemorySink();
  const channel = { ...created.value, relayUrl: ingress.url };
  const session = new RelaySession({ channel, sink, clock: systemClock, random: () => 0, logger: silentLogger });
  test.after(() => session.dispose());
  session.start();
  return { session, sink, path: `/in/${channel.channel}` };
}

interface RelaySessionFixture {
  readonly session: RelaySession;
  readonly sink: MemorySink;
  readonly path: string;
}

const answers = [
  [404, "text/plain", "404 page not found\n", "RELAY_NOT_ITS_ANSWER"],
  [404, "text/html", "<html><h1>404 Not Found</h1></html>", "RELAY_WEB_PAGE"],
  [502, "text/html", "<html><h1>502 Bad Gateway</h1></html>", "RELAY_BEHIND_GATEWAY"],
  [503, "text/plain", "no healthy upstream", "RELAY_BEHIND_GATEWAY"],
  [401, "application/json", '{"error":"sign in first"}', "RELAY_NOT_ITS_ANSWER"],
  [400, "text/html", "<html>Bad Request</html>", "RELAY_WEB_PAGE"],
  [200, "text/html", "<html>Welcome to Hotel Wi-Fi</html>", "RELAY_WEB_PAGE"],
] as const;

describe("an ingress in front of a relay that restarts", { timeout: 60_000 }, () => {
  it("answers in its place for a while; then what came in meanwhile arrives, and what comes after", async test => {
    const dataDir = temporaryFolder(test);
    const ingress = await Ingress.open(test);
    let server = await startChildServer(test, script, ["--data-dir", dataDir]);
    ingress.lead(server.url);
    const { session, sink, path } = await startSession(test, ingress, server.url);
    for (const [status, contentType, body, code] of answers) {
      await reach(session, isLive);
      assert.equal(await post(server.url + path, `before ${status}`), 200);
      const named = reach(session, isRetrying(code));
      ingress.answerItself({ status, contentType, body });
      await server.end("SIGTERM");
      session.retryNow();
      await named;
      server = await startChildServer(test, script, ["--data-dir", dataDir]);
      assert.equal(await post(server.url + path, `while ${status}`), 200);
      ingress.lead(server.url);
      session.retryNow();
    }
    await reach(session, isLive);
    const count = answers.length * 2;
    assert.deepEqual(
      sink.sequences,
      Array.from({ length: count }, (_, index) => index + 1),
    );
    assert.deepEqual(sink.gaps, []);
  });

  it("is not taken for the relay's word either when it says so for ever, or without an end", async test => {
    const relay = await startTestRelay(test);
    const ingress = await Ingress.open(test);
    ingress.answerItself({ status: 404, contentType: "text/html", body: "x".repeat(100_000) });
    const { session } = await startSession(test, ingress, relay.url);
    for (let round = 0; round < 3; round++) {
      await reach(session, isRetrying("RELAY_WEB_PAGE"));
      session.retryNow();
    }
    assert.ok(ingress.refused >= 3);
    ingress.lead(relay.url);
    session.retryNow();
    await reach(session, isLive);
  });

  it("does not pass for a relay that is too old to seal, when a key is set", async test => {
    const { url } = await startTestRelay(test);
    const created = await createRelayChannel(url);
    assert.ok(created.ok);
    const front = createServer((_request, response) => response.writeHead(404).end("404 page not found\n"));
    test.after(() => front.close());
    await new Promise<void>(resolve => front.listen(0, "127.0.0.1", resolve));
    const address = front.address();
    assert.ok(typeof address === "object" && address !== null);
    const relayUrl = `http://127.0.0.1:${address.port}`;
    const set = await setChannelKey({ ...created.value, relayUrl }, created.value.keys[0]?.publicKey ?? "");
    assert.ok(!set.ok && set.error.code === "RELAY_NOT_A_RELAY");
  });
});

describe("a relay that says no itself, behind an ingress", { timeout: 30_000 }, () => {
  it("is believed at once", async test => {
    const relay = await startTestRelay(test);
    const ingress = await Ingress.open(test);
    ingress.lead(relay.url);
    const created = await createRelayChannel(relay.url);
    assert.ok(created.ok);
    const channel = { ...created.value, relayUrl: ingress.url, readKey: "not-the-key-of-this-channel" };
    const sink = new MemorySink();
    const session = new RelaySession({ channel, sink, clock: systemClock, random: () => 0, logger: silentLogger });
    test.after(() => session.dispose());
    session.start();
    const state = await reach(session, ({ kind }) => kind === "refused");
    assert.ok(state.kind === "refused" && state.problem.code === "RELAY_WRONG_KEY");
  });
});
