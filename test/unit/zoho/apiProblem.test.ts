import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute, second } from "../../../src/base/clock.ts";
import type { Remedy } from "../../../src/base/problem.ts";
import { isSurelyZohos, problemOfAnswer } from "../../../src/zoho/apiProblem.ts";
import type { ZohoProblemKind } from "../../../src/zoho/problem.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { answer } from "./scriptedTransport.ts";

const clock = new FakeClock();

interface Row {
  readonly status: number;
  readonly code: string;
  readonly details?: unknown;
  readonly kind: ZohoProblemKind;
  readonly remedy: Remedy;
  readonly says: string;
}

const signedOut = "Zoho no longer accepts this sign-in. Sign in again.";
const denied = "Your Zoho user is not allowed to do this. Ask an administrator of the organisation for the permission.";
const unsupportedMethod =
  "The server does not offer this kind of request. Check that the connection leads to Zoho CRM.";
const full = "Zoho takes no more of these. Delete what is no longer needed and try again.";
const unsupported =
  "The server does not offer this part of Zoho CRM's API. Check that the connection leads to Zoho CRM.";

const table: readonly Row[] = [
  { status: 401, code: "INVALID_TOKEN", kind: "signed-out", remedy: "sign-in", says: signedOut },
  { status: 401, code: "INVALID_OAUTHTOKEN", kind: "signed-out", remedy: "sign-in", says: signedOut },
  {
    status: 401,
    code: "AUTHENTICATION_FAILURE",
    kind: "signed-out",
    remedy: "sign-in",
    says: "Zoho cannot tell whose sign-in this is. Sign in again, in the data centre of the organisation.",
  },
  {
    status: 401,
    code: "OAUTH_SCOPE_MISMATCH",
    kind: "scope",
    remedy: "sign-in",
    says: "The sign-in does not include the permission (scope) for this. Sign in again and grant it.",
  },
  {
    status: 403,
    code: "NO_PERMISSION",
    kind: "denied",
    remedy: "none",
    says: denied,
  },
  { status: 400, code: "AUTHORIZATION_FAILED", kind: "denied", remedy: "none", says: denied },
  { status: 404, code: "INVALID_URL_PATTERN", kind: "unsupported", remedy: "none", says: unsupported },
  { status: 400, code: "INVALID_REQUEST_METHOD", kind: "unsupported", remedy: "none", says: unsupportedMethod },
  { status: 405, code: "INVALID_REQUEST_METHOD", kind: "unsupported", remedy: "none", says: unsupportedMethod },
  {
    status: 400,
    code: "REQUIRED_PARAM_MISSING",
    details: { param_name: "channel_ids" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho needs the parameter “channel_ids”. Add it and try again.",
  },
  {
    status: 429,
    code: "TOO_MANY_REQUESTS",
    kind: "throttled",
    remedy: "retry",
    says: "Zoho takes no more requests for now. Try again in a minute.",
  },
  {
    status: 500,
    code: "INTERNAL_ERROR",
    kind: "server",
    remedy: "retry",
    says: "Zoho has trouble at the moment and could not answer. Try again in a few minutes.",
  },
  {
    status: 400,
    code: "MANDATORY_NOT_FOUND",
    details: { api_name: "notify_url", json_path: "$.watch[0].notify_url" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho needs a value for “notify_url”. Fill it in and try again.",
  },
  {
    status: 400,
    code: "MANDATORY_NOT_FOUND",
    kind: "invalid",
    remedy: "none",
    says: "Zoho needs a value for a field. Fill it in and try again.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "events" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho cannot notify about one of the chosen modules. Leave out modules that are not in use or not supported.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "token", maximum_length: 50 },
    kind: "invalid",
    remedy: "none",
    says: "Zoho takes at most 50 characters for “token”. Shorten it and try again.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "watch", expected_data_type: "jsonarray" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho expects “watch” in another form: jsonarray. Change it and try again.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "type", supported_values: ["field_selection"] },
    kind: "invalid",
    remedy: "none",
    says: "Zoho does not know this value of “type”. Choose one of: field_selection.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "channel_expiry" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho does not accept the expiry. Choose a time from now to at most one week ahead.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "channel_expiry", expected_data_type: "datetime" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho does not accept the expiry. Choose a time from now to at most one week ahead.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "channel_id", expected_data_type: "bigint" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho does not accept the channel ID. It must be a whole number of at most 64 bits.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "notify_url" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho does not accept the address for notifications. Use a public HTTPS address of at most 255 characters.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "watch", maximum_length: 50 },
    kind: "invalid",
    remedy: "none",
    says: "Zoho takes at most 50 entries for “watch”. Shorten it and try again.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { param_name: "per_page", maximum_length: 200 },
    kind: "invalid",
    remedy: "none",
    says: "Zoho takes at most 200 for “per_page”. Lower it and try again.",
  },
  {
    status: 400,
    code: "INVALID_DATA",
    details: { api_name: "Stage", supported_values: ["<b>secret</b>"] },
    kind: "invalid",
    remedy: "none",
    says: "Zoho does not know this value of “Stage”. Choose another.",
  },
  {
    status: 400,
    code: "INVALID_MODULE",
    kind: "invalid",
    remedy: "none",
    says: "The organisation has no such module, or does not offer it to the API. Choose another.",
  },
  {
    status: 400,
    code: "DUPLICATE_DATA",
    details: { api_name: "Email" },
    kind: "invalid",
    remedy: "none",
    says: "There is already one with this value at “Email”. Choose another value and try again.",
  },
  {
    status: 400,
    code: "UNABLE_TO_PARSE_DATA_TYPE",
    kind: "invalid",
    remedy: "none",
    says: "Zoho cannot read the request. Change its form and try again.",
  },
  { status: 400, code: "LIMIT_EXCEEDED", kind: "invalid", remedy: "none", says: full },
  { status: 400, code: "LIMIT_REACHED", kind: "invalid", remedy: "none", says: full },
  {
    status: 400,
    code: "INVALID_DATA",
    details: {},
    kind: "invalid",
    remedy: "none",
    says: "Zoho does not accept the value of one of the fields. Change it and try again.",
  },
  {
    status: 400,
    code: "EXPECTED_FIELD_MISSING",
    details: { api_name: "id" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho needs one more field: “id”. Add it and try again.",
  },
  {
    status: 400,
    code: "AMBIGUITY_DURING_PROCESSING",
    details: { api_name: "module" },
    kind: "invalid",
    remedy: "none",
    says: "Two parts of the request contradict each other at “module”. Keep only one of them and try again.",
  },
  {
    status: 400,
    code: "DEPENDENT_FIELD_MISSING",
    details: { api_name: "module" },
    kind: "invalid",
    remedy: "none",
    says: "Zoho needs another field together with this one: “module”. Add it and try again.",
  },
  {
    status: 400,
    code: "NOT_SUBSCRIBED",
    kind: "not-subscribed",
    remedy: "recreate-subscription",
    says: "This subscription no longer exists at Zoho: it expired or was deleted. Create it again.",
  },
  {
    status: 400,
    code: "SOMETHING_NEW",
    kind: "invalid",
    remedy: "none",
    says: "Zoho refused the request with the code SOMETHING_NEW. The last request and answer show what it is about.",
  },
];

describe("problems of the API", () => {
  for (const { status, code, details, kind, remedy, says } of table) {
    it(`says what to do about ${code} with ${status} ${JSON.stringify(details ?? {})}`, () => {
      const problem = problemOfAnswer(answer(status, { code, details, message: "any text", status: "error" }), clock);
      assert.deepEqual(
        { kind: problem.kind, code: problem.code, remedy: problem.remedy, message: problem.message },
        { kind, code, remedy, message: says },
      );
    });
  }

  it("says in every sentence what to do", () => {
    for (const { says } of table) {
      assert.match(
        says,
        /[.] (Add|Ask|Change|Check|Choose|Create|Delete|Fill|It must|Keep|Leave|Lower|Shorten|Sign|The last request|Try|Use) /,
      );
    }
  });

  it("goes by the code, whatever the text says", () => {
    const body = { code: "NOT_SUBSCRIBED", details: {}, message: "INVALID_TOKEN", status: "error" };
    assert.equal(problemOfAnswer(answer(400, body), clock).kind, "not-subscribed");
  });

  it("goes by the status where a gateway answers with a page", () => {
    const kinds = [401, 403, 404, 429, 500, 502, 503, 302, 200].map(
      status => problemOfAnswer(answer(status, "<html>secret</html>"), clock).kind,
    );
    assert.deepEqual(kinds, [
      // Zoho says in its own form what it refuses and forbids: this is somebody on the way.
      "unreadable",
      "unreadable",
      "unsupported",
      "throttled",
      "server",
      "server",
      "server",
      "unreadable",
      "unreadable",
    ]);
  });

  it("never repeats what a page or a value of the answer contains", () => {
    const page = problemOfAnswer(answer(200, "<html>secret</html>"), clock);
    const value = problemOfAnswer(
      answer(400, { code: "INVALID_DATA", details: { api_name: "<b>secret</b>" }, status: "error" }),
      clock,
    );
    const code = problemOfAnswer(answer(400, { code: "<b>secret</b>", details: {}, status: "error" }), clock);
    for (const problem of [page, value, code]) assert.ok(!problem.message.includes("secret"), problem.message);
  });

  it("takes a truncated answer for unreadable, with a remedy", () => {
    const problem = problemOfAnswer(answer(200, '{"watch":[{"chan'), clock);
    assert.equal(problem.kind, "unreadable");
    assert.equal(problem.remedy, "retry");
    assert.equal(
      problem.message,
      "The answer (HTTP 200) is not one that Zoho CRM gives. " +
        "Check that no proxy or sign-in page of the network is in between, and try again.",
    );
  });

  it("waits for as long as the answer says, in seconds or until a date", () => {
    const seconds = problemOfAnswer(answer(429, "", { "retry-after": "300" }), clock);
    const date = new Date(clock.now() + 90 * second).toUTCString();
    const until = problemOfAnswer(answer(429, "", { "retry-after": date }), clock);
    const odd = problemOfAnswer(answer(429, "", { "retry-after": "2.5" }), clock);
    assert.equal(odd.kind === "throttled" ? odd.retryAt : undefined, clock.now() + minute);
    assert.ok(seconds.kind === "throttled" && until.kind === "throttled");
    assert.equal(seconds.retryAt, clock.now() + 5 * minute);
    assert.equal(seconds.message, "Zoho takes no more requests for now. Try again in 5 minutes.");
    assert.equal(until.retryAt, clock.now() + 90 * second);
  });

  it("waits until a date by the clock of whoever named it", () => {
    const zohosNow = clock.now() - 3 * hour;
    const [date, until] = [zohosNow, zohosNow + 90 * second].map(instant => new Date(instant).toUTCString());
    const problem = problemOfAnswer(answer(429, "", { date: date ?? "", "retry-after": until ?? "" }), clock);
    assert.equal(problem.kind === "throttled" ? problem.retryAt : undefined, clock.now() + 90 * second);
  });
});

describe("an answer that is surely Zoho's", () => {
  const error = { details: {}, message: "", status: "error" };
  const zohos: readonly (readonly [status: number, body: unknown])[] = [
    [204, ""],
    [200, { watch: [], info: {} }],
    [200, { data: [{ id: "1" }] }],
    [207, { watch: [{ ...error, code: "NOT_SUBSCRIBED" }] }],
    [401, { ...error, code: "INVALID_TOKEN" }],
    [403, { ...error, code: "NO_PERMISSION" }],
    [400, { watch: [{ ...error, code: "INVALID_DATA" }] }],
  ];
  for (const [status, body] of zohos) {
    it(`is HTTP ${status} with ${JSON.stringify(body)}`, () => {
      assert.equal(isSurelyZohos(answer(status, body)), true);
    });
  }

  const others: readonly (readonly [status: number, body: unknown])[] = [
    [200, "<html>"],
    [200, ""],
    [200, "[]"],
    [200, { status: "ok" }],
    [200, { code: 200, links: [] }],
    [302, ""],
    [304, ""],
    [401, { code: 401 }],
    [403, "<html>"],
    [403, { ...error, code: "FORBIDDEN" }],
    [429, { ...error, code: "TOO_MANY_REQUESTS" }],
    [502, "<html>"],
    [503, { ...error, code: "SERVICE_UNAVAILABLE" }],
  ];
  for (const [status, body] of others) {
    it(`is not HTTP ${status} with ${JSON.stringify(body)}`, () => {
      assert.equal(isSurelyZohos(answer(status, body)), false);
    });
  }
});

/**
 * The codes of `ErrorResponse` in Zoho's OpenAPI file for notifications, version 8
 * (github.com/zoho/crm-oas, v8.0/notifications/notifications.yaml).
 */
const documented = [
  "INVALID_DATA",
  "INVALID_QUERY",
  "NOT_SUBSCRIBED",
  "EXPECTED_PARAM_MISSING",
  "LIMIT_REACHED",
  "NOT_SUPPORTED",
  "INVALID_REQUEST_METHOD",
  "AUTHORIZATION_FAILED",
  "OAUTH_SCOPE_MISMATCH",
  "NO_PERMISSION",
  "INVALID_URL_PATTERN",
  "INTERNAL_ERROR",
  "RATE_LIMIT_EXCEEDED",
  "SERVICE_UNAVAILABLE",
  "INVALID_MODULE",
  "MANDATORY_NOT_FOUND",
  "EXPECTED_FIELD_MISSING",
  "AMBIGUITY_DURING_PROCESSING",
  "DEPENDENT_FIELD_MISSING",
];

/** Named in Zoho's pages or seen in traffic, beside those. */
const seen = [
  ...["INVALID_TOKEN", "INVALID_OAUTHTOKEN", "AUTHENTICATION_FAILURE", "INVALID_HOST", "REQUIRED_PARAM_MISSING"],
  ...["ALREADY_USED", "DUPLICATE_DATA", "LIMIT_EXCEEDED", "TOO_MANY_REQUESTS", "INTERNAL_SERVER_ERROR"],
  ...["API_NOT_SUPPORTED", "UNABLE_TO_PARSE_DATA_TYPE"],
];

describe("the codes that Zoho has", () => {
  for (const code of [...documented, ...seen]) {
    it(`${code} has a sentence of its own, whatever the status and with or without details`, () => {
      for (const details of [undefined, null, [], {}, { api_name: 7, supported_values: {}, expected_fields: [null] }]) {
        for (const body of [
          { code, details, message: "", status: "error" },
          { watch: [{ code, details, message: "", status: "error" }] },
        ]) {
          const problem = problemOfAnswer(answer(400, body), clock);
          assert.equal(problem.code, code);
          assert.ok(!problem.message.includes(code), problem.message);
          assert.notEqual(problem.kind, "unreadable");
        }
      }
    });
  }

  const path = "$.watch[0].notification_condition[0]";
  const named: readonly (readonly [code: string, details: unknown, says: string])[] = [
    [
      "EXPECTED_FIELD_MISSING",
      {
        expected_fields: [
          { api_name: "api_name", json_path: `${path}.module.api_name` },
          { api_name: "id", json_path: `${path}.module.id` },
        ],
      },
      "Zoho needs at least one of these: “module.api_name”, “module.id”. Add one and try again.",
    ],
    [
      "EXPECTED_FIELD_MISSING",
      { expected_fields: [{ api_name: "group" }] },
      "Zoho needs one more field: “group”. Add it and try again.",
    ],
    [
      "AMBIGUITY_DURING_PROCESSING",
      {
        ambiguity_due_to: [
          { api_name: "api_name", json_path: `${path}.module.api_name` },
          { api_name: "id", json_path: `${path}.module.id` },
        ],
      },
      "These contradict each other: “module.api_name”, “module.id”. Keep only one of them and try again.",
    ],
    [
      "AMBIGUITY_DURING_PROCESSING",
      { ambiguity_due_to: [{ param_name: "page" }, { param_name: "page_token" }] },
      "These contradict each other: “page”, “page_token”. Keep only one of them and try again.",
    ],
    [
      "DEPENDENT_FIELD_MISSING",
      {
        ...{ api_name: "field_selection", json_path: `${path}.field_selection` },
        dependee: { api_name: "type", json_path: `${path}.type` },
      },
      "Zoho needs “field_selection” together with “notification_condition.type”. Add it and try again.",
    ],
    [
      "INVALID_DATA",
      { api_name: "group_operator", supported_values: "or,and" },
      "Zoho does not know this value of “group_operator”. Choose one of: or, and.",
    ],
    [
      "INVALID_DATA",
      { api_name: "field_selection", maximum_length: "10" },
      "Zoho takes at most 10 entries for “field_selection”. Shorten it and try again.",
    ],
    [
      "EXPECTED_PARAM_MISSING",
      { param_name: "channel_ids" },
      "Zoho needs the parameter “channel_ids”. Add it and try again.",
    ],
    ["NOT_SUPPORTED", { api_name: "events" }, "Zoho does not support this for “events”. Choose another."],
    [
      "ALREADY_USED",
      { api_name: "channel_id" },
      "The value of “channel_id” is in use already. Choose another and try again.",
    ],
    [
      "INVALID_QUERY",
      { param_name: "module" },
      "Zoho does not accept the parameter “module”. Change it and try again.",
    ],
    [
      "INVALID_HOST",
      {},
      "Zoho CRM's API is not offered at this address. Sign in again, in the data centre of the organisation.",
    ],
  ];
  for (const [code, details, says] of named) {
    it(`${code} with ${JSON.stringify(details)} names what it is about`, () => {
      const body = { code, details, message: "", status: "error" };
      assert.equal(problemOfAnswer(answer(400, body), clock).message, says);
    });
  }

  for (const code of ["UNAUTHORIZED", "FORBIDDEN", "unauthorized", "ACCESS_DENIED", 401, 403, "SOMETHING_NEW"]) {
    for (const status of [401, 403]) {
      it(`do not include ${code}, so that with HTTP ${status} neither a sign-in is over nor a person forbidden anything`, () => {
        for (const body of [
          { code, message: "Blocked by policy" },
          { data: [{ code, details: {}, message: "", status: "error" }] },
        ]) {
          const problem = problemOfAnswer(answer(status, body), clock);
          assert.deepEqual([problem.kind, problem.code, problem.remedy], ["unreadable", String(code), "retry"]);
          assert.equal(
            problem.message,
            `The request is refused (HTTP ${status}) with the code ${code}, which is not known of Zoho CRM. ` +
              "A proxy, a firewall or a gateway may be in between: ask your network administrator, and try again.",
          );
        }
      });
    }
  }

  it("are numbers of services before the CRM, too", () => {
    const problem = problemOfAnswer(answer(401, { code: 4834, message: "Invalid Ticket Id" }), clock);
    assert.deepEqual([problem.kind, problem.code], ["signed-out", "4834"]);
  });

  it("of entries that are no errors are no codes", () => {
    const listed = answer(400, { data: [{ code: "SUMMER", status: "open" }] });
    assert.equal(problemOfAnswer(listed, clock).kind, "unreadable");
    const success = answer(200, { watch: [{ code: "SUCCESS", status: "success", details: {} }] });
    assert.equal(problemOfAnswer(success, clock).kind, "unreadable");
  });
});
