import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { type RelayChannel, createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import { RelaySession, type RelayState } from "../../../src/core/relay/relaySession.ts";
import { startChildServer } from "../../support/childServer.ts";
import { CuttableLink } from "../../support/cuttableLink.ts";
import { startTlsFront } from "../../support/companyNetwork/tlsFront.ts";
import { MemorySink } from "../../support/memorySink.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { post, startTestRelay } from "../../support/testRelay.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));

async function newChannel(url: string): Promise<RelayChannel> {
  const created = await createRelayChannel(url);
  assert.ok(created.ok);
  return created.value;
}

function startSession(test: TestContext, channel: RelayChannel, sink: MemorySink): RelaySession {
  const session = new RelaySession({ channel, sink, clock: systemClock, random: () => 0, logger: silentLogger });
  test.after(() => session.dispose());
  session.start();
  return session;
}

async function reach(session: RelaySession, kind: RelayState["kind"]): Promise<RelayState> {
  if (session.state.kind === kind) return session.state;
  return new Promise(resolve => {
    const subscription = session.onDidChangeState(state => {
      if (state.kind !== kind) return;
      subscription.dispose();
      resolve(state);
    });
  });
}

describe("a session with a real relay", () => {
  it("goes through kills of the relay and misses nothing", async test => {
    const dataDir = temporaryFolder(test);
    let server = await startChildServer(test, script, ["--data-dir", dataDir]);
    const port = new URL(server.url).port;
    const channel = await newChannel(server.url);
    const sink = new MemorySink();
    const session = startSession(test, channel, sink);
    for (let round = 1; round <= 3; round++) {
      await reach(session, "live");
      const reconnecting = reach(session, "reconnecting");
      for (let count = 1; count <= 5; count++) assert.equal(await post(channel.ingestUrl, `${round}/${count}`), 200);
      await server.end("SIGKILL");
      await reconnecting;
      server = await startChildServer(test, script, ["--data-dir", dataDir, "--port", port]);
    }
    await reach(session, "live");
    assert.deepEqual(
      sink.sequences,
      Array.from({ length: 15 }, (_, index) => index + 1),
    );
  });

  it("catches up with more than several windows of events", async test => {
    const { url } = await startTestRelay(test, { window: 16 });
    const channel = await newChannel(url);
    for (let batch = 0; batch < 10; batch++) {
      const statuses = await Promise.all(Array.from({ length: 20 }, async () => post(channel.ingestUrl, "x")));
      assert.ok(statuses.every(status => status === 200));
    }
    const sink = new MemorySink();
    await reach(startSession(test, channel, sink), "live");
    assert.deepEqual(
      sink.sequences,
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
  });

  it("notices a link that is cut without a word, comes back over another, and gets each event once", async test => {
    const { url } = await startTestRelay(test, { heartbeatInterval: 200 });
    const link = await CuttableLink.open(test, url);
    const channel = { ...(await newChannel(url)), relayUrl: link.url };
    const sink = new MemorySink();
    const session = startSession(test, channel, sink);
    for (let round = 1; round <= 5; round++) {
      await reach(session, "live");
      assert.equal(await post(channel.ingestUrl, `${round}, over the line`), 200);
      const reconnecting = reach(session, "reconnecting");
      link.cut();
      for (let count = 1; count <= 9; count++) assert.equal(await post(channel.ingestUrl, "into the void"), 200);
      await reconnecting;
    }
    await reach(session, "live");
    assert.deepEqual(
      sink.sequences,
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    assert.equal(link.connections, 6);
    assert.deepEqual(sink.gaps, []);
  });

  it("is refused with the wrong key", async test => {
    const { url } = await startTestRelay(test);
    const channel = await newChannel(url);
    const session = startSession(test, { ...channel, readKey: "not-the-key-of-this-channel" }, new MemorySink());
    const state = await reach(session, "refused");
    assert.ok(state.kind === "refused" && state.problem.code === "RELAY_WRONG_KEY");
    assert.equal(state.problem.remedy, "configure-relay");
  });
});

describe("a relay whose certificate is not trusted here", () => {
  it("is told from one that does not answer, when a channel is made and when it is read", async test => {
    const relay = await startTestRelay(test);
    const channel = await newChannel(relay.url);
    const front = await startTlsFront(relay.url);
    test.after(async () => front.close());
    const relayUrl = `https://127.0.0.1:${front.port}`;
    const made = await createRelayChannel(relayUrl);
    assert.ok(!made.ok && made.error.code === "RELAY_NOT_TRUSTED", JSON.stringify(made));
    const state = await reach(startSession(test, { ...channel, relayUrl }, new MemorySink()), "reconnecting");
    assert.ok(state.kind === "reconnecting" && state.problem.code === "RELAY_NOT_TRUSTED");
    assert.match(state.problem.message, /certificate is not trusted here\. Check whether a proxy/);
  });
});

/** A server that is no relay; gives its address. */
async function strangerAnswering(test: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  test.after(() => server.close());
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

describe("making a channel", () => {
  it("gives an address under the relay and a key, and none without the create key", async test => {
    const { url } = await startTestRelay(test, { createKey: "the-create-key" });
    const refused = await createRelayChannel(url);
    assert.ok(!refused.ok && refused.error.code === "RELAY_NEEDS_CREATE_KEY");
    assert.equal(refused.error.message, "This relay needs a create key. Ask its operator for a join link.");
    const wrong = await createRelayChannel(url, { createKey: "another-key" });
    assert.ok(!wrong.ok && wrong.error.code === "RELAY_WRONG_CREATE_KEY");
    assert.deepEqual([refused.error.remedy, wrong.error.remedy], ["join-relay", "join-relay"]);
    const created = await createRelayChannel(`${url}/`, { createKey: "the-create-key" });
    assert.ok(created.ok);
    assert.equal(created.value.relayUrl, url);
    assert.equal(created.value.ingestUrl, `${url}/in/${created.value.channel}`);
  });

  it("says where there is no relay: nothing, or something else", async test => {
    const unreachable = await createRelayChannel("http://127.0.0.1:1");
    assert.ok(!unreachable.ok && unreachable.error.code === "RELAY_UNREACHABLE");
    const answers = [
      [200, "<html>hello</html>", "RELAY_WEB_PAGE"],
      [401, "<!doctype html><p>Sign in", "RELAY_WEB_PAGE"],
      [401, '{"error":"unauthorized"}', "RELAY_NOT_A_RELAY"],
      [502, "<html>Bad Gateway</html>", "RELAY_BEHIND_GATEWAY"],
    ] as const;
    for (const [status, body, code] of answers) {
      const made = await createRelayChannel(await strangerAnswering(test, status, body));
      assert.ok(!made.ok && made.error.code === code, JSON.stringify(made));
    }
  });
});
