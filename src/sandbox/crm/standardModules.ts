import { field } from "./fields.ts";
import { type Module, type ModuleDraft, defineModule, plainModule } from "./module.ts";

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
  plainModule(2183, "Campaigns", "Campaign", "Campaign_Name"),
  plainModule(2185, "Cases", "Case", "Subject"),
  plainModule(2187, "Products", "Product", "Product_Name"),
  plainModule(2189, "Vendors", "Vendor", "Vendor_Name"),
  plainModule(2199, "Quotes", "Quote", "Subject"),
  plainModule(2201, "Sales_Orders", "Sales Order", "Subject"),
  plainModule(2203, "Purchase_Orders", "Purchase Order", "Subject"),
  plainModule(2205, "Invoices", "Invoice", "Subject"),
  plainModule(2207, "Price_Books", "Price Book", "Price_Book_Name"),
  plainModule(2209, "Solutions", "Solution", "Solution_Title"),
  plainModule(2213, "Appointments__s", "Appointment", "Appointment_Name"),
  plainModule(2215, "Services__s", "Service", "Service_Name"),
  { ...plainModule(2301, "Site_Visits", "Site Visit", "Name"), custom: true },
  { ...plainModule(2211, "Notes", "Note", "Note_Title"), watchable: false },
];

/** The modules that every organisation of the sandbox has. */
export const standardModules: readonly Module[] = drafts.map(defineModule);

/** A standard module that is known to exist. */
export function requireModule(apiName: string): Module {
  const module = standardModules.find(candidate => candidate.apiName === apiName);
  if (module === undefined) throw new Error(`There is no module ${apiName}.`);
  return module;
}
