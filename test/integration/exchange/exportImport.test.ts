import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { utf8Encode } from "../../../src/base/bytes.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { CancelledError } from "../../../src/base/problem.ts";
import { exportHar, exportLines } from "../../../src/core/exchange/exportEvents.ts";
import { type Imported, importEvents } from "../../../src/core/exchange/importEvents.ts";
import { Redaction } from "../../../src/core/events/redaction.ts";
import type { Secrets } from "../../../src/core/exchange/outgoingRequest.ts";
import { writePieces } from "../../../src/core/exchange/writePieces.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { StoredEvent } from "../../../src/core/events/storedEvent.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const now = Date.UTC(2026, 0, 5);
const never = new AbortController().signal;

function newHistory(test: TestContext): EventHistory {
  const file = join(temporaryFolder(test), "events.sqlite");
  const history = EventHistory.open(file, { clock: new FakeClock(now), logger: silentLogger });
  test.after(() => history.close());
  return history;
}

/** One of each kind: text, binary, big ids, sealed, damaged, a gap, and a change from the CRM. */
function filled(test: TestContext): EventHistory {
  const history = newHistory(test);
  const sink = history.sinkFor("https://relay.example.com", "channel");
  const payloads = [
    capturedPost(notificationBody()),
    capturedPost('{"id":6756839000000575405,"a":"\\u0041 \u2028"}\n', { path: "/a%20b", query: "x=1&x=2" }),
    capturedPost(Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0]), {
      method: "PUT",
      headers: [
        ["X-A", "\u00e9"],
        ["x-a", ""],
      ],
    }),
    capturedPost("", { method: "GET", headers: [] }),
    Buffer.from("no captured request"),
  ];
  sink.store(payloads.map((payload, index) => ({ sequence: index + 1, receivedAt: now - 1000 + index, payload })));
  sink.store([{ sequence: 6, receivedAt: now, payload: utf8Encode("sealed bytes"), unreadable: "no-key" }]);
  sink.recordGap({ from: 7, to: 9, reason: "retention" });
  const recovery = { channelId: "1", module: "Leads", operation: "edit", recordId: "67", changedAt: now - 5 } as const;
  history.recover("connection", [{ ...recovery, payload: { changedBy: "Iris", record: { id: "67", Name: "{\n}" } } }]);
  return history;
}

async function exportTo(history: EventHistory, file: string, secrets: Secrets = "shown"): Promise<string> {
  const options = {
    list: history.select(),
    redaction: secrets === "hidden" ? new Redaction([]) : undefined,
    attemptsOf: (id: number) => history.attempts.list(id),
  };
  await writePieces(file, exportLines(options, now), never);
  return file;
}

async function importInto(history: EventHistory, file: string, signal = never): Promise<Imported> {
  const result = await importEvents(file, { store: entries => history.import(entries), signal });
  assert.ok(result.ok, result.ok ? "" : result.error.message);
  return result.value;
}

async function problemOf(history: EventHistory, file: string): Promise<string> {
  const result = await importEvents(file, { store: entries => history.import(entries), signal: never });
  return result.ok ? "" : result.error.code;
}

function all(history: EventHistory): readonly StoredEvent[] {
  return history.select().page(0, 1_000_000);
}

/** What an entry is, to the byte. */
function essence(event: StoredEvent): unknown {
  const payload = event.kind === "gap" ? "" : Buffer.from(event.payload).toString("base64");
  const about = event.kind === "recovered" ? [event.recordId, event.changedAt, event.operation, event.subject] : [];
  return [event.kind, event.receivedAt, payload, event.kind === "request" ? event.unreadable : undefined, ...about];
}

const withoutGaps = (events: readonly StoredEvent[]): readonly StoredEvent[] =>
  events.filter(({ kind }) => kind !== "gap");

