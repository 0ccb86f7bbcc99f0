import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { openPrivateDatabase } from "../../../../src/core/windows/privateDatabase.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("openPrivateDatabase", () => {
  it("leaves nothing open of a database that cannot be made ready", test => {
    const met: DatabaseSync[] = [];
    const kind = {
      prepare: (database: DatabaseSync) => {
        met.push(database);
        throw new Error("The disk is full");
      },
      asideName: () => undefined,
    };
    const file = join(temporaryFolder(test), "some.sqlite");
    assert.throws(() => openPrivateDatabase(file, kind, 10), { message: "The disk is full" });
    assert.deepEqual(
      met.map(({ isOpen }) => isOpen),
      [false],
    );
  });

  it("finishes moving a damaged database aside that another process had begun to move, so that it keeps its log", test => {
    const file = join(temporaryFolder(test), "some.sqlite");
    const to = `${file}.damaged`;
    // That process ended after the first of three.
    writeFileSync(`${file}.moving`, to);
    writeFileSync(to, "the database");
    writeFileSync(`${file}-wal`, "its log");
    const kind = {
      prepare: (database: DatabaseSync) => database.exec("CREATE TABLE made (x)"),
      asideName: () => undefined,
    };
    openPrivateDatabase(file, kind, 10).database.close();
    assert.deepEqual([readFileSync(to, "utf8"), readFileSync(`${to}-wal`, "utf8")], ["the database", "its log"]);
    assert.equal(existsSync(`${file}.moving`), false);
    openPrivateDatabase(file, { ...kind, prepare: () => undefined }, 10).database.close();
    assert.equal(readFileSync(to, "utf8"), "the database");
  });

  it("leaves nothing open of a database that it moves aside: whoever wants to read it can", test => {
    let isUnknown = true;
    const file = join(temporaryFolder(test), "some.sqlite");
    const aside = `${file}.aside`;
    const prepare = (database: DatabaseSync): void => {
      database.exec("CREATE TABLE IF NOT EXISTS t (n)");
      if (isUnknown) {
        isUnknown = false;
        throw new Error("A later version made it");
      }
    };
    openPrivateDatabase(file, { prepare, asideName: () => aside }, 10).database.close();
    const reader = new DatabaseSync(aside);
    reader.exec("BEGIN EXCLUSIVE; ROLLBACK");
    reader.close();
  });

  it("moves nothing aside that another program has open", test => {
    const file = join(temporaryFolder(test), "some.sqlite");
    const other = new DatabaseSync(file);
    other.exec("CREATE TABLE t (n); BEGIN EXCLUSIVE");
    const prepare = (): void => {
      throw new Error("A later version made it");
    };
    assert.throws(() => openPrivateDatabase(file, { prepare, asideName: () => `${file}.aside` }, 10), { errcode: 5 });
    assert.deepEqual([existsSync(file), existsSync(`${file}.aside`)], [true, false]);
    other.close();
  });
});
