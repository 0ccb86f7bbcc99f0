import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { minute } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { ProblemError } from "../../../../src/base/problem.ts";
import { type SecretVault, isProduction } from "../../../../src/core/connections/connection.ts";
import { ConnectionStore } from "../../../../src/core/connections/connectionStore.ts";
import { Claims } from "../../../../src/core/windows/claims.ts";
import { prepareShared } from "../../../../src/core/windows/sharedDatabase.ts";
import { type Exclusive, Turns } from "../../../../src/core/windows/turns.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { timeUntil } from "../../../support/timeUntil.ts";
import { aConnection } from "./aConnection.ts";
import { RecordingLogger } from "./recordingLogger.ts";

const key = "zohoCrm.connections";

/** A vault that takes its time over everything, so that windows come between each other's reading and writing. */
function slowly(vault: MemoryVault, exclusive: Exclusive): SecretVault {
  return {
    get: async name => {
      const text = await vault.get(name);
      await setImmediate();
      return text;
    },
    store: async (name, value) => {
      await setImmediate();
      await vault.store(name, value);
    },
    delete: async name => vault.delete(name),
    onDidChange: vault.onDidChange,
    exclusive,
  };
}

describe("ConnectionStore", () => {
  it("keeps connections over a restart", async () => {
    const vault = new MemoryVault();
    await new ConnectionStore(vault, silentLogger, new FakeClock()).add(aConnection());
    const later = new ConnectionStore(vault, silentLogger, new FakeClock());
    assert.equal(later.isLoaded, false);
    await later.load();
    assert.equal(later.isLoaded, true);
    assert.deepEqual(later.list(), [aConnection()]);
    assert.deepEqual(later.get(aConnection().id), aConnection());
  });

  it("puts a new sign-in in place of the old one with the same id", async () => {
    const store = new ConnectionStore(new MemoryVault(), silentLogger, new FakeClock());
    await store.add(aConnection());
    await store.add(aConnection({ id: "other" }));
    await store.add(aConnection({ refreshToken: "newer" }));
    assert.deepEqual(
      store.list().map(({ id, refreshToken }) => [id, refreshToken]),
      [
        ["other", "refresh-hush"],
        [aConnection().id, "newer"],
      ],
    );
  });

  it("sees what another window does, and says so once", async () => {
    const vault = new MemoryVault();
    const here = new ConnectionStore(vault, silentLogger, new FakeClock());
    const there = new ConnectionStore(vault, silentLogger, new FakeClock());
    let changes = 0;
    const changed = new Promise(resolve => here.onDidChange(() => resolve(changes++)));
    await there.add(aConnection());
    await changed;
    assert.equal(here.list().length, 1);
    await here.load();
    assert.equal(changes, 1);
  });

  it("does not lose what two windows add at the same time one after the other", async () => {
    const vault = new MemoryVault();
    const here = new ConnectionStore(vault, silentLogger, new FakeClock());
    const there = new ConnectionStore(vault, silentLogger, new FakeClock());
    await there.add(aConnection({ id: "there" }));
    await here.add(aConnection({ id: "here" }));
    await here.load();
    assert.deepEqual(
      here.list().map(({ id }) => id),
      ["there", "here"],
    );
  });

  it("does not lose what is added at once in one window", async () => {
    const store = new ConnectionStore(new MemoryVault(), silentLogger, new FakeClock());
    await Promise.all(["a", "b", "c"].map(async id => store.add(aConnection({ id }))));
    assert.equal(store.list().length, 3);
  });

  it("leaves out a damaged entry, says so without its secrets, and leaves it where it is", async () => {
    const vault = new MemoryVault();
    const damaged = { ...aConnection({ id: "damaged", clientSecret: "very-hush" }), refreshToken: 7 };
    vault.entries.set(key, JSON.stringify([damaged, aConnection()]));
    const logger = new RecordingLogger();
    const store = new ConnectionStore(vault, logger, new FakeClock());
    await store.load();
    assert.deepEqual(store.list(), [aConnection()]);
    assert.deepEqual(logger.lines, ["secrets: zohoCrm.connections: 1 of the entries cannot be read and are left out"]);
    await store.remove(aConnection().id);
    assert.match(vault.entries.get(key) ?? "", /"damaged"/);
  });

  it("says that a list that is no list is damaged, keeps it aside and can still be used", async () => {
    for (const text of ["{", "7", '{"a":1}']) {
      const vault = new MemoryVault();
      vault.entries.set(key, text);
      const store = new ConnectionStore(vault, silentLogger, new FakeClock());
      await assert.rejects(
        store.load(),
        error => error instanceof ProblemError && error.problem.code === "SECRET_DAMAGED",
      );
      await store.remove("nobody");
      assert.deepEqual([...vault.entries], [[key, text]]);
      await store.add(aConnection());
      assert.equal(store.list().length, 1);
      const aside = [...vault.entries].filter(([name]) => name.startsWith(`${key}.damaged-`));
      assert.deepEqual(
        aside.map(([, kept]) => kept),
        [text],
      );
    }
  });

  it("stays as it was when another window leaves a list that is damaged", async () => {
    const vault = new MemoryVault();
    const logger = new RecordingLogger();
    const store = new ConnectionStore(vault, logger, new FakeClock());
    await store.add(aConnection());
    await vault.store(key, "{");
    await assert.rejects(store.load());
    assert.deepEqual(store.list(), [aConnection()]);
    assert.match(logger.lines.join("\n"), /SECRET_DAMAGED/);
  });

  it("keeps what two windows add at the very same time", async () => {
    const clock = new FakeClock();
    const database = new DatabaseSync(":memory:");
    prepareShared(database);
    const inner = new MemoryVault();
    const aWindow = (): ConnectionStore => {
      const turns = new Turns({ claims: new Claims(database, clock), clock, logger: silentLogger });
      return new ConnectionStore(slowly(inner, turns.run), silentLogger, new FakeClock());
    };
    const [here, there] = [aWindow(), aWindow()];
    await timeUntil(
      clock,
      Promise.all([here.add(aConnection({ id: "here" })), there.add(aConnection({ id: "there" }))]),
    );
    await here.load();
    assert.deepEqual(
      here
        .list()
        .map(({ id }) => id)
        .toSorted(),
      ["here", "there"],
    );
  });

  it("keeps what another window added while this one slept between its reading and its writing", async () => {
    const clock = new FakeClock();
    const database = new DatabaseSync(":memory:");
    prepareShared(database);
    const inner = new MemoryVault();
    const aWindow = (vault: SecretVault): ConnectionStore => {
      const { run: exclusive } = new Turns({ claims: new Claims(database, clock), clock, logger: silentLogger });
      return new ConnectionStore({ ...vault, exclusive }, silentLogger, new FakeClock());
    };
    const plain = slowly(inner, async (_name, work) => work(() => true));
    const asleep = Promise.withResolvers<undefined>();
    const get = async (name: string): Promise<string | undefined> => {
      const text = await inner.get(name);
      await asleep.promise;
      return text;
    };
    const here = aWindow({ ...plain, get }).add(aConnection({ id: "here" }));
    await setImmediate();
    clock.jump(minute);
    await aWindow(plain).add(aConnection({ id: "there" }));
    asleep.resolve(undefined);
    await timeUntil(clock, here);
    const after = new ConnectionStore(plain, silentLogger, new FakeClock());
    await after.load();
    assert.deepEqual(
      after.list().map(({ id }) => id),
      ["there", "here"],
    );
  });

  it("says what to do when the vault is locked, and works again once it is open", async () => {
    const vault = new MemoryVault();
    let locked = true;
    const store = new ConnectionStore(
      {
        get: async name => (locked ? Promise.reject(new Error("locked")) : vault.get(name)),
        store: async (name, value) => vault.store(name, value),
        delete: async name => vault.delete(name),
        onDidChange: vault.onDidChange,
      },
      silentLogger,
      new FakeClock(),
    );
    await assert.rejects(store.load(), error => {
      assert.ok(error instanceof ProblemError);
      assert.equal(error.problem.code, "VAULT_UNAVAILABLE");
      return true;
    });
    await assert.rejects(store.add(aConnection()));
    assert.deepEqual([store.isLoaded, vault.entries.size], [false, 0], "what cannot be read is not written over");
    locked = false;
    await store.add(aConnection());
    assert.equal(store.isLoaded, true);
    assert.equal(store.list().length, 1);
  });

  it("knows that it is behind where it could not read what another window wrote, and reads that later", async () => {
    const vault = new MemoryVault();
    const clock = new FakeClock();
    let isLocked = false;
    const get: SecretVault["get"] = async name =>
      isLocked ? Promise.reject(new Error("locked")) : await vault.get(name);
    const store: SecretVault["store"] = async (name, value) => vault.store(name, value);
    const remove: SecretVault["delete"] = async name => vault.delete(name);
    const here = new ConnectionStore(
      { get, store, delete: remove, onDidChange: vault.onDidChange },
      silentLogger,
      clock,
    );
    await here.load();
    isLocked = true;
    await new ConnectionStore(vault, silentLogger, clock).add(aConnection());
    await setImmediate();
    assert.deepEqual([here.isLoaded, here.list().length], [false, 0]);
    isLocked = false;
    clock.advance(minute);
    await setImmediate();
    assert.deepEqual([here.isLoaded, here.list().length, clock.pending], [true, 1, 0]);
    isLocked = true;
    await assert.rejects(here.load());
    const late = here.load();
    here.dispose();
    assert.equal(clock.pending, 0);
    await assert.rejects(late);
    assert.equal(clock.pending, 0, "what fails after that is not tried again");
  });

  it("hears nothing more after it is disposed", async () => {
    const vault = new MemoryVault();
    const store = new ConnectionStore(vault, silentLogger, new FakeClock());
    store.dispose();
    await new ConnectionStore(vault, silentLogger, new FakeClock()).add(aConnection());
    assert.deepEqual(store.list(), []);
  });
});

describe("isProduction", () => {
  it("is true for every organisation of Zoho's that is not said to be for trying", () => {
    const typed = (type: string): boolean => isProduction(aConnection({ organization: { id: "1", name: "", type } }));
    assert.deepEqual(["Production", "Anything", "Sandbox", "Developer"].map(typed), [true, true, false, false]);
    assert.equal(isProduction(aConnection({ kind: "sandbox" })), false);
  });
});
