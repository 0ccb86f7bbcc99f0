import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { minute } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Capture } from "../../../src/core/events/capture.ts";
import { byName } from "../../../src/core/filter/eventFilter.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { Recovery } from "../../../src/core/history/recoveredLog.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { toFormerRemoval } from "../../support/formerHistory.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const tables = ["event", "payload", "event_record", "event_field", "event_text", "attempt", "forward_job", "doomed"];

/** Less than what lies between two steps. */
const moment = 5;

interface Window {
  readonly clock: FakeClock;
  readonly history: EventHistory;
}

function open(test: TestContext, file: string, maxEvents = 100_000): Window {
  const clock = new FakeClock();
  const history = EventHistory.open(file, { clock, logger: silentLogger, maxEvents });
  test.after(() => history.close());
  return { clock, history };
}

function newFile(test: TestContext): string {
  return join(temporaryFolder(test), "events.sqlite");
}

function capture(sequence: number, changes: Readonly<Record<string, unknown>> = {}): Capture {
  return { sequence, receivedAt: 1_000 + sequence, payload: capturedPost(notificationBody(changes)) };
}

function captures(from: number, to: number, changes: Readonly<Record<string, unknown>> = {}): Capture[] {
  return Array.from({ length: to - from + 1 }, (_each, index) => capture(from + index, changes));
}

function store({ history }: Window, events: readonly Capture[]): void {
  history.sinkFor("https://relay.example.com", "channel").store(events);
}

/** How many rows of a table are in the file, seen or not. */
function rowsOf(file: string, table = "event"): number {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
  } finally {
    database.close();
  }
}

/** How many rows each step took out of a table, until nothing is left to do. */
function steps({ clock }: Window, file: string, table = "event"): number[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const count = database.prepare(`SELECT count(*) AS n FROM ${table}`);
  // The first step comes after more than a moment.
  const counts = Array.from({ length: 400 }, () => {
    clock.advance(moment);
    return Number(count.get()?.["n"]);
  });
  database.close();
  clock.advance(minute);
  return counts.map((each, index) => (counts[index - 1] ?? each) - each).filter(taken => taken > 0);
}

