import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  abandonedFailure,
  failureOf,
  lateFailure,
  pathFailure,
  stoppedFailure,
} from "../../../../src/core/forwarding/sendProblem.ts";

const url = new URL("http://localhost:3000/hook");

/** What becomes of an error with this code, and whether it may pass. */
function verdictOf(code: string | undefined): readonly [string, boolean] {
  const cause = code === undefined ? new Error("?") : Object.assign(new Error("?"), { code });
  const { problem, transient } = failureOf(cause, url);
  assert.equal(problem.cause, cause);
  assert.ok(problem.message.includes("localhost:3000") || problem.code === "FORWARD_FAILED", problem.message);
  return [problem.code, transient];
}

describe("why a handler did not answer", () => {
  const verdicts = {
    ECONNREFUSED: ["FORWARD_REFUSED", true],
    ECONNRESET: ["FORWARD_BROKEN_OFF", true],
    EPIPE: ["FORWARD_BROKEN_OFF", true],
    HPE_INVALID_CONSTANT: ["FORWARD_NOT_HTTP", false],
    EPROTO: ["FORWARD_NOT_HTTP", false],
    ERR_SSL_WRONG_VERSION_NUMBER: ["FORWARD_NOT_HTTP", false],
    ETIMEDOUT: ["FORWARD_UNREACHABLE", true],
    EHOSTUNREACH: ["FORWARD_UNREACHABLE", true],
    ENETUNREACH: ["FORWARD_UNREACHABLE", true],
    EADDRNOTAVAIL: ["FORWARD_UNREACHABLE", true],
    EAI_AGAIN: ["FORWARD_UNREACHABLE", true],
    ENOTFOUND: ["FORWARD_UNREACHABLE", true],
    EACCES: ["FORWARD_FAILED", false],
  } as const;
  for (const [code, verdict] of Object.entries(verdicts)) {
    it(`is ${verdict[0]} after ${code}${verdict[1] ? ", which may pass" : ""}`, () => {
      assert.deepEqual(verdictOf(code), verdict);
    });
  }

  it("is in the log only where nobody knows better", () => {
    assert.deepEqual(verdictOf(undefined), ["FORWARD_FAILED", false]);
    assert.equal(failureOf("a string", url).problem.remedy, "open-log");
    assert.equal(failureOf({ code: 7 }, url).problem.code, "FORWARD_FAILED");
  });

  it("may pass where the answer was late, and says how long was waited", () => {
    const { problem, transient } = lateFailure(url, 1_500);
    assert.deepEqual([problem.code, transient], ["FORWARD_TIMEOUT", true]);
    assert.match(problem.message, /1\.5 s/);
  });

  it("does not pass where somebody stopped it, the window closed, or the path leads elsewhere", () => {
    const all = [stoppedFailure(), abandonedFailure(), pathFailure(url)];
    assert.deepEqual(
      all.map(({ problem: { code }, transient }) => [code, transient]),
      [
        ["FORWARD_STOPPED", false],
        ["FORWARD_ABANDONED", false],
        ["FORWARD_PATH", false],
      ],
    );
  });
});
