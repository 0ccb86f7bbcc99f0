import { spawn } from "node:child_process";
import type { Say } from "./progress.ts";
import { repositoryRoot } from "./repository.ts";
import type { StaticCheck } from "./rings.ts";
import { type Tally, countFailure, countOne, emptyTally } from "./tally.ts";

const limitMs = 5 * 60_000;

/** Runs a check that counts as one test; says what its programs printed when one of them is not content. */
export async function runStaticCheck(check: StaticCheck, say: Say): Promise<Tally> {
  for (const program of check.programs) {
    const { code, output } = await capture(program);
    if (code !== 0) {
      const failure = `${check.name}\n${output.trimEnd()}`;
      say(`✖ ${failure}`);
      return countFailure(emptyTally, failure);
    }
  }
  return countOne(emptyTally, "passed");
}

async function capture(args: readonly string[]): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: repositoryRoot,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      windowsHide: true,
    });
    let output = "";
    const keep = (chunk: Buffer): void => void (output += chunk.toString("utf8"));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", reject);
    child.once("close", code => resolve({ code: code ?? undefined, output }));
  });
}
