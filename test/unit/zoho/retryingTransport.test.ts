import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { second } from "../../../src/base/clock.ts";
import { fail, succeed } from "../../../src/base/result.ts";
import type { HttpAnswer, HttpRequest } from "../../../src/zoho/httpTransport.ts";
import {
  networkProblem,
  proxyPasswordProblem,
  proxyProblem,
  timeoutProblem,
} from "../../../src/zoho/networkProblem.ts";
import { RetryingTransport } from "../../../src/zoho/retryingTransport.ts";
import type { Outcome } from "../../../src/zoho/retryPolicy.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { ScriptedTransport, answer, errorOf, valueOf } from "./scriptedTransport.ts";

const watch = "https://www.zohoapis.eu/crm/v8/actions/watch";

interface Bench {
  readonly clock: FakeClock;
  readonly transport: ScriptedTransport;
  /** Sends a request and lets the time pass that its retries wait; gives the outcome, and when each try began. */
  readonly run: (
    request: Partial<HttpRequest>,
  ) => Promise<{ readonly outcome: Outcome; readonly begun: readonly number[] }>;
}

/** Each try is answered by the next of `outcomes`; `random` 1 makes each wait as long as it can be. */
function setUp(outcomes: readonly Outcome[], random = 1): Bench {
  const clock = new FakeClock();
  const begun: number[] = [];
  const steps = outcomes.map(outcome => (): Outcome => {
    begun.push(clock.now());
    return outcome;
  });
  const transport = new ScriptedTransport(...steps);
  const retrying = new RetryingTransport({ transport, clock, random: () => random });
  const run: Bench["run"] = async request => {
    const start = clock.now();
    let outcome: Outcome | undefined;
    void retrying.send({ method: "GET", url: watch, ...request }).then(done => (outcome = done));
    for (let turn = 0; turn < 100 && outcome === undefined; turn++) {
      await new Promise(setImmediate);
      if (clock.pending > 0) clock.advance(second / 4);
    }
    assert.ok(outcome !== undefined, "The request did not come to an end");
    return { outcome, begun: begun.map(instant => instant - start) };
  };
  return { clock, transport, run };
}

const fine = succeed(answer(204, ""));
const broken = (code: string): Outcome => fail(networkProblem(code, "www.zohoapis.eu"));
const status = (code: number, headers: HttpAnswer["headers"] = {}): Outcome => succeed(answer(code, "", headers));

describe("RetryingTransport", () => {
  it("waits longer each time, and gives up after three retries with the last answer", async () => {
    const { run } = setUp([status(500), status(502), status(503), status(504)]);
    const { outcome, begun } = await run({});
    assert.equal(valueOf(outcome).status, 504);
    assert.deepEqual(begun, [0, 500, 1500, 3500]);
  });

  it("spreads its waits by chance over half of each", async () => {
    const { begun } = await setUp([status(500), status(500), fine], 0).run({});
    assert.deepEqual(begun, [0, 250, 750]);
  });

  it("waits for as long as the answer asks", async () => {
    const { outcome, begun } = await setUp([status(429, { "retry-after": "5" }), fine]).run({});
    assert.equal(valueOf(outcome).status, 204);
    assert.deepEqual(begun, [0, 5 * second]);
  });

  it("does not try again where the answer asks for more than its patience", async () => {
    const { outcome, begun } = await setUp([status(429, { "retry-after": "300" })]).run({});
    assert.equal(valueOf(outcome).status, 429);
    assert.equal(begun.length, 1);
  });

  it("does not try again when a try took all of its patience", async () => {
    const bench = setUp([]);
    const slow = new RetryingTransport({
      transport: {
        send: async () => {
          bench.clock.advance(30 * second);
          return Promise.resolve(fail(timeoutProblem("www.zohoapis.eu")));
        },
      },
      clock: bench.clock,
      random: () => 0,
    });
    assert.equal(errorOf(await slow.send({ method: "GET", url: watch })).code, "DEADLINE");
    assert.equal(bench.clock.pending, 0);
  });

  it("ends at once when it is cancelled while it waits, and leaves no timer", async () => {
    const { clock, transport } = setUp([status(500)]);
    const abort = new AbortController();
    const retrying = new RetryingTransport({ transport, clock, random: () => 1 });
    const sent = retrying.send({ method: "GET", url: watch, signal: abort.signal });
    await new Promise(setImmediate);
    assert.equal(clock.pending, 1);
    abort.abort();
    assert.equal(errorOf(await sent).kind, "cancelled");
    assert.equal(clock.pending, 0);
    assert.equal(transport.requests.length, 1);
  });

  const cases: readonly (readonly [what: string, request: Partial<HttpRequest>, first: Outcome, again: boolean])[] = [
    ...(["GET", "PUT", "PATCH", "DELETE"] as const).flatMap(method => [
      [`${method} after 500`, { method }, status(500), true] as const,
      [`${method} after a broken connection`, { method }, broken("ECONNRESET"), true] as const,
      [`${method} after 429`, { method }, status(429), true] as const,
    ]),
    ["POST after 500, which may have been carried out", { method: "POST" }, status(500), false],
    ["POST after a broken connection, which may have arrived", { method: "POST" }, broken("ECONNRESET"), false],
    ["POST after 429, which was not carried out", { method: "POST" }, status(429), true],
    ["POST that was not sent: nobody listened", { method: "POST" }, broken("ECONNREFUSED"), true],
    ["POST that did not come through the proxy", { method: "POST" }, fail(proxyProblem("UNKNOWN", "p:1", "h")), true],
    ["GET when the proxy wants a password", {}, fail(proxyPasswordProblem("h")), false],
    ["POST that was not sent: no name", { method: "POST" }, broken("ENOTFOUND"), true],
    ["a throttled token call", { method: "POST", url: "https://accounts.zoho.eu/oauth/v2/token" }, status(429), false],
    ["429 with no credits left", {}, status(429, { "x-api-credits-remaining": "0" }), false],
    ["a certificate that is not trusted", {}, broken("CERT_HAS_EXPIRED"), false],
    ["a server of this machine that does not run", { url: "http://127.0.0.1:4000/crm" }, broken("ECONNREFUSED"), false],
    ["401", {}, status(401), false],
    ["400", {}, status(400), false],
    ["what was cancelled", {}, fail({ kind: "cancelled", code: "CANCELLED", message: "", remedy: "none" }), false],
  ];
  for (const [what, request, first, again] of cases) {
    it(`${again ? "tries again" : "does not try again"}: ${what}`, async () => {
      const { run, transport } = setUp([first, fine]);
      await run(request);
      assert.equal(transport.requests.length, again ? 2 : 1);
    });
  }
});
