import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { second } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Capture } from "../../../src/core/events/capture.ts";
import { type ReadEvent, readEvent } from "../../../src/core/events/readEvent.ts";
import type { StoredEvent } from "../../../src/core/events/storedEvent.ts";
import type { EventFilter } from "../../../src/core/filter/eventFilter.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { toFormerWords } from "../../support/formerHistory.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

interface Window {
  readonly clock: FakeClock;
  readonly history: EventHistory;
  readonly heard: StoredEvent[];
  readonly store: (...captures: Capture[]) => void;
}

function open(test: TestContext, file: string, maxEvents = 1_000): Window {
  const clock = new FakeClock();
  const history = EventHistory.open(file, { clock, logger: silentLogger, maxEvents });
  const heard: StoredEvent[] = [];
  history.onDidAppend(events => heard.push(...events));
  test.after(() => history.close());
  const store = (...captures: Capture[]): void =>
    history.sinkFor("https://relay.example.com", "channel").store(captures);
  return { clock, history, heard, store };
}

function newFile(test: TestContext): string {
  return join(temporaryFolder(test), "events.sqlite");
}

function capture(sequence: number, body = notificationBody()): Capture {
  return { sequence, receivedAt: sequence, payload: capturedPost(body) };
}

function readingOf(event: StoredEvent | undefined): object {
  const read: ReadEvent | undefined = event && readEvent(event);
  return read?.kind === "request" ? read.reading : assert.fail();
}

/** The ids that the index of words has, whether or not their events are there. */
function indexed(file: string): unknown[] {
  const database = new DatabaseSync(file);
  try {
    return database
      .prepare("SELECT rowid AS id FROM event_text")
      .all()
      .map(({ id }) => id);
  } finally {
    database.close();
  }
}

function words(text: string): EventFilter {
  return [{ key: "text", text, negated: false }];
}

describe("events that were stored just now", () => {
  it("are told as they are read back", test => {
    const { history, heard, store } = open(test, newFile(test));
    const payload = Uint8Array.of(1, 2, 3);
    store(
      { ...capture(1), isBacklog: true },
      capture(2, notificationBody({ module: null })),
      capture(3, "a=1"),
      { sequence: 4, receivedAt: 4, payload, unreadable: "no-key" },
      { sequence: 5, receivedAt: 5, payload },
    );
    assert.equal(heard.length, 5);
    assert.deepEqual(
      heard,
      heard.map(({ id }) => history.get(id)),
    );
  });

  it("are told after what another window stored before, each once", test => {
    const file = newFile(test);
    const [one, other] = [open(test, file), open(test, file)];
    one.store(capture(1), capture(2));
    other.store(capture(3));
    one.store(capture(4));
    for (const { heard } of [one, other].map(window => (window.clock.advance(2 * second), window))) {
      assert.deepEqual(
        heard.map(({ sequence }) => sequence),
        [1, 2, 3, 4],
      );
    }
  });

  it("are not told where there is no room for them", test => {
    const { heard, store } = open(test, newFile(test), 2);
    store(capture(1), capture(2), capture(3), capture(4));
    assert.deepEqual(
      heard.map(({ sequence }) => sequence),
      [4],
    );
  });

  it("are read once, whoever asks for them next", test => {
    const { history, heard, store } = open(test, newFile(test));
    const sent = capture(1);
    store(sent);
    const [event] = heard;
    const reading = readingOf(event);
    const asked = [history.get(1), history.after(0, 10)[0], history.select().page(0, 10)[0]];
    for (const each of asked) assert.equal(readingOf(each), reading);
  });

  it("have their own payload where a write before them failed", test => {
    const { history, store } = open(test, newFile(test));
    const odd = { ...capture(2), receivedAt: undefined as never };
    assert.throws(() => store(capture(1, "a=lost"), odd));
    store(capture(1, "a=kept"));
    const event = history.get(1);
    assert.ok(event?.kind === "request");
    assert.match(Buffer.from(event.payload).toString(), /a=kept/);
  });
});

describe("the words of an event", () => {
  it("are found at once, and indexed some moments later", test => {
    const file = newFile(test);
    const { clock, history, store } = open(test, file);
    store(capture(1), capture(2, "a=unusual"));
    assert.deepEqual(indexed(file), []);
    clock.advance(second);
    assert.deepEqual(indexed(file), [1, 2]);
    store(capture(3, "a=unusual"));
    assert.deepEqual(history.select(words("unusual")).idsAt(0, 10), [2, 3]);
  });

  it("join a list of what has them as events come in", test => {
    const { history, store } = open(test, newFile(test));
    const list = history.select(words("unusual"));
    store(capture(1), capture(2, "a=unusual"));
    assert.equal(list.extend(), 1);
    assert.deepEqual(list.idsAt(0, 10), [2]);
  });

  it("join lists once they can be indexed, where another program is writing as they are looked for", test => {
    const file = newFile(test);
    const { history, store } = open(test, file);
    store(capture(1, "a=unusual"));
    const having = history.select(words("unusual"));
    store(capture(2, "a=unusual"), capture(3, "a=usual"));
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const lacking = history.select([{ key: "text", text: "unusual", negated: true }]);
    assert.deepEqual([having.extend(), having.count, lacking.count], [0, 1, 0]);
    other.close();
    assert.deepEqual([having.extend(), having.idsAt(0, 10)], [1, [1, 2]]);
    assert.deepEqual([lacking.extend(), lacking.idsAt(0, 10)], [1, [3]]);
  });

  it("are indexed by the next window where the one that stored them was closed", test => {
    const file = newFile(test);
    const before = open(test, file);
    before.store(capture(1), capture(2));
    before.history.close();
    open(test, file).clock.advance(second);
    assert.deepEqual(indexed(file), [1, 2]);
  });

  it("are indexed a large body at a time", test => {
    const file = newFile(test);
    const { clock, store } = open(test, file);
    store(...[1, 2, 3].map(sequence => capture(sequence, `a=${"word ".repeat(60_000)}`)));
    const seen = new Set<number>();
    for (let waited = 0; waited < second; waited++) {
      clock.advance(1);
      seen.add(indexed(file).length);
    }
    assert.deepEqual([...seen], [0, 1, 2, 3]);
  });

  it("of what was deleted meanwhile are not indexed", test => {
    const file = newFile(test);
    const { clock, history, store } = open(test, file);
    store(capture(1), capture(2));
    history.delete([1]);
    clock.advance(second);
    assert.deepEqual(indexed(file), [2]);
  });

  it("that an earlier version had indexed are not indexed twice", test => {
    const file = newFile(test);
    const before = open(test, file);
    before.store(capture(1, "a=unusual"));
    before.clock.advance(second);
    before.history.close();
    const database = new DatabaseSync(file);
    toFormerWords(database);
    database.close();
    const { clock, history, store } = open(test, file);
    store(capture(2, "a=unusual"));
    clock.advance(second);
    assert.deepEqual(history.select(words("unusual")).idsAt(0, 10), [1, 2]);
    assert.deepEqual(indexed(file), [1, 2]);
  });
});
