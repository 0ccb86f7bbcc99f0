import { userById } from "../crm/users.ts";
import { type Answer, json } from "../http/answer.ts";
import { type Route, route } from "../http/router.ts";
import type { SandboxRequest } from "../http/sandboxRequest.ts";
import { oauthError } from "./tokenRoutes.ts";
import type { Tokens } from "./tokens.ts";

const profileScope = "AaaServer.profile.READ";

/** Who a token is for, beyond the CRM. */
export function userInfoRoutes(tokens: Tokens): readonly Route[] {
  return [route("GET", "/oauth/user/info", request => userInfo(tokens, request))];
}

function userInfo(tokens: Tokens, { headers }: SandboxRequest): Answer {
  const sent = /^Zoho-oauthtoken (\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const token = sent === undefined ? undefined : tokens.accessToken(sent);
  if (token === undefined) return oauthError("invalid_token", {}, 401);
  if (!token.scopes.includes(profileScope)) return oauthError("insufficient_scope", {}, 403);
  const { first_name, last_name, full_name, email, id } = userById(token.userId);
  return json(200, {
    First_Name: first_name,
    Email: email,
    Last_Name: last_name,
    Display_Name: full_name,
    // The accounts server numbers people apart from the CRM.
    ZUID: Number(id.slice(-8)),
  });
}
