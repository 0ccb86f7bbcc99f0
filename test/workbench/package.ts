/** `npm run package`: the .vsix in the folder of package.json. */
import { copyFileSync } from "node:fs";
import { basename, join } from "node:path";
import { packageExtension } from "./packageExtension.ts";
import { sayOnConsole } from "./progress.ts";
import { repositoryRoot } from "./repository.ts";

try {
  const { vsix } = await packageExtension(sayOnConsole);
  const target = join(repositoryRoot, basename(vsix));
  copyFileSync(vsix, target);
  console.log(target);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
