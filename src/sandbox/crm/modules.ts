import { organizationId } from "../state/idSource.ts";
import type { JsonObject } from "../state/json.ts";
import { type Field, type FieldDraft, field, systemFields } from "./fields.ts";

/** One module of the CRM: what its records are called and which fields they have. */
export interface Module {
  readonly id: string;
  readonly apiName: string;
  readonly singular: string;
  readonly plural: string;
  readonly fields: readonly Field[];
  /** The field whose value stands for the record in lists and references. */
  readonly nameField: string;
  /** Whether subscriptions may name it. Metadata does not tell, as at Zoho. */
  readonly watchable: boolean;
  readonly custom: boolean;
}

interface ModuleDraft {
  readonly number: number;
  readonly apiName: string;
  readonly singular: string;
  readonly plural?: string;
  readonly nameField: string;
  readonly fields: readonly FieldDraft[];
  readonly watchable?: false;
  readonly custom?: true;
}

function defineModule(draft: ModuleDraft): Module {
  const drafts = [...draft.fields, ...systemFields];
  return {
    id: organizationId(draft.number),
    apiName: draft.apiName,
    singular: draft.singular,
    plural: draft.plural ?? `${draft.singular}s`,
    nameField: draft.nameField,
    fields: drafts.map((make, index) => make(organizationId(draft.number * 100 + index))),
    watchable: draft.watchable ?? true,
    custom: draft.custom ?? false,
  };
}

/** The stages of a deal, from first interest to the end. */
export const dealStages = [
  "Enquiry",
  "Qualification",
  "Site Visit Scheduled",
  "Site Visit Done",
  "Negotiation",
  "Token Paid",
  "Agreement Signed",
  "Closed Won",
  "Closed Lost",
] as const;

export const leadSources = [
  "Property Portal",
  "Website",
  "Referral",
  "Walk-in",
  "Channel Partner",
  "Social Media",
] as const;

export const leadStatuses = [
  "Not Contacted",
  "Attempted to Contact",
  "Contacted",
  "Contact in Future",
  "Junk Lead",
] as const;

const description = field("Description", "textarea");
const subject = field("Subject", "text", { mandatory: true });
const leadName = [field("First_Name", "text"), field("Last_Name", "text", { mandatory: true })];
const whoAndWhat = [
  field("Who_Id", "lookup", { label: "Contact Name", lookupModule: "Contacts" }),
  field("What_Id", "lookup", { label: "Related To", lookupModule: "Deals" }),
];

