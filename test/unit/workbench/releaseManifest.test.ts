import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { bundledNames } from "../../bench/figures/bundledNames.ts";
import { releaseManifest } from "../../workbench/releaseManifest.ts";
import { repositoryRoot } from "../../workbench/repository.ts";
import { bundledPackages, noticesText } from "../../workbench/thirdPartyNotices.js";
import { vsceArguments } from "../../workbench/vsceArguments.ts";

const manifest = readFileSync(join(repositoryRoot, "package.json"), "utf8");
const { version } = JSON.parse(manifest) as { version: string };

describe("the manifest of a release", () => {
  it("says where it comes from, and keeps all else", () => {
    const released = JSON.parse(releaseManifest(manifest, "acme/notifications", `v${version}`)) as Record<
      string,
      unknown
    >;
    assert.equal(released["homepage"], "https://github.com/acme/notifications#readme");
    assert.deepEqual(released["bugs"], { url: "https://github.com/acme/notifications/issues" });
    assert.equal(released["version"], version);
  });

  it("is refused for the tag of another version, or from nowhere", () => {
    assert.throws(() => releaseManifest(manifest, "acme/notifications", "v99.0.0"), /not that of version/);
    assert.throws(() => releaseManifest(manifest, "", `v${version}`), /owner and name/);
  });
});

describe("the package of a release", () => {
  it("has links and pictures that lead to its repository, and other packages leave them as they are", () => {
    const stays = "--no-rewrite-relative-links";
    assert.ok(!vsceArguments("out.vsix", { url: "https://github.com/acme/notifications.git" }).includes(stays));
    assert.ok(vsceArguments("out.vsix", undefined).includes(stays));
  });
});

describe("the number of packages that are bundled", () => {
  it("is that of the notices", () => {
    const packages = bundledPackages([
      "node_modules/valibot/x.js",
      "node_modules/ws/x.js",
      "node_modules/@vscode/l10n/x.js",
    ]);
    assert.equal(bundledNames(noticesText(packages)).length, 3);
  });
});
