import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A new empty folder that goes with the test. */
export function temporaryFolder(test: Pick<TestContext, "after">): string {
  const folder = mkdtempSync(join(tmpdir(), "zcn-test-"));
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
