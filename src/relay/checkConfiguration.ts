import { accessSync, constants, mkdirSync } from "node:fs";
import { ConfigurationError } from "./configurationError.ts";
import { readCreateKeys } from "./createKeys.ts";
import type { RelayOptions } from "./relay.ts";
import { readTlsFiles } from "./tlsFiles.ts";

/** Looks at what the options point to before anything is started. Throws {@link ConfigurationError}. */
export function checkConfiguration(options: RelayOptions): void {
  readTlsFiles(options);
  readCreateKeys(options);
  if (options.natsServers.length === 0) requireDirectory(options);
}

function requireDirectory(options: RelayOptions): void {
  try {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    accessSync(options.dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new ConfigurationError(
      `--data-dir: ${options.dataDir} is not a directory that this user can make and write to.`,
    );
  }
}

/** What works but may not be what the operator wants, a sentence each. */
export function configurationWarnings(options: RelayOptions): string[] {
  if (/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(options.host)) return [];
  const warnings: string[] = [];
  if (options.tlsCert === undefined && options.trustProxy === 0) {
    warnings.push(
      "The relay listens in the clear beyond this machine. Set --tls-cert, or put a TLS proxy in front and set --trust-proxy.",
    );
  }
  if (options.createKey === undefined && options.createKeyFile === undefined) {
    warnings.push("Anybody who reaches the relay may make channels. Set --create-key-file to limit that.");
  }
  return warnings;
}
