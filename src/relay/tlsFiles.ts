import { readFileSync } from "node:fs";
import { type SecureContextOptions, createSecureContext } from "node:tls";
import { ConfigurationError } from "./configurationError.ts";

/** Where certificate and key lie; undefined for a relay that does not speak TLS itself. */
export interface TlsFiles {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

/** Reads both files and tries them. Throws {@link ConfigurationError}. */
export function readTlsFiles({ tlsCert, tlsKey }: TlsFiles): SecureContextOptions | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const context = { cert: readPem("--tls-cert", tlsCert), key: readPem("--tls-key", tlsKey) } as const;
  try {
    createSecureContext(context);
    return { ...context, minVersion: "TLSv1.2" };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`--tls-cert and --tls-key are not a certificate and its key (${cause}).`);
  }
}

function readPem(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new ConfigurationError(`${option}: the file ${file} cannot be read.`);
  }
}
