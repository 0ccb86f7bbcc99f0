import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { utf8Encode } from "../../../src/base/bytes.ts";
import { decodeCapturedRequest, encodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import {
  decodeEventFrame,
  encodeEventFrame,
  parseEditorFrame,
  parseRelayFrame,
} from "../../../src/protocol/relayFrames.ts";

const page = readFileSync(new URL("../../../docs/relay-protocol.md", import.meta.url), "utf8");

/** The code blocks of one kind under the heading "Worked example". */
function blocks(kind: string): string[] {
  const example = page.slice(page.indexOf("## Worked example"));
  return [...example.matchAll(new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``, "g"))].map(match => match[1] ?? "");
}

/** Bytes of a hex dump: offset, two spaces, bytes in hex, two spaces, the same in letters. */
function bytesOf(dump: string): Uint8Array {
  const digits = dump.split("\n").map(line => line.slice(6, 54).replaceAll(" ", ""));
  return new Uint8Array(Buffer.from(digits.join(""), "hex"));
}

const request = {
  method: "POST",
  path: "/leads",
  query: "a=1&a=2",
  headers: [
    ["Host", "r.example.com"],
    ["X-A", "1"],
    ["x-a", "2"],
  ],
  body: utf8Encode('{"ok":1}'),
} as const;

describe("the worked example of docs/relay-protocol.md", () => {
  it("is what the code writes, byte for byte, and reads", () => {
    const [dump] = blocks("hexdump");
    const bytes = bytesOf(dump ?? "");
    const payload = encodeCapturedRequest(request);
    const frame = encodeEventFrame({ sequence: 42, receivedAt: 1_767_604_500_250, scheme: 0, payload });
    assert.equal(Buffer.from(bytes).toString("hex"), Buffer.from(frame).toString("hex"));
    const decoded = decodeEventFrame(bytes);
    assert.ok(decoded.ok);
    assert.deepEqual(
      [decoded.value.sequence, decoded.value.receivedAt, decoded.value.scheme],
      [42, 1_767_604_500_250, 0],
    );
    const captured = decodeCapturedRequest(decoded.value.payload);
    assert.ok(captured.ok);
    assert.deepEqual({ ...captured.value, body: new Uint8Array(captured.value.body) }, request);
  });

  it("has control frames that the code understands", () => {
    const lines = blocks("jsonl").flatMap(block => block.trim().split("\n"));
    const types = lines.map(line => {
      const frame = line.includes('"ack"') ? parseEditorFrame(line) : parseRelayFrame(line);
      assert.ok(frame.ok, line);
      return frame.value.type;
    });
    assert.deepEqual(types, ["hello", "gap", "live", "ack", "goodbye"]);
  });
});

describe("an event frame", () => {
  it("keeps sequences beyond 32 bits, and refuses what a double cannot hold", () => {
    const frame = { sequence: 2 ** 52 + 1, receivedAt: 1, scheme: 0, payload: new Uint8Array(0) };
    const bytes = encodeEventFrame(frame);
    assert.deepEqual(decodeEventFrame(bytes), { ok: true, value: frame });
    bytes[2] = 0xff;
    assert.equal(decodeEventFrame(bytes).ok, false);
    assert.equal(decodeEventFrame(bytes.subarray(0, 17)).ok, false);
  });
});

describe("a captured request that is malformed", () => {
  it("is refused, wherever it is cut or bent", () => {
    const whole = encodeCapturedRequest(request);
    const headEnd = whole.byteLength - request.body.byteLength;
    for (let length = 0; length < headEnd; length++) {
      assert.equal(decodeCapturedRequest(whole.subarray(0, length)).ok, false, `${length} bytes`);
    }
    const bent = whole.slice();
    bent[4] = 0xff;
    assert.equal(decodeCapturedRequest(bent).ok, false);
  });
});
