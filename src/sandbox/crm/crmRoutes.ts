import type { BehaviourSwitches } from "../behaviour.ts";
import type { Answer } from "../http/answer.ts";
import { type PathParameters, type Route, matchRoute, route } from "../http/router.ts";
import type { SandboxRequest } from "../http/sandboxRequest.ts";
import { type RequiredScope, scopesAllow } from "../oauth/scopes.ts";
import type { Tokens } from "../oauth/tokens.ts";
import { refusals } from "./apiError.ts";
import type { CrmCall } from "./crmCall.ts";
import { userById } from "./users.ts";

type CrmHandler = (call: CrmCall, parameters: PathParameters) => Answer;

/** One call of the API: pattern after `/crm/v8/`, the scope it needs, and what it does. */
export interface CrmRoute {
  readonly method: string;
  readonly pattern: string;
  readonly scope: (parameters: PathParameters) => RequiredScope;
  readonly handler: CrmHandler;
}

export function crmRoute(method: string, pattern: string, scope: CrmRoute["scope"], handler: CrmHandler): CrmRoute {
  return { method, pattern, scope, handler };
}

/** Versions that Zoho CRM has had. */
const versionPattern = /^\/crm\/v(2|2\.1|3|4|5|6|7|8)(\/.*)$/;

/** What a call did to the day's credits. */
export interface CreditUse {
  /** False when there was none left for it. */
  readonly isAllowed: boolean;
  /** What to add to its answer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts calls. */
export interface CreditMeter {
  use(): CreditUse;
}

export interface CrmApiContext {
  readonly tokens: Tokens;
  readonly credits: CreditMeter;
  readonly behaviour: BehaviourSwitches;
  readonly routes: readonly CrmRoute[];
}

/** Whether a path belongs to the CRM's API, of whatever version. */
export function isCrmPath(path: string): boolean {
  return path.startsWith("/crm/");
}

/** Answers a call of the CRM's API: version, route, token and scope are checked in this order. */
export async function answerCrmCall(context: CrmApiContext, request: SandboxRequest): Promise<Answer> {
  const [, version, path] = versionPattern.exec(request.path) ?? [];
  if (version === undefined || path === undefined) return refusals.urlPattern();
  const routes = boundRoutes(context, Number(version)).filter(({ pattern }) => mayLeadTo(pattern, path));
  const match = matchRoute(routes, request.method, path);
  if (match.kind === "none") return refusals.urlPattern();
  if (match.kind === "method") return refusals.method();
  const { isAllowed, headers } = context.credits.use();
  const answer = isAllowed
    ? await match.handle(request)
    : refusals.tooManyRequests(context.behaviour.current.tooManyRequestsBody);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** First segments of paths that have nothing to do with modules, whether the sandbox has them or not. */
const reservedWords: readonly string[] = ["actions", "coql", "files", "org", "settings", "users"];

/** Whether a route may be meant by a path: a part of Zoho's API that the sandbox lacks is no module, and no record. */
function mayLeadTo(pattern: string, path: string): boolean {
  if (!pattern.startsWith("/:module")) return true;
  const [, first = "", second = ""] = path.split("/");
  const isReserved = first === "" || reservedWords.includes(first) || first.startsWith("__");
  const isPartOfModule =
    pattern === "/:module/:id" && (second === "" || second === "actions" || second.startsWith("__"));
  return !isReserved && !isPartOfModule;
}

function boundRoutes(context: CrmApiContext, version: number): readonly Route[] {
  return context.routes.map(crm =>
    route(crm.method, `/${crm.pattern}`, (request, parameters) =>
      authorised(context, crm, version, request, parameters),
    ),
  );
}

function authorised(
  { tokens }: CrmApiContext,
  crm: CrmRoute,
  version: number,
  request: SandboxRequest,
  parameters: PathParameters,
): Answer {
  const presented = /^(?:Zoho-oauthtoken|Bearer)\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (presented === undefined) return refusals.authenticationFailure();
  const token = tokens.accessToken(presented);
  if (token === undefined) return refusals.invalidToken();
  const allows = (scope: RequiredScope): boolean => scopesAllow(token.scopes, scope);
  if (!allows(crm.scope(parameters))) return refusals.scopeMismatch();
  return crm.handler({ request, version, user: userById(token.userId), allows }, parameters);
}
