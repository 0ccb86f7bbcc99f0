import * as vscode from "vscode";
import type { ZohoSignInWay } from "../../core/connections/signInRetry.ts";
import { apiConsoleUrl } from "../../zoho/dataCentre.ts";
import { requiredScopes } from "../../zoho/scopes.ts";
import type { Choice, StepButton } from "../multiStep.ts";

/** A way to connect. */
export type SignInWay = "sandbox" | ZohoSignInWay;

/**
 * The ways to connect, with the one first that fits where the editor runs: a browser finds its way back to an editor on
 * the same machine only. The details begin with the type of client, so that no narrow box cuts it. `redirectUri` is what a client for the browser has to have registered.
 */
export function signInWays(redirectUri: string): readonly Choice<SignInWay>[] {
  const browser: Choice<SignInWay> = {
    label: `$(globe) ${vscode.l10n.t("Zoho CRM, in the browser")}`,
    detail: vscode.l10n.t("Server-based Application with the redirect URI {0}", redirectUri),
    value: "browser",
  };
  const device: Choice<SignInWay> = {
    label: `$(device-mobile) ${vscode.l10n.t("Zoho CRM, with a code on another device")}`,
    detail: vscode.l10n.t("Non-browser Application, for SSH, containers, and editors in the browser"),
    value: "device",
  };
  const [first, second] = isBrowserElsewhere() ? [device, browser] : [browser, device];
  return [{ ...first, description: vscode.l10n.t("Recommended here") }, second, ...otherWays()];
}

function otherWays(): readonly Choice<SignInWay>[] {
  return [
    {
      label: `$(key) ${vscode.l10n.t("Zoho CRM, with a self-client code")}`,
      detail: vscode.l10n.t("Self Client, with a code that the API console makes. Works everywhere."),
      value: "self-client",
    },
    {
      label: `$(organization) ${vscode.l10n.t("Zoho CRM, with client credentials")}`,
      detail: vscode.l10n.t("Self Client, without a code, where the organisation allows it"),
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

/** Asks for a client's ID with the type of client that the way needs. */
export function clientIdPrompt(way: SignInWay | undefined): string {
  if (way === "browser") return vscode.l10n.t("Client ID of a Server-based Application, from the API console");
  if (way === "device") return vscode.l10n.t("Client ID of a Non-browser Application, from the API console");
  return vscode.l10n.t("Client ID of a Self Client, from the API console");
}

/** What helps to register a client while its id is asked for. */
export function clientButtons(answers: {
  readonly way: SignInWay | undefined;
  readonly redirectUri: string;
  readonly accountsUrl: string;
}): readonly StepButton[] {
  const { way, redirectUri, accountsUrl } = answers;
  const consoleUrl = apiConsoleUrl(accountsUrl);
  return [
    ...(consoleUrl === undefined ? [] : [consoleButton(consoleUrl)]),
    ...(way === "browser" ? [redirectUriButton(redirectUri)] : []),
  ];
}

/** Copies the scopes, which the API console asks for when it makes a code. */
export function scopesButton(): StepButton {
  return {
    iconPath: new vscode.ThemeIcon("list-selection"),
    tooltip: vscode.l10n.t("Copy Scopes"),
    run: copyScopes,
  };
}

/** Copies the scopes as the API console takes them. */
export async function copyScopes(): Promise<void> {
  await vscode.env.clipboard.writeText(requiredScopes.join(","));
}

function consoleButton(url: string): StepButton {
  return {
    iconPath: new vscode.ThemeIcon("link-external"),
    tooltip: vscode.l10n.t("Open API Console"),
    run: () => vscode.env.openExternal(vscode.Uri.parse(url)),
  };
}

function redirectUriButton(redirectUri: string): StepButton {
  return {
    iconPath: new vscode.ThemeIcon("link"),
    tooltip: vscode.l10n.t("Copy Redirect URI"),
    run: () => vscode.env.clipboard.writeText(redirectUri),
  };
}
