import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AnswerFault,
  type AnswerHeader,
  type ChosenAnswer,
  answerLimits,
  faultOfAnswer,
} from "../../../src/protocol/chosenAnswer.ts";

const plain: ChosenAnswer = { status: 200, headers: [], body: "" };

function faultOf(answer: Partial<ChosenAnswer>): AnswerFault | undefined {
  return faultOfAnswer({ ...plain, ...answer });
}

function faultOfOne(...header: AnswerHeader): AnswerFault["kind"] | undefined {
  return faultOf({ headers: [header] })?.kind;
}

describe("an answer of one's choosing", () => {
  it("has a status that HTTP gives as the last word, and not the one for parts", () => {
    for (const status of [200, 202, 204, 301, 404, 418, 503, 599]) assert.equal(faultOf({ status }), undefined);
    for (const status of [0, 99, 100, 101, 103, 199, 206, 600, 1_000, -200, 200.5, Number.NaN]) {
      assert.deepEqual(faultOf({ status }), { kind: "status" }, String(status));
    }
  });

  it("has no body with a status that has none", () => {
    for (const status of [204, 205, 304]) {
      assert.equal(faultOf({ status }), undefined);
      assert.deepEqual(faultOf({ status, body: "x" }), { kind: "body-with-status", status });
    }
  });

  it("has a body of as many bytes as a relay keeps, whatever its characters", () => {
    const { bodyBytes } = answerLimits;
    assert.equal(faultOf({ body: "x".repeat(bodyBytes) }), undefined);
    assert.equal(faultOf({ body: "ñ".repeat(bodyBytes / 2) }), undefined);
    assert.deepEqual(faultOf({ body: "x".repeat(bodyBytes + 1) }), { kind: "body-too-large" });
    assert.deepEqual(faultOf({ body: "ñ".repeat(bodyBytes / 2 + 1) }), { kind: "body-too-large" });
  });

  it("takes headers of any name and value that HTTP has", () => {
    for (const [name, value] of [
      ["X-Request-Id", "1"],
      ["Retry-After", "120"],
      ["Access-Control-Allow-Origin", "*"],
      ["WebHook-Allowed-Rate", "a b\"c; d='e'"],
      ["__proto__", "x"],
      ["!#$%&'*+-.^_`|~0", "~"],
    ] as const) {
      assert.equal(faultOfOne(name, value), undefined, name);
    }
  });

  it("has no name or value that would end a line, begin another answer, or be read in two ways", () => {
    for (const name of ["", "a b", "a:", "a\r\nb", "a\0", "ñ", "(x)", "x".repeat(65)]) {
      assert.equal(faultOfOne(name, "x"), "header-name", JSON.stringify(name));
    }
    const values = [
      "",
      " ",
      "a\r\nSet-Cookie: b=c",
      "a\nb",
      "a\rb",
      "a\0b",
      "a\tb",
      "a\x7f",
      "ñ",
      "a\u2028b",
      " a",
      "a ",
    ];
    for (const value of [...values, "a\r\n\r\nHTTP/1.1 200 OK", "x".repeat(257), "\u010d\u010a"]) {
      assert.equal(faultOfOne("X-A", value), "header-value", JSON.stringify(value));
    }
  });

  it("leaves to the relay what frames messages, holds for its whole name, or gives orders to a proxy", () => {
    for (const name of [
      ...[
        "Connection",
        "Keep-Alive",
        "Transfer-Encoding",
        "content-length",
        "Content-Encoding",
        "Date",
        "Trailer",
        "TE",
      ],
      ...["Upgrade", "Proxy-Authenticate", "Proxy-Connection", "Via", "Content-Range"],
      ...["Set-Cookie", "set-cookie2", "Clear-Site-Data", "Strict-Transport-Security", "Alt-Svc", "NEL", "Report-To"],
      ...["WWW-Authenticate", "Location", "Refresh", "Link", "Content-Disposition", "Service-Worker-Allowed"],
      ...["Cache-Control", "CDN-Cache-Control", "Expires", "Age", "Vary", "ETag", "Last-Modified", "Surrogate-Control"],
      ...["Content-Security-Policy", "Content-Security-Policy-Report-Only", "X-Content-Type-Options"],
      ...["X-Accel-Redirect", "X-Accel-Expires", "X-Sendfile", "X-LIGHTTPD-send-file", "X-Reproxy-URL"],
      ...["X-Zoho-CRM-Notifications-Answer"],
    ]) {
      assert.deepEqual(faultOf({ headers: [[name, "x"]] }), { kind: "reserved-header", name });
    }
  });

  it("is of a type that no browser runs", () => {
    for (const type of [
      ...[
        "application/json",
        "application/json; charset=utf-8",
        "text/plain;charset=UTF-8",
        'text/xml; charset="utf-8"',
      ],
      ...["application/xml", "application/problem+json", "application/x-www-form-urlencoded", "text/csv"],
    ]) {
      assert.equal(faultOfOne("Content-Type", type), undefined, type);
    }
    for (const type of [
      ...["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml", "image/svg+xml", "text/javascript", "x"],
      ...["multipart/x-mixed-replace", "text/plain, text/html", "text/plain; charset=utf-7", "text/plain;a=b", "*/*"],
      ...["application/json\u00a0", "application/pdf", "text/plain; charset=utf-8; charset=utf-16"],
    ]) {
      assert.ok(["content-type", "header-value"].includes(faultOfOne("content-type", type) ?? ""), type);
    }
  });

  it("has each header once, and a few of them", () => {
    const many = (count: number): AnswerHeader[] => Array.from({ length: count }, (_, index) => [`X-${index}`, "1"]);
    assert.equal(faultOf({ headers: many(answerLimits.headers) }), undefined);
    assert.deepEqual(faultOf({ headers: many(answerLimits.headers + 1) }), { kind: "too-many-headers" });
    const twice: AnswerHeader[] = [
      ["X-A", "1"],
      ["x-a", "2"],
    ];
    assert.deepEqual(faultOf({ headers: twice }), { kind: "repeated-header", name: "x-a" });
  });

  it("knows its challenge by a name of visible characters", () => {
    const named = (name: string): AnswerFault | undefined => faultOf({ challenge: { from: "query", name } });
    for (const name of ["challenge", "hub.challenge", "validationToken", "a[b]"]) assert.equal(named(name), undefined);
    for (const name of ["", "a b", "ñ", "a\n", "x".repeat(65)])
      assert.deepEqual(named(name), { kind: "challenge-name" });
  });
});
