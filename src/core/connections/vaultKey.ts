import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { withFileLock } from "../windows/fileLock.ts";
import { keyDamaged, keyUnavailable } from "./vaultProblems.ts";

const keyBytes = 32;

/** How long to wait for another window that makes the key: milliseconds. It takes a few. */
const longestWait = 5_000;

/**
 * The key in `file`; undefined where none was made yet. Throws a ProblemError where there is one that cannot be read
 * now, or that is damaged: secrets may depend on it, so it must not be replaced.
 */
export function readVaultKey(file: string): Buffer | undefined {
  const key = readIfThere(file);
  // A version before this one could leave an empty file on a full disk. Nothing was ever enciphered with that.
  if (key === undefined || key.length === 0) return undefined;
  if (key.length !== keyBytes) throw keyDamaged(file, key.length);
  return key;
}

/** The key in `file`, made where there is none: whole or not at all, and by one process for all. */
export function ensureVaultKey(file: string): Buffer {
  return readVaultKey(file) ?? withFileLock(`${file}.lock`, longestWait, () => readVaultKey(file) ?? makeKey(file));
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw keyUnavailable(error);
  }
}

function makeKey(file: string): Buffer {
  const key = randomBytes(keyBytes);
  const temporary = `${file}.new`;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // Left behind by a process that died while it made one.
  rmSync(temporary, { force: true });
  writeDurably(temporary, key);
  renameSync(temporary, file);
  return key;
}

function writeDurably(file: string, bytes: Buffer): void {
  const descriptor = openSync(file, "wx", 0o600);
  try {
    if (writeSync(descriptor, bytes) !== bytes.length) throw new Error(`${file} could not be written whole.`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
