import * as v from "valibot";
import { type DeliveryLog, describeOutcome } from "../deliveries/deliveryLog.ts";
import type { Outbox } from "../deliveries/outbox.ts";
import { faultSchema } from "../faults/fault.ts";
import type { Faults } from "../faults/faults.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { type Route, route } from "../http/router.ts";
import type { SandboxRequest } from "../http/sandboxRequest.ts";
import type { MovableClock } from "../state/movableClock.ts";
import type { ChangeLog } from "./changeLog.ts";
import { controlPost, refuseControl } from "./controlBody.ts";
import { type OrganizationControlContext, organizationRoutes } from "./organizationRoutes.ts";
import { type SignInControlContext, signInRoutes } from "./signInRoutes.ts";
import { type WebhookControlContext, webhookRoutes } from "./webhookRoutes.ts";

export interface ControlContext extends SignInControlContext, OrganizationControlContext, WebhookControlContext {
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly outbox: Outbox;
  readonly deliveries: DeliveryLog;
  readonly changes: ChangeLog;
}

const clockSchema = v.object({ advance_ms: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/** What no CRM has: sign-in without questions, a clock that moves, faults on demand, and what became of deliveries. */
export function controlRoutes(context: ControlContext): readonly Route[] {
  return [
    ...signInRoutes(context),
    ...organizationRoutes(context),
    ...webhookRoutes(context),
    ...clockRoutes(context),
    ...behaviourRoutes(context),
    ...faultRoutes(context),
    route("GET", "/sandbox/changes", () => json(200, { changes: context.changes.list() })),
    route("GET", "/sandbox/deliveries", async request => listDeliveries(context, request)),
  ];
}

function clockRoutes({ clock }: ControlContext): readonly Route[] {
  return [
    route("GET", "/sandbox/clock", () => json(200, { now: clock.now() })),
    controlPost("/sandbox/clock", clockSchema, ({ advance_ms }) => {
      clock.advance(advance_ms);
      return json(200, { now: clock.now() });
    }),
  ];
}

function behaviourRoutes({ behaviour }: ControlContext): readonly Route[] {
  return [
    route("GET", "/sandbox/behaviour", () => json(200, behaviour.current)),
    controlPost("/sandbox/behaviour", v.unknown(), changes => {
      const problem = behaviour.change(changes);
      return problem === undefined ? json(200, behaviour.current) : refuseControl(problem);
    }),
  ];
}

function faultRoutes({ faults }: ControlContext): readonly Route[] {
  return [
    route("GET", "/sandbox/faults", () => json(200, { faults: faults.list() })),
    controlPost("/sandbox/faults", faultSchema, fault => {
      faults.add(fault);
      return json(201, fault);
    }),
    route("DELETE", "/sandbox/faults", () => {
      faults.clear();
      return empty(204);
    }),
  ];
}

/** `?settled=true` waits until nothing is under way. */
async function listDeliveries({ outbox, deliveries }: ControlContext, { query }: SandboxRequest): Promise<Answer> {
  if (query.get("settled") === "true") await outbox.idle();
  const listed = deliveries.list().map(delivery => ({ ...delivery, summary: describeOutcome(delivery.outcome) }));
  return json(200, { deliveries: listed });
}
