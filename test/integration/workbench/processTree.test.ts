import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { ProcessTree, processGroupExists } from "../../workbench/processTree.ts";

/** A program that starts a child, which says that it is there and stays, and stays itself. A deaf child ignores SIGTERM. */
function family(deafChild: boolean): string {
  const ignore = deafChild ? "process.on('SIGTERM', () => undefined);" : "";
  const child = `${ignore} console.log('child is up'); setInterval(() => undefined, 1000);`;
  return `
    const { spawn } = require("node:child_process");
    spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" });
    setInterval(() => undefined, 1000);`;
}

describe("a process tree", () => {
  let folder: string;
  let logFile: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "zcn-tree-"));
    logFile = join(folder, "a.log");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function startFamily(deafChild: boolean): Promise<ProcessTree> {
    const up = Promise.withResolvers<undefined>();
    const tree = ProcessTree.start({
      name: "family",
      program: process.execPath,
      args: ["-e", family(deafChild)],
      logFile,
      onLine: () => up.resolve(undefined),
    });
    await tree.ready(up.promise, 10_000, logFile);
    return tree;
  }

  it("is gone with all that it started when it is closed", async () => {
    const tree = await startFamily(false);
    await tree.close();
    assert.equal(processGroupExists(tree.pid), false);
    await tree.close();
  });

  it("does not leave behind what would not end by itself", async () => {
    const tree = await startFamily(true);
    await tree.close();
    assert.equal(processGroupExists(tree.pid), false);
  });

  it("says why it ended, and keeps its output in a log", async () => {
    const args = ["-e", "console.log('to the log'); console.error('this too'); process.exitCode = 3"];
    const tree = ProcessTree.start({ name: "program", program: process.execPath, args, logFile });
    assert.equal(await tree.ended, "The program ended with exit code 3.");
    const log = readFileSync(logFile, "utf8");
    assert.ok(log.includes("to the log") && log.includes("this too"), log);
  });

  it("rejects with a sentence when it ends instead of getting ready", async () => {
    const tree = ProcessTree.start({ name: "program", program: process.execPath, args: ["-e", ""], logFile });
    const never = Promise.withResolvers<string>().promise;
    await assert.rejects(
      tree.ready(never, 10_000, logFile),
      /^Error: The program ended with exit code 0\. Its log is /,
    );
  });

  it("ends by itself when the process that started it is killed", async () => {
    const starter = startStarter(logFile);
    const group = Number((await once(createInterface({ input: starter.stdout ?? process.stdin }), "line"))[0]);
    assert.equal(processGroupExists(group), true);
    const ended = once(starter, "exit");
    starter.kill("SIGKILL");
    await ended;
    await whenGone(group);
  });
});

/** A process that starts a family, prints its group, and would never end. */
function startStarter(logFile: string): ChildProcess {
  const module = pathToFileURL(join(import.meta.dirname, "../../workbench/processTree.ts")).href;
  const script = `
    import { ProcessTree } from ${JSON.stringify(module)};
    const tree = ProcessTree.start({
      name: "family", program: process.execPath, args: ["-e", ${JSON.stringify(family(false))}],
      logFile: ${JSON.stringify(logFile)}, onLine: () => console.log(tree.pid),
    });`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
}

async function whenGone(group: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (processGroupExists(group)) {
    assert.ok(performance.now() < deadline, "The process group is still there.");
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
