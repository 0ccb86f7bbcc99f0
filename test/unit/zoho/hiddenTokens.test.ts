import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { splitAtTokens } from "../../../src/zoho/hiddenTokens.ts";

const echo = JSON.stringify({ token: 'SECRET "quoted" \\', other: "stays" });

/** Texts with a token, and what stays of them where it stood. */
const texts: readonly (readonly [text: string, hidden: string])[] = [
  ['{"token":"SECRET"}', '{"token":"…"}'],
  [String.raw`{"token" : "SECRET \" still \\", "a": "b"}`, '{"token" : "…", "a": "b"}'],
  ['{"token":"SECRET","b":{"token":"SECRET"}}', '{"token":"…","b":{"token":"…"}}'],
  ['{"token":-12.5e3,"a":1}', '{"token":…,"a":1}'],
  ['{"token":""}', '{"token":"…"}'],
  // Half an answer.
  ['{"watch":[{"channel_id":"1","token":"SECRET-TOK', '{"watch":[{"channel_id":"1","token":"…'],
  [String.raw`{"token":"SECRET\"`, '{"token":"…'],
  ['{"token":"SECRET\\', '{"token":"…'],
  ['{"token":"', '{"token":"…'],
  ['{"token":12', '{"token":…'],
  // A request that an error repeats, as text in JSON, once or twice over.
  [JSON.stringify({ got: '{"token":"SECRET","a":"b"}' }), String.raw`{"got":"{\"token\":\"…\",\"a\":\"b\"}"}`],
  [JSON.stringify({ got: '{"token": 12}' }), String.raw`{"got":"{\"token\": …}"}`],
  [
    JSON.stringify({ got: JSON.stringify({ got: '{"token":"SECRET"}' }) }),
    String.raw`{"got":"{\"got\":\"{\\\"token\\\":\\\"…\\\"}\"}"}`,
  ],
  [JSON.stringify({ got: '{\n "token":\n"SECRET"}' }), String.raw`{"got":"{\n \"token\":\n\"…\"}"}`],
  [
    String.raw`{"got":"{\u0022token\u0022:\u0022SECRET\u0022}"}`,
    String.raw`{"got":"{\u0022token\u0022:\u0022…\u0022}"}`,
  ],
  [String.raw`{"got":"{\"token\":\"SECRET`, String.raw`{"got":"{\"token\":\"…`],
  // In a page.
  ["<pre>{&quot;token&quot;:&quot;SECRET&quot;}</pre>", "<pre>{&quot;token&quot;:&quot;…&quot;}</pre>"],
  ["<pre>{&#34;token&#34;: &#34;SECRET", "<pre>{&#34;token&#34;: &#34;…"],
  ["<pre>{&#x22;token&#x22;:&#x22;SECRET&#x22;}", "<pre>{&#x22;token&#x22;:&#x22;…&#x22;}"],
  // In an address.
  ["?body=%7B%22token%22%3A%22SECRET%22%7D", "?body=%7B%22token%22%3A%22…%22%7D"],
];

describe("the text around tokens", () => {
  for (const [text, hidden] of texts) {
    it(`of ${text} is ${hidden}`, () => {
      assert.equal(splitAtTokens(text).join("…"), hidden);
    });
  }

  it("holds nothing of a token with quotes and backslashes, in whatever it is repeated", () => {
    for (const whole of [JSON.stringify({ got: echo }), JSON.stringify({ got: JSON.stringify({ got: echo }) })]) {
      assert.doesNotMatch(splitAtTokens(whole).join("…"), /SECRET|quoted/);
    }
    assert.match(splitAtTokens(echo).join("…"), /"other":"stays"/);
  });

  it("is one piece where there is no token", () => {
    for (const text of ["", "<html>", '{"tokens":["a"],"Token":"b","token":null}', '{"my token":"a"}']) {
      assert.deepEqual(splitAtTokens(text), [text]);
    }
  });

  it("is found in time that grows with the text alone", () => {
    const long = 300_000;
    const begun = performance.now();
    for (const part of [
      '"token":"',
      '\\"token\\":\\"',
      "\\",
      '"',
      "&quot;token",
      '"token" ',
      '"token":"\\',
      '"token"\\n',
    ]) {
      splitAtTokens(part.repeat(long / part.length));
    }
    splitAtTokens(`"token"${" ".repeat(long)}`);
    assert.ok(performance.now() - begun < 2_000);
  });
});
