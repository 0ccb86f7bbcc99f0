import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import { second } from "../../../../src/base/clock.ts";
import { RequestSender, type RequestSenderOptions } from "../../../../src/core/forwarding/requestSender.ts";
import { toAttempt } from "../../../../src/core/forwarding/attemptOutcome.ts";
import type { HttpFault } from "../../../../src/core/forwarding/httpFault.ts";
import { retryDelay } from "../../../../src/core/forwarding/retryPolicy.ts";
import { type SendOutcome, handlingAfter, keptAnswerBytes } from "../../../../src/core/forwarding/sendOutcome.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { settled } from "./playedHandler.ts";

const target = "http://localhost:3000/hook?key=1";
const request: CapturedRequest = {
  method: "POST",
  path: "/leads",
  query: "id=2",
  headers: [["Content-Type", "text/plain"]],
  body: Buffer.from("hello"),
};

/** A sender whose connections end at the test, which plays the handler byte by byte. */
class Wire {
  readonly clock = new FakeClock();
  readonly sender: RequestSender;
  /** Where a connection was made to. */
  readonly places: string[] = [];
  #sent = "";
  #near: Duplex | undefined;
  #far: Duplex | undefined;

  constructor(options: Partial<RequestSenderOptions> = {}) {
    this.sender = new RequestSender({
      allowedHosts: () => [],
      timeout: () => 30 * second,
      clock: this.clock,
      connect: (url, addresses) => this.#connect(url, addresses),
      ...options,
    });
  }

  /** What has arrived at the handler. */
  get sent(): string {
    return this.#sent;
  }

  get isClosed(): boolean {
    return this.#near?.destroyed === true;
  }

  /** Sends the request, and comes back when it waits for the handler. */
  async send(signal?: AbortSignal, to = target): Promise<{ readonly outcome: Promise<SendOutcome> }> {
    const outcome = this.sender.send(to, request, { marks: { event: 7 }, ...(signal === undefined ? {} : { signal }) });
    await settled();
    return { outcome };
  }

  /** The connection stands. */
  async stands(event = "connect"): Promise<void> {
    this.#near?.emit(event);
    await settled();
  }

  async answers(bytes: string): Promise<void> {
    this.#far?.write(bytes, "latin1");
    await settled();
  }

  hangsUp(): void {
    this.#far?.end();
  }

  breaks(code: string): void {
    this.#near?.destroy(Object.assign(new Error("broken"), { code }));
  }

