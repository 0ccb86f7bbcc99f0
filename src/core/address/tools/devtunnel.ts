import * as l10n from "@vscode/l10n";
import { type FailurePatterns, type TunnelTool, addressSign, readFailure } from "../tunnelTool.ts";

const failures: FailurePatterns = [
  [
    /not logged in|Anonymous does not have|login (token )?(has )?expired|status code: Unauthorized|\b401\b/i,
    "not-signed-in",
    () => l10n.t("devtunnel is not signed in. Run “{0}” first.", "devtunnel user login"),
  ],
  [
    /Tunnel service .*(limit|quota|too many|429)/i,
    "limit",
    () => l10n.t("The dev tunnels account has reached its limit. Delete tunnels with “{0}”.", "devtunnel delete-all"),
  ],
  [
    /Request not permitted|status code: Forbidden|\b403\b/i,
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
