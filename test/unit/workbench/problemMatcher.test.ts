import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as esbuild from "esbuild";
import * as v from "valibot";
import { repositoryRoot } from "../../workbench/repository.ts";

const tasksSchema = v.object({
  tasks: v.array(
    v.object({
      label: v.string(),
      problemMatcher: v.unknown(),
    }),
  ),
});
const matcherSchema = v.object({ pattern: v.array(v.object({ regexp: v.string() })) });

function watchPatterns(): RegExp[] {
  const { tasks } = v.parse(tasksSchema, JSON.parse(readFileSync(join(repositoryRoot, ".vscode/tasks.json"), "utf8")));
  const watch = tasks.find(({ label }) => label === "watch");
  return v.parse(matcherSchema, watch?.problemMatcher).pattern.map(({ regexp }) => new RegExp(regexp));
}

describe("the problem matcher of the watch task", () => {
  it("finds message, file, line and column in what esbuild prints", async () => {
    const errors = [
      { text: "Could not resolve", location: { file: "src/a.ts", line: 2, column: 7, lineText: "import" } },
    ];
    const [printed = ""] = await esbuild.formatMessages(errors, { kind: "error", terminalWidth: 100 });
    const lines = printed.split("\n");
    const matches = watchPatterns().map((pattern, index) => pattern.exec(lines[index] ?? "")?.slice(1));
    assert.deepEqual(matches, [["ERROR", "Could not resolve"], [], ["src/a.ts", "2", "7"]]);
  });
});
