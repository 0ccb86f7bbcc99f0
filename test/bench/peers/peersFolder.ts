import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The paths of these files in the folder that `ZCN_PEERS` names, where somebody installed other projects' servers and
 * clients for comparison; undefined unless all of them are there.
 */
export function findInPeersFolder<Name extends string>(
  files: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> | undefined {
  const folder = process.env["ZCN_PEERS"] ?? "";
  if (folder === "") return undefined;
  const paths: Record<Name, string> = { ...files };
  for (const name in files) paths[name] = join(folder, files[name]);
  return Object.values<string>(paths).every(existsSync) ? paths : undefined;
}