const drafts: readonly ModuleDraft[] = [
  {
    number: 2175,
    apiName: "Leads",
    singular: "Lead",
    nameField: "Full_Name",
    fields: [
      ...leadName,
      field("Full_Name", "text", { readOnly: true }),
      field("Company", "text"),
      field("Designation", "text", { label: "Title" }),
      field("Email", "email"),
      field("Phone", "phone"),
      field("Mobile", "phone"),
      field("City", "text"),
      field("Lead_Source", "picklist", { pickList: leadSources }),
      field("Lead_Status", "picklist", { pickList: leadStatuses }),
      field("Rating", "picklist", { pickList: ["Hot", "Warm", "Cold"] }),
      field("Annual_Revenue", "currency"),
      field("No_of_Employees", "integer", { label: "No. of Employees" }),
      field("Email_Opt_Out", "boolean"),
      field("Preferred_Locality", "text"),
      field("Budget", "currency"),
      description,
    ],
  },
  {
    number: 2177,
    apiName: "Accounts",
    singular: "Account",
    nameField: "Account_Name",
    fields: [
      field("Account_Name", "text", { mandatory: true }),
      field("Phone", "phone"),
      field("Website", "website"),
      field("Account_Type", "picklist", { pickList: ["Developer", "Channel Partner", "Investor", "Corporate"] }),
      field("Industry", "picklist", {
        pickList: ["Real Estate", "Construction", "Technology", "Finance", "Healthcare"],
      }),
      field("Billing_City", "text"),
      field("Annual_Revenue", "currency"),
      description,
    ],
  },
  {
    number: 2179,
    apiName: "Contacts",
    singular: "Contact",
    nameField: "Full_Name",
    fields: [
      ...leadName,
      field("Full_Name", "text", { readOnly: true }),
      field("Account_Name", "lookup", { lookupModule: "Accounts" }),
      field("Email", "email"),
      field("Phone", "phone"),
      field("Mobile", "phone"),
      field("Title", "text"),
      field("Lead_Source", "picklist", { pickList: leadSources }),
      field("Mailing_City", "text"),
      field("Date_of_Birth", "date"),
      description,
    ],
  },
  {
    number: 2181,
    apiName: "Deals",
    singular: "Deal",
    nameField: "Deal_Name",
    fields: [
      field("Deal_Name", "text", { mandatory: true }),
      field("Stage", "picklist", { mandatory: true, pickList: dealStages }),
      field("Amount", "currency"),
      field("Closing_Date", "date"),
      field("Probability", "integer", { label: "Probability (%)" }),
      field("Account_Name", "lookup", { lookupModule: "Accounts" }),
      field("Contact_Name", "lookup", { lookupModule: "Contacts" }),
      field("Property_Unit", "text"),
      field("Site_Visit_On", "datetime"),
      field("Type", "picklist", { pickList: ["New Purchase", "Resale", "Lease"] }),
      field("Lead_Source", "picklist", { pickList: leadSources }),
      field("Next_Step", "text"),
      description,
    ],
  },
  {
    number: 2193,
    apiName: "Tasks",
    singular: "Task",
    nameField: "Subject",
    fields: [
      subject,
      field("Due_Date", "date"),
      field("Status", "picklist", { pickList: ["Not Started", "In Progress", "Completed", "Deferred"] }),
      field("Priority", "picklist", { pickList: ["High", "Normal", "Low"] }),
      ...whoAndWhat,
      description,
    ],
  },
  {
    number: 2195,
    apiName: "Events",
    singular: "Meeting",
    nameField: "Event_Title",
    fields: [
      field("Event_Title", "text", { label: "Title", mandatory: true }),
      field("Start_DateTime", "datetime", { label: "From", mandatory: true }),
      field("End_DateTime", "datetime", { label: "To", mandatory: true }),
      field("Venue", "text", { label: "Location" }),
      ...whoAndWhat,
      description,
    ],
  },
  {
    number: 2197,
    apiName: "Calls",
    singular: "Call",
    nameField: "Subject",
    fields: [
      subject,
      field("Call_Type", "picklist", { mandatory: true, pickList: ["Inbound", "Outbound", "Missed"] }),
      field("Call_Start_Time", "datetime", { mandatory: true }),
      field("Call_Duration", "text"),
      ...whoAndWhat,
      description,
    ],
  },
  named(2183, "Campaigns", "Campaign", "Campaign_Name"),
  named(2185, "Cases", "Case", "Subject"),
  named(2187, "Products", "Product", "Product_Name"),
  named(2189, "Vendors", "Vendor", "Vendor_Name"),
  named(2199, "Quotes", "Quote", "Subject"),
  named(2201, "Sales_Orders", "Sales Order", "Subject"),
  named(2203, "Purchase_Orders", "Purchase Order", "Subject"),
  named(2205, "Invoices", "Invoice", "Subject"),
  named(2207, "Price_Books", "Price Book", "Price_Book_Name"),
  named(2209, "Solutions", "Solution", "Solution_Title"),
  { ...named(2301, "Site_Visits", "Site Visit", "Name"), custom: true },
  { ...named(2211, "Notes", "Note", "Note_Title"), watchable: false },
];

function named(number: number, apiName: string, singular: string, nameField: string): ModuleDraft {
  return { number, apiName, singular, nameField, fields: [field(nameField, "text", { mandatory: true }), description] };
}

/** Every module of the sandbox. */
export const modules: readonly Module[] = drafts.map(defineModule);

export function moduleNamed(apiName: string): Module | undefined {
  return modules.find(module => module.apiName === apiName);
}

/** A module that is known to exist. */
export function requireModule(apiName: string): Module {
  const module = moduleNamed(apiName);
  if (module === undefined) throw new Error(`There is no module ${apiName}.`);
  return module;
}

export function fieldNamed(module: Module, apiName: string): Field | undefined {
  return module.fields.find(candidate => candidate.apiName === apiName);
}

/** How `/settings/modules` shows a module. */
export function describeModule(shown: Module, index: number): JsonObject {
  return {
    id: shown.id,
    api_name: shown.apiName,
    module_name: shown.apiName,
    singular_label: shown.singular,
    plural_label: shown.plural,
    generated_type: shown.custom ? "custom" : "default",
    api_supported: true,
    creatable: true,
    editable: true,
    deletable: true,
    viewable: true,
    convertable: shown.apiName === "Leads",
    quick_create: true,
    visible: true,
    visibility: 1,
    show_as_tab: true,
    presence_sub_menu: true,
    global_search_supported: true,
    feeds_required: false,
    status: "visible",
    sequence_number: index + 1,
    profile_count: 2,
    business_card_field_limit: 5,
    modified_time: null,
    modified_by: null,
    profiles: [],
    arguments: [],
    parent_module: {},
    web_link: null,
  };
}
