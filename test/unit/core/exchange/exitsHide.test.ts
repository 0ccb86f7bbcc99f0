import assert from "node:assert/strict";
import { readFileSync, globSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { given } from "../../../../src/base/given.ts";
import { finished } from "../../../../src/base/steps.ts";
import { reportEvent } from "../../../../src/core/agents/eventReport.ts";
import { readRequest } from "../../../../src/core/events/readEvent.ts";
import { fileNameOf } from "../../../../src/core/events/label.ts";
import { Redaction } from "../../../../src/core/events/redaction.ts";
import { curlCommand } from "../../../../src/core/exchange/curlCommand.ts";
import { fetchCall } from "../../../../src/core/exchange/fetchCall.ts";
import { formatFixture } from "../../../../src/core/exchange/fixture.ts";
import { harEventOf, harOf } from "../../../../src/core/exchange/har.ts";
import { entryLine } from "../../../../src/core/exchange/historyLine.ts";
import { outgoing } from "../../../../src/core/exchange/outgoingRequest.ts";
import { callText } from "../../../../src/core/subscriptions/callText.ts";
import { encodeRecoveredPayload } from "../../../../src/core/events/recoveredPayload.ts";
import type { CapturedRequest, Header } from "../../../../src/protocol/capturedRequest.ts";
import type { Attempt } from "../../../../src/protocol/event.ts";
import type { EventDetail } from "../../../../src/protocol/inspector.ts";
import { CallRecorder } from "../../../../src/zoho/callRecorder.ts";
import { curlOf } from "../../../../src/zoho/curl.ts";
import { capturedPost } from "../../../support/eventBodies.ts";
import { repositoryRoot } from "../../../workbench/repository.ts";
import { aStoredRecovery, aStoredRequest } from "../events/aStoredEvent.ts";
import { aRequest } from "./aRequest.ts";
import { piecesOf, placedSecret } from "./placedSecrets.ts";

const attempt: Attempt = {
  id: 1,
  origin: "rule",
  target: "http://localhost:3000/",
  startedAt: 0,
  milliseconds: 1,
  status: 200,
};

function detailOf({ body, ...head }: CapturedRequest, attempts: readonly Attempt[], text: string): EventDetail {
  return {
    row: {
      ...{ id: 1, receivedAt: 0, bytes: body.byteLength, source: "webhook" },
      content: { kind: "other", method: head.method, path: head.path, contentType: text },
      handling: { state: "failed", attempts: 1, problem: text },
    },
    ...{ sequence: 1, explanation: text, warning: text },
    request: { ...head, headers: head.headers.map(([name, value]): [string, string] => [name, value]) },
    body: { ...given({ text: readRequest({ ...head, body }).body.text }), truncated: false },
    changes: [
      { recordId: "1", field: "Phone", before: text, basis: "event", after: text, afterBasis: "event", now: text },
    ],
    attempts: [...attempts],
  };
}

/** Everything that leaves the editor without secrets. */
function exits(
  request: CapturedRequest,
  attempts: readonly Attempt[],
  text: string,
  known: readonly string[],
): string[] {
  const redaction = new Redaction(known);
  const handed = finished(outgoing(request, redaction));
  const handler = redaction.marked(`http://localhost:3000/?key=${encodeURIComponent(text)}`);
  const label = redaction.of(request).marked(`POST ${request.path}`);
  const recorder = new CallRecorder(redaction);
  const answer = { status: 200, headers: { "x-a": encodeURIComponent(text) }, text };
  const sent = { method: "POST", url: `https://www.zohoapis.com/?a=${encodeURIComponent(text)}`, body: text } as const;
  recorder.record(
    { ...sent, headers: { "x-a": encodeURIComponent(text) } },
    { kind: "answer", answer, cut: false },
    0,
    1,
  );
  const commands = (["posix", "powershell", "cmd"] as const).map(shell => curlCommand(handed, handler, shell));
  const report = reportEvent(detailOf(request, attempts, text), {
    parts: ["body", "request", "changes", "attempts"],
    longestBody: 10_000,
    secrets: known,
  });
  const recovered = { ...aStoredRecovery, payload: encodeRecoveredPayload({ name: text, record: { a: text } }) };
  return [
    ...commands.flatMap(command => (command.ok ? [command.value] : [])),
    fetchCall(handed, handler),
    formatFixture(handed, label),
    fileNameOf(label),
    harOf([finished(harEventOf({ id: 1, receivedAt: 0 }, request, attempts, redaction))], "1", handler),
    finished(entryLine(aStoredRequest("", {}, { payload: capturedPost(request.body, request) }), attempts, redaction)),
    finished(entryLine(recovered, [], redaction)),
    JSON.stringify(report),
    ...recorder.calls.flatMap(call => [callText(call), curlOf(call)]),
  ];
}

const secretValue = fc.stringMatching(/^[A-Za-z0-9+/=._~!@#:-]{8,40}$/);
const encodings: readonly ((text: string) => string)[] = [
  text => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/"),
  encodeURIComponent,
  text => [...Buffer.from(text)].map(byte => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  text => Array.from(text, each => `&#${each.charCodeAt(0)};`).join(""),
  text => Array.from(text, each => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  text => Buffer.from(`:${text}`).toString("base64"),
  text => Buffer.from(`::${text}`).toString("base64url"),
];
const spelled = fc
  .tuple(secretValue, fc.array(fc.constantFrom(...encodings), { maxLength: 2 }))
  .map(([secret, stack]) => ({ secret, text: stack.reduce((text, encode) => encode(text), secret) }));

/** Where it stands in a request. */
const places: readonly ((text: string) => Partial<CapturedRequest>)[] = [
  text => ({ body: utf8Encode(JSON.stringify({ note: text, [text]: 1, nested: JSON.stringify({ text }) })) }),
  text => ({ body: utf8Encode(text) }),
  text => ({ body: utf8Encode(`\uFEFF{"a":"${text}"}`) }),
  text => ({ body: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]) }),
  text => ({ body: Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(text)]) }),
  text => ({
    body: utf8Encode(`a=${encodeURIComponent(text)}`),
    headers: [["Content-Type", "application/x-www-form-urlencoded"]],
  }),
  text => ({ body: utf8Encode(`--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${text}\r\n--b--\r\n`) }),
  text => ({ query: `a=${encodeURIComponent(text)}` }),
  text => ({ path: `/a/${encodeURIComponent(text)}` }),
  text => ({ headers: [["X-A", text]] satisfies Header[] }),
];

describe("whatever leaves the editor without secrets", () => {
  it("has no value that is known to be one, in any spelling, wherever it stood", () => {
    fc.assert(
      fc.property(spelled, fc.constantFrom(...places), ({ secret, text }, place) => {
        const request = aRequest(place(text));
        const answer = { headers: [["X-A", text] as [string, string]], text: `got ${text}`, bytes: 1 };
        const attempts = [
          { ...attempt, answer, problem: text, target: `http://localhost/?a=${encodeURIComponent(text)}` },
        ];
        const redaction = new Redaction([secret]);
        for (const exit of exits(request, attempts, text, [secret])) {
          assert.ok(!exit.includes(text) && !redaction.leaks(exit), exit);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("has no part of a value that a name or its form says to be secret, however it was written and sent", () => {
    fc.assert(
      fc.property(placedSecret, ({ secret, request: placed, text, contentType, how }) => {
        const answer = { headers: [["Content-Type", contentType] as [string, string]], text, bytes: 1 };
        const parts = new Redaction(piecesOf(secret));
        for (const exit of exits(aRequest(placed), [{ ...attempt, answer, problem: text }], text, []))
          assert.ok(!parts.leaks(exit), `${how}\n${secret}\n${text}\n${exit}`);
      }),
      { numRuns: 1_000 },
    );
  });

  it("has no secret of an answer, of an address, or of a request with a mark or another relay's head (r7)", () => {
    const headers: [string, string][] = [
      ["Set-Cookie", "session=S3CRET"],
      ["Authorization", "Bearer S3CRET"],
    ];
    const answer = { headers, text: '{"echo":{"token":"S3CRET"}}', bytes: 10 };
    const attempts = [{ ...attempt, target: "http://localhost:3000/hook?key=S3CRET", answer }];
    const request = aRequest({ headers: [["X-Session-Id", "S3CRET"]], body: utf8Encode('\uFEFF{"token":"S3CRET"}') });
    for (const exit of exits(request, attempts, "", [])) assert.doesNotMatch(exit, /S3CRET/);
    const blank = utf8Encode('{"method": "POST","path":"","query":"","headers":[]}');
    const payload = Buffer.concat([Buffer.from([0, 0, 0, blank.byteLength]), blank, Buffer.from('{"token":"S3CRET"}')]);
    const line = finished(entryLine(aStoredRequest("", {}, { payload }), attempts, new Redaction([])));
    assert.match(line, /"text":"\{\\"token\\":\\"\$\{ZOHO_CHANNEL_TOKEN\}\\"\}"/);
    assert.doesNotMatch(line, /S3CRET|payload/);
  });

  it("tells an agent nothing of a field whose name says that it is secret (r8)", () => {
    const changes = ["API_Key", "Portal_Password"].map(field => ({
      ...{ recordId: "1", field, before: '"S3CRET-1"', after: '"S3CRET-2"', now: '"S3CRET-3"' },
      ...({ basis: "earlier-event", afterBasis: "event" } as const),
    }));
    const detail = { ...detailOf(aRequest(), [], ""), changes };
    const report = JSON.stringify(reportEvent(detail, { parts: ["changes"], longestBody: 100, secrets: [] }));
    assert.doesNotMatch(report, /S3CRET/);
    assert.match(report, /"now":"\(hidden\)"/);
  });

  it("is judged by one list of names", () => {
    const words = "token|secret|passw|cookie|authorization|api[^a-z]{0,4}key";
    const list = new RegExp(
      `(?:${words})[^\\s"'\`]*\\|[^\\s"'\`]*(?:${words})|\\[[^\\]\\n]*["'](?:${words})["'][^\\]\\n]*["'](?:${words})["']`,
      "i",
    );
    const files = globSync("src/{core,host,zoho,cli}/**/*.ts", { cwd: repositoryRoot });
    const own = files.filter(file => list.test(readFileSync(join(repositoryRoot, file), "utf8")));
    assert.deepEqual(own, [join("src", "core", "events", "secretNames.ts")]);
  });
});
