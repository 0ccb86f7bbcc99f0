import assert from "node:assert/strict";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { shreddableVault } from "../../../../src/core/connections/shreddableVault.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("a vault that can be shredded", () => {
  it("gives back what was kept, to every window, and keeps nothing that can be read", async test => {
    const file = join(temporaryFolder(test), "deep", "vault.key");
    const inner = new MemoryVault();
    const [one, other] = [shreddableVault(inner, file), shreddableVault(inner, file)];
    await one.store("a", "secret-ü-token");
    assert.equal(await other.get("a"), "secret-ü-token");
    assert.equal(await other.get("b"), undefined);
    const kept = (await inner.get("a")) ?? "";
    assert.ok(!Buffer.from(kept, "base64").includes("token") && !kept.includes("token"));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await other.delete("a");
    assert.equal(await one.get("a"), undefined);
  });

  it("has nothing any more once its key is gone, and begins anew", async test => {
    const file = join(temporaryFolder(test), "vault.key");
    const vault = shreddableVault(new MemoryVault(), file);
    await vault.store("a", "former");
    rmSync(file);
    assert.equal(await vault.get("a"), undefined);
    await vault.store("b", "new");
    assert.equal(await vault.get("a"), undefined, "another key does not open it");
    assert.equal(await vault.get("b"), "new");
  });

  it("takes no secret for another, and no nonsense for a secret", async test => {
    const inner = new MemoryVault();
    const vault = shreddableVault(inner, join(temporaryFolder(test), "vault.key"));
    await vault.store("a", "secret");
    await inner.store("b", (await inner.get("a")) ?? "");
    assert.equal(await vault.get("b"), undefined);
    for (const nonsense of ["", "short", "A".repeat(80)]) {
      await inner.store("c", nonsense);
      assert.equal(await vault.get("c"), undefined);
    }
  });

  it("tells of changes that other windows make", async test => {
    const vault = shreddableVault(new MemoryVault(), join(temporaryFolder(test), "vault.key"));
    const changed: string[] = [];
    vault.onDidChange(key => changed.push(key));
    await vault.store("a", "secret");
    assert.deepEqual(changed, ["a"]);
  });
});
