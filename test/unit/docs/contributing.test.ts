import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Document, codeIn } from "../../support/document.ts";
import { repositoryRoot } from "../../workbench/repository.ts";

const rows = Document.read("docs/contributing.md").section("Documents").rows();

describe("docs/contributing.md, on who follows which document", () => {
  it("has every document, and no other", () => {
    const documents = globSync(["README.md", "docs/**/*.md"], { cwd: repositoryRoot }).map(path =>
      path.replaceAll("\\", "/"),
    );
    assert.deepEqual(
      rows.flatMap(([document]) => codeIn(document)),
      documents.sort(),
    );
  });

  it("names tests that there are", () => {
    const named = rows.flatMap(([, tests]) => codeIn(tests)).filter(name => /^(unit|integration|editor)\//.test(name));
    assert.ok(named.length > 25);
    const missing = named.filter(
      name => globSync([`${name}.test.ts`, `${name}/**/*.test.ts`], { cwd: join(repositoryRoot, "test") }).length === 0,
    );
    assert.deepEqual(missing, []);
  });
});
