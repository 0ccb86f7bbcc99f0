import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { PublicDoor } from "../../../src/core/address/publicDoor.ts";
import type { CapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { httpLimits } from "../../../src/protocol/relayLimits.ts";
import { defaultRelayOptions } from "../../../src/relay/relay.ts";
import { RawConnection } from "../../support/rawConnection.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { createTestChannel, startTestRelay } from "../../support/testRelay.ts";

interface Case {
  /** The statuses that come back, as far as the request before the closing one goes. */
  readonly expected: readonly number[];
  readonly text: string;
  /** Ends the connection by itself; what came behind it would be an error. */
  readonly isLast?: boolean;
}

const { maxBodyBytes, maxHeaders } = defaultRelayOptions;

function post(target: string, lines: readonly string[], body = "", version = "1.1"): string {
  return `POST ${target} HTTP/${version}\r\n${lines.map(line => `${line}\r\n`).join("")}\r\n${body}`;
}

function withBody(target: string, body: string, lines: readonly string[] = []): string {
  return post(target, ["Host: x", ...lines, `Content-Length: ${body.length}`], body);
}

function chunked(target: string, chunks: readonly string[], lines: readonly string[] = []): string {
  const framed = chunks.map(chunk => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
  return post(target, ["Host: x", "Transfer-Encoding: chunked", ...lines], `${framed}0\r\n\r\n`);
}

/** A head with so many bytes of names, values and target, which is what the parser counts. */
function headOf(target: string, bytes: number): string {
  const name = "X-Long";
  const counted = `${target}HostxContent-Length0${name}`.length;
  return withBody(target, "", [`${name}: ${"y".repeat(bytes - counted)}`]);
}

function casesFor(channel: string): Readonly<Record<string, Case>> {
  const to = `/in/${channel}`;
  const unknown = `/in/${"n".repeat(32)}`;
  const large = "z".repeat(900_000);
  const { maxHeadBytes } = httpLimits;
  const accepted = (text: string): Case => ({ expected: [200], text });
  const last = (text: string): Case => ({ expected: [200], text, isLast: true });
  const answered = (status: number, text: string): Case => ({ expected: [status], text });
  const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `X-${index}: y`);
  return {
    "a plain body": accepted(withBody(`${to}/a%20b/..//c?x=1&x=2`, '{"a":1}', ["X-A: 1", "x-a:2", "X-Empty:"])),
    "a body in chunks": accepted(chunked(to, ["one", "two", large])),
    "a body of no length at all": accepted(chunked(to, [])),
    "no body": accepted(`GET ${to}?challenge=1 HTTP/1.1\r\nHost: x\r\n\r\n`),
    "HEAD, which has no body in its answer": accepted(`HEAD ${to} HTTP/1.1\r\nHost: x\r\n\r\n`),
    "a method that few know": accepted(`M-SEARCH ${to} HTTP/1.1\r\nHost: x\r\n\r\n`),
    "three requests at once": {
      expected: [200, 404, 200],
      text: withBody(to, "1") + withBody(unknown, "2") + withBody(to, "3"),
    },
    "a query of 17 KiB": accepted(`GET ${to}?${"a".repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`),
    "the longest head": accepted(headOf(to, maxHeadBytes - 1)),
    "a head that is a byte longer": answered(431, headOf(to, maxHeadBytes)),
    "a head of 100 KB": answered(431, headOf(to, 100_000)),
    "the most headers": accepted(post(to, ["Host: x", ...many(maxHeaders - 1)])),
    "a header more": answered(431, post(to, ["Host: x", ...many(maxHeaders)])),
    "HTTP/1.0": last(post(to, ["Host: x", "Content-Length: 2"], "ab", "1.0")),
    "HTTP/1.0 without Host": last(post(to, ["Content-Length: 2"], "ab", "1.0")),
    "HTTP/1.0 that is to be kept alive": accepted(
      post(to, ["Connection: keep-alive", "Content-Length: 2"], "ab", "1.0"),
    ),
    "HTTP/1.1 without Host": answered(400, post(to, [])),
    "a whole address as target": accepted(withBody(`http://example.com:8080${to}/x?y`, "ab")),
    "a whole address with https": accepted(withBody(`HTTPS://example.com${to}`, "ab")),
    "a space in the query": answered(400, `GET ${to}?name=a b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    "raw bytes in the path": answered(400, withBody(`${to}/M\xfcnchen`, "ab")),
    "UTF-8 in the query": answered(400, withBody(`${to}?q=M\xc3\xbcnchen`, "ab")),
    "a zero byte in the path": answered(400, withBody(`${to}/\0`, "ab")),
    "raw bytes in a header": accepted(withBody(to, "ab", ["X-City: M\xfcnchen \xff"])),
    "a zero byte in a header": answered(400, withBody(to, "ab", ["X-A: b\0c"])),
    "two lengths that differ": answered(400, post(to, ["Host: x", "Content-Length: 2", "Content-Length: 3"], "abc")),
    "two lengths that agree": answered(400, post(to, ["Host: x", "Content-Length: 2", "Content-Length: 2"], "ab")),
    "a length beside chunks": answered(400, chunked(to, ["ab"], ["Content-Length: 2"])),
    "a length that is none": answered(400, post(to, ["Host: x", "Content-Length: 1e3"], "ab")),
    "a coding before chunks": accepted(
      post(to, ["Host: x", "Transfer-Encoding: gzip, chunked"], "2\r\nab\r\n0\r\n\r\n"),
    ),
    "a coding that is not chunks": answered(400, post(to, ["Host: x", "Transfer-Encoding: gzip"], "ab")),
    "a chunk that lies about its size": answered(
      400,
      post(to, ["Host: x", "Transfer-Encoding: chunked"], "1\r\nab\r\n0\r\n\r\n"),
    ),
    "words behind a chunk's size": accepted(
      post(to, ["Host: x", "Transfer-Encoding: chunked"], "2;a=b\r\nab\r\n0\r\n\r\n"),
    ),
    "too many words behind a chunk's size": answered(
      413,
      post(to, ["Host: x", "Transfer-Encoding: chunked"], `2;${"a".repeat(20_000)}\r\nab\r\n0\r\n\r\n`),
    ),
    "fields behind the chunks": accepted(
      post(to, ["Host: x", "Transfer-Encoding: chunked", "Trailer: X-T"], "2\r\nab\r\n0\r\nX-T: 1\r\n\r\n"),
    ),
    "fields that are announced, and no chunks": accepted(withBody(to, "ab", ["Trailer: X-T"])),
    "the largest body": accepted(withBody(to, "z".repeat(maxBodyBytes))),
    "a body that is too large": answered(413, withBody(to, "z".repeat(maxBodyBytes + 1))),
    "a body in chunks that is too large": answered(413, chunked(to, [large, large])),
    "an unknown channel": answered(404, withBody(unknown, "ab")),
    "a large body for an unknown channel": answered(404, withBody(unknown, large)),
    "large chunks for an unknown channel": answered(404, chunked(unknown, [large, large])),
    "something that is no channel": answered(404, withBody("/in/a b".replace(" ", "%20"), large)),
    "the question whether to send a body": { expected: [100, 200], text: withBody(to, "ab", ["Expect: 100-continue"]) },
    "that question for an unknown channel": answered(404, withBody(unknown, "", ["Expect: 100-continue"])),
    "that question for what is too large": answered(
      413,
      post(to, ["Host: x", "Expect: 100-continue", "Content-Length: 9999999"]),
    ),
    "another expectation": answered(417, withBody(to, "", ["Expect: a-miracle"])),
    "an upgrade to HTTP/2": accepted(withBody(to, "ab", ["Connection: Upgrade", "Upgrade: h2c"])),
    "an upgrade to a WebSocket": accepted(
      `GET ${to} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ),
    "HTTP/2 without asking": answered(400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a method in small letters": answered(400, `post ${to} HTTP/1.1\r\nHost: x\r\n\r\n`),
    "line feeds alone": answered(400, `POST ${to} HTTP/1.1\nHost: x\n\n`),
    "a folded header": answered(400, withBody(to, "", ["X-A: b\r\n c"])),
    "no HTTP": answered(400, "hello\r\n\r\n"),
    "an end of its own": last(withBody(to, "ab", ["Connection: close"])),
  };
}

interface Verdict {
  readonly statuses: readonly number[];
  /** All that came back, but for the time. */
  readonly answers: string;
}

/** What comes back for a case and a request behind it that ends the connection. */
async function verdictOf(url: string, channel: string, { text, isLast = false }: Case): Promise<Verdict> {
  const connection = await RawConnection.open(url);
  const closing = `GET /in/${channel}/closing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  connection.write(isLast ? text : text + closing);
  await connection.closed();
  const answers = connection.received.replaceAll(/^date: .*\r\n/gim, "");
  const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { statuses, answers };
}

async function openBoth(test: TestContext) {
  const { url } = await startTestRelay(test, { maxEventsPerSecond: 0, maxBytesPerSecond: 0 });
  const door = await PublicDoor.open({ relay: () => url });
  test.after(() => door.dispose());
  return { url, door: door.url, created: await createTestChannel(url) };
}

/** Every event that the channel has. */
async function eventsOf(reader: RelayReader): Promise<CapturedRequest[]> {
  const { newest } = await reader.expect("hello");
  const events: CapturedRequest[] = [];
  while (events.length < newest) {
    events.push(await reader.expectRequest());
    reader.ack(events.length);
  }
  await reader.close();
  return events;
}

describe("the same bytes, sent to the relay and to the door before it", () => {
  it("get the same answers, and become the same events", async test => {
    const { url, door, created } = await openBoth(test);
    for (const [name, each] of Object.entries(casesFor(created.channel))) {
      const atRelay = await verdictOf(url, created.channel, each);
      const atDoor = await verdictOf(door, created.channel, each);
      assert.deepEqual(atRelay.statuses.slice(0, each.expected.length), each.expected, `${name}, at the relay`);
      assert.equal(atDoor.answers, atRelay.answers, name);
    }
    const all = await eventsOf(await RelayReader.open(url, created));
    // The closing ones may be kept without an answer where the connection ends ahead of them.
    const events = all.filter(({ path }) => path !== "/closing");
    assert.ok(events.length > 40, `${events.length} events`);
    for (const [index, event] of events.entries()) {
      const twins = events.filter(other => isSameEvent(other, event));
      assert.equal(twins.length % 2, 0, JSON.stringify({ index, path: event.path, headers: event.headers }));
    }
  });

  it("of a sender that stops halfway are kept by neither", async test => {
    const { url, door, created } = await openBoth(test);
    for (const text of [post(`/in/${created.channel}`, ["Host: x", "Content-Length: 5"], "ab"), "POST /in/"]) {
      for (const address of [url, door]) {
        const connection = await RawConnection.open(address);
        connection.write(text);
        await connection.finish();
        assert.ok(!connection.received.includes(" 200 "));
      }
    }
    assert.deepEqual(await eventsOf(await RelayReader.open(url, created)), []);
  });
});

function isSameEvent(one: CapturedRequest, other: CapturedRequest): boolean {
  const isSameHead = JSON.stringify({ ...one, body: "" }) === JSON.stringify({ ...other, body: "" });
  return isSameHead && Buffer.from(one.body).equals(other.body);
}
