import type { BehaviourSwitches } from "../behaviour.ts";
import { type Answer, json } from "../http/answer.ts";
import { formFields } from "../http/formFields.ts";
import { type Route, route } from "../http/router.ts";
import type { SandboxRequest } from "../http/sandboxRequest.ts";
import type { Client, Clients } from "./clients.ts";
import { throttledAnswer } from "./throttled.ts";
import type { AccessToken, Grant, Tokens } from "./tokens.ts";

export interface TokenRoutesContext {
  readonly clients: Clients;
  readonly tokens: Tokens;
  readonly behaviour: BehaviourSwitches;
  /** The sandbox's own address: what it answers as `api_domain`. */
  readonly baseUrl: () => string;
}

type Fields = ReadonlyMap<string, string>;

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
  const client = context.clients.get(fields.get("client_id") ?? "");
  if (client === undefined) return oauthError("invalid_client");
  if (fields.get("client_secret") !== client.client_secret) return oauthError("invalid_client_secret");
  switch (fields.get("grant_type")) {
    case "authorization_code":
      return exchangeCode(context, client, fields);
    case "refresh_token":
      return refresh(context, client, fields);
    default:
      return oauthError("unsupported_grant_type");
  }
}

/** Zoho reports most faults of a token call with status 200: the body tells. */
function oauthError(error: string): Answer {
  return json(200, { error });
}

function exchangeCode(context: TokenRoutesContext, client: Client, fields: Fields): Answer {
  const { tokens } = context;
  const grant = tokens.redeemCode(fields.get("code") ?? "", client.client_id, fields.get("redirect_uri"));
  if (grant === undefined) return oauthError("invalid_code");
  const refreshToken = grant.offline ? tokens.issueRefreshToken(grant).token : undefined;
  return issue(context, grant, refreshToken, true);
}

function refresh(context: TokenRoutesContext, client: Client, fields: Fields): Answer {
  const grant = context.tokens.refreshToken(fields.get("refresh_token") ?? "");
  if (grant?.clientId !== client.client_id) return oauthError("invalid_code");
  return issue(context, grant, grant.token, false);
}

function issue(context: TokenRoutesContext, grant: Grant, refreshToken: string | undefined, first: boolean): Answer {
  const issued = context.tokens.issueAccessToken(grant, refreshToken);
  if (issued === "throttled") return throttledAnswer(context.behaviour.current.tokenThrottleStatus);
  const shown = first && refreshToken !== undefined ? { refresh_token: refreshToken } : {};
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
