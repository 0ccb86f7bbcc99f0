/** The packages that the notices of the package name, each with its version and licence on a line of its own. */
export function bundledNames(notices: string): string[] {
  return [...notices.matchAll(/^(@?[\w./-]+ \d+\.\d+\.\d+\S*) \([\w.-]+\)$/gm)].map(([, name]) => name ?? "");
}
