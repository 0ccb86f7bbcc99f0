import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "../../../../src/base/logger.ts";
import { ProblemError } from "../../../../src/base/problem.ts";
import { isSecretDamaged } from "../../../../src/core/connections/vaultProblems.ts";
import { TwofoldNames } from "../../../../src/core/tunnel/twofoldNames.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";

const keys = ["names", "names.again"] as const;

function open(vault: MemoryVault): TwofoldNames {
  return new TwofoldNames({ vault, keys, logger: silentLogger });
}

describe("names that are kept twice", () => {
  it("are those of either list where the other one is damaged, which has them again then", async () => {
    for (const damaged of keys) {
      const vault = new MemoryVault();
      for (const name of ["a", "b"]) await open(vault).add(name);
      vault.entries.set(damaged, "damaged");
      assert.deepEqual(await open(vault).read(), ["a", "b"]);
      assert.equal(vault.entries.get(damaged), '["a","b"]');
    }
  });

  it("are not none where the only list that a version before has kept is damaged", async () => {
    const vault = new MemoryVault();
    vault.entries.set("names", "damaged");
    for (const names of [open(vault), open(vault)]) await assert.rejects(names.read(), isSecretDamaged);
    const names = open(vault);
    vault.entries.set("names", '["a"]');
    assert.deepEqual(await names.read(), ["a"]);
  });

  it("are kept twice as soon as they are read where a version before has kept them once", async () => {
    const vault = new MemoryVault();
    vault.entries.set("names", '["a"]');
    assert.deepEqual(await open(vault).read(), ["a"]);
    assert.equal(vault.entries.get("names.again"), '["a"]');
    vault.entries.set("names", "damaged");
    assert.deepEqual(await open(vault).read(), ["a"]);
  });

  it("are none where nothing was ever kept, and nothing is written for that", async () => {
    const vault = new MemoryVault();
    assert.deepEqual(await open(vault).read(), []);
    assert.equal(vault.entries.size, 0);
  });

  it("are read also where they cannot be written again", async () => {
    const vault = new MemoryVault();
    vault.entries.set("names", '["a"]');
    vault.store = async () => Promise.reject(new Error("locked"));
    assert.deepEqual(await open(vault).read(), ["a"]);
    vault.get = async () => Promise.reject(new Error("locked"));
    await assert.rejects(open(vault).read(), error => error instanceof ProblemError && !isSecretDamaged(error));
  });
});
