import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { type TestContext, describe, it } from "node:test";
import { LockedError } from "../../../../media/scaffold/receiver/fileLock.ts";
import { HandledEvents } from "../../../../media/scaffold/receiver/handledEvents.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("what a handler has handled", () => {
  const nothing = async (): Promise<void> => Promise.resolve();
  const logIn = (test: TestContext): string => path.join(temporaryFolder(test), "data", "handled.log");
  const textOf = (log: string): string => readFileSync(log, "utf8");
  const opened = async (test: TestContext, log: string, most?: number): Promise<HandledEvents> => {
    const handled = await HandledEvents.open(log, most);
    test.after(async () => handled.close());
    return handled;
  };
  /** Whether each runs, in a handler that then ends. */
  const ran = async (log: string, ...identities: readonly string[]): Promise<readonly boolean[]> => {
    const handled = await HandledEvents.open(log);
    const answers: boolean[] = [];
    for (const identity of identities) answers.push(await handled.once(identity, nothing));
    await handled.close();
    return answers;
  };
  const withLog = (test: TestContext, text: string): string => {
    const log = logIn(test);
    mkdirSync(path.dirname(log));
    writeFileSync(log, text);
    return log;
  };
  const withLock = (test: TestContext, text: string): string => {
    const log = withLog(test, "");
    writeFileSync(`${log}.lock`, text);
    return log;
  };
  /** Files are handles of one class, whoever opens them. */
  const fileClass = async (test: TestContext): Promise<FileHandle> => {
    const file = await open(path.join(temporaryFolder(test), "any"), "w");
    await file.close();
    return Object.getPrototypeOf(file) as FileHandle;
  };
  const processThatEnded = async (): Promise<number> => {
    const child = spawn(process.execPath, ["--eval", ""]);
    await once(child, "exit");
    return Number(child.pid);
  };

  it("stays where a second one starts, which handles nothing", async test => {
    const log = logIn(test);
    const first = await HandledEvents.open(log);
    assert.ok(await first.once("one", nothing));
    await assert.rejects(HandledEvents.open(log), LockedError);
    assert.ok(await first.once("two", nothing));
    await first.close();
    assert.equal(textOf(log), "one\ntwo\n");
    assert.deepEqual(await ran(log, "one", "two"), [false, false]);
  });

  it("is only appended to, also by what starts, and a start writes nothing", async test => {
    const log = withLog(test, "one\ntwo\nthr");
    const { ino } = statSync(log);
    const handled = await opened(test, log);
    assert.equal(textOf(log), "one\ntwo\nthr");
    await handled.once("four", nothing);
    assert.equal(textOf(log), "one\ntwo\nthr\nfour\n");
    assert.equal(statSync(log).ino, ino);
  });

  it("has of a line that a crash cut off nothing, and of the next one everything", async test => {
    assert.deepEqual(await ran(withLog(test, "one\ntwo"), "one", "two"), [false, true]);
    const log = withLog(test, 'one\n["12", "Dea');
    assert.deepEqual(await ran(log, "one", '["12", "Deals"]'), [false, true]);
    assert.deepEqual(await ran(log, '["12", "Deals"]'), [false]);
  });

  it("is read with the line ends of an editor on Windows, too", async test => {
    assert.deepEqual(await ran(withLog(test, "one\r\ntwo\r\n"), "one", "two", "three"), [false, false, true]);
  });

  it("is no empty one where it cannot be read: that is an error, and the file stays as it is", async test => {
    const log = withLog(test, "one\n");
    const reading = test.mock.method(await fileClass(test), "readFile", async () => Promise.reject(new Error("EIO")));
    await assert.rejects(HandledEvents.open(log), /EIO/);
    reading.mock.restore();
    assert.equal(textOf(log), "one\n");
    assert.deepEqual(readdirSync(path.dirname(log)), ["handled.log"], "the lock is given back");
    rmSync(log);
    mkdirSync(log);
    await assert.rejects(HandledEvents.open(log), /EISDIR/);
  });

  it("says what was done on a disk that was full, once there is room, and does it no second time", async test => {
    const log = logIn(test);
    const handled = await opened(test, log);
    const runs: string[] = [];
    const run = async (identity: string): Promise<boolean> =>
      handled.once(identity, async () => Promise.resolve(runs.push(identity)).then(nothing));
    const full = async (): Promise<void> => {
      // As a disk does that has room for a part.
      writeFileSync(log, "on", { flag: "a" });
      return Promise.reject(new Error("ENOSPC: no space left on device"));
    };
    const writing = test.mock.method(await fileClass(test), "appendFile", full);
    await assert.rejects(run("one"), /could not be written down: ENOSPC/);
    await assert.rejects(run("two"), /could not be written down: ENOSPC/);
    writing.mock.restore();
    assert.deepEqual(runs, ["one"], "nothing is begun that could not be written down either");
    assert.deepEqual([await run("one"), await run("two")], [false, true]);
    assert.deepEqual(runs, ["one", "two"]);
    assert.match(textOf(log), /^on.*\none\ntwo\n$/s);
    assert.doesNotMatch(textOf(log), /onone/);
  });

  it("is what the newest changes are, and its file has at most twice as many lines", async test => {
    const log = withLog(test, ["1", "2", "3", "4", "5", ""].join("\n"));
    const handled = await HandledEvents.open(log, 3);
    assert.deepEqual([await handled.once("5", nothing), await handled.once("2", nothing)], [false, true]);
    assert.equal(textOf(log), "1\n2\n3\n4\n5\n2\n");
    await handled.once("6", nothing);
    assert.equal(textOf(log), "5\n2\n6\n");
    await handled.once("7", nothing);
    await handled.close();
    assert.equal(textOf(log), "5\n2\n6\n7\n");
    assert.deepEqual(readdirSync(path.dirname(log)), ["handled.log"]);
  });

  it("goes on with a file that cannot be shortened, says so once, and tries again when as much has come", async test => {
    const log = withLog(test, ["1", "2", "3", "4", ""].join("\n"));
    const handled = await opened(test, log, 2);
    const warnings = test.mock.method(console, "warn", () => undefined).mock;
    mkdirSync(`${log}.new`);
    assert.deepEqual([await handled.once("5", nothing), await handled.once("6", nothing)], [true, true]);
    assert.equal(textOf(log), "1\n2\n3\n4\n5\n6\n");
    assert.equal(warnings.callCount(), 1);
    rmSync(`${log}.new`, { recursive: true });
    assert.deepEqual([await handled.once("7", nothing), await handled.once("8", nothing)], [true, true]);
    assert.equal(textOf(log), "7\n8\n");
  });

  it("is opened again where that failed after it was shortened", async test => {
    const log = withLog(test, ["1", "2", "3", "4", ""].join("\n"));
    const handled = await opened(test, log, 2);
    await handled.once("5", nothing);
    assert.equal(textOf(log), "4\n5\n");
    rmSync(log);
    mkdirSync(log);
    await assert.rejects(handled.once("6", nothing), /could not be written down: EISDIR/);
    rmSync(log, { recursive: true });
    assert.deepEqual([await handled.once("6", nothing), textOf(log)], [false, "6\n"]);
  });

  it("has what was under way when it was closed, and nothing after that", async test => {
    const log = logIn(test);
    const handled = await HandledEvents.open(log);
    const { promise: work, resolve: finish } = Promise.withResolvers<undefined>();
    const ran = handled.once("one", async () => work.then(nothing));
    await new Promise(resolve => setImmediate(resolve));
    const closed = handled.close();
    await assert.rejects(HandledEvents.open(log), LockedError, "the lock is held until it is written down");
    finish(undefined);
    assert.ok(await ran);
    await closed;
    assert.equal(textOf(log), "one\n");
    await assert.rejects(handled.once("two", nothing));
    assert.equal(textOf(log), "one\n");
  });

  it("has a line of some length for a change of very many fields", async test => {
    const log = logIn(test);
    const fields = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, index) => `F${index}`));
    assert.deepEqual(await ran(log, fields(1_000), fields(1_001), fields(1_000)), [true, true, false]);
    assert.ok(textOf(log).length < 200);
  });

  it("is written down whole where many end at the same time", async test => {
    const log = logIn(test);
    const handled = await HandledEvents.open(log);
    const names = Array.from({ length: 100 }, (_, index) => `change ${index}`);
    await Promise.all([...names, ...names].map(async name => handled.once(name, nothing)));
    await handled.close();
    assert.deepEqual(textOf(log).trim().split("\n").toSorted(), names.toSorted());
  });

  it("counts what throws as not handled, for the one that waits for it as well", async test => {
    const handled = await opened(test, logIn(test));
    const broken = async (): Promise<void> => Promise.reject(new Error("broken"));
    const both = await Promise.allSettled([handled.once("one", broken), handled.once("one", nothing)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.ok(await handled.once("one", nothing));
  });

  it("is nobody's any more whose process died, however its number is used since", async test => {
    const locks = [
      JSON.stringify({ pid: await processThatEnded(), since: Date.now() }),
      // The number of this process, as in a container that starts again.
      JSON.stringify({ pid: process.pid, since: Date.now() }),
      // The machine was started since.
      JSON.stringify({ pid: process.ppid, since: 0 }),
    ];
    for (const lock of locks) assert.deepEqual(await ran(withLock(test, lock), "one"), [true], lock);
  });

  it("is somebody's whose process lives", async test => {
    const log = withLock(test, JSON.stringify({ pid: process.ppid, since: Date.now() }));
    await assert.rejects(HandledEvents.open(log), new RegExp(`Process ${process.ppid} has .*handled\\.log\\.lock`));
    assert.ok(existsSync(`${log}.lock`));
  });

  it("is somebody's who is just taking it, and nobody's where that one died at it", async test => {
    const log = withLock(test, "");
    await assert.rejects(HandledEvents.open(log), LockedError);
    const aMinuteAgo = Date.now() / 1_000 - 60;
    utimesSync(`${log}.lock`, aMinuteAgo, aMinuteAgo);
    assert.deepEqual(await ran(log, "one"), [true]);
    for (const odd of ['{"pid":-1,"since":0}', '{"pid":0}', "null", '"x"']) {
      writeFileSync(`${log}.lock`, odd);
      utimesSync(`${log}.lock`, aMinuteAgo, aMinuteAgo);
      assert.deepEqual(await ran(log, "one"), [false], odd);
    }
  });

  it("handles nothing more once the lock was taken away, and leaves the lock to who has it now", async test => {
    const log = logIn(test);
    const handled = await HandledEvents.open(log);
    writeFileSync(`${log}.lock`, "somebody else's");
    let runs = 0;
    const count = async (): Promise<void> => {
      runs++;
      return nothing();
    };
    await assert.rejects(handled.once("one", count), LockedError);
    await assert.rejects(handled.once(undefined, count), LockedError);
    assert.equal(runs, 0);
    await handled.close();
    assert.equal(textOf(`${log}.lock`), "somebody else's");
  });
});
