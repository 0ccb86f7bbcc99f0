import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import type { BehaviourSwitches } from "../behaviour.ts";
import { type User, users } from "../crm/users.ts";
import { type DeliveryLog, describeOutcome } from "../deliveries/deliveryLog.ts";
import type { Outbox } from "../deliveries/outbox.ts";
import { faultSchema } from "../faults/fault.ts";
import type { Faults } from "../faults/faults.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { type Route, route } from "../http/router.ts";
import { type SandboxRequest, bodyText } from "../http/sandboxRequest.ts";
import { type Clients, clientRegistrationSchema, selfClient } from "../oauth/clients.ts";
import { fullScopes } from "../oauth/scopes.ts";
import type { Tokens } from "../oauth/tokens.ts";
import type { MovableClock } from "../state/movableClock.ts";

export interface ControlContext {
  readonly clients: Clients;
  readonly tokens: Tokens;
  readonly clock: MovableClock;
  readonly behaviour: BehaviourSwitches;
  readonly faults: Faults;
  readonly outbox: Outbox;
  readonly deliveries: DeliveryLog;
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

const clockSchema = v.object({ advance_ms: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/** What no CRM has: sign-in without questions, a clock that moves, faults on demand, and what became of deliveries. */
export function controlRoutes(context: ControlContext): readonly Route[] {
  const { clients, tokens, clock, behaviour, faults, deliveries } = context;
  return [
    route("POST", "/sandbox/self-client-code", request =>
      withBody(request, selfClientCodeSchema, asked => selfClientCode(context, asked)),
    ),
    route("GET", "/sandbox/clients", () => json(200, { clients: clients.list() })),
    route("POST", "/sandbox/clients", request =>
      withBody(request, clientRegistrationSchema, asked => json(201, clients.register(asked))),
    ),
    route("GET", "/sandbox/users", () => json(200, { users })),
    route("GET", "/sandbox/clock", () => json(200, { now: clock.now() })),
    route("POST", "/sandbox/clock", request =>
      withBody(request, clockSchema, ({ advance_ms }) => {
        clock.advance(advance_ms);
        return json(200, { now: clock.now() });
      }),
    ),
    route("GET", "/sandbox/behaviour", () => json(200, behaviour.current)),
    route("POST", "/sandbox/behaviour", request =>
      withBody(request, v.unknown(), changes => changeBehaviour(behaviour, changes)),
    ),
    route("GET", "/sandbox/faults", () => json(200, { faults: faults.list() })),
    route("POST", "/sandbox/faults", request =>
      withBody(request, faultSchema, fault => {
        faults.add(fault);
        return json(201, fault);
      }),
    ),
    route("DELETE", "/sandbox/faults", () => {
      faults.clear();
      return empty(204);
    }),
    route("POST", "/sandbox/revoke-tokens", request =>
      withBody(request, someUserSchema, asked => revokeTokens(tokens, asked.user)),
    ),
    route("POST", "/sandbox/expire-codes", () => json(200, { expired: tokens.expireCodes() })),
    route("POST", "/sandbox/expire-access-tokens", () => {
      tokens.expireAccessTokens();
      return empty(204);
    }),
    route("GET", "/sandbox/deliveries", async request => listDeliveries(context.outbox, deliveries, request)),
  ];
}

function selfClientCode(
  { tokens, baseUrl }: ControlContext,
  asked: v.InferOutput<typeof selfClientCodeSchema>,
): Answer {
  const user = findUser(asked.user);
  if (user === undefined) return noSuchUser();
  const { client_id, client_secret } = selfClient;
  const code = tokens.issueSelfClientCode({ clientId: client_id, userId: user.id, scopes: asked.scopes });
  return json(200, { client_id, client_secret, code, accounts_url: baseUrl() });
}

function revokeTokens(tokens: Tokens, asked: string | undefined): Answer {
  const user = asked === undefined ? undefined : findUser(asked);
  if (asked !== undefined && user === undefined) return noSuchUser();
  return json(200, { revoked: tokens.revokeAll(user?.id) });
}

function findUser(asked: string): User | undefined {
  return users.find(({ id, email }) => id === asked || email === asked);
}

function noSuchUser(): Answer {
  return refuse("There is no such user; GET /sandbox/users lists them.");
}

function changeBehaviour(behaviour: BehaviourSwitches, changes: unknown): Answer {
  const problem = behaviour.change(changes);
  return problem === undefined ? json(200, behaviour.current) : refuse(problem);
}

/** `?settled=true` waits until nothing is under way. */
async function listDeliveries(outbox: Outbox, log: DeliveryLog, { query }: SandboxRequest): Promise<Answer> {
  if (query.get("settled") === "true") await outbox.idle();
  const deliveries = log.list().map(delivery => ({ ...delivery, summary: describeOutcome(delivery.outcome) }));
  return json(200, { deliveries });
}

function withBody<T>(
  request: SandboxRequest,
  schema: v.GenericSchema<unknown, T>,
  action: (body: T) => Answer,
): Answer {
  const text = bodyText(request).trim();
  const body = parseJson(text === "" ? "{}" : text);
  if (!body.ok) return refuse("The body is not JSON.");
  const parsed = v.safeParse(schema, body.value);
  return parsed.success ? action(parsed.output) : refuse(v.summarize(parsed.issues));
}

function refuse(message: string): Answer {
  return json(400, { error: message });
}
