import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { describe, it } from "node:test";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { Base64Reader } from "../../../../src/core/events/base64Reader.ts";
import { Redaction } from "../../../../src/core/events/redaction.ts";
import { LookedAt } from "../../../support/lookedAt.ts";
import { aRequest } from "../exchange/aRequest.ts";

const nobody = new Redaction([]);

/** What makes a recogniser begin again and again. */
const parts: readonly string[] = [
  ...["token=a&", " token:a", "{token:a,", "token:[", '"token":', "token='", "token:\n a\n", "token: |\n", "token:\r"],
  ...[
    'name:"key",value:"a",',
    "<token>",
    "<token@>",
    "<token><!--",
    "<a><b></a>",
    "eyJ-",
    "://a:",
    '{"',
    '["a", ',
    "[[",
  ],
  ...['{"a":{', "%25", "\\\\", "<![CDATA[", "<key>token</key>", '("token", '],
];

function bodyOf(part: string, length: number, isJson: boolean): string {
  const text = Array.from({ length: Math.ceil(length / part.length) }, (_, at) => part.replace("@", String(at))).join(
    "",
  );
  return isJson ? JSON.stringify({ a: text }) : text;
}

/** How many characters are looked at to redact a body: in all, and in the longest step. */
function workOf(lookedAt: LookedAt, body: string): { readonly all: number; readonly longest: number } {
  const work = nobody.body(aRequest({ body: utf8Encode(body) }));
  lookedAt.take();
  let [all, longest] = [0, 0];
  for (let step = work.next(); ; step = work.next()) {
    const characters = lookedAt.take();
    all += characters;
    longest = Math.max(longest, characters);
    if (step.done === true) return { all, longest };
  }
}

describe("the work to leave out secrets", () => {
  for (const part of parts) {
    for (const isJson of [false, true]) {
      it(`grows with the length of a body of ${JSON.stringify(part)}${isJson ? " in JSON" : ""}, and is done in steps`, t => {
        const lookedAt = new LookedAt(t);
        const once = workOf(lookedAt, bodyOf(part, 20_000, isJson));
        const twice = workOf(lookedAt, bodyOf(part, 40_000, isJson));
        assert.ok(twice.all <= once.all * 2.5, `${once.all} ${twice.all}`);
        assert.ok(twice.longest <= 4_000_000, String(twice.longest));
      });
    }
  }

  it("unpacks no more in base64 than a body may ask for, and leaves out what it does not look into", () => {
    const packed = (at: number): string => gzipSync(`${at}${" a b c".repeat(150_000)}`).toString("base64");
    const reader = new Base64Reader();
    const texts = Array.from({ length: 20 }, (_, at) => reader.textsIn(packed(at))).flat();
    const size = texts.reduce((sum, each) => sum + (each.isClosed ? 0 : each.text.length), 0);
    assert.ok(size > 1_000_000 && size <= 4 * 1024 * 1024, String(size));
    assert.ok(texts.at(-1)?.isClosed === true);
    const large = gzipSync(`${"a b c ".repeat(200_000)}password=SECRET`).toString("base64");
    assert.equal(nobody.marked(`x ${large} y`), "x (hidden) y");
  });
});
