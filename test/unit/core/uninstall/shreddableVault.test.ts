import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { ProblemError } from "../../../../src/base/problem.ts";
import type { SecretVault } from "../../../../src/core/connections/connection.ts";
import { encipher } from "../../../../src/core/connections/sealedSecret.ts";
import { shreddableVault } from "../../../../src/core/connections/shreddableVault.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

function newKeyFile(test: TestContext): string {
  return join(temporaryFolder(test), "vault.key");
}

/** The only name under which `name` is kept, with the fingerprint of the key. */
function storedName(inner: MemoryVault, name: string): string {
  const [stored, ...others] = [...inner.entries.keys()].filter(key => key.startsWith(`${name}@`));
  assert.ok(stored !== undefined && others.length === 0);
  return stored;
}

async function rejectsWith(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, error => error instanceof ProblemError && error.problem.code === code);
}

describe("a vault that can be shredded", () => {
  it("gives back what was kept, to every window, and keeps nothing that can be read", async test => {
    const file = join(temporaryFolder(test), "deep", "vault.key");
    const inner = new MemoryVault();
    const [one, other] = [shreddableVault(inner, file), shreddableVault(inner, file)];
    await one.store("a", "secret-ü-token");
    assert.equal(await other.get("a"), "secret-ü-token");
    assert.equal(await other.get("b"), undefined);
    const kept = [...inner.entries.values()].join("");
    assert.notEqual(kept, "");
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

  it("takes no secret for another, and nonsense for damage", async test => {
    const inner = new MemoryVault();
    const vault = shreddableVault(inner, newKeyFile(test));
    await vault.store("a", "secret");
    const stored = storedName(inner, "a");
    const sealed = inner.entries.get(stored) ?? "";
    for (const nonsense of [sealed, "", "short", "A".repeat(80)]) {
      inner.entries.set(stored.replace("a@", "b@"), nonsense);
      await rejectsWith("SECRET_DAMAGED", vault.get("b"));
    }
  });

  it("keeps a damaged secret aside when another takes its place", async test => {
    const inner = new MemoryVault();
    const vault = shreddableVault(inner, newKeyFile(test));
    await vault.store("a", "secret");
    const stored = storedName(inner, "a");
    inner.entries.set(stored, "no longer what it was");
    await vault.store("a", "another");
    assert.equal(await vault.get("a"), "another");
    const aside = [...inner.entries].filter(([name]) => name.startsWith("a.damaged-"));
    assert.deepEqual(
      aside.map(([, text]) => text),
      ["no longer what it was"],
    );
  });

  it("tells of changes that other windows make", async test => {
    const vault = shreddableVault(new MemoryVault(), join(temporaryFolder(test), "vault.key"));
    const changed: string[] = [];
    vault.onDidChange(key => changed.push(key));
    await vault.store("a", "secret");
    assert.deepEqual(changed, ["a"]);
  });
});

describe("places that share the editor's secret storage but no key", () => {
  it("have each their own secrets, and hear of their own changes only", async test => {
    const inner = new MemoryVault();
    const here = shreddableVault(inner, newKeyFile(test));
    const there = shreddableVault(inner, newKeyFile(test));
    await here.store("a", "of this machine");
    await there.store("z", "makes the other key");
    const heard: string[] = [];
    here.onDidChange(name => heard.push(name));
    assert.equal(await there.get("a"), undefined);
    await there.store("a", "of the container");
    await there.delete("a");
    assert.equal(await here.get("a"), "of this machine");
    assert.deepEqual(heard, []);
  });

  it("take over what the version before kept under the bare name with their key, and nothing else", async test => {
    const inner = new MemoryVault();
    const [file, otherFile] = [newKeyFile(test), newKeyFile(test)];
    const [here, there] = [shreddableVault(inner, file), shreddableVault(inner, otherFile)];
    await here.store("z", "makes the key");
    await there.store("z", "makes the other key");
    const former = encipher("of the version before", readFileSync(file), "a");
    inner.entries.set("a", former);
    assert.equal(await there.get("a"), undefined);
    await there.store("a", "own");
    await there.delete("a");
    assert.equal(inner.entries.get("a"), former, "it is not the other place's to remove");
    assert.equal(await here.get("a"), "of the version before");
    assert.equal(inner.entries.has("a"), false);
    assert.equal(await here.get("a"), "of the version before");
  });

  it("do not take over what another window has taken over and changed meanwhile", async test => {
    const inner = new MemoryVault();
    const file = newKeyFile(test);
    const vault = shreddableVault(inner, file);
    await vault.store("z", "makes the key");
    inner.entries.set("a", encipher("old", readFileSync(file), "a"));
    const overtaken: SecretVault = {
      get: async name => {
        const text = await inner.get(name);
        if (name === "a" && text !== undefined) await vault.store("a", "new");
        return text;
      },
      store: async (name, value) => inner.store(name, value),
      delete: async name => inner.delete(name),
      onDidChange: inner.onDidChange,
    };
    assert.equal(await shreddableVault(overtaken, file).get("a"), "new");
    assert.equal(await vault.get("a"), "new");
  });

  it("forget with a secret what the version before kept of it", async test => {
    const inner = new MemoryVault();
    const file = newKeyFile(test);
    const vault = shreddableVault(inner, file);
    await vault.store("a", "new");
    inner.entries.set("a", encipher("old", readFileSync(file), "a"));
    await vault.delete("a");
    assert.deepEqual([...inner.entries.keys()], []);
  });
});

describe("the key file of the vault", () => {
  it("that cannot be read now stops reading and writing, and nothing is made in its place", async test => {
    const inner = new MemoryVault();
    const file = newKeyFile(test);
    // A folder fails to be read as a file that nobody may read does, whoever runs this.
    mkdirSync(file);
    const vault = shreddableVault(inner, file);
    await rejectsWith("VAULT_UNAVAILABLE", vault.get("a"));
    await rejectsWith("VAULT_UNAVAILABLE", vault.store("a", "secret"));
    await rejectsWith("VAULT_UNAVAILABLE", vault.delete("a"));
    assert.equal(inner.entries.size, 0);
  });

  it("that is damaged is reported and left as it is", async test => {
    const inner = new MemoryVault();
    const file = newKeyFile(test);
    const vault = shreddableVault(inner, file);
    await vault.store("a", "secret");
    const kept = new Map(inner.entries);
    writeFileSync(file, readFileSync(file).subarray(0, 31));
    await rejectsWith("VAULT_KEY_DAMAGED", vault.get("a"));
    await rejectsWith("VAULT_KEY_DAMAGED", vault.store("a", "another"));
    assert.equal(statSync(file).size, 31);
    assert.deepEqual(inner.entries, kept);
  });

  it("that a full disk left empty is made again, as nothing can have been enciphered with it", async test => {
    const file = newKeyFile(test);
    writeFileSync(file, "");
    const vault = shreddableVault(new MemoryVault(), file);
    assert.equal(await vault.get("a"), undefined);
    await vault.store("a", "secret");
    assert.equal(await vault.get("a"), "secret");
  });

  it("is made whole, whatever a process that died has left behind", async test => {
    const file = newKeyFile(test);
    writeFileSync(`${file}.new`, "half");
    await shreddableVault(new MemoryVault(), file).store("a", "secret");
    assert.equal(statSync(file).size, 32);
    assert.ok(!readdirSync(join(file, "..")).includes("vault.key.new"));
  });
});
