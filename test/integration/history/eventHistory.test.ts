import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { silentLogger } from "../../../src/base/logger.ts";
import { type NameTerm, byName } from "../../../src/core/filter/eventFilter.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { joinHistory } from "../../../src/core/history/joinHistory.ts";
import type { Capture } from "../../../src/core/events/capture.ts";
import type { StoredEvent } from "../../../src/core/events/storedEvent.ts";
import { decodeCapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { capturedPost, latinBody, notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { toFormerNames, toFormerOutbox } from "../../support/formerHistory.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const relay = "https://relay.example.com";
const channelId = "1105420521999070702";

/** A window of the editor: the history that it opened, and what it heard. */
class Window {
  readonly clock = new FakeClock();
  readonly history: EventHistory;
  readonly heard: StoredEvent[] = [];
  resets = 0;

  constructor(test: TestContext, file: string, maxEvents?: number) {
    const options = { clock: this.clock, logger: silentLogger, loadJoin: async () => Promise.resolve(joinHistory) };
    this.history = EventHistory.open(file, maxEvents === undefined ? options : { ...options, maxEvents });
    this.history.onDidAppend(events => this.heard.push(...events));
    this.history.onDidReset(() => this.resets++);
    test.after(() => this.history.close());
  }

  get sink(): ReturnType<EventHistory["sinkFor"]> {
    return this.history.sinkFor(relay, "channel");
  }

  get sequences(): number[] {
    return this.history
      .select()
      .page(0, 1_000_000)
      .map(event => event.sequence);
  }
}

function newFile(test: TestContext): string {
  return join(temporaryFolder(test), "kept", "events.sqlite");
}

function capture(sequence: number, body: string = notificationBody()): Capture {
  return { sequence, receivedAt: 1_000 + sequence, payload: capturedPost(body) };
}

function captures(from: number, to: number, body?: string): Capture[] {
  return Array.from({ length: to - from + 1 }, (_each, index) => capture(from + index, body));
}

describe("the event history", () => {
  it("gives back byte for byte what was stored, after it was closed and opened again", test => {
    const file = newFile(test);
    const before = new Window(test, file);
    const sent = capture(1);
    before.sink.store([sent]);
    before.history.close();
    const [event] = new Window(test, file).history.select().page(0, 10);
    assert.ok(event?.kind === "request");
    assert.deepEqual(Buffer.from(event.payload), Buffer.from(sent.payload));
    assert.deepEqual([event.sequence, event.receivedAt], [1, 1001]);
    assert.deepEqual(event.subject, { channelId, module: "Leads" });
  });

  it("tells of deliveries whose form is not known, once each, and of no others", test => {
    const noted: unknown[] = [];
    const shapes = { note: (where: string, value: unknown): void => void noted.push([where, value]) };
    const history = EventHistory.open(newFile(test), { clock: new FakeClock(), logger: silentLogger, shapes });
    test.after(() => history.close());
    const odd = { operation: "restore", channel_id: "1", ids: ["2"] };
    const bodies = [
      notificationBody(),
      JSON.stringify(odd),
      notificationBody({ module: null }),
      '{"channel_id":"1","operation":"edit","ids": [',
      "a=1",
    ];
    const sent = bodies.map((body, index) => capture(index + 1, body));
    history.sinkFor(relay, "channel").store(sent);
    history.sinkFor(relay, "channel").store(sent);
    assert.deepEqual(noted, [
      ["delivery", odd],
      ["delivery", '{"channel_id":"1","operation":"edit","ids": ['],
    ]);
  });

  it("reads again what an earlier version could not read", test => {
    const file = newFile(test);
    const before = new Window(test, file);
    const bodies = [
      notificationBody({ operation: "restore", module: null }),
      "a=1",
      '{"channel_id":"1","operation":"edit","ids": [',
    ];
    before.sink.store(bodies.map((body, index) => capture(index + 1, body)));
    before.history.close();
    const database = new DatabaseSync(file);
    database.exec(`
      UPDATE event SET kind = 'unreadable', operation = NULL, zoho_channel = NULL, record = NULL, token = NULL WHERE id = 1;
      DELETE FROM event_record; DELETE FROM event_field`);
    toFormerOutbox(database, 1);
    database.close();
    const { history } = new Window(test, file);
    const found = (key: NameTerm["key"], value: string): number => history.select([byName(key, value)]).count;
    assert.deepEqual(
      [found("operation", "restore"), found("module", "none"), found("channel", channelId), found("field", "Phone")],
      [1, 1, 1, 1],
    );
    assert.equal(history.select([{ key: "is", values: ["unreadable"], negated: false }]).count, 1);
  });

  it("goes on with a history whose tables had other names", test => {
    const file = newFile(test);
    const before = new Window(test, file);
    before.sink.store(captures(1, 3));
    before.history.addTest({ method: "POST", path: "", query: "", headers: [], body: new Uint8Array([65]) });
    before.history.delete([2]);
    before.history.close();
    const database = new DatabaseSync(file);
    toFormerNames(database);
    database.close();
    const { history, sink } = new Window(test, file);
    assert.equal(history.notice, undefined);
    const [first, , made] = history.select().page(0, 9);
    assert.deepEqual([first?.source, made?.source, history.count()], ["delivered", "test", 3]);
    assert.equal(history.select([{ key: "source", values: ["test"], negated: false }]).count, 1);
    assert.equal(sink.lastSequence(), 3);
    sink.store(captures(1, 4));
    assert.equal(history.count(), 4, "what was deleted does not come back");
  });

  it("holds one body at a time while it reads again", test => {
    const file = newFile(test);
    const before = new Window(test, file);
    before.sink.store(captures(1, 20, '{"channel_id":"1"}'));
    before.history.close();
    const database = new DatabaseSync(file);
    toFormerOutbox(database, 1);
    database.close();
    const all = test.mock.method(StatementSync.prototype, "all");
    const get = test.mock.method(StatementSync.prototype, "get");
    new Window(test, file);
    const bodiesIn = (rows: unknown): number =>
      [rows].flat().filter(row => Object.values(row ?? {}).some(value => value instanceof Uint8Array)).length;
    const held = [...all.mock.calls, ...get.mock.calls]
      .map(({ result }) => bodiesIn(result))
      .filter(count => count > 0);
    assert.deepEqual(new Set(held), new Set([1]));
    assert.equal(held.length, 20);
  });

  it("finds a notification though a byte of it is not UTF-8, and takes nothing else that is not for one", test => {
    const { sink, history } = new Window(test, newFile(test));
    const payloads = [capturedPost(latinBody()), capturedPost(new Uint8Array([0x7b, 0xff, 0x7d]), { headers: [] })];
    sink.store(payloads.map((payload, index) => ({ sequence: index + 1, receivedAt: 1_000, payload })));
    for (const term of [byName("channel", channelId), byName("module", "Leads"), byName("field", "Phone")]) {
      assert.equal(history.select([term]).count, 1);
    }
    assert.equal(history.select([{ key: "is", values: ["unreadable"], negated: false }]).count, 0);
  });

  it("finds an event by so many of its names, however many a delivery has", test => {
    const file = newFile(test);
    const { sink, history } = new Window(test, file);
    const names = Array.from({ length: 3_000 }, (_each, index) => String(index + 1));
    const fields = names.flatMap(name => [{ [name]: [`Field${name}`] }, { [name]: ["Phone"] }]);
    sink.store([capture(1, notificationBody({ ids: names, affected_fields: fields, affected_values: [] }))]);
    assert.deepEqual(
      [byName("id", "1000"), byName("field", "Phone")].map(term => history.select([term]).count),
      [1, 1],
    );
    history.close();
    const database = new DatabaseSync(file);
    test.after(() => database.close());
    const rows = (table: string): unknown => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"];
    assert.deepEqual([rows("event_record"), rows("event_field")], [1_000, 1_000]);
  });

  it("stores each sequence of a channel once", test => {
    const window = new Window(test, newFile(test));
    window.sink.store(captures(1, 3));
    window.sink.store(captures(2, 5));
    assert.deepEqual(window.sequences, [1, 2, 3, 4, 5]);
    assert.deepEqual(
      window.heard.map(event => event.sequence),
      [1, 2, 3, 4, 5],
    );
  });

  it("keeps the same sequence of different channels and relays apart", test => {
    const { history } = new Window(test, newFile(test));
    history.sinkFor(relay, "one").store([capture(1)]);
    history.sinkFor(relay, "two").store([capture(1)]);
    history.sinkFor("https://other.example.com", "one").store([capture(1)]);
    assert.equal(history.count(), 3);
    assert.equal(history.sinkFor(relay, "two").lastSequence(), 1);
    assert.equal(history.sinkFor(relay, "three").lastSequence(), 0);
  });

  it("stores a batch wholly or not at all", test => {
    const window = new Window(test, newFile(test));
    const bad = { sequence: 2, receivedAt: Number.NaN, payload: new Uint8Array() };
    assert.throws(() => window.sink.store([capture(1), bad]));
    assert.equal(window.history.count(), 0);
    assert.equal(window.sink.lastSequence(), 0);
    window.sink.store([capture(1)]);
    assert.deepEqual(window.sequences, [1]);
  });

  it("finds an event by id and by place", test => {
    const { history, sink } = new Window(test, newFile(test));
    sink.store(captures(1, 5));
    const third = history.select().page(2, 1)[0];
    assert.equal(third?.sequence, 3);
    assert.deepEqual(history.get(third.id), third);
    assert.equal(history.select().offsetOf(third.id), 2);
    assert.equal(history.get(999), undefined);
    assert.equal(history.select().offsetOf(999), undefined);
    assert.deepEqual(history.select().page(5, 10), []);
  });

  it("lists the events of one channel, or of one module of it", test => {
    const { history, sink } = new Window(test, newFile(test));
    const bodies = [
      notificationBody(),
      notificationBody({ module: "Deals" }),
      notificationBody({ channel_id: "1105420521999070703" }),
      "not a notification",
      notificationBody({ module: "Deals" }),
    ];
    sink.store(bodies.map((body, index) => capture(index + 1, body)));
    sink.recordGap({ from: 6, to: 7, reason: "retention" });
    const ofChannel = history.select([byName("channel", channelId)]);
    const deals = history.select([byName("channel", channelId), byName("module", "deals")]);
    assert.deepEqual(
      ofChannel.page(0, 10).map(event => event.sequence),
      [1, 2, 5],
    );
    assert.deepEqual(
      deals.page(1, 10).map(event => event.sequence),
      [5],
    );
    assert.deepEqual([history.count(), ofChannel.count, deals.count], [6, 3, 2]);
    const last = history.select().page(4, 1)[0];
    assert.ok(last);
    assert.equal(deals.offsetOf(last.id), 1);
    assert.equal(history.select([byName("module", "Leads")]).offsetOf(last.id), undefined);
  });

  it("knows what its relay delivered last before a gap, whatever was made on this machine or came from elsewhere since", test => {
    const window = new Window(test, newFile(test));
    const delivered = capture(1);
    window.sink.store([delivered]);
    const decoded = decodeCapturedRequest(delivered.payload);
    assert.ok(decoded.ok);
    window.history.addReplayed(decoded.value, 1);
    window.history.addTest(decoded.value);
    window.history.sinkFor("https://other.example.com", "channel").store([capture(7)]);
    window.sink.recordGap({ from: 2, to: 400, reason: "retention" });
    const gap = window.heard.at(-1);
    assert.ok(gap?.kind === "gap");
    assert.equal(window.history.deliveredBefore(gap)?.sequence, 1);
  });

  it("is readable by its owner only", { skip: process.platform === "win32" ? "no file modes" : false }, test => {
    const file = newFile(test);
    new Window(test, file).sink.store([capture(1)]);
    for (const suffix of ["", "-wal"]) assert.equal(statSync(file + suffix).mode & 0o077, 0);
  });
});

describe("a gap", () => {
  it("is an entry of the list, and is where to resume from", test => {
    const { history, sink, clock } = new Window(test, newFile(test));
    sink.store([capture(1)]);
    sink.recordGap({ from: 2, to: 13, reason: "retention" });
    const [, gap] = history.select().page(0, 10);
    assert.ok(gap?.kind === "gap");
    assert.deepEqual([gap.sequence, gap.count, gap.reason, gap.receivedAt], [2, 12, "retention", clock.now()]);
    assert.equal(sink.lastSequence(), 13);
  });

  it("that another window recorded counts once, as far as it is the same", test => {
    const { history, sink } = new Window(test, newFile(test));
    sink.recordGap({ from: 1, to: 10, reason: "retention" });
    sink.recordGap({ from: 1, to: 10, reason: "retention" });
    sink.recordGap({ from: 5, to: 12, reason: "retention" });
    assert.deepEqual(
      history
        .select()
        .page(0, 10)
        .map(event => (event.kind === "gap" ? [event.sequence, event.count] : [])),
      [
        [1, 10],
        [11, 2],
      ],
    );
  });
});

describe("a reset of the relay's log", () => {
  it("is an entry once, though its numbers are stored, in whichever window it is heard of", test => {
    const file = newFile(test);
    const [one, other] = [new Window(test, file), new Window(test, file)];
    one.sink.store(captures(1, 9));
    for (const { sink } of [one, other, one]) sink.recordGap({ from: 5, to: 9, reason: "reset" });
    const gaps = one.history
      .select()
      .page(0, 20)
      .filter(event => event.kind === "gap");
    assert.deepEqual(
      gaps.map(({ sequence, count, reason }) => [sequence, count, reason]),
      [[5, 5, "reset"]],
    );
    assert.equal(one.sink.lastSequence(), 9);
    one.sink.store([capture(10)]);
    assert.equal(one.sequences.at(-1), 10);
  });

  it("is an entry again after another reset, and beside a gap for retention that begins with the same number", test => {
    const { history, sink } = new Window(test, newFile(test));
    sink.recordGap({ from: 1, to: 9, reason: "retention" });
    sink.recordGap({ from: 1, to: 9, reason: "reset" });
    sink.store(captures(10, 15));
    sink.recordGap({ from: 1, to: 15, reason: "reset" });
    const gaps = history
      .select()
      .page(0, 20)
      .flatMap(event => (event.kind === "gap" ? [[event.sequence, event.count]] : []));
    assert.deepEqual(gaps, [
      [1, 9],
      [1, 9],
      [10, 6],
    ]);
  });
});

describe("an event that could not be opened", () => {
  it("is kept as it came, with the reason, and is nobody's notification", test => {
    const { history, sink } = new Window(test, newFile(test));
    sink.store([{ ...capture(1), unreadable: "no-key" }, { ...capture(2), unreadable: "damaged" }, capture(3)]);
    const events = history.select().page(0, 10);
    assert.deepEqual(
      events.map(event => event.kind === "request" && event.unreadable),
      ["no-key", "damaged", undefined],
    );
    assert.ok(events[0]?.kind === "request");
    assert.deepEqual(Buffer.from(events[0].payload), Buffer.from(capture(1).payload));
    assert.equal(history.select([byName("channel", channelId)]).count, 1);
  });
});

describe("retention", () => {
  it("never keeps more than the limit, drops the oldest and says so", test => {
    const window = new Window(test, newFile(test), 100);
    window.sink.store(captures(1, 100));
    assert.equal(window.resets, 0);
    window.sink.store([capture(101)]);
    assert.equal(window.resets, 1);
    assert.equal(window.history.count(), 95);
    assert.deepEqual(window.sequences.slice(0, 1), [7]);
    assert.equal(window.sequences.at(-1), 101);
  });

  it("does not let what it dropped come back", test => {
    const window = new Window(test, newFile(test), 100);
    window.sink.store(captures(1, 101));
    window.sink.store(captures(1, 101));
    assert.equal(window.history.count(), 95);
    assert.equal(window.sink.lastSequence(), 101);
  });
});

describe("clearing the history", () => {
  it("forgets the events but not where to resume", test => {
    const window = new Window(test, newFile(test));
    window.sink.store(captures(1, 3));
    window.history.clear();
    assert.equal(window.history.count(), 0);
    assert.equal(window.resets, 1);
    assert.equal(window.sink.lastSequence(), 3);
    window.sink.store(captures(2, 4));
    assert.deepEqual(window.sequences, [4]);
  });

  it("gives later events new ids", test => {
    const window = new Window(test, newFile(test));
    window.sink.store([capture(1)]);
    const [before] = window.history.select().page(0, 1);
    window.history.clear();
    window.sink.store([capture(2)]);
    const [after] = window.history.select().page(0, 1);
    assert.ok(before && after && after.id > before.id);
  });

  it("leaves nothing of the events in the file", test => {
    const file = newFile(test);
    const window = new Window(test, file);
    window.sink.store([capture(1, notificationBody({ marker: "to-be-forgotten" }))]);
    window.history.clear();
    for (const name of readdirSync(join(file, ".."))) {
      assert.equal(readFileSync(join(file, "..", name)).includes("to-be-forgotten"), false, name);
    }
  });
});

describe("two windows with one history", () => {
  it("both hear every event once, whoever stored it first", test => {
    const file = newFile(test);
    const [one, other] = [new Window(test, file), new Window(test, file)];
    one.sink.store(captures(1, 2));
    other.sink.store(captures(1, 3));
    one.sink.store([capture(3)]);
    for (const window of [one, other]) {
      assert.deepEqual(
        window.heard.map(event => event.sequence),
        [1, 2, 3],
      );
    }
    assert.deepEqual(one.sequences, [1, 2, 3]);
  });

  it("hear within a second what only the other's stream brought, and that the other cleared", test => {
    const file = newFile(test);
    const [one, other] = [new Window(test, file), new Window(test, file)];
    one.sink.store([capture(1)]);
    other.clock.advance(1_000);
    assert.deepEqual(
      other.heard.map(event => event.sequence),
      [1],
    );
    one.history.clear();
    other.clock.advance(1_000);
    assert.equal(other.resets, 1);
    assert.equal(other.history.count(), 0);
  });

  it("does not announce what was there before a window opened", test => {
    const file = newFile(test);
    new Window(test, file).sink.store([capture(1)]);
    const late = new Window(test, file);
    late.sink.store([capture(2)]);
    assert.deepEqual(
      late.heard.map(event => event.sequence),
      [2],
    );
  });

  it("stops looking around when closed", test => {
    const window = new Window(test, newFile(test));
    window.history.close();
    window.history.close();
    assert.equal(window.clock.pending, 0);
  });
});

/** Opens the history in a process of its own, always at the same time of day; what it was told. */
async function noticeOfAnotherProcess(file: string): Promise<string> {
  const source = (name: string): string => JSON.stringify(new URL(`../../../src/${name}`, import.meta.url).href);
  const program = `
    import { openDatabase } from ${source("core/history/openDatabase.ts")};
    const { database, notice } = openDatabase(${JSON.stringify(file)}, 1);
    console.log(notice?.code ?? "none");
    database.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module-typescript", "-e", program]);
  return stdout.trim();
}

describe("a history file that cannot be used", () => {
  it("is moved aside when it is no database, and a new one begins with a notice", test => {
    const folder = temporaryFolder(test);
    const file = join(folder, "events.sqlite");
    writeFileSync(file, "this is not a database, and long enough to be looked at as one".repeat(20));
    const window = new Window(test, file);
    assert.equal(window.history.notice?.code, "HISTORY_MOVED_ASIDE");
    window.sink.store([capture(1)]);
    assert.equal(window.history.count(), 1);
    const aside = readdirSync(folder).filter(name => name.includes("damaged"));
    assert.equal(aside.length, 1);
    assert.match(readFileSync(join(folder, aside.join()), "utf8"), /^this is not a database/);
  });

  it("is moved aside when a newer version wrote it", test => {
    const file = newFile(test);
    mkdirSync(join(file, ".."));
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA user_version = 999; CREATE TABLE future (x)");
    newer.close();
    const { history } = new Window(test, file);
    assert.match(history.notice?.message ?? "", /newer version/);
    assert.equal(history.count(), 0);
    assert.equal(readdirSync(join(file, "..")).filter(name => name.includes("newer")).length, 1);
  });

  it("stays where it is while a newer version has it open", test => {
    const file = newFile(test);
    mkdirSync(join(file, ".."));
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA journal_mode = WAL; PRAGMA user_version = 999; CREATE TABLE future (x)");
    const { history } = new Window(test, file);
    assert.equal(history.notice?.code, "HISTORY_NOT_KEPT");
    newer.exec("INSERT INTO future VALUES (1)");
    newer.close();
    assert.deepEqual(readdirSync(join(file, "..")).toSorted(), ["events.sqlite", "events.sqlite.lock"]);
  });

  it("stays where it is while another program locks it", test => {
    const file = newFile(test);
    new Window(test, file).history.close();
    const holder = new DatabaseSync(file);
    holder.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (x); COMMIT");
    assert.equal(new Window(test, file).history.notice?.code, "HISTORY_NOT_KEPT");
    holder.close();
    assert.equal(new Window(test, file).history.notice, undefined);
  });

  it("is moved aside once by windows that open it at the same time, and never over another", async test => {
    const file = newFile(test);
    mkdirSync(join(file, ".."));
    const damaged = "this is not a database, and long enough to be looked at as one".repeat(20);
    for (const round of [1, 2]) {
      writeFileSync(file, `${round}: ${damaged}`);
      const codes = await Promise.all([1, 2, 3].map(async () => noticeOfAnotherProcess(file)));
      assert.deepEqual(codes.toSorted(), ["HISTORY_MOVED_ASIDE", "none", "none"]);
    }
    const aside = readdirSync(join(file, "..")).filter(name => name.includes("damaged"));
    assert.deepEqual(
      aside.map(name => readFileSync(join(file, "..", name), "utf8").slice(0, 2)),
      ["1:", "2:"],
    );
  });

  it("takes in what a window had in memory once the other program is done", async test => {
    const file = newFile(test);
    const before = new Window(test, file);
    before.sink.store(captures(1, 2));
    before.history.close();
    const holder = new DatabaseSync(file);
    holder.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (x); COMMIT");
    const window = new Window(test, file);
    const { history, sink, clock } = window;
    assert.match(history.notice?.message ?? "", /Another program is using/);
    assert.equal(sink.lastSequence(), 0);
    sink.store(captures(1, 4));
    const request = { method: "POST", path: "", query: "", headers: [], body: new Uint8Array([65]) } as const;
    const made = history.addReplayed(request, 4) ?? assert.fail();
    history.pin([made]);
    const attempt = history.attempts.start(3, "rule", "http://127.0.0.1", 5) ?? assert.fail();
    history.attempts.finish(attempt, { milliseconds: 7, status: 200 });
    history.setHandling([3], { state: "answered", status: 200, attempts: 1 });
    history.outbox.choose("rule", { seenThrough: 4, aliveAt: clock.now() }, [
      { eventId: 4, targets: ["http://127.0.0.1"], lanes: ["a"], standing: "held" },
    ]);
    clock.advance(5_000);
    await setImmediate();
    assert.equal(window.resets, 0, "the other program has it still");
    holder.close();
    clock.advance(5_000);
    await setImmediate();
    assert.equal(window.resets, 1);
    assert.deepEqual(window.sequences, [1, 2, 3, 4, 1]);
    assert.deepEqual(
      history.attempts.list(3).map(({ status }) => status),
      [200],
    );
    assert.equal(history.get(3)?.handling?.state, "answered");
    assert.deepEqual(history.outbox.held(["rule"]), [4]);
    const last = history.get(5);
    assert.ok(last?.kind === "request");
    assert.deepEqual([last.source, last.parentId, last.pinned], ["replayed", 4, true]);
    assert.equal(sink.lastSequence(), 4);
    sink.store(captures(4, 5));
    assert.deepEqual(window.heard.map(({ id }) => id).slice(-1), [6]);
    history.close();
    assert.equal(clock.pending, 0);
    assert.equal(new Window(test, file).history.count(), 6);
  });

  it("is told of once where damage shows only later, and moved aside when it is opened next", test => {
    const file = newFile(test);
    const before = new Window(test, file);
    before.sink.store(captures(1, 300, notificationBody({ note: "x".repeat(4_000) })));
    before.history.close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, Math.floor(bytes.length * 0.3), Math.floor(bytes.length * 0.9));
    writeFileSync(file, bytes);
    const window = new Window(test, file);
    const problems: string[] = [];
    window.history.onDidFail(problem => problems.push(problem.code));
    assert.equal(window.history.notice, undefined);
    for (const _each of [1, 2]) assert.throws(() => window.sequences);
    assert.deepEqual(problems, ["HISTORY_DAMAGED"]);
    window.history.close();
    const next = new Window(test, file);
    assert.equal(next.history.notice?.code, "HISTORY_MOVED_ASIDE");
    next.sink.store([capture(1)]);
    next.history.close();
    assert.equal(new Window(test, file).history.notice, undefined);
  });

  it("is replaced by memory when no file can be made there, with a notice", test => {
    const blocked = join(temporaryFolder(test), "a-file");
    writeFileSync(blocked, "");
    const window = new Window(test, join(blocked, "events.sqlite"));
    assert.equal(window.history.notice?.code, "HISTORY_NOT_KEPT");
    window.sink.store([capture(1)]);
    assert.deepEqual(window.sequences, [1]);
  });

  it("has no notice when all is well", test => {
    const file = newFile(test);
    assert.equal(new Window(test, file).history.notice, undefined);
    assert.ok(existsSync(file));
  });
});

describe("a pinned event", () => {
  it("is kept beyond retention, beside as many others as are kept", test => {
    const window = new Window(test, newFile(test), 100);
    window.sink.store(captures(1, 100));
    window.history.pin([1, 2]);
    window.sink.store(captures(101, 103));
    assert.deepEqual(window.sequences.slice(0, 4), [1, 2, 9, 10]);
    assert.equal(window.history.count(), 97);
    assert.equal(window.history.get(1)?.pinned, true);
    window.history.unpin([1, 2]);
    window.sink.store(captures(104, 109));
    assert.equal(window.sequences[0], 15);
  });

  it("goes when all is cleared", test => {
    const { history, sink } = new Window(test, newFile(test));
    sink.store([capture(1)]);
    history.pin([1]);
    history.clear();
    assert.equal(history.count(), 0);
  });
});

describe("deleting events", () => {
  it("takes away all that belongs to them, and nothing else", test => {
    const file = newFile(test);
    const { clock, history, sink } = new Window(test, file);
    sink.store(captures(1, 3));
    clock.advance(1_000);
    history.attempts.start(2, "rule", "http://127.0.0.1:3000", 5);
    history.delete([2]);
    const database = new DatabaseSync(file, { readOnly: true });
    const left = (table: string, column: string): unknown[] =>
      database
        .prepare(`SELECT DISTINCT ${column} AS id FROM ${table} ORDER BY 1`)
        .all()
        .map(row => row["id"]);
    for (const table of ["payload", "event_record", "event_field"])
      assert.deepEqual(left(table, "event"), [1, 3], table);
    assert.deepEqual(left("event_text", "rowid"), [1, 3]);
    assert.deepEqual([left("event", "id"), left("attempt", "event")], [[1, 3], []]);
    database.close();
  });

  it("is told to every window, and what is deleted does not come back by another one", test => {
    const file = newFile(test);
    const [one, other] = [new Window(test, file), new Window(test, file)];
    one.sink.store(captures(1, 3));
    one.history.delete([2]);
    other.clock.advance(1_000);
    assert.deepEqual([one.resets, other.resets], [1, 1]);
    other.sink.store(captures(2, 4));
    assert.deepEqual(other.sequences, [1, 3, 4]);
  });
});

describe("what becomes of an event", () => {
  const answer = { headers: [["Content-Type", "text/plain"] as [string, string]], text: "booked", bytes: 6 };

  it("is kept with it: attempts in their order, with what came back, and the last state of the handler", test => {
    const file = newFile(test);
    const window = new Window(test, file);
    window.sink.store([capture(1)]);
    const { attempts } = window.history;
    const [first, second] = [1, 2].map(at => attempts.start(1, "rule", "http://127.0.0.1:3000", at));
    assert.ok(first !== undefined && second !== undefined);
    attempts.finish(first, { milliseconds: 12, problem: "Nothing listens there." });
    attempts.finish(second, { milliseconds: 34, status: 200, answer });
    window.history.setHandling([1], { state: "answered", status: 200, milliseconds: 34.4, attempts: 2 });
    window.history.close();
    const { history } = new Window(test, file);
    const sent = { origin: "rule", target: "http://127.0.0.1:3000" };
    assert.deepEqual(history.attempts.list(1), [
      { id: first, ...sent, startedAt: 1, milliseconds: 12, problem: "Nothing listens there." },
      { id: second, ...sent, startedAt: 2, milliseconds: 34, status: 200, answer },
    ]);
    assert.deepEqual(history.get(1)?.handling, { state: "answered", status: 200, milliseconds: 34, attempts: 2 });
    assert.deepEqual([history.inState("answered"), history.inState("held", "queued")], [[1], []]);
  });

  it("is not noted of an event that is gone", test => {
    const { history } = new Window(test, newFile(test));
    assert.equal(history.attempts.start(9, "replay", "http://127.0.0.1:3000", 1), undefined);
    assert.deepEqual(history.attempts.list(9), []);
  });

  it("is told to every window, after the event itself, also where a listener does it", test => {
    const file = newFile(test);
    const [one, other] = [new Window(test, file), new Window(test, file)];
    const told: string[] = [];
    one.history.onDidAppend(events =>
      one.history.setHandling(
        events.map(({ id }) => id),
        { state: "queued", attempts: 0 },
      ),
    );
    one.history.onDidAppend(events => told.push(`appended ${events.map(({ id }) => id).join()}`));
    one.history.onDidUpdate(ids => told.push(`updated ${ids.join()}`));
    other.history.onDidUpdate(ids => told.push(`updated there ${ids.join()}`));
    one.sink.store(captures(1, 2));
    other.clock.advance(1_000);
    assert.deepEqual(told, ["appended 1,2", "updated 1,2", "updated there 1,2"]);
  });
});

describe("events that were made here", () => {
  it("are entries of their own source, with the event that they were made from", test => {
    const { history, sink } = new Window(test, newFile(test));
    sink.store([capture(1)]);
    const decoded = decodeCapturedRequest(capturedPost(notificationBody({ module: "Deals" })));
    assert.ok(decoded.ok);
    assert.deepEqual([history.addReplayed(decoded.value, 1), history.addTest(decoded.value)], [2, 3]);
    const [, edited, sample] = history.select().page(0, 10);
    assert.ok(edited?.kind === "request" && sample?.kind === "request");
    assert.deepEqual([edited.source, edited.parentId, edited.subject?.module], ["replayed", 1, "Deals"]);
    assert.deepEqual([sample.source, sample.parentId], ["test", undefined]);
  });
});

describe("names that events have", () => {
  it("are offered from the most frequent on, and new ones after some seconds", test => {
    const { history, sink, clock } = new Window(test, newFile(test));
    const bodies = ["Leads", "Deals", "Deals", null].map(module => notificationBody({ module, operation: "restore" }));
    sink.store(bodies.map((body, index) => capture(index + 1, body)));
    assert.deepEqual(history.names(), {
      module: ["Deals", "Leads"],
      channel: [channelId],
      field: ["Phone"],
      operation: ["restore"],
    });
    sink.store([capture(5, notificationBody({ module: "Tasks" }))]);
    assert.deepEqual(history.names().module, ["Deals", "Leads"]);
    clock.advance(10_000);
    assert.deepEqual(history.names().module, ["Deals", "Leads", "Tasks"]);
  });
});
