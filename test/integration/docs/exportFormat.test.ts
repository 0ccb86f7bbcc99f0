import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as v from "valibot";
import { silentLogger } from "../../../src/base/logger.ts";
import { exportLines } from "../../../src/core/exchange/exportEvents.ts";
import { importEvents } from "../../../src/core/exchange/importEvents.ts";
import { writePieces } from "../../../src/core/exchange/writePieces.ts";
import { Redaction } from "../../../src/core/events/redaction.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { Document, codeIn } from "../../support/document.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const page = Document.read("docs/export-format.md");
const head = JSON.parse(page.block("json")) as { readonly exportedAt: string };
const now = Date.parse(head.exportedAt);
const never = new AbortController().signal;

type Line = Readonly<Record<string, unknown>>;

/** What the page says of one kind of entry, and so of what members may be called. */
function namedOf(kind: string): ReadonlySet<string> {
  const from = page.text.indexOf(`**\`${kind}\`**`);
  const until = page.text.slice(from + 3).search(/^\*\*`|^On import/m);
  return new Set(codeIn(page.text.slice(from, from + 3 + until)));
}

describe("docs/export-format.md, followed", () => {
  it("is what an export has, line by line and member by member", async test => {
    const folder = temporaryFolder(test);
    const history = EventHistory.open(join(folder, "events.sqlite"), {
      clock: new FakeClock(now),
      logger: silentLogger,
    });
    test.after(() => history.close());
    const sink = history.sinkFor("https://relay.example.com", "channel");
    const payloads = [
      capturedPost(notificationBody()),
      capturedPost(Buffer.from([0xff, 0])),
      Buffer.from("no captured request"),
    ];
    sink.store(payloads.map((payload, index) => ({ sequence: index + 1, receivedAt: now, payload })));
    sink.store([{ sequence: 4, receivedAt: now, payload: Buffer.from("sealed"), unreadable: "no-key" }]);
    sink.recordGap({ from: 5, to: 9, reason: "retention" });
    const recovery = { channelId: "1", module: "Leads", operation: "edit", recordId: "67", changedAt: now } as const;
    history.recover("connection", [{ ...recovery, payload: { changedBy: "Iris", record: { id: "67" } } }]);
    const attempt = history.attempts.start(1, "rule", "http://127.0.0.1:3000", now) ?? 0;
    const answer = { headers: [], text: "ok", bytes: 2 };
    history.attempts.finish(attempt, { milliseconds: 5, status: 200, answer });

    const file = join(folder, "events.jsonl");
    const attemptsOf = (id: number): ReturnType<typeof history.attempts.list> => history.attempts.list(id);
    await writePieces(
      file,
      exportLines({ list: history.select(), redaction: new Redaction([]), attemptsOf }, now),
      never,
    );
    const text = readFileSync(file, "utf8");
    assert.ok(text.endsWith("}\n"));
    const [first, ...entries] = text
      .trimEnd()
      .split("\n")
      .map(line => JSON.parse(line) as Line);
    assert.deepEqual(first, head);
    assert.match(text, /\$\{ZOHO_CHANNEL_TOKEN\}/);

    const common = page.rows().flatMap(([name]) => codeIn(name));
    assert.deepEqual(new Set(entries.map(({ kind }) => kind)), new Set(["request", "recovered", "gap"]));
    for (const entry of entries) {
      for (const member of common.filter(name => name !== "pinned")) assert.ok(member in entry, member);
      const named = namedOf(String(entry["kind"]));
      const unknown = Object.keys(entry).filter(member => !common.includes(member) && !named.has(member));
      assert.deepEqual(unknown, [], String(entry["kind"]));
    }
    const inner = entries.flatMap(({ request, attempts }) => [
      request,
      ...v.parse(v.optional(v.array(v.unknown()), []), attempts),
    ]);
    const named = namedOf("request");
    const members = inner.flatMap((each: unknown) =>
      typeof each === "object" && each !== null ? Object.keys(each) : [],
    );
    assert.deepEqual(
      [...new Set(members)].filter(member => !named.has(member)),
      [],
    );
  });

  it("is refused in a newer version, and what is not known is passed over", async test => {
    const folder = temporaryFolder(test);
    const history = EventHistory.open(join(folder, "events.sqlite"), {
      clock: new FakeClock(now),
      logger: silentLogger,
    });
    test.after(() => history.close());
    const request = { method: "POST", path: "", query: "", headers: [], text: "{}" };
    const entry = { kind: "request", receivedAt: head.exportedAt, source: "delivered", sequence: 1, later: 1, request };
    const write = async (...lines: readonly object[]): Promise<unknown> => {
      const file = join(folder, `${lines.length}.jsonl`);
      writeFileSync(file, lines.map(line => `${JSON.stringify(line)}\n`).join(""));
      const result = await importEvents(file, { store: batch => history.import(batch), signal: never });
      return result.ok ? result.value : result.error.code;
    };
    assert.equal(await write({ ...head, version: 2 }), "IMPORT_NEWER");
    await write({ ...head, more: true }, { kind: "of a later version" }, entry);
    assert.equal(history.select().count, 1);
  });
});
