import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { finished } from "../../../src/base/steps.ts";
import { fetchCall } from "../../../src/core/exchange/fetchCall.ts";
import { Redaction } from "../../../src/core/events/redaction.ts";
import { outgoing } from "../../../src/core/exchange/outgoingRequest.ts";
import { recordRequests } from "../../support/requestRecorder.ts";
import { aRequest, hostileRequest } from "../../unit/core/exchange/aRequest.ts";

/** Runs a module; its own top-level `await` is waited for. */
async function evaluate(code: string): Promise<void> {
  await import(`data:text/javascript,${encodeURIComponent(`${code}\n// ${Math.random()}`)}`);
}

describe("an event as a call of fetch", () => {
  it("sends method, address, headers and body of any request to the byte", async test => {
    const server = await recordRequests(test);
    await fc.assert(
      fc.asyncProperty(hostileRequest, async request => {
        await evaluate(fetchCall(finished(outgoing(request, undefined)), `${server.url}/hook`));
        const got = server.requests.at(-1) ?? assert.fail("nothing came");
        assert.equal(got.method, request.method);
        assert.deepEqual(got.body, Buffer.from(request.body));
        const url = new URL(`${server.url}/hook${request.path}${request.query === "" ? "" : `?${request.query}`}`);
        assert.equal(got.target, url.pathname + url.search);
        for (const [name, value] of request.headers) {
          const values = got.headers
            .filter(([each]) => each.toLowerCase() === name.toLowerCase())
            .map(([, each]) => each);
          assert.ok(values.join(", ").includes(value), `${name}: ${values.join(" | ")}`);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("takes the token from the environment, unless it is wanted in the call", async test => {
    const server = await recordRequests(test);
    const hidden = fetchCall(finished(outgoing(aRequest(), new Redaction([]))), server.url);
    assert.ok(!hidden.includes("token-of-the-test"));
    process.env["ZOHO_CHANNEL_TOKEN"] = "token-of-the-test";
    test.after(() => delete process.env["ZOHO_CHANNEL_TOKEN"]);
    await evaluate(hidden);
    await evaluate(fetchCall(finished(outgoing(aRequest(), undefined)), server.url));
    assert.deepEqual(
      server.requests.map(({ body }) => body.toString()),
      [Buffer.from(aRequest().body).toString(), Buffer.from(aRequest().body).toString()],
    );
  });

  it("says so where fetch cannot send the body", async test => {
    const server = await recordRequests(test);
    const call = fetchCall(finished(outgoing(aRequest({ method: "GET" }), undefined)), server.url);
    assert.match(call, /^\/\/ The event has a body/);
    await evaluate(call);
    assert.equal(server.requests.at(-1)?.method, "GET");
  });
});
