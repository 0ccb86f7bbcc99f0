import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { createServer as createTlsServer } from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { type TestContext, describe, it } from "node:test";
import { systemClock } from "../../../src/base/clock.ts";
import { RequestSender, type RequestSenderOptions } from "../../../src/core/forwarding/requestSender.ts";
import type { HandlerAnswer, SendOutcome } from "../../../src/core/forwarding/sendOutcome.ts";
import type { CapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { freePort } from "../../support/freePort.ts";
import { answer, startHandler } from "../../support/handlerServer.ts";
import { testCertificate } from "../../support/testCertificates.ts";

const aRequest = (parts: Partial<CapturedRequest> = {}): CapturedRequest => ({
  method: "POST",
  path: "",
  query: "",
  headers: [["Content-Type", "application/json"]],
  body: Buffer.from("{}"),
  ...parts,
});

function senderWith(options: Partial<RequestSenderOptions> = {}): RequestSender {
  return new RequestSender({ allowedHosts: () => [], timeout: () => 30_000, clock: systemClock, ...options });
}

function answered(outcome: SendOutcome): HandlerAnswer {
  if (outcome.kind === "answered") return outcome;
  throw new Error(`not answered: ${outcome.problem.code}`);
}

function codeOf(outcome: SendOutcome): string {
  return outcome.kind === "failed" ? outcome.problem.code : `answered ${outcome.status}`;
}

describe("a request to a handler", () => {
  it("arrives byte for byte: method, path, query, headers with duplicates in order, and a binary body", async test => {
    const handler = await startHandler(test);
    const body = randomBytes(300_000);
    const headers: CapturedRequest["headers"] = [
      ["x-B", "2"],
      ["Set-Thing", "one"],
      ["Connection", "keep-alive, X-Hop"],
      ["X-Hop", "dropped"],
      ["Host", "relay.example.com"],
      ["content-length", "5"],
      ["Transfer-Encoding", "chunked"],
      ["Content-Encoding", "gzip"],
      ["set-thing", "tw\u00f6; a=b,  c"],
      ["X-Zoho-Crm-Notifications-Attempt", "999"],
      ["X-Empty", ""],
    ];
    const request = aRequest({ method: "PROPFIND", path: "/a%2Fb/%E2%82", query: "x=1&x=%20+", headers, body });
    answered(
      await senderWith().send(`${handler.url}/hook?k=v`, request, { marks: { event: 7, sequence: 3, attempt: 1 } }),
    );
    const [received] = handler.requests;
    assert.equal(received?.startLine, "PROPFIND /hook/a%2Fb/%E2%82?k=v&x=1&x=%20+ HTTP/1.1");
    assert.ok(received.body.equals(body));
    assert.deepEqual(received.headers, [
      `Host: 127.0.0.1:${handler.port}`,
      "x-B: 2",
      "Set-Thing: one",
      "Content-Encoding: gzip",
      "set-thing: tw\u00f6; a=b,  c",
      "X-Empty: ",
      "X-Zoho-Crm-Notifications-Event: 7",
      "X-Zoho-Crm-Notifications-Sequence: 3",
      "X-Zoho-Crm-Notifications-Attempt: 1",
      "Content-Length: 300000",
      "Connection: close",
    ]);
  });

  it("has no length and no body where it had none, as a workflow webhook by GET", async test => {
    const handler = await startHandler(test);
    const request = aRequest({ method: "GET", query: "id=1", headers: [], body: new Uint8Array() });
    answered(await senderWith().send(handler.url, request));
    assert.equal(handler.requests[0]?.startLine, "GET /?id=1 HTTP/1.1");
    assert.deepEqual(handler.requests[0].headers, [`Host: 127.0.0.1:${handler.port}`, "Connection: close"]);
  });

  it("gives the answer with status, headers as sent, latency and the first 64 KB of its body", async test => {
    const page = "x".repeat(200_000);
    const handler = await startHandler(test, () => answer(418, ["X-A: 1", "x-a: 2"], page));
    const outcome = answered(await senderWith().send(handler.url, aRequest()));
    assert.equal(outcome.status, 418);
    assert.deepEqual(outcome.headers.slice(1), [
      ["X-A", "1"],
      ["x-a", "2"],
    ]);
    assert.equal(outcome.body.byteLength, 65_536);
    assert.equal(outcome.bytes, 200_000);
    assert.ok(outcome.milliseconds >= 0);
  });

  it("shows a redirect as an answer and does not follow it", async test => {
    const elsewhere = await startHandler(test);
    const handler = await startHandler(test, () => answer(307, [`Location: ${elsewhere.url}`]));
    assert.equal(answered(await senderWith().send(handler.url, aRequest())).status, 307);
    assert.equal(elsewhere.requests.length, 0);
  });

  it("finds a handler of localhost that listens on either loopback address", async test => {
    for (const host of ["127.0.0.1", "::1"]) {
      const handler = await startHandler(test, undefined, host);
      const outcome = answered(await senderWith().send(`http://localhost:${handler.port}`, aRequest()));
      assert.equal(outcome.status, 200, host);
    }
  });

  it("goes to a development server with a certificate of its own", async test => {
    const server = createTlsServer(testCertificate, (_, response) => response.writeHead(201).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    test.after(() => server.close());
    assert.equal(answered(await senderWith().send(`https://localhost:${portOf(server)}`, aRequest())).status, 201);
  });

  it("goes to a local handler past the functions that the editor puts its proxies into, and elsewhere by them", async test => {
    const handler = await startHandler(test);
    const asked = interceptRequests(test);
    assert.equal(answered(await senderWith().send(handler.url, aRequest())).status, 200);
    assert.deepEqual(asked, []);
    const allowed = senderWith({ allowedHosts: () => ["handler.example.com"] });
    const outcome = await allowed.send("http://handler.example.com:8080/hook", aRequest());
    assert.equal(codeOf(outcome), "FORWARD_REFUSED");
    assert.deepEqual(asked, ["handler.example.com"]);
  });

  it("lets those functions write its headers anew, for a proxy", async test => {
    const handler = await startHandler(test);
    const sent: http.ClientRequest[] = [];
    interceptRequests(test, (options, request) => {
      sent.push(request({ ...options, host: "127.0.0.1", port: handler.port }));
      return sent[0] ?? assert.fail();
    });
    const headers: [string, string][] = [
      ["Set-Thing", "one"],
      ["X-B", "2"],
      ["set-thing", "tw\u00f6"],
    ];
    const allowed = senderWith({ allowedHosts: () => ["handler.example.com"] });
    assert.equal(answered(await allowed.send("http://handler.example.com/hook", aRequest({ headers }))).status, 200);
    assert.deepEqual(handler.requests[0]?.headers, [
      "Host: handler.example.com",
      "Set-Thing: one",
      "Set-Thing: tw\u00f6",
      "X-B: 2",
      "Content-Length: 2",
      "Connection: close",
    ]);
    // Those that were only written, not set, would be lost.
    assert.deepEqual(sent[0]?.getHeaderNames(), ["host", "set-thing", "x-b", "content-length", "connection"]);
  });
});

describe("a request that may not go out", () => {
  it("does not, by name or number, and nobody is connected to", async test => {
    const handler = await startHandler(test);
    const looked: string[] = [];
    const lookUp = async (name: string): Promise<readonly string[]> => {
      looked.push(name);
      return Promise.resolve(["127.0.0.1", "198.51.100.7"]);
    };
    const sender = senderWith({ lookUp });
    const targets = ["http://198.51.100.7", "http://0xc6336407", "http://[::ffff:198.51.100.7]", "http://0.0.0.1"];
    for (const target of targets) {
      assert.equal(codeOf(await sender.send(`${target}:${handler.port}`, aRequest())), "FORWARD_NOT_LOCAL", target);
    }
    assert.deepEqual(looked, []);
    assert.equal(codeOf(await sender.send(`http://rebound.test:${handler.port}`, aRequest())), "FORWARD_NOT_LOCAL");
    assert.deepEqual(looked, ["rebound.test"]);
    assert.equal(handler.requests.length, 0);
  });

  it("connects to the address that was checked, so that a name cannot change its meaning in between", async test => {
    const handler = await startHandler(test);
    let answers = 0;
    const lookUp = async (): Promise<readonly string[]> => {
      answers += 1;
      return Promise.resolve(answers === 1 ? ["127.0.0.1"] : ["198.51.100.7"]);
    };
    const outcome = answered(await senderWith({ lookUp }).send(`http://app.test:${handler.port}`, aRequest()));
    assert.equal(outcome.status, 200);
    assert.equal(answers, 1);
    assert.equal(handler.requests[0]?.headers[0], `Host: app.test:${handler.port}`);
  });

  it("does not climb out of the handler's path", async test => {
    const handler = await startHandler(test);
    const outcome = await senderWith().send(`${handler.url}/hook`, aRequest({ path: "/../admin" }));
    assert.equal(codeOf(outcome), "FORWARD_PATH");
    assert.equal(handler.requests.length, 0);
  });
});

describe("a handler that does not answer", () => {
  it("is told from one that nobody started, broke off, or speaks something else", async test => {
    const sender = senderWith();
    const dead = await sender.send(`http://127.0.0.1:${await freePort()}`, aRequest());
    assert.equal(codeOf(dead), "FORWARD_REFUSED");
    assert.ok(dead.kind === "failed" && dead.transient);
    const rude = await startHandler(test, (_, socket) => void socket.destroy());
    assert.equal(codeOf(await sender.send(rude.url, aRequest())), "FORWARD_BROKEN_OFF");
    const half = await startHandler(test, () => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    const cut = await sender.send(half.url, aRequest());
    assert.deepEqual(cut.kind === "answered" && cut.fault, { kind: "cut-short", said: 10, came: 4 });
    const other = await startHandler(test, () => "SSH-2.0-OpenSSH_9.9\r\n");
    assert.equal(codeOf(await sender.send(other.url, aRequest())), "FORWARD_NOT_HTTP");
    const plain = http.createServer().listen(0, "127.0.0.1");
    await once(plain, "listening");
    test.after(() => plain.close());
    assert.equal(codeOf(await sender.send(`https://127.0.0.1:${portOf(plain)}`, aRequest())), "FORWARD_NOT_HTTP");
  });

  it("is given up after the time that is set, also when it keeps on sending", async test => {
    const clock = new FakeClock();
    const sender = senderWith({ clock, timeout: () => 10_000 });
    const silent = await startHandler(test, () => undefined);
    const slow = await startHandler(test, (_, socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
      return undefined;
    });
    for (const handler of [silent, slow]) {
      const sending = sender.send(handler.url, aRequest());
      await handler.received(1);
      clock.advance(10_000);
      assert.equal(codeOf(await sending), "FORWARD_TIMEOUT");
      assert.equal(clock.pending, 0);
    }
  });

  it("is let go at once when the sending is called off", async test => {
    const silent = await startHandler(test, () => undefined);
    const cancel = new AbortController();
    const sending = senderWith().send(silent.url, aRequest(), { signal: cancel.signal });
    await silent.received(1);
    cancel.abort();
    const outcome = await sending;
    assert.equal(codeOf(outcome), "FORWARD_STOPPED");
    assert.ok(outcome.kind === "failed" && !outcome.transient);
  });

  it("says nothing of what may be secret in the address", async () => {
    const outcome = await senderWith().send(`http://127.0.0.1:${await freePort()}/hook?key=s3cret`, aRequest());
    assert.ok(outcome.kind === "failed" && !outcome.problem.message.includes("s3cret"));
  });
});

function portOf(server: http.Server): number {
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

type RequestFunction = (options: http.RequestOptions) => http.ClientRequest;

/** Stands in the place of Node's request function, as the editor does, and refuses unless told otherwise; gives the hosts that were asked for. */
function interceptRequests(
  test: TestContext,
  instead: (options: http.RequestOptions, original: RequestFunction) => http.ClientRequest = () => {
    throw Object.assign(new Error("refused by the proxy"), { code: "ECONNREFUSED" });
  },
): readonly (string | null | undefined)[] {
  const asked: (string | null | undefined)[] = [];
  const original = http.request;
  const intercept: RequestFunction = options => {
    asked.push(options.host);
    return instead(options, original);
  };
  Object.assign(http, { request: intercept });
  syncBuiltinESMExports();
  test.after(() => {
    Object.assign(http, { request: original });
    syncBuiltinESMExports();
  });
  return asked;
}
