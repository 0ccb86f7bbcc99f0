import type { BehaviourSwitches } from "../behaviour.ts";
import { type Answer, html, redirect } from "../http/answer.ts";
import { formFields } from "../http/formFields.ts";
import { type Route, route } from "../http/router.ts";
import type { User } from "../crm/users.ts";
import { type Client, type Clients, hasRedirect } from "./clients.ts";
import { type CodeChallenge, parseChallenge } from "./codeChallenge.ts";
import { consentPage, refusalPage } from "./consentPage.ts";
import { parseScopes } from "./scopes.ts";
import type { Tokens } from "./tokens.ts";

export interface ConsentContext {
  readonly clients: Clients;
  readonly tokens: Tokens;
  readonly users: readonly User[];
  readonly behaviour: BehaviourSwitches;
  readonly baseUrl: () => string;
}

/** What an application asks for when it sends a browser here. */
export interface ConsentRequest {
  readonly client: Client;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string | undefined;
  readonly offline: boolean;
  readonly challenge: CodeChallenge | undefined;
}

/** The consent page, and what follows when a person accepts or denies. */
export function consentRoutes(context: ConsentContext): readonly Route[] {
  return [
    route("GET", "/oauth/v2/auth", request => showConsent(context, request.query)),
    route("POST", "/oauth/v2/auth", request => decide(context, formFields(request))),
  ];
}

type Fields = Pick<ReadonlyMap<string, string>, "get">;

function showConsent(context: ConsentContext, query: URLSearchParams): Answer {
  const asked = parseConsentRequest(context.clients, new Map(query));
  return typeof asked === "string" ? html(400, refusalPage(asked)) : html(200, consentPage(asked, context.users));
}

function decide(context: ConsentContext, fields: Fields): Answer {
  const asked = parseConsentRequest(context.clients, fields);
  if (typeof asked === "string") return html(400, refusalPage(asked));
  const user = context.users.find(({ id }) => id === fields.get("user"));
  if (fields.get("decision") !== "accept" || user === undefined) return callBack(asked, { error: "access_denied" });
  const grant = { clientId: asked.client.client_id, userId: user.id, scopes: [...asked.scopes] };
  const code = context.tokens.issueConsentCode(grant, asked);
  return callBack(asked, { code, location: context.behaviour.current.location, "accounts-server": context.baseUrl() });
}

function callBack({ redirectUri, state }: ConsentRequest, parameters: Readonly<Record<string, string>>): Answer {
  const url = new URL(redirectUri);
  const all = state === undefined ? parameters : { state, ...parameters };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return redirect(url.href);
}

/** The request, or why it is refused: a page then says so, since an unknown address must not be redirected to. */
function parseConsentRequest(clients: Clients, fields: Fields): ConsentRequest | string {
  const client = clients.get(fields.get("client_id") ?? "");
  if (client === undefined || !hasRedirect(client)) return "The client id is not registered here.";
  const redirectUri = fields.get("redirect_uri") ?? "";
  if (!client.redirect_uris.includes(redirectUri)) return "The redirect URI is not one that this client registered.";
  if (fields.get("response_type") !== "code") return "The response type has to be “code”.";
  const scopes = parseScopes(fields.get("scope") ?? "");
  if (scopes === undefined) return "One of the scopes does not exist.";
  const challenge = parseChallenge(fields);
  if (challenge === "malformed") return "The code challenge is not one of the method S256 or plain.";
  if (client.type === "mobile-desktop" && challenge === undefined) return "This type of client needs a code challenge.";
  const offline = fields.get("access_type") === "offline";
  return { client, redirectUri, scopes, state: fields.get("state"), offline, challenge };
}
