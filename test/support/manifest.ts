import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { repositoryRoot } from "../workbench/repository.ts";

/** package.json as VS Code shows it: with the English strings of package.nls.json in their places. Not parsed further. */
export function readShownManifest(root = repositoryRoot): unknown {
  const strings = v.parse(
    v.record(v.string(), v.string()),
    JSON.parse(readFileSync(join(root, "package.nls.json"), "utf8")),
  );
  const shown = (key: string): string => {
    const text = strings[key];
    if (text === undefined) throw new Error(`package.nls.json has no ${key}`);
    return JSON.stringify(text);
  };
  const manifest = readFileSync(join(root, "package.json"), "utf8");
  return JSON.parse(manifest.replaceAll(/"%([\w.-]+)%"/g, (_whole, key: string) => shown(key)));
}
