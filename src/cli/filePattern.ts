import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";

/** Whether a name is a pattern of names, which shells on Windows hand on as it was typed. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/**
 * What fits a pattern, in the order of the names: `*` is any characters of a name, `?` is one, and `**` any folders in
 * between. As in other shells, names that begin with a dot fit only what begins with one, too.
 */
export function namesFitting(pattern: string, isWindows = process.platform === "win32"): readonly string[] {
  const parts = (isWindows ? pattern.replaceAll("\\", "/") : pattern).split("/");
  const first = parts.findIndex(isPattern);
  const folder = first === 0 ? "." : `${parts.slice(0, first).join("/")}/`;
  return [...new Set(fitting(folder, parts.slice(first), isWindows))].toSorted();
}

function fitting(folder: string, [part, ...rest]: readonly string[], isWindows: boolean): readonly string[] {
  if (part === undefined) return [folder];
  if (part === "**") return atAnyDepth(folder).flatMap(each => fitting(each, rest, isWindows));
  const words = new RegExp(`^${wordsOf(part)}$`, isWindows ? "iu" : "u");
  const isShown = (name: string): boolean => part.startsWith(".") || !name.startsWith(".");
  const found = entriesOf(folder).filter(({ name }) => isShown(name) && words.test(name));
  return found.flatMap(({ name }) => fitting(join(folder, name), rest, isWindows));
}

function wordsOf(part: string): string {
  const literal = part.replaceAll(/[\\^$.+|()[\]{}/]/g, String.raw`\$&`);
  return literal.replaceAll("*", ".*").replaceAll("?", ".");
}

/** The folder itself and those below it, but hidden ones and links, which may lead in circles. */
function atAnyDepth(folder: string): readonly string[] {
  const below = entriesOf(folder).filter(entry => entry.isDirectory() && !entry.name.startsWith("."));
  return [folder, ...below.flatMap(({ name }) => atAnyDepth(join(folder, name)))];
}

/** Nothing stands in what is no folder. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const isNone = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (isNone) return [];
    throw error;
  }
}
