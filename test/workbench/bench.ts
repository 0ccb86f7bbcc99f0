/** `npm run bench [-- NAME…]`: runs test/bench/<NAME>.bench.ts, or all of them. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { basename } from "node:path";
import { repositoryRoot } from "./repository.ts";

const files = globSync("test/bench/**/*.bench.ts", { cwd: repositoryRoot }).sort();
const benches = new Map(files.map(file => [basename(file, ".bench.ts"), file]));
const names = process.argv.slice(2);
const missing = names.filter(name => !benches.has(name));

if (missing.length > 0) {
  console.error(
    `There is no benchmark ${missing.join(", ")}. There is: ${[...benches.keys()].join(", ") || "none yet"}.`,
  );
  process.exitCode = 1;
} else if (benches.size === 0) {
  console.log("There are no benchmarks yet (test/bench/*.bench.ts).");
} else {
  for (const name of names.length > 0 ? names : benches.keys()) run(benches.get(name) ?? "");
}

function run(file: string): void {
  const { status } = spawnSync(process.execPath, [file], { cwd: repositoryRoot, stdio: "inherit" });
  if (status !== 0) process.exitCode = status ?? 1;
}
