/** The part of docs/figures.md that `npm run bench -- peers` writes, and `npm run bench -- figures` leaves as it is. */
const heading = "## Beside other ways to bring webhooks";

/** What there is of it in a page; empty without. */
export function findPeersSection(page: string): string {
  const start = page.indexOf(heading);
  if (start === -1) return "";
  const next = page.indexOf("\n## ", start);
  return next === -1 ? page.slice(start) : page.slice(start, next + 1);
}

/** The page with these lines under the heading, in the place of what was there or at the end. */
export function withPeersSection(page: string, lines: readonly string[]): string {
  const section = `${[heading, "", ...lines].join("\n")}\n`;
  const before = findPeersSection(page);
  return before === "" ? `${page.trimEnd()}\n\n${section}` : page.replace(before, () => section);
}
