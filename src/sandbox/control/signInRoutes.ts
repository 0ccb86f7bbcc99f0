import * as v from "valibot";
import { type User, users } from "../crm/users.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { type Route, route } from "../http/router.ts";
import { type Clients, clientRegistrationSchema, selfClient } from "../oauth/clients.ts";
import type { DeviceCodes } from "../oauth/deviceCodes.ts";
import { fullScopes } from "../oauth/scopes.ts";
import type { Tokens } from "../oauth/tokens.ts";
import { controlPost, refuseControl } from "./controlBody.ts";

export interface SignInControlContext {
  readonly clients: Clients;
  readonly tokens: Tokens;
  readonly deviceCodes: DeviceCodes;
  readonly baseUrl: () => string;
}

const selfClientCodeSchema = v.object({
  /** Id or address of one of the sandbox's users. */
  user: v.optional(v.string(), users[0].id),
  scopes: v.optional(v.array(v.string()), [...fullScopes]),
});

const someUserSchema = v.object({
  /** Id or address; all users without it. */
  user: v.optional(v.string()),
});

const deviceDecisionSchema = v.object({
  /** The code that the device shows; without it, the newest that waits. */
  user_code: v.optional(v.string()),
  decision: v.optional(v.picklist(["accept", "deny"]), "accept"),
  /** Id or address of one of the sandbox's users. */
  user: v.optional(v.string(), users[0].id),
});

/** Who may sign in and how, without questions; and the ends that codes and tokens can come to. */
export function signInRoutes(context: SignInControlContext): readonly Route[] {
  const { clients, tokens } = context;
  return [
    controlPost("/sandbox/self-client-code", selfClientCodeSchema, asked => selfClientCode(context, asked)),
    route("GET", "/sandbox/clients", () => json(200, { clients: clients.list() })),
    controlPost("/sandbox/clients", clientRegistrationSchema, asked => json(201, clients.register(asked))),
    controlPost("/sandbox/device-decision", deviceDecisionSchema, asked => decideDevice(context, asked)),
    route("GET", "/sandbox/users", () => json(200, { users })),
    controlPost("/sandbox/revoke-tokens", someUserSchema, asked => revokeTokens(tokens, asked.user)),
    route("POST", "/sandbox/expire-codes", () => json(200, { expired: tokens.expireCodes() })),
    route("POST", "/sandbox/expire-access-tokens", () => {
      tokens.expireAccessTokens();
      return empty(204);
    }),
  ];
}

function selfClientCode(
  { tokens, baseUrl }: SignInControlContext,
  asked: v.InferOutput<typeof selfClientCodeSchema>,
): Answer {
  const user = findUser(asked.user);
  if (user === undefined) return noSuchUser();
  const { client_id, client_secret } = selfClient;
  const code = tokens.issueSelfClientCode({ clientId: client_id, userId: user.id, scopes: asked.scopes });
  return json(200, { client_id, client_secret, code, accounts_url: baseUrl() });
}

/** Decides about a device code as a person does on the page for it. */
function decideDevice(
  { deviceCodes }: SignInControlContext,
  asked: v.InferOutput<typeof deviceDecisionSchema>,
): Answer {
  const user = findUser(asked.user);
  if (user === undefined) return noSuchUser();
  const request = asked.user_code === undefined ? deviceCodes.open().at(-1) : deviceCodes.find(asked.user_code);
  if (request === undefined) return refuseControl("No device waits with such a code.");
  deviceCodes.decide(request, asked.decision === "accept" ? { kind: "accepted", userId: user.id } : { kind: "denied" });
  return json(200, { user_code: request.userCode, decision: asked.decision });
}

function revokeTokens(tokens: Tokens, asked: string | undefined): Answer {
  const user = asked === undefined ? undefined : findUser(asked);
  if (asked !== undefined && user === undefined) return noSuchUser();
  return json(200, { revoked: tokens.revokeAll(user?.id) });
}

/** The user with this id or address. */
export function findUser(asked: string): User | undefined {
  return users.find(({ id, email }) => id === asked || email === asked);
}

export function noSuchUser(): Answer {
  return refuseControl("There is no such user; GET /sandbox/users lists them.");
}
