import * as l10n from "@vscode/l10n";
import { type FailurePatterns, type TunnelTool, addressSign, readFailure } from "../tunnelTool.ts";

const failures: FailurePatterns = [
  [
    /Funnel (is )?not (enabled|available)|not allowed for funnel/i,
    "not-enabled",
    () =>
      l10n.t(
        "Tailscale Funnel is not enabled for this machine. Run “{0}” once and open the page that it names.",
        "tailscale funnel 80",
      ),
  ],
  [
    /Access denied|requires? sudo/i,
    "not-allowed",
    () =>
      l10n.t("Tailscale does not let this user open a funnel. Run “{0}” once.", "sudo tailscale set --operator=$USER"),
  ],
  [
    /already exists (for|under)|configuration already exists|already serving/i,
    "in-use",
    () =>
      l10n.t(
        "Something else on this machine uses Tailscale's port 443. End it with “{0}” first.",
        "tailscale funnel reset",
      ),
  ],
  [
    /Logged out|NeedsLogin|not logged in/i,
    "not-signed-in",
    () => l10n.t("Tailscale is not signed in. Run “{0}” first.", "tailscale up"),
  ],
  [
    /failed to connect to local tailscaled|Tailscale is (stopped|not running)/i,
    "not-running",
    () => l10n.t("Tailscale is not running on this machine. Start it first."),
  ],
];

/** Tailscale Funnel in the foreground: it ends with the process. */
export const tailscale: TunnelTool = {
  id: "tailscale",
  args: target => ["funnel", "--yes", target],
  read: line => {
    const found = /^https:\/\/[a-z0-9.-]+\.ts\.net(:\d+)?(?=\/?\s*$)/i.exec(line.trim())?.[0];
    return found === undefined ? readFailure("tailscale", line, failures) : addressSign(found);
  },
};
