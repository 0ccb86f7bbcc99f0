import assert from "node:assert/strict";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, describe, it } from "node:test";
import { Emitter } from "../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { type RelayChannel, createRelayChannel } from "../../../src/core/relay/relayChannel.ts";
import type { RelayState } from "../../../src/core/relay/relaySession.ts";
import { SenderAnswer } from "../../../src/core/tunnel/senderAnswer.ts";
import { succeed } from "../../../src/base/result.ts";
import type { ChosenAnswer } from "../../../src/protocol/chosenAnswer.ts";
import { RecordingLogger } from "../../unit/core/connections/recordingLogger.ts";
import { startTestRelay } from "../../support/testRelay.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";

const answer: ChosenAnswer = { status: 202, headers: [["X-A", "1"]], body: "thanks" };
const live: RelayState = { kind: "live", since: 0 };

/** A tunnel that is at `channel`, and says what it is told to. */
class PlayedTunnel {
  channel: RelayChannel | undefined;
  state: RelayState = { kind: "off" };
  readonly #changed = new Emitter<RelayState>();
  readonly onDidChangeState = this.#changed.event;

  constructor(channel: RelayChannel) {
    this.channel = channel;
  }

  go(state: RelayState): void {
    this.state = state;
    this.#changed.fire(state);
  }

  async waitForAddress() {
    return Promise.resolve(succeed(this.channel?.ingestUrl ?? ""));
  }
}

async function aChannel(test: TestContext): Promise<RelayChannel> {
  const { url } = await startTestRelay(test);
  return valueOf(await createRelayChannel(url));
}

function open(test: TestContext, tunnel: PlayedTunnel, logger = silentLogger): SenderAnswer {
  const senderAnswer = new SenderAnswer(tunnel, logger);
  test.after(() => senderAnswer.dispose());
  return senderAnswer;
}

/** A relay of before there were answers: it knows the channel, and no such address. */
async function anOldRelay(test: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  return listening(test, server);
}

