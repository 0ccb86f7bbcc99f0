import assert from "node:assert/strict";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { type TestContext, describe, it } from "node:test";
import fc from "fast-check";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { readFixtures } from "../../../../src/cli/fixtureFiles.ts";
import { finished } from "../../../../src/base/steps.ts";
import { readPayload } from "../../../../src/core/events/readEvent.ts";
import { formatFixture } from "../../../../src/core/exchange/fixture.ts";
import { harEventOf, harOf } from "../../../../src/core/exchange/har.ts";
import { entryLine, headLine, parseEntry } from "../../../../src/core/exchange/historyLine.ts";
import { importEvents } from "../../../../src/core/exchange/importEvents.ts";
import { parseHar } from "../../../../src/core/exchange/importHar.ts";
import { outgoing } from "../../../../src/core/exchange/outgoingRequest.ts";
import type { ImportedEntry } from "../../../../src/core/history/importLog.ts";
import { type CapturedRequest, encodeCapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { aStoredRequest } from "../events/aStoredEvent.ts";
import { aRequest, hostileRequest } from "./aRequest.ts";

function requestIn(entry: ImportedEntry | undefined): CapturedRequest {
  assert.ok(entry?.kind === "request");
  const read = readPayload({ payload: entry.payload });
  assert.ok(read.kind === "request");
  return read.request;
}

function withPlainBody({ body, ...head }: CapturedRequest): unknown {
  return { ...head, body: Buffer.from(body).toString("latin1") };
}

/** The body of the only request of an archive of another tool. */
function bodyIn(postData: object, headers: readonly object[] = []): string | undefined {
  const request = { method: "POST", url: "https://x.example.com/in?b=1&b=%2F&c", headers, postData };
  const entries = parseHar(
    JSON.stringify({ log: { entries: [{ startedDateTime: "2026-01-01T00:00:00Z", request }] } }),
  )?.entries;
  return entries?.length === 1 ? Buffer.from(requestIn(entries[0]).body).toString() : undefined;
}

const marked = (text: string): readonly Buffer[] => [
  Buffer.from(`\uFEFF${text}`),
  Buffer.from(`\uFEFF${text}`, "utf16le"),
  Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
];

async function importedFrom(test: TestContext, bytes: Buffer): Promise<readonly ImportedEntry[]> {
  const file = join(temporaryFolder(test), "file");
  writeFileSync(file, bytes);
  const stored: ImportedEntry[] = [];
  const store = (entries: readonly ImportedEntry[]): number[] => entries.map(entry => stored.push(entry));
  const imported = await importEvents(file, { store, signal: new AbortController().signal });
  assert.ok(imported.ok, imported.ok ? "" : imported.error.code);
  return stored;
}

describe("a request that goes out and comes back", () => {
  it("is the same to the byte by JSON Lines, whatever it holds", () => {
    const odd = fc.record({ query: fc.string({ unit: "binary" }), path: fc.string() });
    fc.assert(
      fc.property(hostileRequest, fc.option(odd, { nil: {} }), (request, parts) => {
        const event = aStoredRequest("", {}, { payload: encodeCapturedRequest({ ...request, ...parts }) });
        const entry = parseEntry(finished(entryLine(event, [], undefined)));
        assert.ok(typeof entry !== "string" && entry.kind === "request");
        assert.deepEqual(Buffer.from(entry.payload), Buffer.from(event.payload));
      }),
    );
  });

  it("is the same by an HTTP Archive, whatever it holds", () => {
    fc.assert(
      fc.property(hostileRequest, request => {
        const event = finished(harEventOf({ id: 1, receivedAt: 5 }, request, [], undefined));
        const [entry] = parseHar(harOf([event], "1", "http://localhost:3000/hook?k=v"))?.entries ?? [];
        assert.equal(entry?.receivedAt, 5);
        assert.deepEqual(withPlainBody(requestIn(entry)), withPlainBody(request));
      }),
    );
  });
});

describe("an HTTP Archive of another tool", () => {
  it("may have the body as parameters, as they were sent or as they are meant, or as base64 (f12)", () => {
    const mimeType = "application/x-www-form-urlencoded";
    const params = [
      { name: "a", value: "1" },
      { name: "b c", value: "50% é" },
      { name: "d", value: "%2F+x" },
      { name: "e" },
    ];
    assert.equal(bodyIn({ mimeType, params }), "a=1&b+c=50%25+%C3%A9&d=%2F+x&e=");
    assert.equal(bodyIn({ mimeType, text: "", params }), "a=1&b+c=50%25+%C3%A9&d=%2F+x&e=");
    for (const name of ["encoding", "_encoding"]) assert.equal(bodyIn({ text: "YWJj", [name]: "base64" }), "abc");
  });

  it("may have the fields of a form in parts", () => {
    const params = [
      { name: 'a"', value: "1" },
      { name: "f", value: "x", fileName: "f.txt", contentType: "text/plain" },
    ];
    const head = '--q\r\nContent-Disposition: form-data; name="a%22"\r\n\r\n1\r\n--q\r\n';
    const file =
      'Content-Disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\nx\r\n--q--\r\n';
    assert.equal(bodyIn({ mimeType: "multipart/form-data; boundary=q", params }), head + file);
    assert.equal(bodyIn({ mimeType: "multipart/form-data", params }), undefined);
  });
});

describe("a file that begins with a byte order mark, in UTF-8 or UTF-16 (f11)", () => {
  it("is imported as an HTTP Archive and as a history", async test => {
    const har = harOf(
      [finished(harEventOf({ id: 1, receivedAt: 5 }, aRequest(), [], undefined))],
      "1",
      "http://localhost/",
    );
    const line = finished(entryLine(aStoredRequest("é中", {}), [], undefined));
    for (const text of [har, `${headLine(0, "shown")}\n${line}\n`, `${headLine(0, "shown")}\r\n${line}\r\n`]) {
      for (const bytes of marked(text)) assert.equal((await importedFrom(test, bytes)).length, 1);
    }
  });

  it("is a fixture", test => {
    const text = formatFixture(finished(outgoing(aRequest({ body: utf8Encode("é") }), undefined)), "é");
    for (const bytes of marked(text)) {
      const file = join(temporaryFolder(test), "a.zoho-event.json");
      writeFileSync(file, bytes);
      const fixture = readFixtures([file])[0]?.fixture;
      assert.ok(fixture?.ok === true && Buffer.from(fixture.value.request.body).toString() === "é");
    }
  });
});
