/**
 * What vsce is told to package the extension into the file `out`. No `npm list`: everything is bundled. A release knows
 * its `repository` (releaseManifest.ts), and vsce makes links and pictures of the README lead there; elsewhere there is
 * none that they could lead to.
 */
export function vsceArguments(out: string, repository: unknown): string[] {
  const flags = repository === undefined ? ["--allow-missing-repository", "--no-rewrite-relative-links"] : [];
  return ["node_modules/@vscode/vsce/vsce", "package", "--no-dependencies", ...flags, "--out", out];
}