describe("a history that is exported and imported", () => {
  it("comes back to the byte, sealed bytes sealed, and says where it is from", async test => {
    const source = filled(test);
    const target = newHistory(test);
    const file = await exportTo(source, join(temporaryFolder(test), "events.jsonl"));
    assert.deepEqual(await importInto(target, file), { added: 7, known: 0, passedOver: 1, firstId: 1 });
    assert.deepEqual(all(target).map(essence), withoutGaps(all(source)).map(essence));
    assert.deepEqual(
      all(target).map(event => event.source),
      [...Array.from({ length: 6 }, () => "imported"), "recovered"],
    );
    assert.equal(target.select([{ key: "source", values: ["imported"], negated: false }]).count, 6);
  });

  it("is exported again to the same lines, but for its source and its numbers", async test => {
    const first = await exportTo(filled(test), join(temporaryFolder(test), "first.jsonl"));
    const target = newHistory(test);
    await importInto(target, first);
    const second = await exportTo(target, join(temporaryFolder(test), "second.jsonl"));
    const lines = (file: string): string[] =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter(line => !line.includes('"kind":"gap"'))
        .map(line => line.replace(/"source":"\w+","sequence":\d+/, ""));
    assert.deepEqual(lines(second), lines(first));
  });

  it("adds nothing that is here already, whoever brought it", async test => {
    const history = filled(test);
    const before = all(history).length;
    const file = await exportTo(history, join(temporaryFolder(test), "events.jsonl"));
    assert.deepEqual(await importInto(history, file), { added: 0, known: 7, passedOver: 1 });
    assert.equal(all(history).length, before);
  });

  it("holds no token where none is wanted", async test => {
    const file = await exportTo(filled(test), join(temporaryFolder(test), "events.jsonl"), "hidden");
    const text = readFileSync(file, "utf8");
    assert.ok(!text.includes("token-of-the-test"));
    assert.match(text, /\$\{ZOHO_CHANNEL_TOKEN\}/);
  });

  it("has the attempts of each event beside it", async test => {
    const history = filled(test);
    const attempt = history.attempts.start(1, "replay", "http://localhost:3000/", now) ?? assert.fail();
    history.attempts.finish(attempt, { milliseconds: 3, status: 500 });
    const text = readFileSync(await exportTo(history, join(temporaryFolder(test), "events.jsonl")), "utf8");
    assert.match(text.split("\n")[1] ?? "", /"attempts":\[\{.*"target":"http:\/\/localhost:3000\/".*"status":500/);
  });

  it("of many events takes memory for a few, and gives them all", async test => {
    const source = newHistory(test);
    const sink = source.sinkFor("https://relay.example.com", "channel");
    const capture = (index: number) => ({
      ...{ sequence: index + 1, receivedAt: now + index },
      payload: capturedPost(notificationBody({ server_time: index })),
    });
    sink.store(Array.from({ length: 3_000 }, (_, index) => capture(index)));
    const shares: number[] = [];
    const file = await exportTo(source, join(temporaryFolder(test), "events.jsonl"));
    const target = newHistory(test);
    const result = await importEvents(file, {
      store: entries => target.import(entries),
      signal: never,
      onProgress: share => shares.push(share),
    });
    assert.equal(result.ok ? result.value.added : 0, 3_000);
    assert.ok(shares.length >= 10 && shares.every((share, index) => share >= (shares[index - 1] ?? 0) && share <= 1));
    assert.deepEqual(all(target).map(essence), all(source).map(essence));
  });

  it("can be called off, and leaves no half of a file", async test => {
    const folder = temporaryFolder(test);
    const file = join(folder, "events.jsonl");
    writeFileSync(file, "what was there");
    const history = filled(test);
    const options = { list: history.select(), redaction: undefined, attemptsOf: () => [] } as const;
    await assert.rejects(writePieces(file, exportLines(options, now), AbortSignal.abort()), CancelledError);
    assert.deepEqual(readdirSync(folder), ["events.jsonl"]);
    assert.equal(readFileSync(file, "utf8"), "what was there");
    const whole = await exportTo(history, file);
    await assert.rejects(importInto(newHistory(test), whole, AbortSignal.abort()), CancelledError);
  });

  it("is for its owner's eyes", async test => {
    const file = await exportTo(filled(test), join(temporaryFolder(test), "events.jsonl"));
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!existsSync(`${file}.partial`));
  });
});

describe("a file that is imported", () => {
  function fileOf(test: TestContext, text: string): string {
    const file = join(temporaryFolder(test), "file");
    writeFileSync(file, text);
    return file;
  }

  it("is refused where it is of no form that is known, or of a later one", async test => {
    const history = newHistory(test);
    for (const text of ["", "hello", "{}", '{"log":{}}', "\0".repeat(100)]) {
      assert.equal(await problemOf(history, fileOf(test, text)), "IMPORT_UNKNOWN", JSON.stringify(text));
    }
    assert.equal(await problemOf(history, fileOf(test, '{"format":"zoho-crm-events","version":2}\n')), "IMPORT_NEWER");
  });

  it("may have lines that are none of ours: they are counted and passed over", async test => {
    const lines = [
      '{"format":"zoho-crm-events","version":1}',
      "garbage",
      '{"kind":"request","receivedAt":"yesterday","request":{}}',
      '{"kind":"request","receivedAt":"2026-01-05T00:00:00.000Z"}',
      '{"kind":"request","receivedAt":"2026-01-05T00:00:00.000Z","request":{"method":"G T","path":"","query":"","headers":[]}}',
      '{"kind":"request","receivedAt":"2026-01-05T00:00:00.000Z","request":{"method":"GET","path":"","query":"","headers":[["A","b\\r\\nC: d"]]}}',
      '{"kind":"recovered","receivedAt":"2026-01-05T00:00:00.000Z","operation":"edit","module":"A","channelId":"1","recordId":"2","changedAt":"2026-01-05T00:00:00.000Z","kept":{}}',
      "",
      '{"kind":"request","receivedAt":"2026-01-05T00:00:00.000Z","request":{"method":"GET","path":"","query":"","headers":[]}}',
    ];
    const result = await importInto(newHistory(test), fileOf(test, lines.join("\r\n")));
    assert.deepEqual(result, { added: 1, known: 0, passedOver: 6, firstId: 1 });
  });

  it("may be an HTTP Archive of our own: every request comes back, to the byte, also one without a body", async test => {
    const source = filled(test);
    const file = join(temporaryFolder(test), "events.har");
    const options = { list: source.select(), redaction: undefined, attemptsOf: () => [] } as const;
    await writePieces(file, exportHar(options, "0.1.0", "http://127.0.0.1:3000/"), never);
    const target = newHistory(test);
    assert.deepEqual(await importInto(target, file), { added: 4, known: 0, passedOver: 0, firstId: 1 });
    const [first] = all(target);
    assert.ok(first?.kind === "request");
    assert.deepEqual(Buffer.from(first.payload), Buffer.from(capturedPost(notificationBody())));
    assert.deepEqual(first.subject, { channelId: "1105420521999070702", module: "Leads" });
  });

  it("may be an HTTP Archive of another tool", async test => {
    const entry = (request: object): object => ({ startedDateTime: "2026-01-05T10:00:00.000+05:30", request });
    const har = {
      log: {
        version: "1.2",
        entries: [
          entry({ method: "GET", url: "https://example.com/", headers: [] }),
          entry({
            method: "POST",
            url: "https://hooks.example.com/in?a=1",
            headers: [
              { name: ":authority", value: "hooks.example.com" },
              { name: "X-A", value: "b" },
            ],
            postData: { mimeType: "application/json", text: notificationBody() },
          }),
          { nothing: true },
        ],
      },
    };
    const history = newHistory(test);
    const result = await importInto(history, fileOf(test, JSON.stringify(har)));
    assert.deepEqual(result, { added: 1, known: 0, passedOver: 2, firstId: 1 });
    const [event] = all(history);
    assert.ok(event?.kind === "request");
    assert.equal(event.receivedAt, Date.UTC(2026, 0, 5, 4, 30));
    const headers: [string, string][] = [
      ["X-A", "b"],
      ["Content-Type", "application/json"],
    ];
    assert.deepEqual(
      Buffer.from(event.payload),
      Buffer.from(capturedPost(notificationBody(), { query: "a=1", headers })),
    );
  });
});
