import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import * as v from "valibot";
import fc from "fast-check";
import { type ChosenAnswer, faultOfAnswer } from "../../../src/protocol/chosenAnswer.ts";
import { type ChannelCreated, relayErrorSchema, relayPaths } from "../../../src/protocol/relayApi.ts";
import { type Relay, type RelayOptions, createRelay } from "../../../src/relay/relay.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { PublicDoor } from "../../../src/core/address/publicDoor.ts";
import { day, systemClock } from "../../../src/base/clock.ts";
import { succeed } from "../../../src/base/result.ts";
import { startNatsServers } from "../../support/natsServers.ts";
import { type RawAnswer, sendRaw } from "../../support/rawHttp.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { createTestChannel, startTestRelay } from "../../support/testRelay.ts";

/** Starts nodes that share what they keep; SQLite has one at a time. */
type Engine = (test: TestContext) => Promise<(options?: Partial<RelayOptions>) => Promise<Relay>>;

const sqlite: Engine = async test => {
  const relays = closedWith(test);
  const dataDir = temporaryFolder(test);
  return Promise.resolve(async options => relays.start({ dataDir, ...options }));
};

const jetStream: Engine = async test => {
  // Hooks run in the order in which they were registered: relays let go of their server before that is killed.
  const relays = closedWith(test);
  const [server] = await startNatsServers(test, 1);
  const shared = { dataDir: "", natsServers: [server?.url ?? ""], replicas: 1, shards: 1 };
  return async options => relays.start({ ...shared, ...options });
};

function closedWith(test: TestContext) {
  const started: Relay[] = [];
  test.after(async () => Promise.all(started.map(async relay => relay.close())));
  return {
    async start(options: Partial<RelayOptions> & { readonly dataDir: string }): Promise<Relay> {
      const relay = await createRelay(options);
      started.push(relay);
      return relay;
    },
  };
}

