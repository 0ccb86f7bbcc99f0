import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { second } from "../../../../src/base/clock.ts";
import { closingVault } from "../../../../src/core/connections/closingVault.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";

describe("the vault of a window that closes", () => {
  it("is what it was until then, and for a moment more", async () => {
    const clock = new FakeClock();
    const kept = new MemoryVault();
    const seen: string[] = [];
    const vault = closingVault(kept, clock);
    vault.onDidChange(key => seen.push(key));
    await vault.store("a", "1");
    vault.close();
    clock.advance(second - 1);
    await vault.store("b", "2");
    assert.deepEqual([await vault.get("a"), await vault.get("b"), seen], ["1", "2", ["a", "b"]]);
    await vault.delete("a");
    assert.deepEqual([...kept.entries.keys()], ["b"]);
    vault.dispose();
  });

  it("keeps nobody waiting from then on: neither who asks nor who had asked, nor who waits for another window", async () => {
    const clock = new FakeClock();
    const silent = async (): Promise<never> => new Promise(() => undefined);
    const gone = Object.assign(new MemoryVault(), { get: silent, store: silent, delete: silent, exclusive: silent });
    const vault = closingVault(gone, clock);
    const asked = [
      vault.get("a"),
      vault.store("a", "1"),
      vault.delete("a"),
      (vault.exclusive ?? assert.fail())("a", async () => Promise.resolve()),
    ];
    const outcomes = Promise.allSettled(asked);
    vault.close();
    clock.advance(second);
    const statuses = (await outcomes).map(({ status }) => status);
    assert.deepEqual(statuses, ["rejected", "rejected", "rejected", "rejected"]);
    await assert.rejects(vault.get("a"), { name: "ProblemError" });
    assert.equal(clock.pending, 0);
  });

  it("leaves no timer behind where the window is gone first", () => {
    const clock = new FakeClock();
    const vault = closingVault(new MemoryVault(), clock);
    vault.close();
    vault.dispose();
    assert.equal(clock.pending, 0);
    assert.equal(vault.exclusive, undefined);
  });
});
