import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { AccessTokens, type LastingAccess, toAccessToken } from "../../zoho/accessTokens.ts";
import {
  type DataCentreId,
  dataCentreById,
  dataCentreOfAccountsUrl,
  organizationTypeAt,
} from "../../zoho/dataCentre.ts";
import type { CurrentUser, Organization } from "../../zoho/metadata.ts";
import { type CodeOrigin, OAuthClient, type TokenGrant } from "../../zoho/oauth.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import { requiredScopes } from "../../zoho/scopes.ts";
import { ZohoClient } from "../../zoho/zohoClient.ts";
import { type Connection, userWords } from "./connection.ts";
import type { SignInContext } from "./signInContext.ts";

/** The code of the problem that a sign-in lacks scopes; Zoho's own. */
export const missingScopesCode = "OAUTH_SCOPE_MISMATCH";

/** A client as registered in Zoho's API console. `at`: its data centre, or the accounts address of a stand-in. */
export interface RegisteredClient {
  readonly at: DataCentreId | { readonly accountsUrl: string };
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A server of Zoho's, or one on HTTPS that we don't know yet, counts as Zoho: there, writes may need a confirmation. */
export function kindOf(accountsUrl: string): Connection["kind"] {
  return dataCentreOfAccountsUrl(accountsUrl) !== undefined || accountsUrl.startsWith("https:") ? "zoho" : "sandbox";
}

/** Origin of the accounts server that knows the client. */
export function accountsUrlOf({ at }: Pick<RegisteredClient, "at">): string {
  return typeof at === "string" ? dataCentreById(at).accountsUrl : new URL(at.accountsUrl).origin;
}

/** A sign-in on its way to becoming a connection. */
export interface SignInRequest extends SignInContext {
  readonly kind: Connection["kind"];
  readonly accountsUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A code, and how the browser was sent out for it; nothing of that for a self client's code. */
export interface SignInCode extends SignInRequest {
  readonly code: string;
  readonly origin?: CodeOrigin;
}

/** Exchanges a code and makes the connection. */
export async function establishByCode(request: SignInCode): Promise<Result<Connection, Problem>> {
  const grant = await new OAuthClient(request).exchangeCode(request.code, request.origin, request.signal);
  return grant.ok ? establish(request, grant.value) : grant;
}

/** Asks who a grant is for, and makes the connection. What fails halfway is revoked again. */
export async function establish(request: SignInRequest, grant: TokenGrant): Promise<Result<Connection, Problem>> {
  const { refreshToken } = grant;
  if (refreshToken === undefined) return fail(noRefreshTokenProblem());
  const oauth = new OAuthClient(request);
  const identity = await whoIs(request, grant, { oauth, refreshToken });
  if (identity.ok) return succeed(makeConnection(request, grant, { refreshToken }, identity.value));
  if (identity.error.kind !== "offline") await oauth.revoke(refreshToken);
  return fail(identityProblem(identity.error));
}

/** Gets a token by the client's own credentials in the organisation `zgid`, and makes the connection. */
export async function establishByCredentials(
  request: SignInRequest,
  zgid: string,
): Promise<Result<Connection, Problem>> {
  const oauth = new OAuthClient(request);
  const grant = await oauth.grantToClient(zgid, requiredScopes, request.signal);
  if (!grant.ok) return grant;
  const identity = await whoIs(request, grant.value, { oauth, zgid, scopes: requiredScopes });
  if (!identity.ok) return fail(identityProblem(identity.error));
  return succeed(makeConnection(request, grant.value, { zgid }, identity.value));
}

interface Identity {
  readonly organization: Organization;
  readonly user: CurrentUser;
}

async function whoIs(
  request: SignInRequest,
  grant: TokenGrant,
  access: LastingAccess,
): Promise<Result<Identity, ZohoProblem>> {
  const { transport, clock, signal } = request;
  const tokens = new AccessTokens({ ...access, clock, initial: toAccessToken(grant) });
  const client = new ZohoClient({ apiDomain: apiDomainOf(request, grant), tokens, transport, clock });
  const [organization, user] = await Promise.all([client.organization({ signal }), client.currentUser({ signal })]);
  if (!organization.ok) return organization;
  return user.ok ? succeed({ organization: organization.value, user: user.value }) : user;
}

function makeConnection(
  request: SignInRequest,
  grant: TokenGrant,
  access: Pick<Connection, "refreshToken"> | Pick<Connection, "zgid">,
  { organization, user }: Identity,
): Connection {
  const apiDomain = apiDomainOf(request, grant);
  return {
    id: connectionId(request, organization, user),
    kind: request.kind,
    label: `${organization.name} · ${userWords(user)}`,
    dataCentre: request.kind === "sandbox" ? "sandbox" : (dataCentreOfAccountsUrl(request.accountsUrl)?.id ?? "other"),
    accountsUrl: request.accountsUrl,
    apiDomain,
    clientId: request.clientId,
    clientSecret: request.clientSecret,
    ...access,
    scopes: grant.scopes.length === 0 ? requiredScopes : grant.scopes,
    // Where calls go decides what they change, whatever the organisation calls itself.
    organization: { ...organization, type: organizationTypeAt(apiDomain) ?? organization.type },
    user,
  };
}

/** A sandbox keeps its name although its port changes from one start to the next. */
function connectionId({ kind, accountsUrl }: SignInRequest, organization: Organization, user: CurrentUser): string {
  const place = kind === "sandbox" ? "sandbox" : new URL(accountsUrl).host;
  return `${place}/${organization.id}/${user.id}`;
}

function apiDomainOf({ accountsUrl }: SignInRequest, grant: TokenGrant): string {
  return grant.apiDomain ?? dataCentreOfAccountsUrl(accountsUrl)?.apiUrl ?? accountsUrl;
}

function noRefreshTokenProblem(): Problem {
  return {
    code: "NO_REFRESH_TOKEN",
    message: l10n.t("Zoho gave access for an hour only, without a refresh token. Sign in again and accept the access."),
    remedy: "sign-in",
  };
}

function identityProblem(problem: ZohoProblem): Problem {
  return problem.kind === "scope" ? missingScopesProblem() : problem;
}

function missingScopesProblem(): Problem {
  return {
    code: missingScopesCode,
    message: l10n.t("The sign-in lacks one of the scopes that this extension needs. Sign in again with all of them."),
    remedy: "sign-in",
  };
}
