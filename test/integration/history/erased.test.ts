import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { minute, second } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import type { CapturedRequest } from "../../../src/protocol/capturedRequest.ts";
import { notificationBody } from "../../support/eventBodies.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Shares no beginning with any other word, as the index of words leaves out what neighbours have in common. */
const word = "qzvxkwjhf";

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

function request(text: string): CapturedRequest {
  const body = new TextEncoder().encode(text);
  return { method: "POST", path: "", query: "", headers: [["x-secret", text.slice(0, 20)]], body };
}

function addOthers({ history }: Window, count: number): void {
  for (let index = 0; index < count; index++) {
    history.addTest(request(`${notificationBody()} other number ${index} ${"z".repeat(index % 3_000)}`));
  }
}

/** Events with the word in all that is kept of one: payload, record, words, target and answer of a handler. */
function addMarked({ clock, history }: Window): number[] {
  const body = JSON.stringify({ ...(JSON.parse(notificationBody()) as object), ids: [word], note: word.repeat(900) });
  const texts = [body, `${word} ${"y".repeat(5_000)} ${word}`, word];
  const ids = texts.map(text => history.addTest(request(text)) ?? assert.fail());
  for (const id of ids) {
    const attempt = history.attempts.start(id, "rule", `http://127.0.0.1/${word}`, 1) ?? assert.fail();
    history.attempts.finish(attempt, { milliseconds: 12, problem: `${word} is wrong` });
  }
  // Words are indexed some moments later.
  clock.advance(second);
  return ids;
}

/** The files of the history that hold the word. */
function filesWithWord(file: string): string[] {
  const folder = dirname(file);
  const holdsWord = (name: string): boolean => readFileSync(join(folder, name), "latin1").toLowerCase().includes(word);
  return readdirSync(folder).filter(holdsWord);
}

describe("events that were deleted", () => {
  it("leave the file, the index of words and the write-ahead log within a minute, and the others stay", test => {
    const file = join(temporaryFolder(test), "events.sqlite");
    const window = open(test, file);
    addOthers(window, 300);
    const marked = addMarked(window);
    addOthers(window, 300);
    assert.ok(filesWithWord(file).length > 0);
    window.history.delete(marked);
    window.clock.advance(minute);
    assert.deepEqual(filesWithWord(file), []);
    assert.equal(window.history.count(), 600);
    const filter = [{ key: "text", text: "other number 299", negated: false }] as const;
    assert.equal(window.history.select(filter).count, 2);
  });

  it("leave them while another window has the history open, and once it has read to the end where it is reading", test => {
    const file = join(temporaryFolder(test), "events.sqlite");
    const [window, other] = [open(test, file), open(test, file)];
    addOthers(window, 50);
    const marked = addMarked(window);
    const reader = new DatabaseSync(file);
    test.after(() => reader.isOpen && reader.close());
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM event").get();
    window.history.delete(marked);
    window.clock.advance(minute);
    other.clock.advance(minute);
    reader.exec("COMMIT");
    window.clock.advance(2 * second);
    assert.deepEqual(filesWithWord(file), []);
  });

  it("leave them with the next window when the one that deleted them was closed at once", test => {
    const file = join(temporaryFolder(test), "events.sqlite");
    const window = open(test, file);
    addOthers(window, 50);
    window.history.delete(addMarked(window));
    window.history.close();
    assert.ok(filesWithWord(file).length > 0, "the index of words still has them");
    open(test, file).clock.advance(minute);
    assert.deepEqual(filesWithWord(file), []);
  });

  it("leave them also when they are beyond retention, and when all are cleared while another window is reading", test => {
    const file = join(temporaryFolder(test), "events.sqlite");
    const window = open(test, file, 100);
    addMarked(window);
    addOthers(window, 150);
    window.clock.advance(minute);
    assert.deepEqual(filesWithWord(file), []);
    addMarked(window);
    const reader = new DatabaseSync(file);
    test.after(() => reader.isOpen && reader.close());
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM event").get();
    window.history.clear();
    reader.exec("COMMIT");
    window.clock.advance(minute);
    assert.deepEqual(filesWithWord(file), []);
  });

  it("are erased once: afterwards nothing is due but to look around", test => {
    const file = join(temporaryFolder(test), "events.sqlite");
    const window = open(test, file);
    const quiet = window.clock.pending;
    window.history.delete(addMarked(window));
    window.clock.advance(minute);
    assert.equal(window.clock.pending, quiet);
    window.history.close();
    assert.equal(window.clock.pending, 0);
    const later = open(test, file);
    assert.equal(later.clock.pending, quiet);
  });
});
