import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Clock, day, hour, minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { SecretVault } from "../../../../src/core/connections/connection.ts";
import { SinceNotes } from "../../../../src/core/tunnel/sinceNotes.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";

function openNotes(vault: SecretVault, clock: Clock): SinceNotes {
  return new SinceNotes({ vault, key: "test", longestGap: 6 * hour, clock, logger: silentLogger });
}

describe("notes of since when something is so", () => {
  it("count from the first time on, in whichever window, until it is so no more", async () => {
    const [vault, clock] = [new MemoryVault(), new FakeClock()];
    const open = (): SinceNotes => openNotes(vault, clock);
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
    const notes = openNotes(vault, clock);
    clock.jump(30 * day);
    await notes.note("a");
    clock.setBack(30 * day);
    assert.equal(notes.duration("a"), 0);
    await notes.note("a");
    clock.jump(hour);
    await notes.note("a");
    assert.equal(notes.duration("a"), hour);
  });

  it("count no time in which nobody has said so, such as that by which a clock was behind", async () => {
    const [vault, clock] = [new MemoryVault(), new FakeClock()];
    const notes = openNotes(vault, clock);
    await notes.note("a");
    clock.jump(30 * day);
    assert.equal(notes.duration("a"), 0);
    await notes.note("a");
    assert.equal(notes.duration("a"), 6 * hour);
    clock.setBack(day);
    await notes.note("a");
    clock.jump(hour);
    await notes.note("a");
    assert.equal(notes.duration("a"), 7 * hour);
  });

  it("go on from one that a version before has made", async () => {
    const [vault, clock] = [new MemoryVault(), new FakeClock()];
    await vault.store("test", JSON.stringify([{ channel: "a", since: clock.now() - 9 * day }]));
    const notes = openNotes(vault, clock);
    await notes.load();
    assert.equal(notes.duration("a"), 0);
    await notes.note("a");
    assert.equal(notes.duration("a"), 6 * hour);
  });

  it("are not written again within a minute, however often that is said", async () => {
    const [vault, clock] = [new MemoryVault(), new FakeClock()];
    const notes = openNotes(vault, clock);
    let writes = 0;
    vault.onDidChange(() => (writes += 1));
    for (let times = 0; times < 61; times++) {
      await notes.note("a");
      clock.jump(second);
    }
    assert.equal(writes, 2);
    assert.equal(notes.duration("a"), minute);
  });
});
