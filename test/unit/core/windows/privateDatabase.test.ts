import assert from "node:assert/strict";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
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
});
