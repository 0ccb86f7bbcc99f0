import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The files under a directory that hold `text`. */
export function filesWith(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter(name => statSync(join(directory, name)).isFile())
    .filter(name => readFileSync(join(directory, name)).includes(text));
}
