import type { BehaviourSwitches } from "../behaviour.ts";
import type { ModuleCatalog } from "../crm/moduleCatalog.ts";
import { isPrivateHost } from "../deliveries/privateHost.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import { type Route, route } from "../http/router.ts";
import { type WebhookDraft, webhookSchema } from "../webhooks/webhookRule.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import { controlPost, refuseControl } from "./controlBody.ts";

export interface WebhookControlContext {
  readonly webhooks: Webhooks;
  readonly catalog: ModuleCatalog;
  readonly behaviour: BehaviourSwitches;
}

/** Workflow rules with webhooks: listing, setting and removing them. */
export function webhookRoutes(context: WebhookControlContext): readonly Route[] {
  const { webhooks } = context;
  return [
    route("GET", "/sandbox/webhooks", () => json(200, { webhooks: webhooks.list() })),
    controlPost("/sandbox/webhooks", webhookSchema, draft => addWebhook(context, draft)),
    route("DELETE", "/sandbox/webhooks", () => {
      webhooks.clear();
      return empty(204);
    }),
    route("DELETE", "/sandbox/webhooks/:id", (_request, { id = "" }) =>
      webhooks.remove(id) ? empty(204) : json(404, { error: "There is no such webhook." }),
    ),
  ];
}

function addWebhook({ webhooks, catalog, behaviour }: WebhookControlContext, draft: WebhookDraft): Answer {
  if (catalog.named(draft.module) === undefined) return refuseControl(`There is no module ${draft.module}.`);
  const { hostname } = new URL(draft.url);
  if (behaviour.current.webhookHosts === "public" && isPrivateHost(hostname)) {
    return refuseControl(`${hostname} is a private host; Zoho's webhooks go to public ones only.`);
  }
  return json(201, webhooks.add(draft));
}
