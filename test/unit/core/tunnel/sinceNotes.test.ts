import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { SinceNotes } from "../../../../src/core/tunnel/sinceNotes.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";

describe("notes of since when something is so", () => {
  it("count from the first time on, in whichever window, until it is so no more", async () => {
    const [vault, clock] = [new MemoryVault(), new FakeClock()];
    const open = (): SinceNotes => new SinceNotes({ vault, key: "test", clock, logger: silentLogger });
    const [here, there] = [open(), open()];
    assert.equal(here.duration("a"), 0);
    await here.note("a");
    clock.jump(hour);
    await there.note("a");
    assert.deepEqual([here.duration("a"), there.duration("a"), there.duration("b")], [hour, hour, 0]);
    const later = open();
    await later.load();
    assert.equal(later.duration("a"), hour);
    await here.clear("a");
    assert.equal(here.duration("a"), 0);
  });

  it("begin again where a clock that ran ahead was set right", async () => {
    const [vault, clock] = [new MemoryVault(), new FakeClock()];
    const notes = new SinceNotes({ vault, key: "test", clock, logger: silentLogger });
    clock.jump(30 * day);
    await notes.note("a");
    clock.setBack(30 * day);
    assert.equal(notes.duration("a"), 0);
    await notes.note("a");
    clock.jump(hour);
    assert.equal(notes.duration("a"), hour);
  });
});
