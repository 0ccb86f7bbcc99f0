import type { BehaviourSwitches } from "../behaviour.ts";
import { type Answer, json } from "../http/answer.ts";
import { zgid } from "../crm/organization.ts";
import { users } from "../crm/users.ts";
import { formFields } from "../http/formFields.ts";
import { type Route, route } from "../http/router.ts";
import type { SandboxRequest } from "../http/sandboxRequest.ts";
import type { Client, Clients } from "./clients.ts";
import { parseScopes } from "./scopes.ts";
import { throttledAnswer } from "./throttled.ts";
import type { AccessToken, Grant, Tokens } from "./tokens.ts";

export interface TokenRoutesContext {
  readonly clients: Clients;
  readonly tokens: Tokens;
  readonly behaviour: BehaviourSwitches;
  /** The sandbox's own address: what it answers as `api_domain`. */
  readonly baseUrl: () => string;
}

export type Fields = ReadonlyMap<string, string>;

/** The token endpoint, revocation, and the list of data centres. */
export function tokenRoutes(context: TokenRoutesContext): readonly Route[] {
  return [
    route("POST", "/oauth/v2/token", request => tokenAnswer(context, formFields(request))),
    route("POST", "/oauth/v2/token/revoke", request => revokeAnswer(context, request)),
    route("GET", "/oauth/v2/token/revoke", request => revokeAnswer(context, request)),
    route("GET", "/oauth/serverinfo", () => json(200, { result: "success", locations: locations(context) })),
  ];
}

/** Zoho's data centres, with the sandbox in the place of the one that it calls itself. */
function locations({ behaviour, baseUrl }: TokenRoutesContext): object {
  return { ...dataCentres, [behaviour.current.location]: baseUrl() };
}

const dataCentres = {
  us: "https://accounts.zoho.com",
  eu: "https://accounts.zoho.eu",
  in: "https://accounts.zoho.in",
  au: "https://accounts.zoho.com.au",
  jp: "https://accounts.zoho.jp",
  cn: "https://accounts.zoho.com.cn",
  ca: "https://accounts.zohocloud.ca",
  sa: "https://accounts.zoho.sa",
  uk: "https://accounts.zoho.uk",
  ae: "https://accounts.zoho.ae",
} as const;

function tokenAnswer(context: TokenRoutesContext, fields: Fields): Answer {
  const client = authenticate(context.clients, fields);
  if (typeof client === "string") return oauthError(client);
  switch (fields.get("grant_type")) {
    case "authorization_code":
      return exchangeCode(context, client, fields);
    case "refresh_token":
      return refresh(context, client, fields);
    case "client_credentials":
      return credentialsAnswer(context, client, fields);
    default:
      return oauthError("unsupported_grant_type");
  }
}

/** The client that a call names and proves to be, or the error code. */
export function authenticate(clients: Clients, fields: Fields): Client | string {
  const client = clients.get(fields.get("client_id") ?? "");
  if (client === undefined) return "invalid_client";
  return fields.get("client_secret") === client.client_secret ? client : "invalid_client_secret";
}

/** Zoho reports most faults of a token call with status 200: the body tells. */
export function oauthError(error: string, more: object = {}, status = 200): Answer {
  return json(status, { error, ...more });
}

function exchangeCode(context: TokenRoutesContext, client: Client, fields: Fields): Answer {
  const { tokens } = context;
  const proof = { redirectUri: fields.get("redirect_uri"), verifier: fields.get("code_verifier") };
  const grant = tokens.redeemCode(fields.get("code") ?? "", client.client_id, proof);
  if (grant === undefined) return oauthError("invalid_code");
  return firstAnswer(context, grant, grant.offline);
}

function refresh(context: TokenRoutesContext, client: Client, fields: Fields): Answer {
  const grant = context.tokens.refreshToken(fields.get("refresh_token") ?? "");
  if (grant?.clientId !== client.client_id) return oauthError("invalid_code");
  return issue(context, grant, grant.token);
}

/** A token for the client itself, as the first of the sandbox's users; there is no refresh token. */
function credentialsAnswer(context: TokenRoutesContext, client: Client, fields: Fields): Answer {
  const { clientCredentials } = context.behaviour.current;
  if (client.type !== "self") return oauthError("unauthorized_client");
  if (clientCredentials !== "allowed") return oauthError(clientCredentials);
  const scopes = parseScopes(fields.get("scope") ?? "");
  if (scopes === undefined) return oauthError("invalid_scope");
  const soid = fields.get("soid") ?? "";
  if (!/^ZohoCRM\.\d+$/.test(soid)) return oauthError("missing_org_info");
  if (soid !== `ZohoCRM.${zgid}`) return oauthError("access_denied");
  return issue(context, { clientId: client.client_id, userId: users[0].id, scopes: [...scopes] }, undefined);
}

/** The answer to a grant that a person has just given: with a refresh token where the access is offline. */
export function firstAnswer(context: TokenRoutesContext, grant: Grant, offline: boolean): Answer {
  if (!offline) return issue(context, grant, undefined);
  const { token } = context.tokens.issueRefreshToken(grant);
  return issue(context, grant, token, { refresh_token: token });
}

function issue(context: TokenRoutesContext, grant: Grant, refreshToken: string | undefined, shown = {}): Answer {
  const issued = context.tokens.issueAccessToken(grant, refreshToken);
  if (issued === "throttled") return throttledAnswer(context.behaviour.current.tokenThrottleStatus);
  return json(200, { ...describeToken(context, issued), ...shown });
}

function describeToken(context: TokenRoutesContext, token: AccessToken): object {
  return {
    access_token: token.token,
    scope: token.scopes.join(" "),
    api_domain: context.baseUrl(),
    token_type: "Bearer",
    expires_in: Math.round((token.expiresAt - token.issuedAt) / 1000),
  };
}

function revokeAnswer(context: TokenRoutesContext, request: SandboxRequest): Answer {
  const token = formFields(request).get("token") ?? "";
  return context.tokens.revoke(token) ? json(200, { status: "success" }) : json(400, { error: "invalid_code" });
}
