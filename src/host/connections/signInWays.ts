import * as vscode from "vscode";
import type { ZohoSignInWay } from "../../core/connections/signInRetry.ts";
import { type DataCentre, apiConsoleUrl } from "../../zoho/dataCentre.ts";
import { requiredScopes } from "../../zoho/scopes.ts";
import type { Choice, StepButton } from "../multiStep.ts";

/** A way to connect. */
export type SignInWay = "sandbox" | ZohoSignInWay;

/**
 * The ways to connect, with the one first that fits where the editor runs: a browser finds its way back to an editor on
 * the same machine only. `redirectUri` is what a client for the browser has to have registered.
 */
export function signInWays(redirectUri: string): readonly Choice<SignInWay>[] {
  const browser: Choice<SignInWay> = {
    label: `$(globe) ${vscode.l10n.t("Zoho CRM, in the browser")}`,
    detail: vscode.l10n.t("Needs a server-based client with the redirect URI {0}.", redirectUri),
    value: "browser",
  };
  const device: Choice<SignInWay> = {
    label: `$(device-mobile) ${vscode.l10n.t("Zoho CRM, with a code on another device")}`,
    detail: vscode.l10n.t(
      "For SSH, containers, and editors in the browser. Needs a client of the type Non-browser Application.",
    ),
    value: "device",
  };
  const [first, second] = isBrowserElsewhere() ? [device, browser] : [browser, device];
  return [{ ...first, description: vscode.l10n.t("Recommended here") }, second, ...otherWays()];
}

function otherWays(): readonly Choice<SignInWay>[] {
  return [
    {
      label: `$(key) ${vscode.l10n.t("Zoho CRM, with a self-client code")}`,
      detail: vscode.l10n.t("Paste a code that the API console made. Works everywhere, and is quick to try."),
      value: "self-client",
    },
    {
      label: `$(organization) ${vscode.l10n.t("Zoho CRM, with client credentials")}`,
      detail: vscode.l10n.t(
        "A self client without a code, where the organisation allows it. Needs the organisation's ID.",
      ),
      value: "credentials",
    },
    {
      label: `$(beaker) ${vscode.l10n.t("Local sandbox")}`,
      detail: vscode.l10n.t("A stand-in for Zoho CRM on this machine. No account, no questions."),
      value: "sandbox",
    },
  ];
}

/** True where the person's browser runs on another machine than this code, so that no redirect reaches it. */
function isBrowserElsewhere(): boolean {
  return vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
}

/** What helps to register a client while its id is asked for. */
export function clientButtons(answers: {
  readonly way: SignInWay | undefined;
  readonly redirectUri: string;
  readonly dataCentre: DataCentre | undefined;
}): readonly StepButton[] {
  const { way, redirectUri, dataCentre } = answers;
  return [
    ...(dataCentre === undefined ? [] : [consoleButton(dataCentre)]),
    ...(way === "browser" ? [copyButton("link", vscode.l10n.t("Copy Redirect URI"), redirectUri)] : []),
  ];
}

/** Copies the scopes, which the API console asks for when it makes a code. */
export function scopesButton(): StepButton {
  return copyButton("list-selection", vscode.l10n.t("Copy Scopes"), requiredScopes.join(","));
}

function consoleButton(dataCentre: DataCentre): StepButton {
  return {
    iconPath: new vscode.ThemeIcon("link-external"),
    tooltip: vscode.l10n.t("Open API Console"),
    run: () => vscode.env.openExternal(vscode.Uri.parse(apiConsoleUrl(dataCentre))),
  };
}

function copyButton(icon: string, tooltip: string, text: string): StepButton {
  return { iconPath: new vscode.ThemeIcon(icon), tooltip, run: () => vscode.env.clipboard.writeText(text) };
}
