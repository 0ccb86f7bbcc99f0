import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { problemOfAnswer } from "../../zoho/apiProblem.ts";
import { withOfflineRemedy } from "../../zoho/networkProblem.ts";
import { OAuthClient } from "../../zoho/oauth.ts";
import { createProofKey } from "../../zoho/pkce.ts";
import { requiredScopes } from "../../zoho/scopes.ts";
import { readJson } from "../../zoho/wire.ts";
import { type Connection, tokenOriginOf } from "./connection.ts";
import type { ConnectionStore } from "./connectionStore.ts";
import { askForConsent } from "./consent.ts";
import { type RegisteredClient, accountsUrlOf, establishByCode, establishByCredentials, kindOf } from "./establish.ts";
import type { SignInContext } from "./signInContext.ts";

export type { RegisteredClient } from "./establish.ts";
export type { SignInContext } from "./signInContext.ts";

/** The port of the redirect address that people register, unless they choose another. */
const defaultRedirectPort = 47631;

export interface BrowserSignIn extends SignInContext, RegisteredClient {
  /** Shows the consent page; false when the person did not let it open. */
  readonly openBrowser: (url: string) => Promise<boolean>;
  /** Port of the registered redirect address `http://localhost:PORT/callback`; 47631 unless told. */
  readonly redirectPort?: number;
}

export interface SelfClientSignIn extends SignInContext, RegisteredClient {
  /** The code that the API console made: good once, for a few minutes. */
  readonly code: string;
}

export interface CredentialsSignIn extends SignInContext, RegisteredClient {
  /** Zoho's id of the organisation: digits. */
  readonly zgid: string;
}

export interface SandboxSignIn extends SignInContext {
  /** Origin of the sandbox, such as `http://127.0.0.1:4000`. */
  readonly sandboxUrl: string;
}

/** Signs in through the consent page: waits at most five minutes, and ends at once when the consent is denied. */
export async function signInWithBrowser(options: BrowserSignIn): Promise<Result<Connection, Problem>> {
  const { clientId, clientSecret, transport, clock } = options;
  const accountsUrl = accountsUrlOf(options);
  const oauth = new OAuthClient({ clientId, clientSecret, accountsUrl, transport, clock });
  const { challenge, verifier } = createProofKey();
  const consent = await askForConsent({
    ...options,
    accountsUrl,
    redirectPort: options.redirectPort ?? defaultRedirectPort,
    consentUrl: (redirectUri, state) =>
      oauth.authorizationUrl({ redirectUri, scopes: requiredScopes, state, codeChallenge: challenge }),
  });
  if (!consent.ok) return consent;
  const { code, redirectUri } = consent.value;
  return establishByCode({
    ...options,
    kind: kindOf(consent.value.accountsUrl),
    accountsUrl: consent.value.accountsUrl,
    code,
    origin: { redirectUri, codeVerifier: verifier },
  });
}

/** Signs in with a code that the person made in Zoho's API console. */
export async function signInWithSelfClient(options: SelfClientSignIn): Promise<Result<Connection, Problem>> {
  const accountsUrl = accountsUrlOf(options);
  return establishByCode({ ...options, kind: kindOf(accountsUrl), accountsUrl, code: options.code.trim() });
}

/** Signs in by a self client's own credentials, without a code and without a refresh token. */
export async function signInWithCredentials(options: CredentialsSignIn): Promise<Result<Connection, Problem>> {
  const accountsUrl = accountsUrlOf(options);
  return establishByCredentials({ ...options, kind: kindOf(accountsUrl), accountsUrl }, options.zgid);
}

/** Signs in to a sandbox, which makes a client and a code for whoever asks from this machine. */
export async function signInToSandbox(options: SandboxSignIn): Promise<Result<Connection, Problem>> {
  const { transport, clock, signal } = options;
  const accountsUrl = new URL(options.sandboxUrl).origin;
  const made = await requestSandboxCode(accountsUrl, options);
  if (!made.ok) return made;
  const { client_id: clientId, client_secret: clientSecret, code } = made.value;
  return establishByCode({ kind: "sandbox", accountsUrl, clientId, clientSecret, code, transport, clock, signal });
}

/**
 * Forgets the connection here at once, then revokes it at Zoho; fails where Zoho could not be told. A sandbox that is
 * not running need not be told: there is nothing in it to protect.
 */
export async function signOut(
  connection: Connection,
  store: ConnectionStore,
  { transport, clock, signal }: SignInContext,
): Promise<Result<void, Problem>> {
  await store.remove(connection.id);
  const origin = tokenOriginOf(connection);
  // By its credentials a client gets no refresh token: there is nothing to revoke, and the access ends within the hour.
  if (origin.kind === "client-credentials") return succeed(undefined);
  const oauth = new OAuthClient({ ...connection, transport, clock });
  const revoked = await oauth.revoke(origin.refreshToken, signal);
  return revoked.ok || connection.kind === "sandbox" ? succeed(undefined) : fail(notRevoked(revoked.error));
}

const sandboxCodeSchema = v.object({ client_id: v.string(), client_secret: v.string(), code: v.string() });

async function requestSandboxCode(
  sandboxUrl: string,
  { transport, clock, signal }: SignInContext,
): Promise<Result<v.InferOutput<typeof sandboxCodeSchema>, Problem>> {
  const url = `${sandboxUrl}/sandbox/self-client-code`;
  const headers = { "content-type": "application/json", accept: "application/json" };
  const answer = await transport.send({ method: "POST", url, headers, body: "{}", signal });
  if (!answer.ok) return fail(withOfflineRemedy(answer.error, "start-sandbox"));
  const body = readJson(answer.value);
  const parsed = body.ok ? v.safeParse(sandboxCodeSchema, body.value) : undefined;
  if (parsed?.success === true) return succeed(parsed.output);
  return fail(notASandbox(sandboxUrl, problemOfAnswer(answer.value, clock)));
}

function notASandbox(sandboxUrl: string, cause: Problem): Problem {
  return {
    code: "NOT_A_SANDBOX",
    message: l10n.t(
      "The server at {0} does not answer like a sandbox. Check the sandbox address in the settings.",
      new URL(sandboxUrl).host,
    ),
    remedy: "start-sandbox",
    cause,
  };
}

function notRevoked(cause: Problem): Problem {
  return {
    code: "NOT_REVOKED",
    message: l10n.t("Signed out here, but access wasn't revoked at Zoho. Revoke it in your Zoho account."),
    remedy: "none",
    cause,
  };
}
