/**
 * Runs a program and ends it, with everything it started, when whoever holds the other end of stdin goes away, however
 * they went. Started by processTree.ts as the leader of a process group of its own.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

const [program, ...args] = process.argv.slice(2);
if (program === undefined) throw new Error("leash needs a program to run.");

const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], windowsHide: true });

child.once("error", error => {
  process.stderr.write(`${program} could not be started: ${error.message}\n`);
  process.exit(127);
});
let letGo = false;
child.once("exit", (code, signal) => {
  if (letGo) killGroup();
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
});

process.stdin.resume();
process.stdin.once("end", endAll).once("error", endAll);
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));

function endAll(): void {
  letGo = true;
  child.kill("SIGTERM");
  setTimeout(killGroup, 5_000);
}

function killGroup(): void {
  if (process.platform === "win32") child.kill("SIGKILL");
  else process.kill(-process.pid, "SIGKILL");
}
