import type { CrmRecord } from "../crm/record.ts";
import { dealStages, leadSources, leadStatuses } from "../crm/standardModules.ts";
import { type Delivery, describeOutcome } from "../deliveries/deliveryLog.ts";
import { organizationTime } from "../crm/organization.ts";
import { isJsonObject } from "../state/json.ts";
import { escapeHtml, page } from "./html.ts";

export interface HomePageContent {
  readonly baseUrl: string;
  readonly leads: readonly CrmRecord[];
  readonly deals: readonly CrmRecord[];
  readonly deliveries: readonly Delivery[];
  /** What the last form did, or why it did not. */
  readonly notice: string | undefined;
}

// Addresses are relative: behind an editor in the browser the sandbox is reached under a path of that editor's.

/** The page for people: what this is, the records one can change, and what was told to whom. */
export function homePage({ baseUrl, leads, deals, deliveries, notice }: HomePageContent): string {
  return page(
    "Records",
    `<h1>CRM sandbox</h1>
    <p>A local stand-in for Zoho CRM with invented data. Change a record here, and every subscription that asked for it
    is told, as the real CRM would.</p>
    <p>API and accounts server: <code>${escapeHtml(baseUrl)}</code>. Also: <a href="sandbox/clients">registered
    clients</a>, <a href="oauth/v3/device">enter a device code</a>, <a href="sandbox/behaviour">behaviour</a>, <a href="sandbox/deliveries">deliveries as JSON</a>.</p>
    ${notice === undefined ? "" : `<p role="status">${escapeHtml(notice)}</p>`}
    <h2 id="deals">Deals</h2>
    ${table("Deals", ["Deal", "Contact", "Amount", "Stage"], deals.map(dealRow))}
    <h2 id="leads">Leads</h2>
    ${table("Leads", ["Name", "Company", "City", "Source", "Status", "Actions"], leads.map(leadRow))}
    <h2 id="new-lead">New lead</h2>
    ${leadForm("ui/leads", "Create lead", undefined)}
    <h2 id="deliveries">Recent deliveries</h2>
    ${deliveryTable(deliveries)}`,
  );
}

/** The page on which one lead is edited. */
export function leadPage(lead: CrmRecord): string {
  const name = text(lead, "Full_Name");
  return page(
    `Edit ${name}`,
    `<p><a href="../../">All records</a></p>
    <h1>Edit ${escapeHtml(name)}</h1>
    <p>Record id <code>${lead.id}</code></p>
    ${leadForm(lead.id, "Save", lead)}`,
  );
}

/** Said when a page or a record does not exist. */
export function missingPage(): string {
  return page("Not found", `<h1>Not found</h1><p>There is nothing here. <a href="../../">All records</a></p>`);
}

function table(name: string, headings: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return `<p>There are none.</p>`;
  const head = headings.map(heading => `<th scope="col">${heading}</th>`).join("");
  return `<div class="scroll"><table><caption>${name}: ${rows.length}</caption><thead><tr>${head}</tr></thead>
    <tbody>${rows.join("\n")}</tbody></table></div>`;
}

function dealRow(deal: CrmRecord): string {
  const name = text(deal, "Deal_Name");
  return `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(referenceName(deal, "Contact_Name"))}</td>
    <td>${escapeHtml(text(deal, "Amount"))}</td><td>
    <form class="inline" method="post" action="ui/deals/${deal.id}/stage">
      <select name="Stage" aria-label="Stage of ${escapeHtml(name)}">${options(dealStages, text(deal, "Stage"))}</select>
      <button aria-label="Move ${escapeHtml(name)}">Move</button>
    </form></td></tr>`;
}

function leadRow(lead: CrmRecord): string {
  const name = text(lead, "Full_Name");
  const cells = ["Company", "City", "Lead_Source", "Lead_Status"].map(
    field => `<td>${escapeHtml(text(lead, field))}</td>`,
  );
  return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.join("")}<td>
    <form class="inline" method="post" action="ui/leads/${lead.id}/delete">
      <a href="ui/leads/${lead.id}" aria-label="Edit ${escapeHtml(name)}">Edit</a>
      <button aria-label="Delete ${escapeHtml(name)}">Delete</button>
    </form></td></tr>`;
}

function leadForm(action: string, button: string, lead: CrmRecord | undefined): string {
  const input = (name: string, label: string, attributes = ""): string =>
    `<label>${label} <input name="${name}" value="${escapeHtml(text(lead, name))}" ${attributes}></label>`;
  return `<form method="post" action="${action}">
    <div class="fields">
      ${input("First_Name", "First name")}
      ${input("Last_Name", "Last name (required)", "required")}
      ${input("Company", "Company")}
      ${input("Email", "Email", 'type="email"')}
      ${input("Phone", "Phone")}
      ${input("City", "City")}
      <label>Source <select name="Lead_Source">${options(["", ...leadSources], text(lead, "Lead_Source"))}</select></label>
      <label>Status <select name="Lead_Status">${options(["", ...leadStatuses], text(lead, "Lead_Status"))}</select></label>
    </div>
    <p><button class="primary">${button}</button></p>
  </form>`;
}

function deliveryTable(deliveries: readonly Delivery[]): string {
  if (deliveries.length === 0) {
    return "<p>None yet. A change is delivered to the channels that subscribed to its module and operation.</p>";
  }
  return table("Newest first", ["When", "Change", "Records", "Channel", "To", "Outcome"], deliveries.map(deliveryRow));
}

function deliveryRow({ at, module, operation, ids, channelId, webhookId, notifyUrl, outcome }: Delivery): string {
  const cells = [
    organizationTime(at),
    `${module} ${operation}`,
    ids.join(", "),
    channelId ?? `webhook ${webhookId ?? ""}`,
    notifyUrl,
    describeOutcome(outcome),
  ];
  return `<tr>${cells.map(cell => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
}

function options(values: readonly string[], selected: string): string {
  return values.map(value => `<option${value === selected ? " selected" : ""}>${escapeHtml(value)}</option>`).join("");
}

function text(record: CrmRecord | undefined, field: string): string {
  const value = record?.values[field];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function referenceName(record: CrmRecord, field: string): string {
  const value = record.values[field];
  const name = isJsonObject(value) ? value["name"] : undefined;
  return typeof name === "string" ? name : "";
}
