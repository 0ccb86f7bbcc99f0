import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, type Server, request as startRequest } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { HandledEvents } from "../../../media/scaffold/receiver/handledEvents.ts";
import { createReceiver } from "../../../media/scaffold/receiver/receiver.ts";
import { finished } from "../../../src/base/steps.ts";
import { reportEvent } from "../../../src/core/agents/eventReport.ts";
import { forwardable } from "../../../src/core/events/forwardable.ts";
import { changeIdentities } from "../../../src/core/events/identity.ts";
import { notificationOf, readEvent, readPayload, readRequest } from "../../../src/core/events/readEvent.ts";
import { verificationOf } from "../../../src/core/events/verification.ts";
import { readForm, readWebhook } from "../../../src/core/events/webhook.ts";
import { readUrlencoded } from "../../../src/core/events/formFields.ts";
import { harEventOf, harOf } from "../../../src/core/exchange/har.ts";
import { entryLine, parseEntry } from "../../../src/core/exchange/historyLine.ts";
import { parseHar } from "../../../src/core/exchange/importHar.ts";
import { fileText } from "../../../src/base/bytes.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { parseFilter } from "../../../src/core/filter/parseFilter.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { ImportedEntry } from "../../../src/core/history/importLog.ts";
import { presentDetail } from "../../../src/core/inspector/eventPresenter.ts";
import { type CapturedRequest, encodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { type CorpusRequest, corpusFiles, corpusRequests } from "../../support/corpus.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { aStoredRequest } from "../core/events/aStoredEvent.ts";

const requests = corpusRequests();
const tokens = new Map([
  ["1105420521999070702", "token-of-the-test"],
  ["1000", "t"],
]);

const verifier = {
  verify: (channelId: string, token: string | undefined) => {
    const known = tokens.get(channelId);
    if (known === undefined) return "unknown";
    return token === undefined ? "absent" : token === known ? "verified" : "mismatch";
  },
} as const;

const rowKinds = { notification: "notification", webhook: "other", probe: "other", unreadable: "unreadable" } as const;

function stored({ request, reading }: CorpusRequest): ReturnType<typeof aStoredRequest> {
  const source = reading.kind === "webhook" ? "webhook" : "delivered";
  return aStoredRequest("", {}, { payload: encodeCapturedRequest(request), source });
}

describe("the corpus", () => {
  it("has a hundred and twenty requests and more", () => {
    assert.ok(requests.length >= 120, String(requests.length));
  });

  for (const entry of requests) {
    describe(`${entry.name}: ${entry.says}`, () => {
      it("is read", () => assertRead(entry));
      it("is a row, a detail and a report", () => assertShown(entry));
      it("may be forwarded or not", () => {
        const read = readEvent(stored(entry));
        assert.equal(forwardable(read, verificationOf(read, verifier)).kind, entry.reading.forward);
      });
      it("comes back from files as it was", () => assertRoundTrips(entry));
    });
  }
});

function assertRead({ request, reading: expected }: CorpusRequest): void {
  const reading = readRequest(request);
  assert.equal(reading.kind, expected.kind);
  const { body } = reading;
  const fault = reading.kind === "unreadable" ? reading.fault : body.fault;
  assert.deepEqual([body.codings, fault?.kind], [expected.codings, expected.fault]);
  assert.deepEqual([body.hadMark && body.charset === "utf-8", body.isLossy], [expected.mark, expected.lossy]);
  if (expected.kind !== "unreadable") assert.equal(body.charset ?? null, charsetOf(expected.charset));
  if (expected.text !== undefined) assert.ok(body.text?.includes(expected.text));
  if (reading.kind === "notification") {
    const { recordIds, operation, module, unread, changes } = reading.notification;
    assert.deepEqual([recordIds, operation, module], [expected.records, expected.operation, expected.module]);
    if (expected.unread !== undefined) assert.deepEqual(unread, expected.unread);
    const fields = changes.flatMap(change => change.fields);
    if (expected.fields !== undefined) assert.deepEqual(fields, expected.fields);
  }
  if (reading.kind === "webhook") assertWebhook(request, expected);
}

function charsetOf(expected: string | null | undefined): string | null {
  return expected === undefined ? "utf-8" : expected;
}

function assertWebhook(request: CapturedRequest, expected: CorpusRequest["reading"]): void {
  const { body } = readRequest(request);
  const webhook = readWebhook(request, body);
  assert.deepEqual(
    [webhook.form, webhook.module, webhook.recordId],
    [expected.form, expected.module, expected.recordId],
  );
  assert.equal(webhook.isFaulty ?? false, expected.faulty);
  const query = readUrlencoded(request.query).map(({ name, value }) => [name, value]);
  assert.deepEqual(query, expected.query ?? []);
  const fields = readForm(body)?.fields.map(({ name, value = null, fileName }) =>
    fileName === undefined ? [name, value] : [name, value, fileName],
  );
  assert.deepEqual(fields, expected.fields);
}

function assertShown(entry: CorpusRequest): void {
  const { reading, request } = entry;
  const detail = presentDetail(stored(entry), verifier);
  assert.equal(detail.row.content.kind, rowKinds[reading.kind]);
  assert.equal(detail.row.bytes, request.body.byteLength);
  if (detail.row.content.kind === "notification") assert.equal(detail.row.content.verification, reading.token);
  const isEncoded = reading.codings.length > 0 || reading.mark || (reading.charset ?? "utf-8") !== "utf-8";
  assert.equal(detail.body.decoded !== undefined, isEncoded, detail.body.decoded);
  if (reading.fault !== undefined)
    assert.ok(`${detail.warning ?? ""}${detail.explanation}`.includes(faultWord(reading)));
  const parts = ["body", "request", "changes", "attempts"] as const;
  const report = JSON.stringify(reportEvent(detail, { parts, longestBody: 100_000, secrets: [...tokens.values()] }));
  assert.ok(!report.includes("token-of-the-test"), report);
  assert.ok(reading.text === undefined || report.includes(reading.text), report);
}

/** A word of the sentence that tells of the fault. */
function faultWord({ fault }: CorpusRequest["reading"]): string {
  return (
    { json: "JSON", "too-large": "too large", "not-text": "not text", "charset-unknown": "Content-Type" }[
      fault ?? ""
    ] ?? "header"
  );
}

function assertRoundTrips(entry: CorpusRequest): void {
  const event = stored(entry);
  const line = parseEntry(finished(entryLine(event, [], undefined)));
  assert.ok(typeof line !== "string");
  assert.deepEqual(requestIn(line), plain(entry.request));
  const har = harOf([finished(harEventOf(event, entry.request, [], undefined))], "1", "http://localhost:3000/");
  const [imported] = parseHar(har)?.entries ?? [];
  assert.deepEqual(Buffer.from(requestIn(imported).body), Buffer.from(entry.request.body));
}

function requestIn(entry: ImportedEntry | undefined): CapturedRequest {
  assert.ok(entry?.kind === "request");
  const read = readPayload({ payload: entry.payload });
  assert.ok(read.kind === "request");
  return plain(read.request);
}

function plain(request: CapturedRequest): CapturedRequest {
  return { ...request, body: new Uint8Array(request.body) };
}

describe("files of the corpus", () => {
  for (const { name, says, bytes, bodies } of corpusFiles()) {
    it(`are imported: ${name}, ${says}`, () => {
      const entries = parseHar(fileText(bytes))?.entries ?? [];
      assert.deepEqual(
        entries.map(entry => Buffer.from(requestIn(entry).body).toString()),
        bodies,
      );
    });
  }
});

describe("a filter", () => {
  it("finds each request of the corpus by its words", test => {
    const clock = new FakeClock();
    const history = EventHistory.open(join(temporaryFolder(test), "events.sqlite"), { clock, logger: silentLogger });
    test.after(() => history.dispose());
    const payloads = requests.map(({ request }) => encodeCapturedRequest(request));
    history.sinkFor("r", "c").store(payloads.map((payload, at) => ({ sequence: at + 1, receivedAt: at, payload })));
    const found = (text: string): readonly number[] => {
      const filter = parseFilter(text, clock);
      assert.ok(filter.ok, text);
      const listing = history.select(filter.value);
      return listing.idsAt(0, listing.count);
    };
    for (const [index, { name, reading }] of requests.entries()) {
      const id = index + 1;
      for (const word of reading.words) assert.ok(found(word).includes(id), `${name}: ${word}`);
      for (const record of reading.records ?? []) assert.ok(found(`id:${record}`).includes(id), `${name}: ${record}`);
      assert.equal(found("is:unreadable").includes(id), reading.kind === "unreadable", name);
    }
  });
});

describe("the generated handler", () => {
  it("has the verdict of the inspector on each request of the corpus, and its identities", async test => {
    test.mock.method(console, "warn", () => undefined);
    const log = join(temporaryFolder(test), "handled.log");
    const handled = await HandledEvents.open(log);
    const server = createReceiver({ handle: () => undefined, tokens, handled }).listen(0, "127.0.0.1");
    test.after(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server, "listening");
    for (const { name, request, reading } of requests) {
      const { status, text } = await send(server, request);
      assert.equal(status, reading.handler, `${name}: ${text}`);
    }
    await handled.close();
    const lines = new Set(readFileSync(log, "utf8").trimEnd().split("\n"));
    const identities = requests
      .filter(({ reading }) => reading.handler === 200)
      .flatMap(entry => changeIdentities(notificationIn(entry)))
      .filter(identity => identity !== undefined);
    assert.deepEqual([...lines].toSorted(), [...new Set(identities)].toSorted());
  });
});

function notificationIn(entry: CorpusRequest): Parameters<typeof changeIdentities>[0] {
  const notification = notificationOf(readEvent(stored(entry)));
  assert.ok(notification !== undefined, entry.name);
  return notification;
}

async function send(server: Server, { method, path, query, headers, body }: CapturedRequest): Promise<Answer> {
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const target = `${path === "" ? "/" : path}${query === "" ? "" : `?${query}`}`;
  const raw = [
    ...headers.flat(),
    "Host",
    "localhost",
    "Content-Length",
    String(body.byteLength),
    "Connection",
    "close",
  ];
  const sent: ClientRequest = startRequest({
    port: address.port,
    host: "127.0.0.1",
    method,
    path: target,
    headers: raw,
  });
  sent.end(body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.on("response", resolve).on("error", reject),
  );
  return { status: answer.statusCode ?? 0, text: (await buffer(answer)).toString() };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}
