import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type AddressedRequest, formatRequest, parseRequest } from "../../../../src/core/forwarding/editedRequest.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";

const handler = "http://localhost:3000/hook?k=v";
const captured = (parts: Partial<CapturedRequest> = {}): CapturedRequest => ({
  method: "POST",
  path: "",
  query: "",
  headers: [["Content-Type", "application/json"]],
  body: Buffer.from('{\n  "id": 1\n}\n'),
  ...parts,
});
const parsed = (text: string): AddressedRequest => {
  const result = parseRequest(text, handler);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

describe("a request for editing", () => {
  it("reads as in .http files", () => {
    const request = captured({
      path: "/a",
      query: "x=1",
      headers: [
        ["Host", "relay"],
        ["X-A", "1"],
        ["x-a", ""],
      ],
    });
    assert.equal(
      formatRequest({ target: handler, request }, ["Event 12"]),
      '# Event 12\nPOST http://localhost:3000/hook/a?k=v&x=1\nX-A: 1\nx-a: \n\n{\n  "id": 1\n}\n',
    );
  });

  it("comes back as it was when nobody changes it, whatever it holds", () => {
    const name = fc.stringMatching(/^X-[A-Za-z0-9]{1,8}$/);
    const value = fc.stringMatching(/^(?:[!-~][ -~]{0,10}[!-~])?$/);
    const request = fc.record({
      method: fc.constantFrom("POST", "PUT", "PROPFIND"),
      path: fc.constantFrom("", "/a", "/a%20b//c", "/"),
      query: fc.constantFrom("", "x=1&x=%2F", "=&"),
      headers: fc.array(fc.tuple(name, value)),
      body: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.constant(Buffer.from("\ufeff{}")),
        fc.json().map(text => Buffer.from(text)),
        fc.string({ unit: "binary" }).map(text => Buffer.from(text)),
      ),
    });
    fc.assert(
      fc.property(request, each => {
        const back = parsed(formatRequest({ target: handler, request: each }, ["A note"]));
        assert.equal(back.target, handler);
        assert.deepEqual({ ...back.request, body: [...back.request.body] }, { ...each, body: [...each.body] });
      }),
    );
  });

  it("has a body that is no text as base64, and says so", () => {
    const text = formatRequest(
      { target: handler, request: captured({ headers: [], body: Buffer.from([0xff, 0]) }) },
      [],
    );
    assert.equal(text, "# @base64\nPOST http://localhost:3000/hook?k=v\n\n/wA=");
    assert.deepEqual([...parsed(text).request.body], [0xff, 0]);
  });

  it("has Zoho's JSON laid out, with every digit of its ids, and sends it without the spaces", () => {
    const body = Buffer.from('{"ids":["1"],"id":6756839000000575405,"n":1.0}');
    const text = formatRequest({ target: handler, request: captured({ body }) }, []);
    assert.match(text, /^# @compact\nPOST /);
    assert.match(text, /^ {2}"id": 6756839000000575405,$/m);
    assert.deepEqual(parsed(text).request.body, new Uint8Array(body));
    const edited = parsed(text.replace('"n": 1.0', '"n": 2') + "\n");
    assert.equal(Buffer.from(edited.request.body).toString(), '{"ids":["1"],"id":6756839000000575405,"n":2}');
    const broken = parsed(text.replace("1.0", ""));
    assert.match(Buffer.from(broken.request.body).toString(), /^\{\n {2}"ids"/);
  });

  it("goes to another address when a person writes one", () => {
    const { target, request } = parsed("POST http://127.0.0.1:4000/other?x=1\n\nbody");
    assert.deepEqual([target, request.path, request.query], ["http://127.0.0.1:4000/other", "", "x=1"]);
    assert.equal(parsed("GET http://localhost:3000/hooked").target, "http://localhost:3000/hooked");
    assert.deepEqual(
      [parsed("GET http://localhost:3000/hooked?k=v")].map(each => [each.target, each.request.query]),
      [["http://localhost:3000/hooked", "k=v"]],
    );
    assert.equal(parsed("GET http://localhost:3000/hook").target, "http://localhost:3000/hook");
  });

  it("may have no headers, no body, and the line ends of Windows", () => {
    const { request } = parsed("# note\r\nGET http://localhost:3000/hook?k=v HTTP/1.1\r\nX-A: 1\r\n\r\n");
    assert.deepEqual([request.method, request.headers, request.body.byteLength], ["GET", [["X-A", "1"]], 0]);
  });

  it("says in which line something is wrong", () => {
    const message = (text: string): string => {
      const result = parseRequest(text, handler);
      return result.ok ? "ok" : result.error.message;
    };
    assert.match(message("# note\n\nPOST\n"), /^Line 3 /);
    assert.match(message("POST ftp://localhost\n"), /^Line 1 /);
    assert.match(message("POST http://localhost/\nX-A: 1\nno header\n\n"), /^Line 3 is no header/);
    assert.match(message("POST http://localhost/\nX-A: \u2028\n\n"), /^Line 2 is no header/);
    assert.match(message(""), /^Line 1 /);
  });
});