  #connect(url: URL, addresses: readonly string[]): Duplex {
    this.places.push(`${url.host} at ${addresses.join(", ")}`);
    const [near, far] = duplexPair();
    far.on("data", (piece: Buffer) => (this.#sent += piece.toString("latin1")));
    [this.#near, this.#far] = [near, far];
    return near;
  }
}

function codeOf(outcome: SendOutcome): readonly unknown[] {
  return outcome.kind === "failed" ? [outcome.problem.code, outcome.transient] : ["answered", outcome.status];
}

describe("a request on its way to a handler", () => {
  it("is written as it came, with the marks, on a connection of its own", async () => {
    const wire = new Wire();
    const { outcome } = await wire.send();
    assert.deepEqual(wire.places, ["localhost:3000 at 127.0.0.1, ::1"]);
    assert.deepEqual(wire.sent.split("\r\n"), [
      "POST /hook/leads?key=1&id=2 HTTP/1.1",
      "Host: localhost:3000",
      "Content-Type: text/plain",
      "X-Zoho-Crm-Notifications-Event: 7",
      "Content-Length: 5",
      "Connection: close",
      "",
      "hello",
    ]);
    await wire.answers("HTTP/1.1 204 No Content\r\n\r\n");
    assert.deepEqual(codeOf(await outcome), ["answered", 204]);
  });

  it("goes to where the handler's name leads, and without marks where there are none", async () => {
    const wire = new Wire({ lookUp: async name => Promise.resolve(name === "my.test" ? ["127.0.0.9"] : []) });
    const outcome = wire.sender.send("http://my.test:8080", request);
    await settled();
    assert.deepEqual(wire.places, ["my.test:8080 at 127.0.0.9"]);
    assert.doesNotMatch(wire.sent, /X-Zoho/);
    await wire.answers("HTTP/1.1 204 No Content\r\n\r\n");
    assert.deepEqual(codeOf(await outcome), ["answered", 204]);
  });

  it("is answered with what the handler says: status, headers as they came, and the body to its end", async () => {
    const wire = new Wire();
    const { outcome } = await wire.send();
    await wire.answers("HTTP/1.1 302 Found\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 70000\r\n\r\n");
    await wire.answers("a".repeat(60_000));
    await wire.answers("b".repeat(10_000));
    const answer = await outcome;
    assert.ok(answer.kind === "answered");
    assert.deepEqual(answer.headers, [
      ["X-One", "1"],
      ["x-one", "2"],
      ["Content-Length", "70000"],
    ]);
    assert.deepEqual([answer.status, answer.bytes, answer.body.byteLength], [302, 70_000, keptAnswerBytes]);
    assert.equal(wire.clock.pending, 0);
  });

  it("is answered in full where the end of the connection is that of the answer", async () => {
    const wire = new Wire();
    const { outcome } = await wire.send();
    await wire.answers("HTTP/1.1 200 OK\r\n\r\nto the end");
    wire.hangsUp();
    const answer = await outcome;
    assert.equal(answer.kind === "answered" ? Buffer.from(answer.body).toString() : answer.problem.code, "to the end");
  });

  it("takes the time from when the connection stands, with TLS from when that does", async test => {
    let now = 0;
    test.mock.method(performance, "now", () => now);
    for (const [scheme, before, event] of [
      ["http", "lookup", "connect"],
      ["https", "connect", "secureConnect"],
    ] as const) {
      const wire = new Wire();
      const { outcome } = await wire.send(undefined, `${scheme}://localhost:3000`);
      now += 1_000;
      await wire.stands(event);
      now += 20.4;
      await wire.stands(before);
      now += 10;
      await wire.answers("HTTP/1.1 204 No Content\r\n\r\n");
      assert.equal((await outcome).milliseconds, 30, scheme);
    }
  });
});

describe("a request that is not answered", () => {
  const ways: readonly (readonly [string, (wire: Wire) => unknown, readonly unknown[]])[] = [
    ["is refused", wire => wire.breaks("ECONNREFUSED"), ["FORWARD_REFUSED", true]],
    ["is broken off before the answer", wire => wire.hangsUp(), ["FORWARD_BROKEN_OFF", true]],
    ["is answered in another language", async wire => wire.answers("+PONG\r\n"), ["FORWARD_NOT_HTTP", false]],
  ];
  for (const [what, happen, code] of ways) {
    it(`${what}, and says so`, async () => {
      const wire = new Wire();
      const { outcome } = await wire.send();
      await happen(wire);
      assert.deepEqual([...codeOf(await outcome), wire.isClosed, wire.clock.pending], [...code, true, 0]);
    });
  }

  const beginnings = ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"];

  it("ends with its time, be the answer begun or not", async () => {
    for (const begun of beginnings) {
      const wire = new Wire();
      const { outcome } = await wire.send();
      await wire.answers(begun);
      wire.clock.advance(30 * second - 1);
      await settled();
      assert.equal(wire.isClosed, false);
      wire.clock.advance(1);
      const ended = await outcome;
      assert.deepEqual([...codeOf(ended), wire.isClosed], ["FORWARD_TIMEOUT", true, true]);
      assert.match(ended.kind === "failed" ? ended.problem.message : "", /within 30 s/);
    }
  });

  it("ends when it is called off, be the answer begun or not", async () => {
    for (const begun of beginnings) {
      const wire = new Wire();
      const abort = new AbortController();
      const { outcome } = await wire.send(abort.signal);
      await wire.answers(begun);
      abort.abort();
      assert.deepEqual(codeOf(await outcome), ["FORWARD_STOPPED", false]);
      assert.deepEqual([wire.isClosed, wire.clock.pending], [true, 0]);
    }
  });

  it("does not begin where it was called off before", async () => {
    const wire = new Wire();
    const { outcome } = await wire.send(AbortSignal.abort());
    assert.deepEqual(codeOf(await outcome), ["FORWARD_STOPPED", false]);
    assert.deepEqual([wire.places, wire.clock.pending], [[], 0]);
  });

  it("goes nowhere where its address is none, leads out of this machine, is unknown, or climbs out of the handler's path", async () => {
    const wire = new Wire({ lookUp: async () => Promise.reject(new Error("ENOTFOUND")) });
    const climbing = { ...request, path: "/../admin" };
    const outcomes = [
      await wire.sender.send("localhost", request),
      await wire.sender.send("http://10.0.0.1", request),
      await wire.sender.send("http://nowhere.test", request),
      await wire.sender.send(target, climbing),
    ];
    assert.deepEqual(
      outcomes.map(outcome => [...codeOf(outcome), outcome.milliseconds]),
      [
        ["FORWARD_ADDRESS_INVALID", false, 0],
        ["FORWARD_NOT_LOCAL", false, 0],
        ["FORWARD_HOST_UNKNOWN", false, 0],
        ["FORWARD_PATH", false, 0],
      ],
    );
    assert.deepEqual(wire.places, []);
  });
});

describe("an answer that breaks a rule of HTTP", () => {
  const faults: readonly (readonly [string, string, HttpFault])[] = [
    ["has a head that is too large", `HTTP/1.1 200 OK\r\nX: ${"a".repeat(20_000)}\r\n\r\n`, { kind: "head-too-large" }],
    [
      "says its length twice",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      { kind: "two-lengths" },
    ],
    ["ends its lines with LF alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", { kind: "bare-line-feed" }],
    ["is in no form at all after its status", "HTTP/1.1 200 OK\r\n: \u0001\r\n\r\n", { kind: "form" }],
    [
      "is shorter than it says",
      "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nok",
      { kind: "cut-short", said: 50, came: 2 },
    ],
    [
      "ends before its last chunk",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
      { kind: "cut-short", said: undefined, came: 2 },
    ],
  ];
  for (const [what, bytes, fault] of faults) {
    it(`is told with its status where it ${what}, and is not asked for again`, async () => {
      const wire = new Wire();
      const { outcome } = await wire.send();
      await wire.answers(bytes);
      wire.hangsUp();
      const answer = await outcome;
      assert.ok(answer.kind === "answered", JSON.stringify(answer));
      assert.deepEqual([answer.status, answer.fault], [200, fault]);
      assert.match(handlingAfter(answer).problem ?? "", /\(RFC 911[02], \d/);
      assert.equal(toAttempt(answer).problem, handlingAfter(answer).problem);
      const passing = { tries: 3, backoff: { first: second, longest: second }, after: "passing" } as const;
      assert.equal(retryDelay(passing, { ...answer, status: 503 }, 1, { now: 0, random: () => 1 }), undefined);
    });
  }
});
