import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { acquireFileLock, isStaleLock, readLockHolder, tryFileLock } from "../../workbench/fileLock.js";

describe("file lock", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "zcn-lock-"));
    path = join(folder, "deep", "a.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is held by one at a time, and names its holder", () => {
    const release = tryFileLock(path, "mine");
    assert.ok(release);
    assert.equal(tryFileLock(path), undefined);
    assert.deepEqual(readLockHolder(path), { pid: process.pid, host: hostname(), note: "mine" });
    release();
    assert.equal(readLockHolder(path), undefined);
    tryFileLock(path)?.();
  });

  it("goes to who waits for it, who is told of the holder once", async () => {
    const release = tryFileLock(path, "first");
    const holders: string[] = [];
    const waiting = acquireFileLock(path, {
      onWait: holder => {
        holders.push(holder?.note ?? "?");
        release?.();
      },
    });
    (await waiting)();
    assert.deepEqual(holders, ["first"]);
  });

  it("is taken from a process that has ended", () => {
    tryFileLock(path)?.();
    writeFileSync(path, JSON.stringify({ pid: 2 ** 30, host: hostname(), id: "x", note: "" }));
    const release = tryFileLock(path);
    assert.ok(release);
    release();
  });

  it("is taken from another machine only after a long silence", () => {
    tryFileLock(path)?.();
    writeFileSync(path, JSON.stringify({ pid: 1, host: "elsewhere.example.com", id: "x", note: "" }));
    assert.equal(tryFileLock(path), undefined);
    const longAgo = new Date(Date.now() - 10 * 60_000);
    utimesSync(path, longAgo, longAgo);
    const release = tryFileLock(path);
    assert.ok(release);
    release();
  });

  it("leaves the lock of another in place when it gives back one that it lost", () => {
    const release = tryFileLock(path);
    const other = JSON.stringify({ pid: process.pid, host: hostname(), id: "other", note: "other" });
    writeFileSync(path, other);
    release?.();
    assert.equal(readLockHolder(path)?.note, "other");
  });

  it("is not stale while its holder lives and gives signs of life", () => {
    assert.equal(isStaleLock({ sameMachine: true, alive: true, ageMs: 60_000 }), false);
    assert.equal(isStaleLock({ sameMachine: true, alive: true, ageMs: 121_000 }), true);
    assert.equal(isStaleLock({ sameMachine: true, alive: false, ageMs: 0 }), true);
    assert.equal(isStaleLock({ sameMachine: false, alive: false, ageMs: 0 }), false);
  });
});
