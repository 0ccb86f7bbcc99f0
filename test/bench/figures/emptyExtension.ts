import { join } from "node:path";
import { repositoryRoot } from "../../workbench/repository.ts";
import { runToEnd } from "../../workbench/runToEnd.ts";

/** The name under which VS Code shows it. */
export const emptyExtensionName = "Empty Extension";

/** Packages an extension that does nothing, into `folder`; gives the .vsix. */
export async function packageEmptyExtension(folder: string): Promise<string> {
  const vsix = join(folder, "empty.vsix");
  const flags = ["--no-dependencies", "--allow-missing-repository", "--skip-license"];
  const vsce = join(repositoryRoot, "node_modules/@vscode/vsce/vsce");
  await runToEnd(process.execPath, [vsce, "package", ...flags, "--out", vsix], {
    cwd: join(repositoryRoot, "test/bench/figures/emptyExtension"),
    logFile: join(folder, "packaging.log"),
  });
  return vsix;
}