describe("many events that are taken away", () => {
  it("are gone for every reader at once, and leave the file five hundred at a time", test => {
    const file = newFile(test);
    const [window, other] = [open(test, file), open(test, file)];
    store(window, captures(1, 1_300, { module: "Deals" }));
    store(window, captures(1_301, 1_400, { module: "Leads" }));
    const { history } = window;
    const ids = history.select([byName("module", "Deals")]).idsAt(0, 2_000);
    history.setHandling([ids[5] ?? 0, ids[1_299] ?? 0], { state: "answered", status: 200, attempts: 1 });
    history.delete(ids);
    assert.equal(rowsOf(file), 900, "most are still in the file");
    for (const { history: seen } of [window, other]) {
      assert.equal(seen.count(), 100);
      assert.equal(seen.select().count, 100);
      assert.equal(seen.select([byName("module", "Deals")]).count, 0);
      assert.equal(seen.select([{ key: "text", text: "deals", negated: false }]).count, 0);
      assert.equal(seen.select([], { column: "size", descending: true }).count, 100);
      assert.deepEqual(seen.names().module, ["Leads"]);
      assert.deepEqual(seen.inState("answered"), []);
      assert.equal(seen.get(ids[1_299] ?? 0), undefined);
      assert.equal(seen.after(0, 1)[0]?.id, 1_301);
      assert.equal(seen.attempts.start(ids[1_299] ?? 0, "rule", "http://127.0.0.1", 1), undefined);
    }
    assert.deepEqual(steps(window, file), [500, 300]);
    for (const table of tables) assert.ok(rowsOf(file, table) <= 300, table);
    assert.equal(rowsOf(file, "doomed"), 0);
    assert.equal(other.history.count(), 100);
  });

  it("leave it with the next window where the one that took them away was closed", test => {
    const file = newFile(test);
    const first = open(test, file);
    store(first, captures(1, 1_200));
    first.history.clear();
    store(first, captures(1_201, 1_203));
    first.history.close();
    const next = open(test, file);
    assert.equal(next.history.count(), 3);
    assert.deepEqual(steps(next, file), [500, 200]);
    assert.deepEqual(
      next.history
        .select()
        .page(0, 9)
        .map(({ sequence }) => sequence),
      [1_201, 1_202, 1_203],
    );
    for (const table of ["payload", "event_record", "event_field", "event_text"]) {
      assert.equal(rowsOf(file, table), 3, table);
    }
  });

  it("are fewer at a time where much belongs to each", test => {
    const file = newFile(test);
    const window = open(test, file);
    const ids = Array.from({ length: 900 }, (_each, index) => `67568390000005${10_000 + index}`);
    store(window, captures(1, 10, { ids }));
    window.history.clear();
    assert.equal(rowsOf(file), 7, "three of them are nearly three thousand rows");
    assert.deepEqual(steps(window, file, "event_record"), [2_700, 2_700, 900]);
  });

  it("do not come back from the relay, neither while they are in the file nor after", test => {
    const window = open(test, newFile(test));
    store(window, captures(1, 1_100));
    window.history.delete(window.history.select().idsAt(0, 1_099));
    store(window, captures(1, 1_100));
    assert.equal(window.history.count(), 1);
    window.clock.advance(minute);
    store(window, captures(1, 1_101));
    assert.equal(window.history.count(), 2);
  });

  it("may come from a file again, and from the CRM, while they are in the tables", test => {
    const window = open(test, newFile(test));
    const { history } = window;
    store(window, captures(1, 600));
    const recovery: Recovery = {
      ...{ channelId: "1105420521999070702", module: "Leads", operation: "edit", recordId: "7", changedAt: 5 },
      payload: { record: {} },
    };
    const imported = { kind: "request", receivedAt: 77, payload: capture(1).payload } as const;
    const [recovered] = history.recover("connection", [recovery]);
    assert.deepEqual(history.recover("connection", [recovery]), [undefined]);
    history.import([imported]);
    history.clear();
    assert.equal(history.import([imported]).filter(id => id !== undefined).length, 1);
    const [again] = history.recover("connection", [recovery]);
    assert.ok(recovered !== undefined && again !== undefined && again > recovered);
    window.clock.advance(minute);
    assert.equal(history.count(), 2);
  });

  it("go beyond retention in the same way, and leave what is pinned", test => {
    const file = newFile(test);
    const window = open(test, file, 600);
    const ids = Array.from({ length: 100 }, (_each, index) => `67568390000005${10_000 + index}`);
    store(window, captures(1, 600, { ids }));
    window.history.pin([3]);
    store(window, captures(601, 602, { ids }));
    assert.equal(window.history.count(), 571);
    assert.equal(rowsOf(file), 573, "of 31 that are gone, 29 are some three thousand rows");
    assert.deepEqual(steps(window, file), [2]);
    assert.notEqual(window.history.get(3), undefined);
  });

  it("are not sent any more, and hold up nothing that is kept", test => {
    const window = open(test, newFile(test));
    const { outbox } = window.history;
    store(window, captures(1, 302));
    const [rule, now] = ["rule", window.clock.now()];
    const claim = (): number[] =>
      outbox.claim({ window: "window:1", owners: [rule], now }, 8).map(({ eventId }) => eventId);
    const jobOf = (eventId: number): Parameters<typeof outbox.choose>[2] => [
      { eventId, targets: ["http://127.0.0.1"], lanes: ["record"], standing: "queued" },
    ];
    for (let id = 1; id <= 302; id++) outbox.choose(rule, { seenThrough: id, aliveAt: now }, jobOf(id));
    const resets: number[] = [];
    window.history.onDidReset(() => resets.push(outbox.of(rule).length));
    window.history.delete(Array.from({ length: 301 }, (_each, index) => index + 1));
    assert.deepEqual(outbox.of(rule), [302]);
    assert.deepEqual(claim(), [], "two hundred jobs before it are still in the file");
    window.clock.advance(minute);
    assert.equal(resets.length, 2, "the second says that it can go now");
    assert.deepEqual(claim(), [302]);
  });

  it("are told from others by a history of the former form, once that was opened", test => {
    const file = newFile(test);
    const before = open(test, file);
    store(before, captures(1, 3));
    before.history.close();
    const database = new DatabaseSync(file);
    toFormerRemoval(database);
    database.close();
    const { history } = open(test, file);
    assert.equal(history.notice, undefined);
    assert.equal(history.count(), 3);
    history.delete([2]);
    assert.deepEqual(
      history
        .select()
        .page(0, 9)
        .map(({ id }) => id),
      [1, 3],
    );
  });

  it("make known until when something may be missing: exactly where they are few, and not too early where they are many", test => {
    const window = open(test, newFile(test));
    store(window, captures(1, 10_200));
    window.history.delete([50, 60]);
    assert.equal(window.history.forgottenUntil(), 1_060);
    window.history.delete(window.history.select().idsAt(100, 10_050));
    assert.equal(window.history.forgottenUntil(), 11_152);
  });
});
