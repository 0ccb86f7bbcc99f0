import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { Document } from "../../support/document.ts";
import { npmCommand, npmEnvironment } from "../../workbench/npmCommand.js";
import { repositoryRoot } from "../../workbench/repository.ts";

const run = promisify(execFile);

/** The lines with `npm … -- --help` in the documents: those that end by themselves, and change nothing. */
const lines = ["README.md", "docs/contributing.md", "docs/operate-a-relay.md"].flatMap(path =>
  [...Document.read(path).text.matchAll(/`(npm [^`]*-- --help)`/g)].map(([, line = ""]) => line),
);

describe("the commands for help that the documents name", () => {
  it("are those of the relay, the sandbox, the start and the tests", () => {
    assert.deepEqual(
      new Set(lines),
      new Set(["npm run relay -- --help", "npm run sandbox -- --help", "npm start -- --help", "npm test -- --help"]),
    );
  });

  for (const line of new Set(lines)) {
    it(`${line} says what there is`, async () => {
      const [npm, ...before] = npmCommand();
      const args = [...before, ...line.split(" ").slice(1)];
      const { stdout } = await run(npm, args, { cwd: repositoryRoot, env: npmEnvironment() });
      assert.match(stdout, /--\w+/);
    });
  }
});