async function listening(test: TestContext, server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function problemAt(test: TestContext, status: number, body: string): Promise<string> {
  const channel = { ...(await aChannel(test)), relayUrl: await anOldRelay(test, status, body) };
  const outcome = await open(test, new PlayedTunnel(channel)).choose(answer);
  assert.ok(!outcome.ok);
  return outcome.error.code;
}

describe("what senders to this editor's address get", () => {
  it("is chosen at the relay, shown, and taken back", async test => {
    const channel = await aChannel(test);
    const senderAnswer = open(test, new PlayedTunnel(channel));
    let told = 0;
    senderAnswer.onDidChange(() => (told += 1));
    assert.equal(valueOf(await senderAnswer.read()), undefined);
    assert.deepEqual(valueOf(await senderAnswer.choose(answer)), answer);
    assert.deepEqual(senderAnswer.known, answer);
    const sent = await fetch(channel.ingestUrl, { method: "POST", body: "{}" });
    assert.deepEqual([sent.status, sent.headers.get("x-a"), await sent.text()], [202, "1", "thanks"]);
    assert.equal(valueOf(await senderAnswer.choose(undefined)), undefined);
    assert.equal(senderAnswer.known, undefined);
    assert.equal((await fetch(channel.ingestUrl, { method: "POST", body: "{}" })).status, 200);
    assert.equal(told, 3);
  });

  it("is asked for when the stream goes live, once each time, and holds for its channel alone", async test => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ answer }));
    });
    const channel = { ...(await aChannel(test)), relayUrl: await listening(test, server) };
    const tunnel = new PlayedTunnel(channel);
    const senderAnswer = open(test, tunnel);
    for (let time = 1; time <= 2; time++) {
      const learned = new Promise<void>(resolve => senderAnswer.onDidChange(() => resolve()));
      tunnel.go({ kind: "connecting" });
      tunnel.go(live);
      tunnel.go(live);
      await learned;
      assert.deepEqual([senderAnswer.known, asked], [answer, time]);
    }
    tunnel.channel = await aChannel(test);
    assert.equal(senderAnswer.known, undefined);
  });

  it("is asked for at once where the stream is live already", async test => {
    const channel = await aChannel(test);
    valueOf(await open(test, new PlayedTunnel(channel)).choose(answer));
    const tunnel = new PlayedTunnel(channel);
    tunnel.go(live);
    const senderAnswer = open(test, tunnel);
    await new Promise<void>(resolve => senderAnswer.onDidChange(() => resolve()));
    assert.deepEqual(senderAnswer.known, answer);
  });

  it("is what was asked for last, though the answer to an earlier question comes later", async test => {
    const [isAsked, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const server = createServer((request, response) => {
      const answerNow = (shown: unknown): unknown => response.end(JSON.stringify({ answer: shown }));
      if (request.method === "PUT") answerNow(answer);
      else {
        isAsked.resolve(undefined);
        void goOn.promise.then(() => answerNow(null));
      }
    });
    const channel = { ...(await aChannel(test)), relayUrl: await listening(test, server) };
    const senderAnswer = open(test, new PlayedTunnel(channel));
    const read = senderAnswer.read();
    await isAsked.promise;
    valueOf(await senderAnswer.choose(answer));
    goOn.resolve(undefined);
    await read;
    assert.deepEqual(senderAnswer.known, answer);
  });

  it("cannot be chosen at a relay that is too old, which is what the person is told", async test => {
    const unknownPath = '{"error":{"code":"UNKNOWN_PATH","message":"There is nothing at this address."}}';
    assert.equal(await problemAt(test, 404, unknownPath), "RELAY_CANNOT_ANSWER");
    assert.equal(await problemAt(test, 200, '{"channel":"x"}'), "RELAY_CANNOT_ANSWER");
    const channel = { ...(await aChannel(test)), relayUrl: await anOldRelay(test, 404, unknownPath) };
    const outcome = await open(test, new PlayedTunnel(channel)).read();
    assert.ok(!outcome.ok);
    assert.match(outcome.error.message, /^The relay at http:\S+ is too old to send an answer that you choose\./);
    assert.equal(outcome.error.remedy, "configure-relay");
  });

  it("says nothing to anybody when the stream goes live at such a relay, but in the log", async test => {
    const unknownPath = '{"error":{"code":"UNKNOWN_PATH","message":""}}';
    const channel = { ...(await aChannel(test)), relayUrl: await anOldRelay(test, 404, unknownPath) };
    const logger = new RecordingLogger();
    const tunnel = new PlayedTunnel(channel);
    const senderAnswer = open(test, tunnel, logger);
    tunnel.go(live);
    while (logger.lines.length === 0) await new Promise(resolve => setImmediate(resolve));
    assert.match(logger.lines.join("\n"), /RELAY_CANNOT_ANSWER/);
    assert.equal(senderAnswer.known, undefined);
  });

  it("takes what something in the relay's place answers for no word of the relay", async test => {
    assert.equal(await problemAt(test, 404, "404 page not found"), "RELAY_NOT_A_RELAY");
    assert.equal(await problemAt(test, 404, "<!doctype html>"), "RELAY_WEB_PAGE");
    assert.equal(await problemAt(test, 502, "Bad Gateway"), "RELAY_BEHIND_GATEWAY");
  });

  it("is the owner's alone to choose", async test => {
    const coded = '{"error":{"code":"READ_ONLY_KEY","message":""}}';
    assert.equal(await problemAt(test, 403, coded), "RELAY_NOT_OWNER");
  });

  it("tells a relay that refuses the answer from one that does not know the channel or cannot now", async test => {
    const coded = (code: string): string => JSON.stringify({ error: { code, message: "" } });
    assert.equal(await problemAt(test, 400, coded("MALFORMED_ANSWER")), "RELAY_ANSWER_NOT_GIVEN");
    assert.equal(await problemAt(test, 404, coded("UNKNOWN_CHANNEL")), "RELAY_UNKNOWN_CHANNEL");
    assert.equal(await problemAt(test, 401, coded("WRONG_KEY")), "RELAY_WRONG_KEY");
    assert.equal(await problemAt(test, 503, coded("STORAGE_DOWN")), "RELAY_DECLINED");
  });
});
