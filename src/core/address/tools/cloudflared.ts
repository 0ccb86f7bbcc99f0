import * as l10n from "@vscode/l10n";
import { type FailurePatterns, type TunnelTool, addressSign, readFailure } from "../tunnelTool.ts";

/** The API that hands the addresses out is named in failures, in the form of an address. */
const address = /https:\/\/(?!api\.)[a-z0-9-]+\.trycloudflare\.com/;

const failures: FailurePatterns = [
  [
    /429 Too Many Requests|error code: 1015/,
    "limit",
    () => l10n.t("Cloudflare gives this network no further address for now. Try again in some minutes."),
  ],
  [
    /failed to (request|unmarshal|parse) quick Tunnel/i,
    "service",
    () => l10n.t("Cloudflare could not be asked for an address. Check the network connection and try again."),
  ],
];

/**
 * Cloudflare's quick tunnels, which take no account: `cloudflared` prints the address in a box on stderr. `config`
 * names a file to read instead of the person's own, as one that names a tunnel of theirs keeps quick tunnels from
 * working.
 */
export function cloudflared(config: string): TunnelTool {
  return {
    id: "cloudflared",
    args: target => ["tunnel", "--config", config, "--no-autoupdate", "--url", target],
    read: line => {
      const failure = readFailure("cloudflared", line, failures);
      if (failure !== undefined) return failure;
      const found = address.exec(line)?.[0];
      return found === undefined ? undefined : addressSign(found);
    },
  };
}
