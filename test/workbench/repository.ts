import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

/** The folder of package.json. */
export const repositoryRoot = join(import.meta.dirname, "../..");

/** Where the repository's commands leave their logs and what failing tests show. Not under version control. */
export const resultsFolder = join(repositoryRoot, "test-results");

const manifestSchema = v.object({
  name: v.string(),
  publisher: v.string(),
  version: v.string(),
  /** Of a release (releaseManifest.ts). */
  repository: v.optional(v.unknown()),
});

/** What package.json calls the extension. */
export function readManifest(): v.InferOutput<typeof manifestSchema> {
  return v.parse(manifestSchema, readJson("package.json"));
}

const lockSchema = v.object({ packages: v.record(v.string(), v.object({ version: v.optional(v.string()) })) });

/** The exact version of a package that package-lock.json pins. Throws when it pins none. */
export function pinnedVersion(packageName: string): string {
  const { packages } = v.parse(lockSchema, readJson("package-lock.json"));
  const version = packages[`node_modules/${packageName}`]?.version;
  if (version === undefined) throw new Error(`package-lock.json pins no version of ${packageName}.`);
  return version;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(repositoryRoot, file), "utf8"));
}

/** The text of a file, or undefined where there is none to be read. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
