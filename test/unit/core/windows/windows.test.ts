import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, describe, it } from "node:test";
import { day, hour, minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { Claims } from "../../../../src/core/windows/claims.ts";
import { SharedNotes } from "../../../../src/core/windows/keeper.ts";
import { Ledger } from "../../../../src/core/windows/ledger.ts";
import { openSharedDatabase, whenShared } from "../../../../src/core/windows/sharedDatabase.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";

/** Two windows on one file. */
function openTwo(test: TestContext) {
  const file = join(temporaryFolder(test), "deep", "windows.sqlite");
  const clock = new FakeClock();
  const [one, other] = [openSharedDatabase(file, silentLogger), openSharedDatabase(file, silentLogger)];
  test.after(() => {
    one.dispose();
    other.dispose();
  });
  return { file, clock, one: one.database, other: other.database, close: () => one.dispose() };
}

describe("Claims", () => {
  it("are held by one window at a time, and by the next once given back", test => {
    const { clock, one, other } = openTwo(test);
    const claim = new Claims(one, clock).take("renewal", minute);
    assert.ok(claim);
    assert.equal(new Claims(other, clock).take("renewal", minute), undefined);
    assert.equal(new Claims(one, clock).take("renewal", minute), undefined, "not twice by the same window either");
    assert.ok(new Claims(other, clock).take("another", minute), "other keys are free");
    claim.dispose();
    claim.dispose();
    assert.ok(new Claims(other, clock).take("renewal", minute));
  });

  it("run out by themselves, unless extended", test => {
    const { clock, one, other } = openTwo(test);
    const claim = new Claims(one, clock).take("renewal", minute);
    assert.ok(claim);
    clock.advance(59 * second);
    assert.equal(claim.extend(minute), true);
    clock.advance(59 * second);
    assert.equal(new Claims(other, clock).take("renewal", minute), undefined);
    clock.advance(second);
    assert.ok(new Claims(other, clock).take("renewal", minute));
    assert.equal(claim.extend(minute), false, "it is another's now");
    claim.dispose();
    assert.equal(new Claims(one, clock).take("renewal", minute), undefined, "giving back what is lost frees nothing");
  });

  it("do not hold for ever because the clock was set back", test => {
    const { clock, one, other } = openTwo(test);
    assert.ok(new Claims(one, clock).take("renewal", minute));
    const earlier = new FakeClock(clock.now() - day);
    assert.ok(new Claims(other, earlier).take("renewal", minute));
  });

  it("hold on, and run out a little later, where the clock was set back by less than they are long", test => {
    const { clock, one, other } = openTwo(test);
    const [here, there] = [new Claims(one, clock), new Claims(other, clock)];
    const claim = here.take("renewal", minute);
    clock.jump(-second / 10);
    assert.equal(there.take("renewal", minute), undefined);
    assert.equal(claim?.extend(minute), true);
    clock.jump(-minute);
    assert.equal(there.take("renewal", minute), undefined);
    clock.advance(2 * minute);
    assert.ok(there.take("renewal", minute));
  });

  it("are forgotten a day after they ran out, and not before", test => {
    const { clock, one, other } = openTwo(test);
    const claims = new Claims(one, clock);
    const [old, recent] = [claims.take("old", hour), claims.take("recent", 3 * hour)];
    clock.advance(day + 2 * hour);
    new Claims(other, clock).purge();
    assert.equal(old?.extend(minute), false);
    assert.equal(recent?.extend(minute), true);
  });

  it("outlive the connection to the database without a word", test => {
    const { clock, one, close } = openTwo(test);
    const claim = new Claims(one, clock).take("renewal", minute);
    assert.ok(claim);
    close();
    assert.equal(claim.extend(minute), false);
    claim.dispose();
  });
});

describe("Ledger", () => {
  it("counts what all windows did, oldest first, and forgets what is more than a day old", test => {
    const { clock, one, other } = openTwo(test);
    const [here, there] = [new Ledger(one, silentLogger), new Ledger(other, silentLogger)];
    const start = clock.now();
    here.add("tokens", start);
    there.add("tokens", start + second);
    there.add("other", start);
    assert.deepEqual(here.since("tokens", start), [start, start + second]);
    assert.deepEqual(there.since("tokens", start + 1), [start + second]);
    here.add("tokens", start + day + 1);
    assert.deepEqual(here.since("tokens", 0), [start + second, start + day + 1]);
  });

  it("counts nothing and says so in the log where the database fails", test => {
    const { one, close } = openTwo(test);
    const logger = new RecordingLogger();
    const ledger = new Ledger(one, logger);
    close();
    ledger.add("tokens", 1);
    assert.deepEqual(ledger.since("tokens", 0), []);
    assert.equal(logger.lines.length, 2);
  });
});

describe("SharedNotes", () => {
  it("are seen by every window, replaced and deleted, and listed by prefix", test => {
    const { one, other } = openTwo(test);
    const [here, there] = [new SharedNotes(one), new SharedNotes(other)];
    here.set("loan/1", "a");
    there.set("loan/2", "b");
    there.set("loan/1", "c");
    here.set("loan%", "no pattern");
    assert.equal(here.get("loan/1"), "c");
    assert.equal(here.get("none"), undefined);
    assert.deepEqual(there.keys("loan/"), ["loan/1", "loan/2"]);
    here.delete("loan/1");
    assert.deepEqual(there.keys("loan/"), ["loan/2"]);
  });

  it("of windows that were not seen for long are forgotten, and no others", test => {
    const { one } = openTwo(test);
    const notes = new SharedNotes(one);
    for (const [key, value] of Object.entries({ "window.borrow/a": "999", "window.borrow/b": "1000", loan: "1" })) {
      notes.set(key, value);
    }
    notes.purgeWindows(1000);
    assert.deepEqual(notes.keys(""), ["loan", "window.borrow/b"]);
  });
});

/** Puts a folder in the place of the file, which no program can open; what comes back puts the file back. */
function hide(file: string): () => void {
  renameSync(file, `${file}.hidden`);
  mkdirSync(file);
  return () => {
    rmdirSync(file);
    renameSync(`${file}.hidden`, file);
  };
}

describe("openSharedDatabase", () => {
  it("keeps the file for its owner alone", test => {
    const { file } = openTwo(test);
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("waits for other windows' writes, and hardly once its own window closes", test => {
    const shared = openSharedDatabase(join(temporaryFolder(test), "windows.sqlite"), silentLogger);
    const wait = (): unknown => shared.database.prepare("PRAGMA busy_timeout").get()?.["timeout"];
    assert.equal(wait(), 2 * second);
    shared.hurry();
    assert.equal(wait(), second / 4);
    shared.dispose();
    shared.hurry();
  });

  it("moves a damaged file aside and begins anew", test => {
    const file = join(temporaryFolder(test), "windows.sqlite");
    writeFileSync(file, "not a database, but long enough to be taken for one".repeat(50));
    const logger = new RecordingLogger();
    const shared = openSharedDatabase(file, logger);
    new SharedNotes(shared.database).set("a", "b");
    shared.dispose();
    assert.ok(statSync(`${file}.damaged`).size > 0);
    const again = openSharedDatabase(file, silentLogger);
    assert.equal(new SharedNotes(again.database).get("a"), "b");
    again.dispose();
    assert.equal(logger.lines.length, 1);
  });

  it("moves no damaged file over another", test => {
    const file = join(temporaryFolder(test), "windows.sqlite");
    for (const text of ["first", "second", "third"]) {
      writeFileSync(file, `${text}, which is no database, but long enough to be taken for one`.repeat(50));
      openSharedDatabase(file, silentLogger).dispose();
    }
    const kept = ["", "-2", "-3"].map(number => readFileSync(`${file}.damaged${number}`, "utf8").slice(0, 5));
    assert.deepEqual(kept, ["first", "secon", "third"]);
  });

  it("works in memory while the file cannot be opened, and goes over to it later with what was noted", test => {
    const file = join(temporaryFolder(test), "windows.sqlite");
    const before = openSharedDatabase(file, silentLogger);
    for (const key of ["borrow/c/1", "renewal/mode/c", "untouched"])
      new SharedNotes(before.database).set(key, "before");
    new SharedNotes(before.database).set("renewal/channel/c/1", '{"expiresAt":7,"stopped":true,"failures":0}');
    before.dispose();
    const clock = new FakeClock();
    const release = hide(file);
    const logger = new RecordingLogger();
    const shared = openSharedDatabase(file, logger, clock);
    test.after(() => shared.dispose());
    let told = 0;
    whenShared(shared, () => told++);
    whenShared(shared, () => assert.fail()).dispose();
    const notes = new SharedNotes(shared.database);
    const claim = new Claims(shared.database, clock).take("renewal", hour);
    assert.deepEqual([shared.isShared, notes.get("untouched")], [false, undefined]);
    for (const key of ["borrow/c/1", "renewal/mode/c", "new"]) notes.set(key, "meanwhile");
    notes.set("renewal/channel/c/1", '{"expiresAt":7,"failures":0}');
    clock.advance(minute);
    assert.equal(shared.isShared, false);
    release();
    clock.advance(minute);
    assert.deepEqual([shared.isShared, told, clock.pending], [true, 1, 0]);
    assert.deepEqual(
      ["borrow/c/1", "renewal/mode/c", "new", "untouched"].map(key => notes.get(key)),
      ["before", "meanwhile", "meanwhile", "before"],
    );
    assert.match(notes.get("renewal/channel/c/1") ?? "", /"stopped":true/);
    assert.equal(claim?.extend(hour), true, "what was claimed is claimed for all windows now");
    const other = openSharedDatabase(file, silentLogger);
    whenShared(other, () => told++);
    assert.equal(told, 2);
    assert.equal(new Claims(other.database, clock).take("renewal", minute), undefined);
    other.dispose();
    assert.ok(!existsSync(`${file}.damaged`));
    assert.equal(logger.lines.length, 2);
  });

  it("leaves a file alone that is no damaged one, whatever else keeps it from being opened", test => {
    const file = join(temporaryFolder(test), "windows.sqlite");
    const foreign = new DatabaseSync(file);
    foreign.exec("CREATE TABLE foreign_table (x); CREATE INDEX claim ON foreign_table (x)");
    foreign.close();
    const shared = openSharedDatabase(file, silentLogger);
    test.after(() => shared.dispose());
    assert.equal(shared.isShared, false);
    assert.ok(!existsSync(`${file}.damaged`));
  });

  it("works in memory where no file can be", test => {
    const file = join(temporaryFolder(test), "plain file");
    writeFileSync(file, "");
    const shared = openSharedDatabase(join(file, "windows.sqlite"), silentLogger);
    new SharedNotes(shared.database).set("a", "b");
    assert.equal(new SharedNotes(shared.database).get("a"), "b");
    assert.equal(shared.isShared, false);
    shared.dispose();
  });
});
