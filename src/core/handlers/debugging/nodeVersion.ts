import type { HandlerLanguage } from "../scaffold/handlerPlan.ts";

/** What Node has to be told to run a handler in this language; undefined for a Node that is too old for it. */
export function argumentsFor(language: HandlerLanguage, version: NodeVersion): readonly string[] | undefined {
  if (language === "javascript") return isAtLeast(version, 20, 12) ? [] : undefined;
  if (isAtLeast(version, 22, 18) && !(version.major === 23 && version.minor < 6)) return [];
  return isAtLeast(version, 22, 6) ? ["--experimental-strip-types"] : undefined;
}

export interface NodeVersion {
  readonly major: number;
  readonly minor: number;
}

/** Reads what `node --version` prints. */
export function readNodeVersion(text: string): NodeVersion | undefined {
  const match = /^v(\d+)\.(\d+)\.\d+/.exec(text.trim());
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

function isAtLeast(version: NodeVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
