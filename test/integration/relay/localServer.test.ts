import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Problem } from "../../../src/base/problem.ts";
import { LocalServer } from "../../../src/core/local/localServer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const script = fileURLToPath(new URL("../../../src/relay/main.ts", import.meta.url));
const serverFile = v.object({ pid: v.number(), url: v.string(), instance: v.string() });
type ServerFile = v.InferOutput<typeof serverFile>;

function readServerFile(dataDir: string): ServerFile {
  return v.parse(serverFile, JSON.parse(readFileSync(join(dataDir, "server.json"), "utf8")));
}

/** Windows of one machine. The server they leave behind is ended with the test. */
class Machine {
  readonly dataDir: string;
  readonly #windows: LocalServer[] = [];

  constructor(test: TestContext) {
    test.after(() => {
      for (const window of this.#windows) window.dispose();
      this.kill();
    });
    this.dataDir = temporaryFolder(test);
  }

  openWindow(extraArgs: readonly string[] = []): LocalServer {
    const { dataDir } = this;
    const options = { name: "relay", script, dataDir, extraArgs, clock: systemClock, logger: silentLogger } as const;
    const window = new LocalServer(options);
    this.#windows.push(window);
    return window;
  }

  kill(): void {
    try {
      process.kill(readServerFile(this.dataDir).pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

async function urlOf(window: LocalServer): Promise<string> {
  const acquired = await window.acquire();
  assert.ok(acquired.ok, acquired.ok ? "" : acquired.error.message);
  return acquired.value.url;
}

async function lost(window: LocalServer): Promise<Problem> {
  return new Promise(resolve => window.onDidLose(resolve));
}

describe("a local server", () => {
  it("is started by the first window and joined by the next", async test => {
    const machine = new Machine(test);
    const url = await urlOf(machine.openWindow());
    const { pid } = readServerFile(machine.dataDir);
    assert.equal(await urlOf(machine.openWindow()), url);
    assert.equal(readServerFile(machine.dataDir).pid, pid);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
  });

  it("is one, though several windows start at once", async test => {
    const machine = new Machine(test);
    const windows = Array.from({ length: 4 }, () => machine.openWindow());
    const urls = await Promise.all(windows.map(urlOf));
    assert.equal(new Set(urls).size, 1);
  });

  it("is noticed by all when it dies, and comes back as one at the same port", async test => {
    const machine = new Machine(test);
    const [one, other] = [machine.openWindow(), machine.openWindow()];
    const [url] = [await urlOf(one), await urlOf(other)];
    const { pid } = readServerFile(machine.dataDir);
    const noticed = Promise.all([lost(one), lost(other)]);
    machine.kill();
    for (const problem of await noticed) assert.equal(problem.code, "LOCAL_SERVER_LOST");
    assert.deepEqual(await Promise.all([urlOf(one), urlOf(other)]), [url, url]);
    assert.notEqual(readServerFile(machine.dataDir).pid, pid);
  });

  it("goes on for the others when the window that started it closes, and ends when the last has", async test => {
    const machine = new Machine(test);
    const quick = ["--exit-when-unused", "1"];
    const [first, second] = [machine.openWindow(quick), machine.openWindow(quick)];
    const url = await urlOf(first);
    await urlOf(second);
    first.dispose();
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const { pid } = readServerFile(machine.dataDir);
    second.dispose();
    await gone(pid);
    assert.throws(() => readServerFile(machine.dataDir), { code: "ENOENT" });
  });

  it("is not looked for where a killed one says it was", async test => {
    const machine = new Machine(test);
    const stale = { url: "http://127.0.0.1:1", pid: 2 ** 30, instance: "gone" };
    writeFileSync(join(machine.dataDir, "server.json"), JSON.stringify(stale));
    assert.notEqual(await urlOf(machine.openWindow()), stale.url);
  });

  it("that cannot start is reported in a sentence, with a log that says why", async test => {
    const machine = new Machine(test);
    const acquired = await machine.openWindow(["--window", "nonsense"]).acquire();
    assert.ok(!acquired.ok);
    assert.equal(acquired.error.code, "LOCAL_SERVER_NOT_STARTED");
    assert.match(acquired.error.message, /^The local relay stopped while starting\. Its log, relay\.log in /);
    assert.match(readFileSync(join(machine.dataDir, "relay.log"), "utf8"), /--window is a whole number/);
  });

  it("is let go of when the window closes while it starts", async test => {
    const machine = new Machine(test);
    const window = machine.openWindow(["--exit-when-unused", "1"]);
    const acquiring = window.acquire();
    window.dispose();
    const acquired = await acquiring;
    assert.equal(acquired.ok, false);
  });
});

/** Resolves when there is no such process any more; it is nobody's child whose exit could be awaited. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise(resolve => systemClock.after(50, () => resolve(undefined)));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
