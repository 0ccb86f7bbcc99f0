import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Document, codeIn } from "../../support/document.ts";
import { repositoryRoot } from "../../workbench/repository.ts";

const rows = Document.read("docs/privacy.md").section("Erase it").rows();

describe("docs/privacy.md, on what is erased", () => {
  it("names for each row a test that there is", () => {
    assert.ok(rows.length >= 8);
    for (const row of rows) {
      const named = codeIn(row[2]);
      assert.ok(named.length > 0, row[0]);
      for (const name of named) {
        assert.equal(
          globSync([`${name}.test.ts`, `${name}/*.test.ts`], { cwd: join(repositoryRoot, "test") }).length,
          1,
        );
      }
    }
  });
});
