import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { TextDecoder } from "node:util";
import zlib from "node:zlib";
import { CodingFault, codingNames, longestBody, readBodyText } from "../../../../media/scaffold/receiver/bodyText.ts";

const text = '{"name":"Zoë Müller €"}';
const plain = Buffer.from(text);

describe("the text of a body, in the handler", () => {
  const read = async (body: Uint8Array, coding?: string, type?: string): Promise<string | number> => {
    const headers = {
      ...(coding === undefined ? {} : { "content-encoding": coding }),
      ...(type === undefined ? {} : { "content-type": type }),
    };
    const { text: found, fault } = await readBodyText(body, headers);
    return fault?.status ?? found;
  };

  it("is what the codings were done to, in the order in which they were", async () => {
    const bodies: readonly (readonly [string, Uint8Array])[] = [
      ["gzip", zlib.gzipSync(plain)],
      ["X-GZIP", zlib.gzipSync(plain)],
      ["deflate", zlib.deflateSync(plain)],
      ["deflate", zlib.deflateRawSync(plain)],
      ["br", zlib.brotliCompressSync(plain)],
      ["zstd", zlib.zstdCompressSync(plain)],
      ["identity", plain],
      ["", plain],
      ["deflate, identity, gzip", zlib.gzipSync(zlib.deflateSync(plain))],
    ];
    for (const [coding, body] of bodies) assert.equal(await read(body, coding), text, coding);
  });

  it("is found where the header got lost on the way", async () => {
    assert.equal(await read(zlib.gzipSync(plain)), text);
    assert.equal(await read(zlib.zstdCompressSync(plain)), text);
  });

  it("is that of the bytes as they came where they are not what the header says, and the fault is told", async () => {
    for (const [coding, status] of [
      ["gzip", 400],
      ["br", 400],
      ["compress", 415],
      ["utf-8", 415],
      ["gzip, gzip, gzip, gzip", 415],
    ] as const) {
      const { text: found, fault } = await readBodyText(plain, { "content-encoding": coding });
      assert.deepEqual([found, fault?.status], [text, status], coding);
    }
  });

  it("is none of a body that was cut off", async () => {
    const long = Buffer.from(JSON.stringify(Array.from({ length: 1_000 }, (_, index) => index ** 3)));
    for (const [coding, body] of [
      ["gzip", zlib.gzipSync(long)],
      ["deflate", zlib.deflateSync(long)],
      ["br", zlib.brotliCompressSync(long)],
      ["zstd", zlib.zstdCompressSync(long)],
    ] as const) {
      assert.equal(await read(body.subarray(0, body.length / 2), coding), 400, coding);
    }
  });

  it("is not made where it would be too large", async () => {
    const large = Buffer.alloc(longestBody + 1);
    for (const [coding, body] of [
      ["gzip", zlib.gzipSync(large)],
      ["deflate", zlib.deflateSync(large)],
      ["deflate", zlib.deflateRawSync(large)],
      ["br", zlib.brotliCompressSync(large)],
      ["zstd", zlib.zstdCompressSync(large)],
      ["gzip, gzip", zlib.gzipSync(zlib.gzipSync(large))],
    ] as const) {
      assert.equal(await read(body, coding), 413, coding);
    }
    assert.equal(await read(zlib.gzipSync(large.subarray(1)), "gzip"), "\0".repeat(longestBody));
  });

  it("is read by its byte order mark, else as its type says, else as UTF-8", async () => {
    const utf16 = Buffer.from(text, "utf16le");
    const swapped = Buffer.from(utf16).swap16();
    const json = (charset: string): string => `application/json; Charset=${charset}`;
    const bodies: readonly (readonly [string | undefined, Uint8Array])[] = [
      [undefined, plain],
      [undefined, Buffer.concat([Uint8Array.of(0xef, 0xbb, 0xbf), plain])],
      [undefined, Buffer.concat([Uint8Array.of(0xff, 0xfe), utf16])],
      [undefined, Buffer.concat([Uint8Array.of(0xfe, 0xff), swapped])],
      [json("windows-1252"), Buffer.concat([Uint8Array.of(0xef, 0xbb, 0xbf), plain])],
      [json('"utf-16le"'), utf16],
      [json("'UTF-16BE'"), swapped],
      [json("utf8"), plain],
      [undefined, utf16],
      [undefined, swapped],
      [json("utf-16"), swapped],
    ];
    for (const [type, body] of bodies) assert.equal(await read(body, undefined, type), text, type ?? "no type");
    const latin = Buffer.from(text.replace("€", "\x80"), "latin1");
    for (const charset of ["iso-8859-1", "windows-1252"]) {
      assert.equal(await read(latin, undefined, json(charset)), text, charset);
      assert.equal(await read(zlib.gzipSync(latin), "gzip", json(charset)), text, charset);
    }
    assert.equal(await read(Uint8Array.of(0x88, 0xc4, 0x8c, 0x8f), undefined, json("shift_jis")), "案件");
  });

  it("is right in windows-1252 also on a Node whose decoder reads it as ISO 8859-1", async (test: TestContext) => {
    test.mock.method(TextDecoder.prototype, "decode", (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1"));
    const found = await read(Uint8Array.of(0x80, 0x92, 0xe9, 0x81), undefined, "text/plain; charset=windows-1252");
    assert.equal(found, "€’é\x81");
  });

  it("has a mark for what no charset explains", async () => {
    assert.equal(await read(Buffer.from("caf\xe9", "latin1")), "caf\uFFFD");
    assert.equal(await read(Buffer.from("caf\xe9", "latin1"), undefined, "text/plain; charset=klingon"), "caf\uFFFD");
  });

  it("tells of an error that is none of the body's", async (test: TestContext) => {
    test.mock.method(TextDecoder.prototype, "decode", () => assert.fail("broken"));
    await assert.rejects(readBodyText(plain, {}), /broken/);
    assert.ok(!((await readBodyText(plain, {}).catch((error: unknown) => error)) instanceof CodingFault));
  });

  it("can be of the codings that are named to who sends another", () => {
    assert.equal(codingNames(), "gzip, deflate, br, zstd");
  });
});
