import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minute } from "../../../src/base/clock.ts";
import { type CheckpointMode, type CheckpointResult, WalCheckpoints } from "../../../src/relay/walCheckpoints.ts";
import { FakeClock } from "../../support/fakeClock.ts";

/** A write-ahead log as SQLite keeps one: it begins at its front again once all of it is in the database file. */
class PlayedLog {
  readonly modes: CheckpointMode[] = [];
  readonly clock = new FakeClock();
  readonly checkpoints = new WalCheckpoints(this.clock, mode => this.#checkpoint(mode));
  logged = 0;
  filePages = 0;
  /** Pages that a reader keeps from being brought in. */
  heldBack = 0;
  broken = false;

  /** One transaction of so many pages, and its answer. */
  commit(pages: number): void {
    this.checkpoints.makeRoom();
    this.logged += pages;
    this.filePages = Math.max(this.filePages, this.logged);
    this.checkpoints.wrote(pages);
    this.checkpoints.afterAnswers();
  }

  #checkpoint(mode: CheckpointMode): CheckpointResult {
    if (this.broken) throw new Error("disk full");
    this.modes.push(mode);
    const result = { logged: this.logged, checkpointed: this.logged - Math.min(this.logged, this.heldBack) };
    if (result.checkpointed !== result.logged) return result;
    this.logged = 0;
    if (mode === "TRUNCATE") this.filePages = 0;
    return result;
  }
}

describe("when the write-ahead log is brought in", () => {
  it("is after the answers of some transactions, about every 256 pages", () => {
    const log = new PlayedLog();
    for (let count = 0; count < 51; count++) log.commit(5);
    assert.deepEqual(log.modes, []);
    for (let count = 0; count < 53; count++) log.commit(5);
    assert.deepEqual(log.modes, ["PASSIVE", "PASSIVE"]);
    assert.ok(log.filePages <= 261, `${log.filePages} pages`);
  });

  it("leaves no long file behind a long transaction", () => {
    const log = new PlayedLog();
    log.commit(5_000);
    assert.deepEqual(log.modes, ["PASSIVE", "TRUNCATE"]);
    assert.equal(log.filePages, 0);
  });

  it("is when nothing was written for a while, and then no more until something is", () => {
    const log = new PlayedLog();
    log.commit(5);
    log.clock.advance(minute);
    assert.deepEqual(log.modes, ["TRUNCATE"]);
    assert.deepEqual([log.filePages, log.clock.pending], [0, 0]);
    log.commit(5);
    log.clock.advance(minute);
    assert.deepEqual(log.modes, ["TRUNCATE", "TRUNCATE"]);
  });

  it("is not while something is written all the time", () => {
    const log = new PlayedLog();
    for (let count = 0; count < 40; count++) {
      log.commit(1);
      log.clock.advance(minute / 20);
    }
    assert.deepEqual(log.modes, []);
  });

  it("goes on while a reader holds it back, and refuses to write before the log has no bound", () => {
    const log = new PlayedLog();
    log.heldBack = 1;
    const commits = (): number => {
      for (let count = 0; count < 10_000; count++) {
        try {
          log.commit(10);
        } catch {
          return count;
        }
      }
      return Infinity;
    };
    const refusedAt = commits();
    assert.ok(refusedAt > 800 && refusedAt < 850, `refused at ${refusedAt}`);
    assert.ok(log.modes.length < 40, "it is not tried with each transaction");
    log.heldBack = 0;
    log.commit(10);
    assert.ok(log.logged <= 10);
  });

  it("costs no event when the database file cannot be written, until the log is full", () => {
    const log = new PlayedLog();
    log.broken = true;
    for (let count = 0; count < 100; count++) log.commit(50);
    log.clock.advance(minute);
    assert.throws(() => {
      for (let count = 0; count < 100; count++) log.commit(50);
    }, /disk full/);
    log.broken = false;
    log.commit(50);
    assert.equal(log.filePages, 50, "the long file is gone as well");
  });

  it("leaves no timer behind", () => {
    const log = new PlayedLog();
    log.commit(5);
    log.checkpoints.dispose();
    log.checkpoints.wrote(5);
    assert.equal(log.clock.pending, 0);
  });
});
