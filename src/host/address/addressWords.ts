import * as vscode from "vscode";
import { assertNever } from "../../base/assertNever.ts";
import type { AddressWay } from "../../core/address/addressSource.ts";
import type { AddressState } from "../../core/address/publicAddress.ts";

/** A way to a public address, for people. */
export interface WayWords {
  readonly name: string;
  /** What it takes, and whether the address stays. */
  readonly description: string;
  /** Who can reach it, and who sees what is sent. */
  readonly exposure: string;
}

/** What each way is, takes and exposes. Everything is sealed by the relay, which is only after the tunnel. */
export function wayWords(way: AddressWay): WayWords {
  const t = vscode.l10n.t;
  switch (way) {
    case "cloudflared":
      return {
        name: t("Cloudflare Quick Tunnel"),
        description: t("no account; a new address at each start"),
        exposure: t("Anyone with the address can post; Cloudflare could read what passes through it."),
      };
    case "ngrok":
      return {
        name: "ngrok",
        description: t("needs an account, whose address stays"),
        exposure: t("Anyone with the address can post; ngrok could read what passes through it."),
      };
    case "devtunnel":
      return {
        name: t("Microsoft Dev Tunnel"),
        description: t("needs a sign-in; a new address at each start"),
        exposure: t("Anyone with the address can post; Microsoft could read what passes through it."),
      };
    case "tailscale":
      return {
        name: t("Tailscale Funnel"),
        description: t("needs a tailnet; the address stays"),
        exposure: t("Anyone with the address can post; nobody on the way can read what passes through it."),
      };
    case "forwarded-port":
      return {
        name: t("Forwarded Port of This Editor"),
        description: t("the address stays with the workspace"),
        exposure: t("Once the port is public, anyone can post; the operator of the editor's host could read it."),
      };
    default:
      return assertNever(way);
  }
}

/** How the public address stands, as a sentence; undefined while nothing was asked for. */
export function addressSentence(state: AddressState): string | undefined {
  const t = vscode.l10n.t;
  switch (state.kind) {
    case "none":
      return undefined;
    case "opening":
      return t("Public address: waiting for {0}", wayWords(state.way).name);
    case "open":
      return state.here
        ? t("Public address: {0}, by {1}, held by this window", state.url, wayWords(state.way).name)
        : t("Public address: {0}, by {1}, held by another window", state.url, wayWords(state.way).name);
    case "failed":
      return t("No public address: {0}", state.problem.message);
    default:
      return assertNever(state);
  }
}
