import { hour, minute } from "../../base/clock.ts";
import { organizationId } from "../state/idSource.ts";
import type { JsonObject } from "../state/json.ts";

export type OrganizationType = "Production" | "Sandbox" | "Developer";

const timeZone = "Asia/Kolkata";
const offset = 5 * hour + 30 * minute;
const offsetText = "+05:30";

/** The organisation's id beyond the CRM, which client credentials name. */
export const zgid = "66489999";

/** An instant as this organisation writes it: in its own offset, without fractional seconds. */
export function organizationTime(instant: number): string {
  return `${new Date(instant + offset).toISOString().slice(0, 19)}${offsetText}`;
}

/** A day as this organisation's calendar has it, `days` after the instant. */
export function organizationDate(instant: number, days = 0): string {
  return new Date(instant + offset + days * 24 * hour).toISOString().slice(0, 10);
}

/** How `/org` shows the organisation. */
export function describeOrganization(type: OrganizationType): JsonObject {
  return {
    id: organizationId(123001),
    company_name: "Harbourline Homes",
    alias: null,
    type,
    primary_email: "office@example.com",
    phone: "+91 80 5550 0100",
    website: "https://harbourline.example.com",
    city: "Bengaluru",
    country: "India",
    country_code: "IN",
    currency: "Indian Rupee - INR",
    currency_symbol: "₹",
    iso_code: "INR",
    time_zone: timeZone,
    primary_zuid: "66480000",
    zgid,
    domain_name: `org${zgid}`,
    mc_status: false,
    privacy_settings: false,
    translation_enabled: false,
    license_details: { paid: true, paid_type: "enterprise", users_license_purchased: 10, trial_type: null },
  };
}
