import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { describe, it } from "node:test";
import { findOnPath } from "../../../../src/core/address/findOnPath.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const { platform } = process;

function makeProgram(path: string, mode = 0o755): string {
  writeFileSync(path, "");
  chmodSync(path, mode);
  return path;
}

describe("findOnPath", () => {
  it("finds the first program of that name", test => {
    const [first, second] = [temporaryFolder(test), temporaryFolder(test)];
    const program = makeProgram(join(second, "ngrok"));
    mkdirSync(join(first, "ngrok"));
    assert.equal(findOnPath("ngrok", { platform: "linux", env: { PATH: `${first}${delimiter}${second}` } }), program);
    assert.equal(findOnPath("cloudflared", { platform: "linux", env: { PATH: second } }), undefined);
    assert.equal(findOnPath("ngrok", { platform, env: {} }), undefined);
  });

  it("leaves out what cannot be run, and what depends on the working directory", test => {
    const folder = temporaryFolder(test);
    makeProgram(join(folder, "ngrok"), 0o644);
    makeProgram(join(folder, "tailscale"));
    assert.equal(findOnPath("ngrok", { platform: "linux", env: { PATH: folder } }), undefined);
    const here = relative(process.cwd(), folder);
    assert.equal(findOnPath("tailscale", { platform: "linux", env: { PATH: `${here}:.:` } }), undefined);
  });

  it("finds .exe on Windows, whose variables have no case, but no scripts, which need a shell", test => {
    const folder = temporaryFolder(test);
    makeProgram(join(folder, "ngrok.cmd"));
    assert.equal(findOnPath("ngrok", { platform: "win32", env: { Path: `"${folder}"` } }), undefined);
    const program = makeProgram(join(folder, "ngrok.exe"));
    assert.equal(findOnPath("ngrok", { platform: "win32", env: { Path: `"${folder}"` } }), program);
  });
});
