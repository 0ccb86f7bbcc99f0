import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Problem } from "../../../../src/base/problem.ts";
import { type ZohoSignInWay, retryOf } from "../../../../src/core/connections/signInRetry.ts";
import { deviceCodeExpiredProblem, oauthProblem } from "../../../../src/zoho/oauthProblem.ts";
import { FakeClock } from "../../../support/fakeClock.ts";

const steps = {
  browser: "authorize",
  device: "device",
  "self-client": "exchange",
  credentials: "credentials",
} as const;

/** What the accounts server's error means to this way. */
function refusal(way: ZohoSignInWay, code: string): Problem {
  return oauthProblem(code, steps[way], { status: 400, headers: {}, text: "" }, new FakeClock());
}

function problemOf(code: string, remedy: Problem["remedy"], kind?: string): Problem {
  return { code, message: "", remedy, ...(kind === undefined ? {} : { kind }) };
}

describe("where a sign-in goes on after it failed", () => {
  for (const [way, code, question] of [
    ["device", "access_denied", "none"],
    ["device", "expired_token", "none"],
    ["device", "invalid_code", "none"],
    ["browser", "access_denied", "none"],
    ["browser", "invalid_redirect_uri", "none"],
    ["self-client", "invalid_code", "code"],
    ["self-client", "invalid_client_secret", "client-secret"],
    ["browser", "invalid_client", "client-id"],
    ["device", "unauthorized_client", "client-id"],
    ["credentials", "unauthorized_client", "client-id"],
    ["credentials", "access_denied", "zgid"],
    ["credentials", "missing_org_info", "zgid"],
    ["credentials", "server_error", "none"],
    ["browser", "never_heard_of", "way"],
  ] as const) {
    it(`is ${question} by ${way} when Zoho says ${code}`, () => {
      assert.equal(retryOf({ way, isListed: true, problem: refusal(way, code) }), question);
    });
  }

  it("is the data centre where the account is in another one", () => {
    const problem = problemOf("OTHER_DATA_CENTRE", "sign-in");
    for (const way of ["browser", "device"] as const) {
      assert.equal(retryOf({ way, isListed: true, problem }), "data-centre");
    }
  });

  it("is no question where a device code was not entered in time", () => {
    assert.equal(retryOf({ way: "device", isListed: true, problem: deviceCodeExpiredProblem() }), "none");
  });

  it("is another code where the code lacks a scope, and no question where none was typed", () => {
    const problem = problemOf("OAUTH_SCOPE_MISMATCH", "sign-in");
    assert.equal(retryOf({ way: "self-client", isListed: true, problem }), "code");
    assert.equal(retryOf({ way: "credentials", isListed: true, problem }), "none");
  });

  it("is the address where nothing of Zoho's answered at one that somebody typed", () => {
    for (const kind of ["offline", "unreadable", "unsupported"]) {
      const problem = problemOf("ENOTFOUND", "retry", kind);
      assert.equal(retryOf({ way: "device", isListed: false, problem }), "data-centre");
      assert.equal(retryOf({ way: "device", isListed: true, problem }), "none");
    }
  });

  it("is nowhere where asking again changes nothing", () => {
    for (const remedy of ["none", "open-log"] as const) {
      assert.equal(retryOf({ way: "browser", isListed: true, problem: problemOf("X", remedy) }), undefined);
    }
  });

  it("is not led astray by a code that is the name of something every object has", () => {
    assert.equal(retryOf({ way: "browser", isListed: true, problem: problemOf("constructor", "sign-in") }), "way");
  });
});
