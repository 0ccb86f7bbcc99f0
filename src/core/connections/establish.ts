import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { AccessTokens, toAccessToken } from "../../zoho/accessTokens.ts";
import {
  type DataCentreId,
  dataCentreById,
  dataCentreOfAccountsUrl,
  organizationTypeAt,
} from "../../zoho/dataCentre.ts";
import type { CurrentUser, Organization } from "../../zoho/metadata.ts";
import { OAuthClient, type TokenGrant } from "../../zoho/oauth.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import { requiredScopes } from "../../zoho/scopes.ts";
import { ZohoClient } from "../../zoho/zohoClient.ts";
import type { Connection } from "./connection.ts";
import type { SignInContext } from "./signInContext.ts";

/** A client as registered in Zoho's API console. `at`: its data centre, or the accounts address of a stand-in. */
export interface RegisteredClient {
  readonly at: DataCentreId | { readonly accountsUrl: string };
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Origin of the accounts server that knows the client. */
export function accountsUrlOf({ at }: Pick<RegisteredClient, "at">): string {
  return typeof at === "string" ? dataCentreById(at).accountsUrl : new URL(at.accountsUrl).origin;
}

/** A code on its way to becoming a connection. */
export interface SignInCode extends SignInContext {
  readonly kind: Connection["kind"];
  readonly accountsUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly code: string;
  /** None for a self client's code. */
  readonly redirectUri?: string;
}

/** Exchanges a code, asks who that is, and makes the connection. What fails halfway is revoked again. */
export async function establish(request: SignInCode): Promise<Result<Connection, Problem>> {
  const oauth = new OAuthClient(request);
  const grant = await oauth.exchangeCode(request.code, request.redirectUri, request.signal);
  if (!grant.ok) return grant;
  const { refreshToken } = grant.value;
  if (refreshToken === undefined) return fail(noRefreshTokenProblem());
  const identity = await whoIs(request, oauth, grant.value, refreshToken);
  if (identity.ok) return succeed(makeConnection(request, grant.value, refreshToken, identity.value));
  if (identity.error.kind !== "offline") await oauth.revoke(refreshToken);
  return fail(identity.error.kind === "scope" ? missingScopesProblem() : identity.error);
}

interface Identity {
  readonly organization: Organization;
  readonly user: CurrentUser;
}

async function whoIs(
  request: SignInCode,
  oauth: OAuthClient,
  grant: TokenGrant,
  refreshToken: string,
): Promise<Result<Identity, ZohoProblem>> {
  const { transport, clock, signal } = request;
  const tokens = new AccessTokens({ oauth, refreshToken, clock, initial: toAccessToken(grant) });
  const client = new ZohoClient({ apiDomain: apiDomainOf(request, grant), tokens, transport, clock });
  const [organization, user] = await Promise.all([client.organization({ signal }), client.currentUser({ signal })]);
  if (!organization.ok) return organization;
  return user.ok ? succeed({ organization: organization.value, user: user.value }) : user;
}

function makeConnection(
  request: SignInCode,
  grant: TokenGrant,
  refreshToken: string,
  { organization, user }: Identity,
): Connection {
  const apiDomain = apiDomainOf(request, grant);
  return {
    id: connectionId(request, organization, user),
    kind: request.kind,
    label: `${organization.name} · ${user.email === "" ? user.name : user.email}`,
    dataCentre: request.kind === "sandbox" ? "sandbox" : (dataCentreOfAccountsUrl(request.accountsUrl)?.id ?? "other"),
    accountsUrl: request.accountsUrl,
    apiDomain,
    clientId: request.clientId,
    clientSecret: request.clientSecret,
    refreshToken,
    scopes: grant.scopes.length === 0 ? requiredScopes : grant.scopes,
    // Where calls go decides what they change, whatever the organisation calls itself.
    organization: { ...organization, type: organizationTypeAt(apiDomain) ?? organization.type },
    user,
  };
}

/** A sandbox keeps its name although its port changes from one start to the next. */
function connectionId({ kind, accountsUrl }: SignInCode, organization: Organization, user: CurrentUser): string {
  const place = kind === "sandbox" ? "sandbox" : new URL(accountsUrl).host;
  return `${place}/${organization.id}/${user.id}`;
}

function apiDomainOf({ accountsUrl }: SignInCode, grant: TokenGrant): string {
  return grant.apiDomain ?? dataCentreOfAccountsUrl(accountsUrl)?.apiUrl ?? accountsUrl;
}

function noRefreshTokenProblem(): Problem {
  return {
    code: "NO_REFRESH_TOKEN",
    message: l10n.t(
      "Zoho gave access for an hour only, without a refresh token. Sign in again and accept the access anew.",
    ),
    remedy: "sign-in",
  };
}

function missingScopesProblem(): Problem {
  return {
    code: "OAUTH_SCOPE_MISMATCH",
    message: l10n.t(
      "The sign-in lacks a permission. Make a code with the scopes {0} and sign in again.",
      requiredScopes.join(","),
    ),
    remedy: "sign-in",
  };
}
