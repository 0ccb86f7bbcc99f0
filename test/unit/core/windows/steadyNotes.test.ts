import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SteadyNotes } from "../../../../src/core/windows/steadyNotes.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { RecordingLogger } from "../connections/recordingLogger.ts";

const key = "renewal/channel/c/1";

function open() {
  const { notes } = openAgreement(new FakeClock());
  const logger = new RecordingLogger();
  const disk = { isFull: false, isUnreadable: false, writes: 0 };
  const read = <T>(work: () => T): T => {
    if (disk.isUnreadable) throw new Error("disk I/O error");
    return work();
  };
  const write = (work: () => void): void => {
    disk.writes += 1;
    if (disk.isFull) throw new Error("database or disk is full");
    work();
  };
  const steady = new SteadyNotes(
    {
      get: each => read(() => notes.get(each)),
      keys: prefix => read(() => notes.keys(prefix)),
      setAll: each => write(() => notes.setAll(each)),
      deleteAll: each => write(() => notes.deleteAll(each)),
    },
    logger,
  );
  return {
    notes,
    logger,
    disk,
    steady,
    change: (...changes: [string, string | undefined][]) => steady.change(new Map(changes)),
  };
}

describe("notes that go on where the database fails", () => {
  it("are all changed with one write, and with one for all that go", () => {
    const { notes, disk, steady, change } = open();
    change(["a/1", "one"], ["a/2", "two"], ["b", "three"]);
    assert.deepEqual(
      [...(steady.all("a/") ?? [])],
      [
        ["a/1", "one"],
        ["a/2", "two"],
      ],
    );
    assert.deepEqual([notes.get("b"), disk.writes, steady.isBehind], ["three", 1, false]);
    change(["a/1", undefined], ["b", undefined]);
    assert.deepEqual([notes.keys(""), disk.writes], [["a/2"], 2]);
  });

  it("are known to this window while they cannot be written, and written when they can", () => {
    const { notes, logger, disk, steady, change } = open();
    notes.set("gone", "old");
    disk.isFull = true;
    change(["new", "one"], ["gone", undefined]);
    steady.catchUp();
    assert.deepEqual(
      [steady.get("new"), steady.get("gone"), [...(steady.all("") ?? [])]],
      ["one", undefined, [["new", "one"]]],
    );
    assert.deepEqual([steady.isBehind, logger.lines.length, notes.keys("")], [true, 1, ["gone"]]);
    disk.isFull = false;
    steady.catchUp();
    assert.deepEqual([steady.isBehind, notes.keys("")], [false, ["new"]]);
  });

  it("that another window wrote meanwhile are joined with what this one could not write", () => {
    const { notes, disk, steady, change } = open();
    disk.isFull = true;
    change([key, '{"failures":2}'], ["gone", undefined]);
    notes.set(key, '{"failures":1,"stopped":true}');
    notes.set("gone", "here again");
    const joined = '{"failures":2,"stopped":true}';
    assert.deepEqual([steady.get(key), steady.get("gone")], [joined, "here again"]);
    disk.isFull = false;
    steady.catchUp();
    assert.deepEqual([notes.get(key), notes.get("gone")], [joined, "here again"]);
  });

  it("are as this window last noted them where nothing can be read", () => {
    const { disk, steady, change } = open();
    disk.isUnreadable = true;
    change([key, "one"]);
    assert.deepEqual([steady.get(key), steady.get("other"), steady.all("")], ["one", undefined, undefined]);
  });
});
