/**
 * Runs a program for as long as somebody holds the other end of standard input, and ends it when they have gone,
 * however they went: `node leash.js <program> [argument…]`. So a tool that opens this machine to the outside never
 * outlives the window that started it.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** How long the program may take to end by itself, in milliseconds. */
const patience = 3_000;

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write("leash: there is no program to run\n");
  process.exit(2);
}

// What made the editor's Electron behave as Node is for this process alone.
const { ELECTRON_RUN_AS_NODE: _asNode, ...env } = process.env;
const child = spawn(program, args, { env, stdio: ["ignore", "inherit", "inherit"], windowsHide: true });

child.once("error", error => {
  process.stderr.write(`leash: ${error.message}\n`);
  process.exit(127);
});
child.once("exit", (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));

process.stdin.resume();
process.stdin.once("end", endChild).once("error", endChild);
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, endChild);

function endChild(): void {
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), patience).unref();
}
