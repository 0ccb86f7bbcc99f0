/**
 * `node test/workbench/prepareRelease.ts <owner/name> <tag>`: enters the repository that a release is made from into
 * package.json, and fails where the tag is not that of the version. Only a release knows it: a fork has another.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { releaseManifest } from "./releaseManifest.ts";
import { repositoryRoot } from "./repository.ts";

const [repository = "", tag = ""] = process.argv.slice(2);
const file = join(repositoryRoot, "package.json");
try {
  writeFileSync(file, releaseManifest(readFileSync(file, "utf8"), repository, tag));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
