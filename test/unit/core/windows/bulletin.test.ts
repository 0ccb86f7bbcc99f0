import assert from "node:assert/strict";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { minute, second } from "../../../../src/base/clock.ts";
import { type Logger, silentLogger } from "../../../../src/base/logger.ts";
import { Bulletin } from "../../../../src/core/windows/bulletin.ts";
import { openSharedDatabase } from "../../../../src/core/windows/sharedDatabase.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";

function openWindow(test: TestContext, folder: string, clock: FakeClock, logger: Logger = silentLogger) {
  const shared = openSharedDatabase(join(folder, "windows.sqlite"), logger, clock);
  const bulletin = new Bulletin(shared.database, clock, logger);
  const heard: string[] = [];
  bulletin.onDidPost(topic => heard.push(topic));
  test.after(() => {
    bulletin.dispose();
    shared.dispose();
  });
  return { bulletin, heard, shared, database: shared.database };
}

describe("Bulletin", () => {
  it("tells other windows within a second, each topic once, and not the one that posted", test => {
    const [folder, clock] = [temporaryFolder(test), new FakeClock()];
    const [one, other] = [openWindow(test, folder, clock), openWindow(test, folder, clock)];
    one.bulletin.post("a");
    one.bulletin.post("b");
    one.bulletin.post("a");
    clock.advance(second);
    assert.deepEqual([one.heard, other.heard], [[], ["a", "b"]]);
    other.bulletin.post("c");
    one.bulletin.post("d");
    clock.advance(second);
    assert.deepEqual([one.heard, other.heard], [["c"], ["a", "b", "d"]]);
  });

  it("tells nothing of before a window opened", test => {
    const [folder, clock] = [temporaryFolder(test), new FakeClock()];
    openWindow(test, folder, clock).bulletin.post("old");
    const later = openWindow(test, folder, clock);
    clock.advance(second);
    assert.deepEqual(later.heard, []);
  });

  it("keeps on looking where the database fails, and leaves no timer behind", test => {
    const [folder, clock] = [temporaryFolder(test), new FakeClock()];
    const [one, other] = [openWindow(test, folder, clock), openWindow(test, folder, clock)];
    other.database.prepare("ALTER TABLE bulletin RENAME TO gone").run();
    one.bulletin.post("lost");
    clock.advance(second);
    other.database.prepare("ALTER TABLE gone RENAME TO bulletin").run();
    one.bulletin.post("news");
    clock.advance(second);
    assert.deepEqual(other.heard, ["news"]);
    one.bulletin.dispose();
    other.bulletin.dispose();
    assert.equal(clock.pending, 0);
  });

  it("complains of no database that was closed as the window closes", test => {
    const [clock, logger] = [new FakeClock(), new RecordingLogger()];
    const { shared } = openWindow(test, temporaryFolder(test), clock, logger);
    shared.dispose();
    clock.advance(second);
    assert.deepEqual(logger.lines, []);
  });

  it("hears what others post from when the file opens, and what they posted before, and posts its own there", test => {
    const [folder, clock] = [temporaryFolder(test), new FakeClock()];
    mkdirSync(join(folder, "windows.sqlite"));
    const late = openWindow(test, folder, clock);
    for (const topic of ["one", "two", "three"]) late.bulletin.post(topic);
    rmdirSync(join(folder, "windows.sqlite"));
    const other = openWindow(test, folder, clock);
    other.bulletin.post("before");
    clock.advance(minute);
    assert.deepEqual([late.heard.includes("before"), other.heard], [true, ["one", "two", "three"]]);
    other.bulletin.post("after");
    clock.advance(second);
    assert.equal(late.heard.at(-1), "after");
    late.bulletin.post("four");
    clock.advance(second);
    assert.deepEqual([late.heard.at(-1), other.heard.at(-1)], ["after", "four"]);
  });
});
