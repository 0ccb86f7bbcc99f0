import { readFileSync } from "node:fs";
import { bearerKey, hashKey, keyMatches } from "./channelKeys.ts";
import { ConfigurationError } from "./configurationError.ts";

/** Where the create keys come from: the one itself, or a file of them; with neither, anybody may make channels. */
export interface CreateKeySource {
  readonly createKey: string | undefined;
  readonly createKeyFile: string | undefined;
}

const keyPattern = /^[\x21-\x7e]{8,256}$/;

/**
 * The keys as they are now, the one to hand out first; none where channels are for everybody. A file has one a line, with
 * empty lines and such that begin with "#" between them. Throws {@link ConfigurationError}, also for a file without keys:
 * it must not open the relay to everybody.
 */
export function readCreateKeys({ createKey, createKeyFile }: CreateKeySource): readonly string[] {
  if (createKeyFile === undefined) return createKey === undefined ? [] : usable("--create-key", [createKey]);
  const keys = linesOf(createKeyFile);
  if (keys.length === 0) throw new ConfigurationError(`--create-key-file: the file ${createKeyFile} has no key in it.`);
  return usable("--create-key-file", keys);
}

function linesOf(file: string): string[] {
  const lines = readText(file).split(/\r?\n/);
  return lines.map(line => line.trim()).filter(line => line !== "" && !line.startsWith("#"));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ConfigurationError(`--create-key-file: the file ${file} cannot be read.`);
  }
}

function usable(option: string, keys: readonly string[]): readonly string[] {
  if (keys.every(key => keyPattern.test(key))) return keys;
  throw new ConfigurationError(`The key of ${option} has 8 to 256 printable ASCII characters, no space.`);
}

/** Who may make channels. Several keys hold at a time, so that one can be replaced without a moment in which none does. */
export class CreateKeys {
  readonly #source: CreateKeySource;
  #hashes: readonly Uint8Array[];

  /** Throws {@link ConfigurationError}. */
  constructor(source: CreateKeySource) {
    this.#source = source;
    this.#hashes = readCreateKeys(source).map(hashKey);
  }

  /** Reads the file anew; gives how many keys hold now. Throws {@link ConfigurationError} and keeps those of before. */
  reload(): number {
    this.#hashes = readCreateKeys(this.#source).map(hashKey);
    return this.#hashes.length;
  }

  /** Whether a request with this `Authorization` header may make a channel; as slow whichever key it is. */
  accepts(authorization: string | undefined): boolean {
    if (this.#hashes.length === 0) return true;
    const key = bearerKey(authorization);
    return key !== undefined && this.#hashes.filter(hash => keyMatches(key, hash)).length > 0;
  }
}
