import * as l10n from "@vscode/l10n";
import { visibleLine } from "./visibleText.ts";

/**
 * What one record of a standard module is called, at the beginning of a sentence; undefined for modules that people
 * made, which are named as their makers chose.
 */
function standardName(module: string): string | undefined {
  switch (module) {
    case "Leads":
      return l10n.t("Lead");
    case "Accounts":
      return l10n.t("Account");
    case "Contacts":
      return l10n.t("Contact");
    case "Deals":
      return l10n.t("Deal");
    case "Campaigns":
      return l10n.t("Campaign");
    case "Tasks":
      return l10n.t("Task");
    case "Cases":
      return l10n.t("Case");
    case "Calls":
      return l10n.t("Call");
    case "Events":
      return l10n.t("Meeting");
    case "Activities":
      return l10n.t("Activity");
    case "Solutions":
      return l10n.t("Solution");
    case "Products":
      return l10n.t("Product");
    case "Vendors":
      return l10n.t("Vendor");
    case "Price_Books":
      return l10n.t("Price Book");
    case "Quotes":
      return l10n.t("Quote");
    case "Sales_Orders":
      return l10n.t("Sales Order");
    case "Purchase_Orders":
      return l10n.t("Purchase Order");
    case "Invoices":
      return l10n.t("Invoice");
    case "Appointments":
      return l10n.t("Appointment");
    case "Services":
      return l10n.t("Service");
    default:
      return undefined;
  }
}

/** A module in a sentence. */
export function moduleName(module: string | undefined): string {
  return module === undefined ? l10n.t("no module") : visibleLine(module);
}

/** What one record of a module is called: `Lead`, `Sales Order`, `Meeting`, `Record of Site_Visits`. */
export function recordName(module: string | undefined): string {
  if (module === undefined) return l10n.t("Record");
  return standardName(module) ?? l10n.t("Record of {0}", visibleLine(module));
}
