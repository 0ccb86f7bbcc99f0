import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { type RawAnswer, readAnswer } from "../../../../src/core/forwarding/rawAnswer.ts";
import { keptAnswerBytes } from "../../../../src/core/forwarding/sendOutcome.ts";

async function answerOf(chunks: readonly Uint8Array[], head: object = { statusCode: 200 }): Promise<RawAnswer> {
  return readAnswer(Object.assign(Readable.from(chunks), { rawHeaders: ["X-One", "1"], ...head }), AbortSignal.any([]));
}

describe("a handler's answer", () => {
  it("is its status, its headers and all that it said", async () => {
    const answer = await answerOf([Buffer.from("he"), Buffer.from("llo")], { statusCode: 418 });
    assert.equal(Buffer.from(answer.body).toString(), "hello");
    const { status, headers, bytes } = answer;
    assert.deepEqual({ status, headers, bytes }, { status: 418, headers: [["X-One", "1"]], bytes: 5 });
  });

  it("is kept up to a limit, and counted beyond it", async () => {
    const [most, more] = [Buffer.alloc(keptAnswerBytes - 1, "a"), Buffer.alloc(10, "b")];
    const { body, bytes } = await answerOf([most, more, more]);
    assert.equal(bytes, keptAnswerBytes + 19);
    assert.equal(Buffer.compare(body, Buffer.concat([most, more.subarray(0, 1)])), 0);
  });

  it("keeps no later piece where the limit was met to the byte", async () => {
    const { body, bytes } = await answerOf([Buffer.alloc(keptAnswerBytes), Buffer.alloc(1)]);
    assert.deepEqual([body.byteLength, bytes], [keptAnswerBytes, keptAnswerBytes + 1]);
  });

  it("has status 0 where there is none", async () => {
    assert.equal((await answerOf([], {})).status, 0);
  });
});
