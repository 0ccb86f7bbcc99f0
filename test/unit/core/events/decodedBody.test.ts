import assert from "node:assert/strict";
import { describe, it } from "node:test";
import zlib from "node:zlib";
import { finished } from "../../../../src/base/steps.ts";
import { decodeText } from "../../../../src/core/events/charset.ts";
import { undoCoding } from "../../../../src/core/events/contentCoding.ts";
import { decodeBody, largestDecoded } from "../../../../src/core/events/decodedBody.ts";
import { decodedSentence } from "../../../../src/core/events/decodedSentence.ts";
import { decodePercent } from "../../../../src/core/events/percent.ts";
import { Redaction, headersOfRewritten } from "../../../../src/core/events/redaction.ts";
import { aRequest } from "../exchange/aRequest.ts";

const text = Array.from({ length: 3_000 }, (_each, index) => `word${index ** 3 % 9_973}`).join(" ");
const packers = {
  gzip: zlib.gzipSync(text),
  deflate: zlib.deflateSync(text),
  br: zlib.brotliCompressSync(text),
} as const;

describe("a content coding", () => {
  it("that is cut off gives what came of it", () => {
    for (const [name, packed] of Object.entries(packers)) {
      const undone = undoCoding(name, packed.subarray(0, packed.byteLength / 2), largestDecoded);
      assert.equal(undone.fault, "damaged", name);
      const part = Buffer.from(undone.bytes).toString();
      assert.ok(part.length > text.length / 4 && text.startsWith(part), name);
    }
  });

  it("that gives too much gives the first part, within the bound", () => {
    for (const packed of [zlib.gzipSync(text), zlib.brotliCompressSync(text)]) {
      const undone = undoCoding(packed[0] === 0x1f ? "gzip" : "br", packed, 10_000);
      assert.equal(undone.fault, "too-large");
      assert.ok(undone.bytes.byteLength > 1_000 && undone.bytes.byteLength <= 10_000, String(undone.bytes.byteLength));
    }
  });

  it("is not undone at all, where it gives more than is wanted of it, or is damaged", () => {
    const packed = zlib.gzipSync(text);
    for (const body of [packed, packed.subarray(0, packed.byteLength / 2)]) {
      const { fault, isCut, plain } = decodeBody(aRequest({ body, headers: [["Content-Encoding", "gzip"]] }), 10_000);
      assert.deepEqual([fault !== undefined, isCut, plain.byteLength], [true, true, 0]);
    }
    assert.equal(decodeBody(aRequest({ body: packed }), text.length).text, text);
  });

  it("is undone within the bound though what came is very small", () => {
    const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
    const body = decodeBody(aRequest({ headers: [["Content-Encoding", "gzip"]], body: bomb }));
    assert.deepEqual([body.fault?.kind, body.isCut], ["too-large", true]);
    assert.ok(body.plain.byteLength <= largestDecoded);
  });
});

describe("content codings", () => {
  const json = '{"deal":1}';
  const twice = zlib.gzipSync(zlib.brotliCompressSync(json));

  it("are those of all lines of the header", () => {
    for (const headers of [["br, gzip"], ["br", "gzip"], ["br, ", "x-gzip"]]) {
      const lines = headers.map(value => ["Content-Encoding", value] as const);
      const { text: plain, codings } = decodeBody(aRequest({ headers: lines, body: twice }));
      assert.deepEqual([plain, codings], [json, ["gzip", "br"]], headers.join(" | "));
    }
  });
});

describe("a text", () => {
  it("is none where bytes are of a program", () => {
    for (const bytes of [[0xff], [0x89, 0x50, 0xff, 0xfe], [0x41, 0x81], [0x41, 0x42, 0x00, 0xff]])
      assert.equal(decodeText(Uint8Array.from(bytes), ""), undefined, String(bytes));
  });

  it("has percent escapes undone one by one", () => {
    assert.equal(decodePercent("100%+%C3%BC%E9%zz%4"), "100% üé%zz%4");
    assert.equal(decodePercent("%C0%80"), "À€");
    assert.equal(decodePercent("%83e%zz", "shift_jis"), "テ%zz");
  });

  it("says what was undone", () => {
    const request = aRequest({
      headers: [
        ["Content-Encoding", "gzip"],
        ["Content-Type", "text/plain; charset=iso-8859-1"],
      ],
      body: zlib.gzipSync("plain"),
    });
    assert.equal(decodedSentence(decodeBody(request)), "Decoded from gzip. Read as windows-1252.");
    const guessed = decodeBody(aRequest({ body: zlib.gzipSync("{}") }));
    assert.equal(decodedSentence(guessed), "Decoded from gzip, which no header names.");
    assert.equal(decodedSentence(decodeBody(aRequest())), undefined);
  });
});

describe("a body that goes out without secrets", () => {
  it("is its text in UTF-8 where something had to be left out of it, and its headers say so", () => {
    const headers = [
      ["Content-Encoding", "gzip"],
      ["Content-Type", 'text/plain; charset="iso-8859-1"'],
    ] as const;
    const body = zlib.gzipSync(Buffer.from("Zürich s3cr3t-of-the-channel", "latin1"));
    const redacted = finished(new Redaction(["s3cr3t-of-the-channel"]).body(aRequest({ headers, body })));
    assert.deepEqual(redacted, { kind: "text", parts: ["Zürich (hidden)"] });
    assert.deepEqual(headersOfRewritten(headers), [["Content-Type", "text/plain; charset=utf-8"]]);
  });

  it("is left out whole where a coding hides what is in it", () => {
    const redaction = new Redaction(["s3cr3t-of-the-channel"]);
    const cut = zlib.gzipSync(`${text} s3cr3t-of-the-channel`).subarray(0, 5_000);
    const unknown = Uint8Array.of(0x1f, 0x9d, 0x90, 0);
    for (const [coding, body] of [
      ["gzip", cut],
      ["compress", unknown],
    ] as const) {
      const redacted = finished(redaction.body(aRequest({ headers: [["Content-Encoding", coding]], body })));
      assert.deepEqual(redacted, { kind: "text", parts: [`(${body.byteLength} bytes left out)`] }, coding);
    }
  });
});
