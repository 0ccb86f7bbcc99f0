import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SecretVault } from "./connection.ts";

const algorithm = "aes-256-gcm";
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16];

/**
 * A vault whose secrets are enciphered once more, with a key in a file beside the extension's other data. The editor
 * keeps secrets of extensions that were uninstalled; without that file, which goes with the data, nobody can read them.
 */
export function shreddableVault(vault: SecretVault, keyFile: string): SecretVault {
  return {
    get: async name => {
      const sealed = await vault.get(name);
      const key = readKey(keyFile);
      return sealed === undefined || key === undefined ? undefined : decipher(sealed, key, name);
    },
    store: async (name, value) => vault.store(name, encipher(value, readKey(keyFile) ?? makeKey(keyFile), name)),
    delete: async name => vault.delete(name),
    onDidChange: vault.onDidChange,
  };
}

function readKey(file: string): Buffer | undefined {
  try {
    const key = readFileSync(file);
    return key.length === keyBytes ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Of two windows that make the key at once, the later takes that of the first. */
function makeKey(file: string): Buffer {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(keyBytes), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!isThere(error)) throw error;
  }
  const key = readKey(file);
  if (key === undefined) throw new Error(`The key at ${file} cannot be read.`);
  return key;
}

function isThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

function encipher(value: string, key: Buffer, name: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
}

/** Undefined for what was enciphered with another key, or is not what this vault wrote: it is as good as gone. */
function decipher(sealed: string, key: Buffer, name: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64");
  const [nonce, tag, body] = [
    bytes.subarray(0, nonceBytes),
    bytes.subarray(nonceBytes, nonceBytes + tagBytes),
    bytes.subarray(nonceBytes + tagBytes),
  ];
  try {
    const cipher = createDecipheriv(algorithm, key, nonce).setAAD(Buffer.from(name)).setAuthTag(tag);
    return Buffer.concat([cipher.update(body), cipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
