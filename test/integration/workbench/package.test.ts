import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import * as v from "valibot";
import { readShownManifest } from "../../support/manifest.ts";
import { type ExtensionPackage, packageExtension } from "../../workbench/packageExtension.ts";
import { bundledPackages, noticesText } from "../../workbench/thirdPartyNotices.js";

const kilobyte = 1024;

/** What the entry loads. */
const startBundles = ["extension.cjs", "chunk-1.cjs", "chunk-2.cjs"];

describe("the package", () => {
  let built: ExtensionPackage;

  before(async () => (built = await packageExtension(() => undefined)));

  const sizeOf = (name: string): number => statSync(join(built.folder, "dist", name)).size;

  it("is small: what is loaded at the start under 500 KB, all of it under 1.5 MB", () => {
    const atStart = ["entry.cjs", ...startBundles].reduce((sum, name) => sum + sizeOf(name), 0);
    assert.ok(atStart < 500 * kilobyte, `at the start: ${atStart}`);
    assert.ok(statSync(built.vsix).size < 1.5 * kilobyte * kilobyte, `${statSync(built.vsix).size}`);
  });

  it("loads commands, what hides secrets and what speaks to the network late, and NATS in the relay alone", async () => {
    const textOf = (name: string): string => readFileSync(join(built.folder, "dist", name), "utf8");
    const loadedAtStart = startBundles.map(textOf).join("");
    assert.ok(!loadedAtStart.includes('require("./chunk-3.cjs")'));
    for (const late of ["axios", "ws", "commands", "redaction"]) {
      assert.match(loadedAtStart, new RegExp(`=>[^,;]*require\\("\\./${late}\\.cjs"\\)`), late);
    }
    for (const name of [...startBundles, "redaction.cjs", "chunk-3.cjs", "commands.cjs"]) {
      assert.ok(!textOf(name).includes(`import("`), `The code cache has no import(): ${name}`);
      assert.doesNotMatch(textOf(name), /jetstream/i);
    }
    const require = createRequire(join(built.folder, "dist", "extension.cjs"));
    const [axios, ws] = [require("./axios.cjs"), require("./ws.cjs")] as [Record<string, unknown>, object];
    assert.equal(typeof axios["create"], "function");
    const hpke = (await import(join(built.folder, "dist", "hpke.cjs"))) as object;
    assert.ok("CipherSuite" in hpke && "KDF_HKDF_SHA256" in hpke);
    assert.ok("WebSocket" in ws && typeof ws.WebSocket === "function");
  });

  it("is made without a warning", () => {
    const log = readFileSync(built.log, "utf8");
    assert.match(log, /Packaged:/);
    // As vsce and esbuild write them; Node's own word about a new function of its is none of theirs.
    assert.doesNotMatch(log, /\bWARN(ING)?\b/);
  });

  it("names what it bundles of others, with the licences", () => {
    const notices = readFileSync(join(built.folder, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8");
    const names = ["axios", "ws", "valibot", "hpke", "pino", "prom-client", "@nats-io/jetstream", "@vscode/codicons"];
    for (const name of names) assert.match(notices, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+`, "m"), name);
    assert.doesNotMatch(notices, /^(form-data|follow-redirects|typescript|esbuild) /m);
  });

  it("has a manifest that the marketplace shows well", () => {
    const manifest = v.parse(
      v.object({
        icon: v.string(),
        galleryBanner: v.object({ color: v.pipe(v.string(), v.hexColor()), theme: v.picklist(["dark", "light"]) }),
        categories: v.pipe(v.array(v.string()), v.minLength(1)),
        keywords: v.pipe(v.array(v.string()), v.minLength(5), v.maxLength(30)),
        extensionKind: v.tuple([v.literal("workspace")]),
        description: v.pipe(v.string(), v.maxLength(200)),
      }),
      readShownManifest(built.folder),
    );
    const icon = readFileSync(join(built.folder, manifest.icon));
    // The width and the height of a PNG stand at fixed places.
    assert.deepEqual([icon.readUInt32BE(16) >= 128, icon.readUInt32BE(20) >= 128], [true, true]);
    assert.ok(existsSync(join(built.folder, "media", "walkthrough")));
  });
});

describe("notices of what is bundled", () => {
  it("come once for each package, whatever files were taken of it", () => {
    const packages = bundledPackages([
      "src/extension.ts",
      "node_modules/valibot/dist/index.mjs",
      "node_modules/valibot/dist/other.mjs",
      "node_modules/@vscode/codicons/dist/codicon.ttf",
    ]);
    assert.deepEqual(
      packages.map(({ name, license }) => [name, license]),
      [
        ["@vscode/codicons", "CC-BY-4.0"],
        ["valibot", "MIT"],
      ],
    );
    assert.match(noticesText(packages), /Permission is hereby granted/);
  });

  it("refuse what nobody has looked at", () => {
    assert.throws(() => bundledPackages(["node_modules/no-such-package/index.js"]));
  });
});
