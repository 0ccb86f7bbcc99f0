import assert from "node:assert/strict";
import { once } from "node:events";
import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, describe, it } from "node:test";
import axios from "axios";
import { second } from "../../../src/base/clock.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import { networkProblem } from "../../../src/zoho/networkProblem.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { errorOf, valueOf } from "./scriptedTransport.ts";

async function serve(test: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

describe("AxiosTransport", () => {
  it("gives any status as an answer, and its body as the text that was sent", async test => {
    const url = await serve(test, (_, response) => {
      response
        .writeHead(503, { "content-type": "application/json", "Retry-After": "7" })
        .end('{"id":1105420521999070702}');
    });
    const answer = valueOf(await new AxiosTransport().send({ method: "GET", url }));
    assert.equal(answer.status, 503);
    assert.equal(answer.text, '{"id":1105420521999070702}');
    assert.equal(answer.headers["retry-after"], "7");
  });

  it("sends body and headers as they are", async test => {
    const url = await serve(test, (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method, headers } = request;
        const type = headers["content-type"];
        response.end(JSON.stringify({ method, type, body: Buffer.concat(chunks).toString() }));
      });
    });
    const headers = { "content-type": "application/json" };
    const sent = { method: "PATCH", url, headers, body: '{"id": 1105420521999070702}' } as const;
    const { text } = valueOf(await new AxiosTransport().send(sent));
    assert.deepEqual(JSON.parse(text), { method: "PATCH", type: "application/json", body: sent.body });
  });

  it("does not carry a token to where a redirect points", async test => {
    let requests = 0;
    const url = await serve(test, (_, response) => {
      requests++;
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    const answer = valueOf(await new AxiosTransport().send({ method: "GET", url, headers: { authorization: "x" } }));
    assert.deepEqual([answer.status, requests], [302, 1]);
  });

  it("ends a request that takes longer than its deadline", async test => {
    const arrived = Promise.withResolvers<undefined>();
    const url = await serve(test, () => arrived.resolve(undefined));
    const clock = new FakeClock();
    const sending = new AxiosTransport({ clock }).send({ method: "GET", url });
    await arrived.promise;
    clock.advance(30 * second);
    const problem = errorOf(await sending);
    assert.ok(problem.kind === "offline");
    assert.equal(problem.reason, "timeout");
    assert.equal(clock.pending, 0);
  });

  it("ends a request that its caller no longer wants", async test => {
    const arrived = Promise.withResolvers<undefined>();
    const url = await serve(test, () => arrived.resolve(undefined));
    const clock = new FakeClock();
    const abort = new AbortController();
    const sending = new AxiosTransport({ clock }).send({ method: "GET", url, signal: abort.signal });
    await arrived.promise;
    abort.abort();
    assert.equal(errorOf(await sending).kind, "cancelled");
    assert.equal(clock.pending, 0);
    assert.equal(
      errorOf(await new AxiosTransport().send({ method: "GET", url, signal: abort.signal })).kind,
      "cancelled",
    );
  });

  it("says that nothing is listening", async () => {
    const free = createServer();
    free.listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise(resolve => free.close(resolve));
    const problem = errorOf(await new AxiosTransport().send({ method: "GET", url: `http://127.0.0.1:${port}` }));
    assert.ok(problem.kind === "offline");
    assert.equal(problem.reason, "refused");
  });

  it("says that the connection broke in the middle of an answer", async test => {
    const url = await serve(test, (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    const problem = errorOf(await new AxiosTransport().send({ method: "GET", url }));
    assert.ok(problem.kind === "offline");
    assert.equal(problem.reason, "interrupted");
  });

  it("stops reading an answer without end", async test => {
    const url = await serve(test, (_, response) => response.end("x".repeat(2_000)));
    const transport = new AxiosTransport({ longestAnswer: 1_000 });
    assert.equal(errorOf(await transport.send({ method: "GET", url })).kind, "offline");
  });

  it("holds no token, address or stack in what it says of a failure", async () => {
    const url = "http://127.0.0.1:1/oauth?token=hush";
    const problem = errorOf(
      await new AxiosTransport().send({ method: "GET", url, headers: { authorization: "hush" } }),
    );
    assert.ok(!JSON.stringify(problem).includes("hush"), JSON.stringify(problem));
    assert.equal(problem.cause, undefined);
  });

  it("names the proxy that cannot be reached, not the server behind it", async () => {
    const behind = axios.create({ proxy: { host: "127.0.0.1", port: 1, protocol: "http" } });
    const url = "http://www.zohoapis.example/crm";
    const problem = errorOf(await new AxiosTransport({ axios: behind }).send({ method: "GET", url }));
    assert.ok(problem.kind === "offline");
    assert.deepEqual(
      [problem.reason, problem.code, problem.message],
      [
        "proxy",
        "ECONNREFUSED",
        "The proxy 127.0.0.1:1 of this network cannot be reached, and without it neither can www.zohoapis.example. " +
          "Check the network connection and the setting http.proxy.",
      ],
    );
  });

  it("says where the password belongs that a proxy wants", async test => {
    const asked: (string | undefined)[] = [];
    const url = await serve(test, (request, response) => {
      asked.push(request.url);
      response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
    });
    const behind = axios.create({ proxy: { host: "127.0.0.1", port: Number(new URL(url).port), protocol: "http" } });
    const request = { method: "GET", url: "http://www.zohoapis.example/crm" } as const;
    const problem = errorOf(await new AxiosTransport({ axios: behind }).send(request));
    assert.ok(problem.kind === "offline");
    assert.deepEqual([problem.reason, problem.code], ["proxy-password", "HTTP_407"]);
    assert.match(problem.message, /wants a user and a password .* www\.zohoapis\.example\. .* setting http\.proxy/);
    assert.deepEqual(asked, ["http://www.zohoapis.example/crm"]);
  });
});

describe("networkProblem", () => {
  const rows: readonly (readonly [code: string, reason: string, says: string])[] = [
    [
      "ECONNREFUSED",
      "refused",
      "Nothing is listening at h:1. Check that the address is right and the server is running.",
    ],
    ["ENOTFOUND", "unresolved", "The name h:1 cannot be found. Check the network connection and the address."],
    ["EAI_AGAIN", "unresolved", "The name h:1 cannot be found. Check the network connection and the address."],
    ["ETIMEDOUT", "timeout", "h:1 did not answer in time. Check the network connection and try again."],
    [
      "SELF_SIGNED_CERT_IN_CHAIN",
      "certificate",
      "The secure connection to h:1 could not be set up: its certificate is not trusted here. " +
        "Check whether a proxy on this network replaces certificates.",
    ],
    ["ECONNRESET", "interrupted", "The connection to h:1 failed. Check the network connection and try again."],
    ["NEVER_HEARD_OF", "interrupted", "The connection to h:1 failed. Check the network connection and try again."],
  ];
  for (const [code, reason, says] of rows) {
    it(`says what to do about ${code}`, () => {
      const problem = networkProblem(code, "h:1");
      assert.ok(problem.kind === "offline");
      assert.deepEqual([problem.reason, problem.message, problem.remedy], [reason, says, "retry"]);
    });
  }
});
