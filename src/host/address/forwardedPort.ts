import * as vscode from "vscode";
import { describeCauses } from "../../base/problem.ts";
import { toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import type { AddressListener, AddressSource } from "../../core/address/addressSource.ts";
import { isPublic } from "../../base/publicHost.ts";

/** True where the editor runs somewhere else than its window, so that it forwards ports. */
export function forwardsPorts(): boolean {
  return vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
}

/** The address that the editor's own forwarding gives a port, as in a codespace. Closing is left to the Ports view. */
export function forwardedPort(logger: Logger): AddressSource {
  return {
    open: (target, listener) => {
      let isClosed = false;
      const tell: AddressListener = {
        address: url => isClosed || listener.address(url),
        ended: problem => isClosed || listener.ended(problem),
      };
      void ask(target, tell, logger);
      return toDisposable(() => (isClosed = true));
    },
  };
}

async function ask(target: string, listener: AddressListener, logger: Logger): Promise<void> {
  try {
    const uri = await vscode.env.asExternalUri(vscode.Uri.parse(`${target}/`));
    const url = new URL(uri.toString(true));
    if (isPublic(url)) listener.address(url.href.replace(/\/+$/, ""));
    else listener.ended(privateAddress(url.host));
  } catch (error) {
    logger.warn(`forwarded port: ${describeCauses(error)}`);
    listener.ended(notForwarded());
  }
}

function privateAddress(host: string): Parameters<AddressListener["ended"]>[0] {
  const message = vscode.l10n.t(
    "This editor forwards the port to {0}, which Zoho cannot reach. Choose another way to a public address.",
    host,
  );
  return { code: "FORWARDED_PORT_PRIVATE", message, remedy: "get-address" };
}

function notForwarded(): Parameters<AddressListener["ended"]>[0] {
  const message = vscode.l10n.t("This editor could not forward the port. Choose another way to a public address.");
  return { code: "PORT_NOT_FORWARDED", message, remedy: "get-address" };
}
