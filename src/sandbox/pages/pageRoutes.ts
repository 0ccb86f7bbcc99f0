import type { ItemResult } from "../crm/apiError.ts";
import type { Module } from "../crm/module.ts";
import type { Records } from "../crm/records.ts";
import { requireModule } from "../crm/standardModules.ts";
import { users } from "../crm/users.ts";
import type { DeliveryLog } from "../deliveries/deliveryLog.ts";
import { type Answer, html, redirect } from "../http/answer.ts";
import { formFields } from "../http/formFields.ts";
import { type Route, route } from "../http/router.ts";
import type { SandboxRequest } from "../http/sandboxRequest.ts";
import type { JsonObject } from "../state/json.ts";
import { homePage, leadPage, missingPage } from "./homePage.ts";

export interface PageContext {
  readonly records: Records;
  readonly deliveries: DeliveryLog;
  readonly baseUrl: () => string;
}

const shownDeliveries = 50;

/** The pages on which a person looks at records and changes them, as the sandbox's first user. */
export function pageRoutes(context: PageContext): readonly Route[] {
  const { records } = context;
  const leads = requireModule("Leads");
  const deals = requireModule("Deals");
  const actor = users[0];
  return [
    route("GET", "/", ({ query }) => html(200, home(context, leads, deals, query.get("notice") ?? undefined))),
    route("GET", "/ui/leads/:id", (_request, { id }) => {
      const lead = records.get(leads, id ?? "");
      return lead === undefined ? html(404, missingPage()) : html(200, leadPage(lead));
    }),
    route("POST", "/ui/leads", request =>
      backHome(records.create(leads, [formValues(request)], { actor }), "Lead created."),
    ),
    route("POST", "/ui/leads/:id", (request, { id }) =>
      backHome(records.update(leads, [{ ...formValues(request), id: id ?? "" }], { actor }), "Lead saved."),
    ),
    route("POST", "/ui/leads/:id/delete", (_request, { id }) =>
      backHome(records.delete(leads, [id ?? ""], { actor }), "Lead deleted."),
    ),
    route("POST", "/ui/deals/:id/stage", (request, { id }) =>
      backHome(records.update(deals, [{ ...formValues(request), id: id ?? "" }], { actor }), "Deal moved."),
    ),
  ];
}

function home({ records, deliveries, baseUrl }: PageContext, leads: Module, deals: Module, notice?: string): string {
  return homePage({
    baseUrl: baseUrl(),
    leads: records.list(leads).toReversed(),
    deals: records.list(deals),
    deliveries: deliveries.list().slice(0, shownDeliveries),
    notice,
  });
}

/** The form's fields as values of a record; an empty one empties the field. */
function formValues(request: SandboxRequest): JsonObject {
  const fields = [...formFields(request)].map(([name, value]): [string, string | null] => [name, value || null]);
  return Object.fromEntries(fields);
}

function backHome([result]: readonly ItemResult[], success: string): Answer {
  const notice = result?.ok === false ? refusal(result.error.code, result.error.details["api_name"]) : success;
  return redirect(`/?notice=${encodeURIComponent(notice)}`);
}

function refusal(code: string, field: unknown): string {
  return typeof field === "string" ? `Not done: ${field} was refused (${code}).` : `Not done (${code}).`;
}