/** Asks the relay at `url` about the channel's answer; status and body. */
async function ask(url: string, { channel, readKey }: ChannelCreated, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${readKey}` };
  const answer = await fetch(url + relayPaths.channelAnswer(channel), { headers, ...init });
  return [answer.status, await answer.json()] as const;
}

async function choose(url: string, created: ChannelCreated, answer: unknown) {
  return ask(url, created, { method: "PUT", body: JSON.stringify({ answer }) });
}

/** Chooses what the relay is sure to give. */
async function chosen(url: string, created: ChannelCreated, answer: ChosenAnswer | null): Promise<void> {
  assert.deepEqual(await choose(url, created, answer), [200, { answer }]);
}

async function codeOf(answered: Promise<readonly [number, unknown]>): Promise<readonly [number, string]> {
  const [status, body] = await answered;
  return [status, v.parse(relayErrorSchema, body).error.code];
}

/** Sends a request to the channel at `url`, byte for byte as here. */
async function send(url: string, { channel }: ChannelCreated, line = "POST", body = "{}"): Promise<RawAnswer> {
  const [method = "", query = ""] = line.split(" ");
  const head = `${method} /in/${channel}${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}`;
  return sendRaw(url, `${head}\r\n\r\n${body}`);
}

async function newestOf(url: string, { channel, readKey }: ChannelCreated): Promise<number> {
  const headers = { authorization: `Bearer ${readKey}` };
  const described: unknown = await (await fetch(url + relayPaths.channel(channel), { headers })).json();
  return v.parse(v.object({ newest: v.number() }), described).newest;
}

const thanks: ChosenAnswer = {
  status: 202,
  headers: [
    ["X-Kept-By", "the relay"],
    ["Content-Type", "application/json"],
  ],
  body: '{"gracias":"ñ"}',
};
const guards = [
  /^x-content-type-options: nosniff$/m,
  /^content-security-policy: default-src 'none'; frame-ancestors 'none'; sandbox$/m,
  /^cache-control: no-store$/m,
  /^x-zoho-crm-notifications-answer: chosen$/m,
];

for (const [name, open] of [
  ["SQLite", sqlite],
  ["NATS JetStream", jetStream],
] as const) {
  describe(`the answer chosen for a channel, kept in ${name}`, () => {
    it("is what its senders get, and nobody else's, until it is taken back", async test => {
      const { url } = await (await open(test))();
      const [one, other] = [await createTestChannel(url), await createTestChannel(url)];
      const before = await send(url, one);
      assert.deepEqual([before.status, before.body], [200, '{"ok":true}']);
      assert.doesNotMatch(before.head, /nosniff|security|answer/);
      assert.deepEqual(await ask(url, one), [200, { answer: null }]);
      await chosen(url, one, thanks);
      assert.deepEqual(await ask(url, one), [200, { answer: thanks }]);
      const { status, head, body } = await send(url, one);
      assert.deepEqual([status, Buffer.from(body, "latin1").toString()], [202, thanks.body]);
      for (const line of [/^X-Kept-By: the relay$/m, /^Content-Type: application\/json$/m, ...guards]) {
        assert.match(head.replaceAll("\r", ""), line);
      }
      assert.equal((await send(url, other)).body, '{"ok":true}');
      await chosen(url, one, null);
      assert.equal((await send(url, one)).body, '{"ok":true}');
    });

    it("outlives the relay's restart", async test => {
      const start = await open(test);
      const first = await start();
      const created = await createTestChannel(first.url);
      await chosen(first.url, created, thanks);
      await first.close();
      const again = await start();
      assert.equal((await send(again.url, created)).status, 202);
      assert.deepEqual(await ask(again.url, created), [200, { answer: thanks }]);
    });

    it("comes after the event is kept, whatever its status says", async test => {
      const { url } = await (await open(test))();
      const created = await createTestChannel(url);
      const statuses = [200, 204, 205, 301, 304, 404, 418, 429, 500, 503, 599];
      for (const status of statuses) {
        await chosen(url, created, { status, headers: [], body: "" });
        const answer = await send(url, created);
        assert.deepEqual([answer.status, answer.body], [status, ""]);
      }
      assert.equal(await newestOf(url, created), statuses.length);
    });

    it("is not given for an event that could not be kept: that is answered as ever", async test => {
      const { url } = await (await open(test))({ maxStorageBytes: 1_000_000, logLevel: "silent" });
      const created = await createTestChannel(url);
      await chosen(url, created, thanks);
      let kept = 0;
      for (let refused = false; !refused;) {
        assert.ok(kept < 100, "the storage is full at last");
        const { status, head, body } = await send(url, created, "POST", "x".repeat(100_000));
        refused = status !== 202;
        if (!refused) kept += 1;
        else {
          assert.deepEqual([status, v.parse(relayErrorSchema, JSON.parse(body)).error.code], [503, "STORAGE_DOWN"]);
          assert.match(head, /^retry-after: 5\r?$/im);
          assert.doesNotMatch(head, /x-kept-by|notifications-answer/i);
        }
      }
      assert.ok(kept > 0);
      assert.equal(await newestOf(url, created), kept);
    });

    it("is the challenge, as plain text, for those who bring one; and their requests are kept too", async test => {
      const { url } = await (await open(test))();
      const created = await createTestChannel(url);
      await chosen(url, created, { ...thanks, challenge: { from: "query", name: "hub.challenge" } });
      const script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
      const { status, head, body } = await send(url, created, `GET ?hub.mode=subscribe&hub.challenge=${script}`, "");
      assert.deepEqual([status, body], [200, "<script>alert(1)</script>"]);
      for (const line of [/^content-type: text\/plain; charset=utf-8$/m, ...guards]) {
        assert.match(head.replaceAll("\r", ""), line);
      }
      assert.doesNotMatch(head, /application\/json|x-kept-by/i);
      assert.equal((await send(url, created)).status, 202);
      await chosen(url, created, { ...thanks, challenge: { from: "body", name: "challenge" } });
      const slack = '{"type":"url_verification","challenge":"<b>3eZbrw1a"}';
      const verified = await send(url, created, "POST", slack);
      assert.deepEqual([verified.status, verified.body], [200, "<b>3eZbrw1a"]);
      const reader = await RelayReader.open(url, created);
      await reader.expect("hello");
      assert.equal((await reader.expectRequest()).query, `hub.mode=subscribe&hub.challenge=${script}`);
      await reader.expectRequest();
      assert.equal(Buffer.from((await reader.expectRequest()).body).toString(), slack);
      await reader.close();
    });

    it("is for the channel's read key alone to see and to choose", async test => {
      const { url } = await (await open(test))();
      const [one, other] = [await createTestChannel(url), await createTestChannel(url)];
      const stranger = { ...one, readKey: other.readKey };
      assert.deepEqual(await codeOf(ask(url, stranger)), [401, "WRONG_KEY"]);
      assert.deepEqual(await codeOf(choose(url, stranger, thanks)), [401, "WRONG_KEY"]);
      assert.deepEqual(await codeOf(ask(url, one, { headers: {} })), [401, "WRONG_KEY"]);
      const unknown = { ...one, channel: "nosuchchannel-nosuch" };
      assert.deepEqual(await codeOf(choose(url, unknown, thanks)), [404, "UNKNOWN_CHANNEL"]);
      const headers = { authorization: `Bearer ${one.readKey}` };
      assert.deepEqual(await codeOf(ask(url, one, { method: "DELETE", headers })), [405, "METHOD_NOT_ALLOWED"]);
      assert.equal((await send(url, one)).body, '{"ok":true}');
    });

    it("is refused where it could break a message or reach further, and what was chosen before stays", async test => {
      const { url } = await (await open(test))();
      const created = await createTestChannel(url);
      await chosen(url, created, thanks);
      for (const answer of [
        ...[101, 199, 206, 600, "200", null].map(status => ({ ...thanks, status })),
        ...[204, 304].map(status => ({ ...thanks, status })),
        ...["X-A\r\nSet-Cookie", "X A", "", "Set-Cookie", "Transfer-Encoding", "Date"].map(name => ({
          ...thanks,
          headers: [[name, "x"]],
        })),
        ...["a\r\nSet-Cookie: b=c", "a\r\n\r\n<script>", "a\nb", "a\0", "", "ñ"].map(value => ({
          ...thanks,
          headers: [["X-A", value]],
        })),
        { ...thanks, headers: [["Content-Type", "text/html"]] },
        { ...thanks, headers: [["X-A"]] },
        { ...thanks, headers: { "X-A": "b" } },
        { ...thanks, body: "x".repeat(4_097) },
        { ...thanks, body: 7 },
        { ...thanks, challenge: { from: "header", name: "x" } },
        { ...thanks, challenge: { from: "query", name: "a b" } },
        { ...thanks, delay: 5 },
        {},
        "thanks",
      ]) {
        assert.deepEqual(await codeOf(choose(url, created, answer)), [400, "MALFORMED_ANSWER"], JSON.stringify(answer));
      }
      for (const body of ["", "{", "{}", "[]", '{"answer":null,"more":1}']) {
        const headers = { authorization: `Bearer ${created.readKey}` };
        assert.deepEqual(await codeOf(ask(url, created, { method: "PUT", headers, body })), [400, "MALFORMED_ANSWER"]);
      }
      assert.deepEqual(await codeOf(choose(url, created, { ...thanks, body: "x".repeat(70_000) })), [
        413,
        "BODY_TOO_LARGE",
      ]);
      const { status, head } = await send(url, created);
      assert.equal(status, 202);
      assert.doesNotMatch(head, /set-cookie|script/i);
    });
  });
}

/** Texts that a browser or a parser might make more of. */
const texts = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 100 }),
  fc.constantFrom(
    "<script>alert(1)</script>",
    "a\r\n\r\nHTTP/1.1 200 OK\r\n",
    "\0",
    "\u2028",
    "\ufeff<html>",
    "\ud800",
    "{}",
  ),
);
const harmlessNames = ["X-A", "Content-Type", "Retry-After", "__proto__", "constructor", "Allow", "Server"];
const hostileNames = [
  "Set-Cookie",
  "content-length",
  "Transfer-Encoding",
  "Date",
  "X-A\r\nB",
  "Location",
  "",
  ":",
  "ñ",
];
const names = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...harmlessNames) }, fc.constantFrom(...hostileNames));
const values = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("1", "application/json", "text/plain; charset=utf-8", "a: b; c") },
  fc.constantFrom("text/html", "a\r\nSet-Cookie: b=c", "a\nb", "\0", "", " a", "ñ", "x".repeat(257)),
  texts,
);
const challenges = fc.record({
  from: fc.constantFrom("query" as const, "body" as const),
  name: fc.constantFrom("challenge", "hub.challenge", "a&b=c", "%00", "__proto__"),
});
const answers: fc.Arbitrary<ChosenAnswer> = fc
  .record({
    status: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(200, 202, 301, 404, 503, 599) },
      fc.integer({ min: 90, max: 610 }),
    ),
    headers: fc.array(fc.tuple(names, values), { maxLength: 3 }),
    body: texts,
    challenge: fc.option(challenges, { nil: undefined }),
  })
  .map(({ challenge, ...answer }) => ({ ...answer, ...(challenge && { challenge }) }));

const ownNames = ["date", "connection", "content-length", "content-type", "content-security-policy", "cache-control"];
const knownNames = new Set([...ownNames, "x-content-type-options", "x-zoho-crm-notifications-answer"]);

/** The head has the relay's own headers, once each, and those that were chosen, and no HTML. */
function assertNoMoreThan(head: string, headers: ChosenAnswer["headers"]): void {
  const lines = head.split("\r\n").slice(1);
  const found = lines.map(line => line.slice(0, line.indexOf(":")));
  assert.equal(new Set(found.map(name => name.toLowerCase())).size, found.length, head);
  for (const [name, value] of headers) assert.ok(lines.includes(`${name}: ${value}`), head);
  const chosenNames = new Set(headers.map(([name]) => name));
  assert.deepEqual(
    found.filter(name => !knownNames.has(name) && !chosenNames.has(name) && name !== "Date" && name !== "Connection"),
    [],
  );
  for (const guard of guards) assert.match(lines.join("\n"), guard);
  assert.doesNotMatch(head, /^content-type:.*html|^set-cookie:/im);
}

describe("the answer chosen for a channel, on its way to the sender", () => {
  it("waits until the event is durable", async test => {
    const log = await SqliteEventLog.open({
      directory: temporaryFolder(test),
      retention: { maxAge: day, maxEvents: 10, maxBytes: 1e6, maxStorageBytes: 1e9 },
      clock: systemClock,
      logger: silentRelayLogger,
    });
    const [appending, durable] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const slow: EventLog = Object.assign(Object.create(log) as EventLog, {
      recallChannel: () => undefined,
      findChannel: async (channel: string) =>
        Promise.resolve({ channel, readKeyHash: new Uint8Array(32), createdAt: 0, answer: thanks }),
      append: async () => {
        appending.resolve(undefined);
        await durable.promise;
        return succeed(1);
      },
      close: async () => log.close(),
    });
    const { url } = await startTestRelay(test, {}, { log: slow });
    const answered: number[] = [];
    const sent = fetch(`${url}/in/whatever`, { method: "POST", body: "x" }).then(({ status }) => answered.push(status));
    await appending.promise;
    // Whoever answered too early would have by the time that another request has been answered.
    await fetch(`${url}/healthz`);
    assert.deepEqual(answered, []);
    durable.resolve(undefined);
    await sent;
    assert.deepEqual(answered, [202]);
  });

  it("leaves the connection fit for the next request, with and without a body, and for HEAD", async test => {
    const { url } = await startTestRelay(test);
    const created = await createTestChannel(url);
    const head = (method: string, close = ""): string =>
      `${method} /in/${created.channel} HTTP/1.1\r\nHost: x\r\n${close}Content-Length: 0\r\n\r\n`;
    for (const status of [200, 204, 205, 304, 500]) {
      const body = [200, 500].includes(status) ? "with a body" : "";
      await chosen(url, created, { status, headers: [], body });
      const { head: first, body: rest } = await sendRaw(
        url,
        head("POST") + head("HEAD") + head("GET", "Connection: close\r\n"),
      );
      const answers = `${first}\r\n\r\n${rest}`.split("HTTP/1.1 ").slice(1);
      assert.deepEqual(
        answers.map(answer => Number.parseInt(answer, 10)),
        [status, status, status],
      );
      assert.deepEqual(
        answers.map(answer => answer.split("\r\n\r\n")[1]),
        [body, "", body],
      );
    }
    assert.equal(await newestOf(url, created), 15);
  });

  it("is one whole answer with no more than was chosen, whatever is chosen and whatever is echoed", async test => {
    const { url } = await startTestRelay(test, { maxEventsPerSecond: 0 });
    const created = await createTestChannel(url);
    let given = 0;
    const tried = async (answer: ChosenAnswer, echo: string): Promise<void> => {
      const [status] = await choose(url, created, answer);
      assert.ok(status === 200 || status === 400, `${status} to ${JSON.stringify(answer)}`);
      assert.equal(status, faultOfAnswer(answer) === undefined ? 200 : 400);
      if (status !== 200) return;
      given += 1;
      const plain = await send(url, created);
      assert.deepEqual(
        [plain.status, Buffer.from(plain.body, "latin1").toString()],
        [answer.status, answer.body.toWellFormed()],
      );
      assertNoMoreThan(plain.head, answer.headers);
      const { challenge } = answer;
      if (challenge?.from !== "query" || echo.trim() === "") return;
      const query = `?${new URLSearchParams([[challenge.name, echo]]).toString()}`;
      const { head, body, status: verified } = await send(url, created, `POST ${query}`);
      assert.deepEqual([verified, Buffer.from(body, "latin1").toString()], [200, echo.toWellFormed()]);
      assertNoMoreThan(head, []);
    };
    await fc.assert(fc.asyncProperty(answers, texts, tried), { seed: 20_261_129, numRuns: 600 });
    test.diagnostic(`${given} of 600 were given`);
    assert.ok(given > 100, `${given} were given`);
  });

  it("passes the door of a public address as it is", async test => {
    const relay = await startTestRelay(test);
    const door = await PublicDoor.open({ relay: () => relay.url });
    test.after(() => door.dispose());
    const created = await createTestChannel(relay.url);
    await chosen(relay.url, created, { ...thanks, challenge: { from: "query", name: "validationToken" } });
    const { status, head, body } = await send(door.url, created);
    assert.deepEqual([status, Buffer.from(body, "latin1").toString()], [202, thanks.body]);
    for (const line of guards) assert.match(head.replaceAll("\r", ""), line);
    assert.equal((await send(door.url, created, "POST ?validationToken=a%3Ab+c")).body, "a:b c");
    await chosen(relay.url, created, { status: 204, headers: [], body: "" });
    assert.equal((await send(door.url, created)).status, 204);
    const headers = { authorization: `Bearer ${created.readKey}` };
    const outside = await fetch(door.url + relayPaths.channelAnswer(created.channel), { headers });
    assert.equal(outside.status, 404);
  });
});

describe("the answer chosen for a channel, on another node of the same relay", () => {
  it("is given there at once after it was chosen here, though that node had the channel in memory", async test => {
    const start = await jetStream(test);
    const [one, other] = [await start(), await start()];
    const created = await createTestChannel(one.url);
    assert.equal((await send(other.url, created)).status, 200);
    for (const status of [201, 202, 203, 503]) {
      await chosen(one.url, created, { status, headers: [], body: "" });
      // The telling is on its way: it takes no time that anyone sets, and far less than a record is believed.
      const startedAt = performance.now();
      while ((await send(other.url, created)).status !== status) assert.ok(performance.now() - startedAt < 5_000);
    }
    await chosen(other.url, created, null);
    const startedAt = performance.now();
    while ((await send(one.url, created)).status !== 200) assert.ok(performance.now() - startedAt < 5_000);
  });
});
