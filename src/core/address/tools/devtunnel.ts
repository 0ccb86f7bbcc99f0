import * as l10n from "@vscode/l10n";
import { type FailurePatterns, type TunnelTool, addressSign, readFailure } from "../tunnelTool.ts";

/** A status of HTTP as a failure names it. The number alone may be a port, or a part of an address. */
function status(code: number, words: string): string {
  const named = String.raw`\b(?:error|code|status|HTTP(?:/[\d.]+)?)\W{1,3}(?:${code}|${words})\b`;
  return String.raw`${named}|\b${code} \(?${words}|\(${code}\)`;
}

function anyOf(...patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join("|"), "i");
}

const failures: FailurePatterns = [
  [
    anyOf("not logged in|Anonymous does not have|login (token )?(has )?expired", status(401, "Unauthorized")),
    "not-signed-in",
    () => l10n.t("devtunnel is not signed in. Run “{0}” first.", "devtunnel user login"),
  ],
  [
    anyOf("Tunnel service .*(limit|quota|too many)", status(429, "Too ?Many ?Requests")),
    "limit",
    () => l10n.t("The dev tunnels account has reached its limit. Delete tunnels with “{0}”.", "devtunnel delete-all"),
  ],
  [
    anyOf("Request not permitted", status(403, "Forbidden")),
    "not-allowed",
    () => l10n.t("The account, or its organisation, does not allow dev tunnels that everybody can reach."),
  ],
  [
    /Tunnel service error/i,
    "service",
    () => l10n.t("The dev tunnels service could not be used. Check the network connection and try again."),
  ],
];

/** Microsoft's dev tunnels. One port has two addresses on one line: a name of its own, and a name with a port. */
export const devtunnel: TunnelTool = {
  id: "devtunnel",
  args: target => [
    ...["host", "--port-numbers", new URL(target).port, "--protocol", "http"],
    // Zoho cannot sign in to Microsoft.
    "--allow-anonymous",
  ],
  read: line => {
    const addresses = /^Connect via browser:(.*)$/.exec(line.trim())?.[1]?.match(/https:\/\/[^\s,]+/g);
    const withoutPort = addresses?.find(found => new URL(found).port === "") ?? addresses?.[0];
    return withoutPort === undefined ? readFailure("devtunnel", line, failures) : addressSign(withoutPort);
  },
};
