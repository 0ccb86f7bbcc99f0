import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import * as v from "valibot";
import { minute, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { SteadyList } from "../../../../src/core/connections/steadyList.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { TroubledVault } from "../../../support/troubledVault.ts";

const key = "list";
const adding = (item: string) => (items: readonly string[]) => (items.includes(item) ? items : [...items, item]);

async function aList(vault = new TroubledVault(), clock = new FakeClock()) {
  const list = new SteadyList({ vault, key, schema: v.string(), logger: silentLogger, clock });
  await list.load();
  let changes = 0;
  list.onDidChange(() => changes++);
  const revise = async (item: string) => list.revise([{ change: adding(item) }]);
  return { vault, clock, list, revise, changes: () => changes };
}

describe("a list whose vault is in trouble", () => {
  it("has at once what was revised, keeps what another window wrote meanwhile, and writes all of it later", async () => {
    const { vault, clock, list, revise } = await aList();
    vault.fail();
    await revise("a");
    assert.deepEqual([list.entries, list.kept], [["a"], []]);
    vault.recover();
    await vault.store(key, JSON.stringify(["theirs"]));
    clock.advance(minute);
    await setImmediate();
    assert.deepEqual(
      [list.entries, list.kept],
      [
        ["theirs", "a"],
        ["theirs", "a"],
      ],
    );
    assert.equal(clock.pending, 0);
  });

  it("waits once for a vault that hangs, and not again until it answers", async () => {
    const { vault, clock, list, revise } = await aList();
    vault.hang();
    const first = revise("a");
    clock.advance(10 * second);
    await first;
    await revise("b");
    vault.recover();
    await list.load();
    await setImmediate();
    assert.deepEqual(list.kept, ["a", "b"]);
    assert.equal(vault.stored.get(key), 1);
  });

  it("keeps the newest alone of what has one name", async () => {
    const { vault, clock, list } = await aList();
    vault.hang();
    let calls = 0;
    const named = async (item: string) => {
      const change = (items: readonly string[]) => {
        calls++;
        return adding(item)(items);
      };
      return list.revise([{ change, name: "reading" }]);
    };
    const all = ["a", "b", "c"].map(named);
    clock.advance(minute);
    await Promise.all(all);
    calls = 0;
    vault.recover();
    await list.load();
    assert.deepEqual([list.kept, calls > 0 && calls < 3], [["c"], true]);
  });

  it("does nothing of what somebody waits for before the vault has it, nor after nobody waits any more", async () => {
    const { vault, clock, list } = await aList();
    vault.hang();
    const written = list.write(adding("a"));
    assert.deepEqual(list.entries, []);
    const rejected = assert.rejects(written);
    clock.advance(10 * second);
    await rejected;
    vault.recover();
    await list.load();
    assert.deepEqual([list.entries, vault.stored.get(key)], [[], undefined]);
    await list.write(adding("b"));
    assert.deepEqual([list.entries, list.kept], [["b"], ["b"]]);
  });

  it("notes what is revised before the vault was ever read", async () => {
    const vault = new TroubledVault();
    await vault.store(key, JSON.stringify(["a", "b"]));
    const clock = new FakeClock();
    const list = new SteadyList({ vault, key, schema: v.string(), logger: silentLogger, clock });
    vault.hang();
    const revised = list.revise([{ change: items => items.filter(item => item !== "a") }]);
    clock.advance(10 * second);
    await revised;
    vault.recover();
    await list.load();
    await setImmediate();
    assert.deepEqual([list.entries, list.kept], [["b"], ["b"]]);
  });

  it("is read again after a reading that failed, whatever is revised and written meanwhile", async () => {
    const vault = new TroubledVault();
    await vault.store(key, JSON.stringify(["a"]));
    const clock = new FakeClock();
    const list = new SteadyList({ vault, key, schema: v.string(), logger: silentLogger, clock });
    vault.fail();
    await assert.rejects(list.load());
    await assert.rejects(list.write(adding("b")));
    assert.equal(list.isLoaded, false);
    vault.recover();
    clock.advance(minute);
    await setImmediate();
    assert.deepEqual([list.isLoaded, list.entries, clock.pending], [true, ["a"], 0]);
  });

  it("takes over what it finds where there is nothing to write, as after a change that it could not read", async () => {
    const { vault, list } = await aList();
    vault.fail();
    vault.entries.set(key, JSON.stringify(["theirs"]));
    await assert.rejects(list.load());
    vault.recover();
    assert.deepEqual([list.isLoaded, list.entries], [false, []]);
    await list.revise([{ change: adding("theirs") }]);
    assert.deepEqual([list.isLoaded, list.entries, list.kept], [true, ["theirs"], ["theirs"]]);
    assert.equal(vault.stored.get(key), undefined);
  });

  it("does not count as read where another window wrote while it was being read", async () => {
    const { vault, list } = await aList();
    const get = vault.get.bind(vault);
    vault.get = async name => {
      const before = await get(name);
      vault.get = async () => Promise.reject(new Error("locked"));
      await vault.store(key, JSON.stringify(["theirs"]));
      return before;
    };
    await list.load();
    assert.deepEqual([list.isLoaded, list.entries], [false, []]);
    vault.get = get;
    await list.load();
    assert.deepEqual([list.isLoaded, list.entries], [true, ["theirs"]]);
  });
});

describe("a list whose vault works", () => {
  it("writes nothing where nothing changes, and says so once where something does", async () => {
    const { vault, list, revise, changes } = await aList();
    await revise("a");
    await revise("a");
    assert.deepEqual([list.kept, vault.stored.get(key), changes()], [["a"], 1, 1]);
  });
});
