import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RetryPolicy, isSuccess, retryDelay } from "../../../../src/core/forwarding/retryPolicy.ts";
import type { SendOutcome } from "../../../../src/core/forwarding/sendOutcome.ts";
import { failureOf, lateFailure, stoppedFailure } from "../../../../src/core/forwarding/sendProblem.ts";
import { anAnswer } from "./outcomes.ts";

const policy: RetryPolicy = { tries: 3, backoff: { first: 1_000, longest: 8_000 }, after: "passing" };
const now = Date.UTC(2026, 0, 5, 9);
const delay = (outcome: SendOutcome, tries = 1, by = policy): number | undefined =>
  retryDelay(by, outcome, tries, { now, random: () => 1 });
const failed = (failure: ReturnType<typeof failureOf>): SendOutcome => ({
  kind: "failed",
  milliseconds: 1,
  ...failure,
});
const url = new URL("http://localhost:3000");
const withCode = (code: string): SendOutcome => failed(failureOf(Object.assign(new Error(code), { code }), url));

describe("sending again", () => {
  it("comes after answers that say not now, and after none", () => {
    for (const status of [408, 425, 429, 500, 502, 503, 504, 599])
      assert.equal(delay(anAnswer(status)), 1_000, `${status}`);
    for (const code of ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]) {
      assert.equal(delay(withCode(code)), 1_000, code);
    }
    assert.equal(delay(failed(lateFailure(url, 30_000))), 1_000);
  });

  it("never comes after success, redirects, other refusals, or what will not change", () => {
    for (const status of [200, 204, 301, 302, 304, 307, 400, 401, 404, 410, 422]) {
      assert.equal(delay(anAnswer(status)), undefined, `${status}`);
    }
    for (const code of ["HPE_INVALID_CONSTANT", "EPROTO", "ERR_INVALID_CHAR"]) {
      assert.equal(delay(withCode(code)), undefined, code);
    }
    assert.equal(delay(failed(stoppedFailure())), undefined);
  });

  it("waits longer each time, up to a limit, and ends after the last try", () => {
    const patient = { ...policy, tries: 10 };
    assert.deepEqual(
      [1, 2, 3, 4, 5, 9, 10].map(tries => delay(anAnswer(500), tries, patient)),
      [1_000, 2_000, 4_000, 8_000, 8_000, 8_000, undefined],
    );
  });

  it("does not come sooner than the handler asks, in seconds or as a date", () => {
    assert.equal(delay(anAnswer(503, [["Retry-After", "7"]])), 7_000);
    assert.equal(delay(anAnswer(429, [["retry-after", new Date(now + 9_000).toUTCString()]])), 9_000);
    assert.equal(delay(anAnswer(503, [["Retry-After", new Date(now - 9_000).toUTCString()]])), 1_000);
    assert.equal(delay(anAnswer(503, [["Retry-After", "soon"]])), 1_000);
  });

  it("takes a date as one of the handler's clock", () => {
    const [theirs, until] = [now - 3_600_000, now - 3_591_000].map(instant => new Date(instant).toUTCString());
    const headers: [string, string][] = [
      ["Date", theirs ?? ""],
      ["Retry-After", until ?? ""],
    ];
    assert.equal(delay(anAnswer(503, headers)), 9_000);
  });

  it("does not come at all when the handler asks for more than five minutes", () => {
    assert.equal(delay(anAnswer(503, [["Retry-After", "300"]])), 300_000);
    assert.equal(delay(anAnswer(503, [["Retry-After", "301"]])), undefined);
  });

  it("comes after everything but success when it is to go on until the handler passes", () => {
    const until: RetryPolicy = { ...policy, after: "any" };
    assert.equal(delay(anAnswer(404), 1, until), 1_000);
    assert.equal(delay(anAnswer(302), 1, until), 1_000);
    assert.equal(delay(anAnswer(204), 1, until), undefined);
    assert.deepEqual(
      [199, 200, 204, 299, 300, 304].filter(status => isSuccess(anAnswer(status))),
      [200, 204, 299],
    );
  });
});
