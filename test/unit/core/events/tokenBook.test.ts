import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";

describe("TokenBook", () => {
  it("tells the four cases apart", () => {
    const book = new TokenBook();
    book.learn("1", "t");
    assert.equal(book.verify("1", "t"), "verified");
    assert.equal(book.verify("1", "T"), "mismatch");
    assert.equal(book.verify("1", "much longer than the other"), "mismatch");
    assert.equal(book.verify("1", undefined), "absent");
    assert.equal(book.verify("2", "t"), "unknown");
    assert.equal(book.verify("2", undefined), "unknown");
  });

  it("still takes a token that was replaced, and tells of news only", () => {
    const book = new TokenBook();
    const news: string[] = [];
    book.onDidChange(({ channelId }) => news.push(channelId));
    book.learn("1", "old");
    book.learn("1", "new");
    book.learn("1", "old");
    assert.equal(book.verify("1", "old"), "verified");
    assert.deepEqual(news, ["1", "1"]);
  });
});
