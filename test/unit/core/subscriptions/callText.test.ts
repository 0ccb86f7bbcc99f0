import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callText, lastCallsAbout } from "../../../../src/core/subscriptions/callText.ts";
import { CallRecorder } from "../../../../src/zoho/callRecorder.ts";

const url = "https://www.zohoapis.com/crm/v8/actions/watch";

function record(recorder: CallRecorder, method: "GET" | "PATCH", channelId: string, answer: string): void {
  const body = JSON.stringify({ watch: [{ channel_id: channelId, token: "the secret" }] });
  const headers = { authorization: "Zoho-oauthtoken 1000.open", "content-type": "application/json" };
  const request = method === "GET" ? { method, url, headers } : { method, url, headers, body };
  recorder.record(request, { kind: "answer", answer: { status: 200, headers: {}, text: answer }, cut: false }, 0, 12);
}

describe("the last request about a channel", () => {
  const recorder = new CallRecorder();
  record(recorder, "PATCH", "1", '{"watch":[{"code":"SUCCESS"}]}');
  record(
    recorder,
    "GET",
    "",
    '{"watch":[{"channel_id":"1","token":"the secret"},{"channel_id":"2","token":"the secret"}]}',
  );
  record(recorder, "PATCH", "3", '{"watch":[{"channel_id":9007199254740993}]}');

  it("is the change that named it, then the list that had it", () => {
    const methods = (channelId: string): string[] =>
      lastCallsAbout(recorder.calls, channelId).map(({ request }) => request.method);
    assert.deepEqual(methods("1"), ["PATCH", "GET"]);
    assert.deepEqual(methods("2"), ["GET"]);
    assert.deepEqual(methods("4"), []);
  });

  it("names exactly this channel, not one whose id or time has its digits in it", () => {
    const calls = new CallRecorder();
    const remove = (query: string): void =>
      calls.record(
        { method: "DELETE", url: `${url}?${query}`, headers: {} },
        { kind: "no-answer", code: "X", message: "" },
        0,
        1,
      );
    record(calls, "PATCH", "10000", "");
    remove("channel_ids=1000000068001,7");
    record(calls, "GET", "", '{"watch":[{"channel_id":"2100001","channel_expiry":"2026-10-10000"}]}');
    const found = (id: string): string[] => lastCallsAbout(calls.calls, id).map(({ request }) => request.method);
    assert.deepEqual(found("10000"), ["PATCH"]);
    assert.deepEqual(found("7"), ["DELETE"]);
    assert.deepEqual(found("2100001"), ["GET"]);
  });

  it("is shown with its answer, indented, and without anything secret", () => {
    const text = recorder.calls.map(callText).join("\n");
    assert.match(text, /^PATCH https:\/\/www\.zohoapis\.com\/crm\/v8\/actions\/watch$/m);
    assert.match(text, /^ {6}"channel_id": "1",$/m);
    assert.match(text, /^# Answer after 12 ms\nHTTP 200$/m);
    assert.ok(!/secret|1000\.open/.test(text));
  });

  it("is shown in order: what was sent, then what came back, and that some of it was not kept", () => {
    const answer = { status: 400, headers: { "x-request": "7" }, text: '{"code":"X"}' };
    const headers = { "content-type": "application/json" };
    const posted = { method: "POST", url, headers, body: '{"a":1}' } as const;
    const answered = { kind: "answer", answer, cut: true } as const;
    const failed = { kind: "no-answer", code: "ECONNRESET", message: "Hung up." } as const;
    const texts = [
      callText({ request: posted, outcome: answered, startedAt: 0, duration: 12.4 }),
      callText({ request: { method: "GET", url, headers: {} }, outcome: failed, startedAt: 0, duration: 3 }),
    ];
    assert.deepEqual(
      texts.map(text => text.split("\n")),
      [
        [
          ...[
            "# 1970-01-01T00:00:00.000Z",
            `POST ${url}`,
            "content-type: application/json",
            "",
            "{",
            '  "a": 1',
            "}",
            "",
          ],
          ...["# Answer after 12 ms", "HTTP 400", "x-request: 7", "", "{", '  "code": "X"', "}"],
          ...["# The rest of the answer was not kept.", ""],
        ],
        [
          ...["# 1970-01-01T00:00:00.000Z", `GET ${url}`, ""],
          ...["# No answer after 3 ms: ECONNRESET", "Hung up.", ""],
        ],
      ],
    );
  });

  it("keeps every digit of a number that JavaScript would round", () => {
    const last = recorder.last;
    assert.ok(last !== undefined);
    assert.match(callText(last), /9007199254740993/);
  });
});
