import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAnswerHead } from "../../../../src/core/address/answerHead.ts";

describe("the head of a relay's answer", () => {
  it("has its status, its length, and headers as they came", () => {
    const head = parseAnswerHead("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nX-A:b:c \r\nContent-Length: 12");
    assert.deepEqual(head, {
      status: 429,
      headers: ["Retry-After", "7", "X-A", "b:c", "Content-Length", "12"],
      length: 12,
    });
  });

  it("leaves out what holds for the relay's connection only, but not that it ends", () => {
    const headersOf = (text: string): readonly string[] | undefined =>
      parseAnswerHead(`HTTP/1.1 200 OK\r\n${text}`)?.headers;
    assert.deepEqual(headersOf("Connection: keep-alive\r\nKeep-Alive: timeout=5"), []);
    assert.deepEqual(headersOf("connection: close"), ["connection", "close"]);
  });

  it("may have no reason, no header and no length", () => {
    assert.deepEqual(parseAnswerHead("HTTP/1.1 503"), { status: 503, headers: [], length: undefined });
  });

  it("is none where it is not HTTP", () => {
    for (const text of ["", "SSH-2.0-x", "HTTP/2 200", "HTTP/1.1 abc"]) assert.equal(parseAnswerHead(text), undefined);
  });
});
