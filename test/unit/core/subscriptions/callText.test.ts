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

  it("is shown with its answer, indented, and without anything secret", () => {
    const text = recorder.calls.map(callText).join("\n");
    assert.match(text, /^PATCH https:\/\/www\.zohoapis\.com\/crm\/v8\/actions\/watch$/m);
    assert.match(text, /^ {6}"channel_id": "1",$/m);
    assert.match(text, /^# Answer after 12 ms\nHTTP 200$/m);
    assert.ok(!/secret|1000\.open/.test(text));
  });

  it("keeps every digit of a number that JavaScript would round", () => {
    const last = recorder.last;
    assert.ok(last !== undefined);
    assert.match(callText(last), /9007199254740993/);
  });
});
