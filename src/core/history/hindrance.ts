/** Why a database cannot be opened though nothing is wrong with it. */
export type Hindrance = "busy" | "full" | "no-permission" | "other";

/** By the primary result codes of SQLite. */
const bySqlite: ReadonlyMap<number, Hindrance> = new Map([
  [3, "no-permission"],
  [5, "busy"],
  [6, "busy"],
  [8, "no-permission"],
  [13, "full"],
  [14, "no-permission"],
  [15, "busy"],
]);

const bySystem: ReadonlyMap<unknown, Hindrance> = new Map([
  ["EBUSY", "busy"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EACCES", "no-permission"],
  ["EPERM", "no-permission"],
  ["EROFS", "no-permission"],
]);

/** What an error of SQLite, or of the file system, says of a file that cannot be opened. */
export function hindranceOf(error: unknown): Hindrance {
  if (!(error instanceof Error)) return "other";
  const known = "errcode" in error ? bySqlite.get(Number(error.errcode) & 0xff) : undefined;
  return known ?? ("code" in error ? bySystem.get(error.code) : undefined) ?? "other";
}
