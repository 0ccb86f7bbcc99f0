import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { buildSync } from "esbuild";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { LocalServer } from "../../../src/core/local/localServer.ts";
import { DataPlaces } from "../../../src/core/uninstall/dataPlaces.ts";
import { runToExit } from "../../support/childServer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const source = join(import.meta.dirname, "../../../src");

/** An installation as it lies on the disk: its folder with the program that VS Code runs, and its data. */
function anInstallation(test: TestContext) {
  const folder = temporaryFolder(test);
  const [extension, data] = [join(folder, "extension"), join(folder, "storage", "deep")];
  mkdirSync(data, { recursive: true });
  const program = join(extension, "dist", "uninstall.mjs");
  buildSync({
    entryPoints: [join(source, "core/uninstall/uninstallProgram.ts")],
    ...{ outfile: program, bundle: true, platform: "node", format: "esm", logLevel: "error" },
  });
  return { extension, data, program };
}

async function startServer(test: TestContext, name: "relay" | "sandbox", data: string) {
  const server = new LocalServer({
    ...{ name, script: join(source, name, "main.ts"), dataDir: join(data, name) },
    ...{ clock: systemClock, logger: silentLogger },
  });
  test.after(() => server.dispose());
  const acquired = await server.acquire();
  assert.ok(acquired.ok, acquired.ok ? "" : acquired.error.message);
  return acquired.value.url;
}

describe("uninstalling", () => {
  it("leaves no server, no port and no data behind, though a window still holds the servers", async test => {
    const { extension, data, program } = anInstallation(test);
    new DataPlaces(extension).add(data);
    new DataPlaces(extension).add(data);
    writeFileSync(join(data, "vault.key"), "key");
    const urls = [await startServer(test, "relay", data), await startServer(test, "sandbox", data)];
    const { code, stdout } = await runToExit(program, []);
    assert.equal(code, 0);
    assert.match(stdout, /ended: relay, sandbox\./);
    for (const url of urls) await assert.rejects(fetch(`${url}/healthz`));
    assert.ok(!existsSync(data));
    assert.deepEqual(new DataPlaces(extension).list(), []);
  });

  it("ends no process that merely has the number of a server of before", async test => {
    const { extension, data, program } = anInstallation(test);
    new DataPlaces(extension).add(data);
    mkdirSync(join(data, "relay"));
    const note = { url: "http://127.0.0.1:1", pid: process.pid, instance: "of before" };
    writeFileSync(join(data, "relay", "server.json"), JSON.stringify(note));
    const { code, stdout } = await runToExit(program, []);
    assert.equal(code, 0);
    assert.match(stdout, /ended: nothing\./);
  });

  it("removes nothing where it was never told of any place", async test => {
    const { data, program } = anInstallation(test);
    const { code, stdout } = await runToExit(program, []);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.ok(existsSync(data));
  });

  it("is what package.json names", () => {
    const manifest = readFileSync(join(source, "..", "package.json"), "utf8");
    assert.match(manifest, /"vscode:uninstall": "node \.\/dist\/uninstall\.js"/);
  });
});
