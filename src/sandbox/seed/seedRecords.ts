import { day, hour } from "../../base/clock.ts";
import { organizationDate, organizationTime } from "../crm/organization.ts";
import type { Records } from "../crm/records.ts";
import { fullName } from "../crm/recordValues.ts";
import { dealStages, leadSources, requireModule } from "../crm/standardModules.ts";
import { users } from "../crm/users.ts";
import type { IdSource } from "../state/idSource.ts";
import type { JsonObject } from "../state/json.ts";
import { seedAccounts, seedContacts, seedDeals, seedLeads } from "./seedData.ts";

/**
 * Fills an empty CRM with records that are the same at every first start, ids included; only their times are counted
 * back from `now` (milliseconds since 1970).
 */
export function seedRecords(records: Records, ids: IdSource, now: number): void {
  const planter = new Planter(records, ids, Math.floor(now / hour) * hour);
  const accounts = seedAccounts.map(([name, type, industry, city], index) =>
    planter.plant("Accounts", {
      Account_Name: name,
      Account_Type: type,
      Industry: industry,
      Billing_City: city,
      Phone: phone(100 + index),
    }),
  );
  const contacts = seedContacts.map(([first, last, title, account], index) =>
    planter.plant("Contacts", {
      ...person(first, last),
      Title: title,
      Account_Name: accounts[account] ?? null,
      Phone: phone(200 + index),
    }),
  );
  for (const [index, lead] of seedLeads.entries()) planter.plant("Leads", leadValues(lead, index));
  for (const [index, deal] of seedDeals.entries()) planter.plant("Deals", planter.dealValues(deal, contacts, index));
  planter.plantActivities();
}

class Planter {
  readonly #records: Records;
  readonly #ids: IdSource;
  readonly #now: number;
  #count = 0;

  constructor(records: Records, ids: IdSource, now: number) {
    this.#records = records;
    this.#ids = ids;
    this.#now = now;
  }

  /** Plants one record, and gives the reference by which others name it. */
  plant(moduleName: string, values: JsonObject): JsonObject {
    const module = requireModule(moduleName);
    const id = this.#ids.next();
    const age = this.#count++;
    const ownerId = (users[age % users.length] ?? users[0]).id;
    const createdAt = this.#now - 40 * day + age * 13 * hour;
    const modifiedAt = createdAt + ((age * 7) % 11) * hour;
    this.#records.plant(module, {
      id,
      values,
      ownerId,
      createdBy: ownerId,
      modifiedBy: ownerId,
      createdAt,
      modifiedAt,
    });
    return { name: values[module.nameField] ?? id, id };
  }

  dealValues(deal: (typeof seedDeals)[number], contacts: readonly JsonObject[], index: number): JsonObject {
    const [unit, project, stage, amount, closesIn, contact] = deal;
    const visit = stage === "Site Visit Scheduled" ? organizationTime(this.#now + (index + 2) * day) : null;
    return {
      Deal_Name: `${unit}, ${project}`,
      Stage: stage,
      Amount: amount,
      Closing_Date: organizationDate(this.#now, closesIn),
      Probability: Math.min(100, dealStages.indexOf(stage) * 14),
      Contact_Name: contacts[contact] ?? null,
      Property_Unit: unit,
      Site_Visit_On: visit,
      Type: "New Purchase",
      Lead_Source: leadSources[index % leadSources.length] ?? "Website",
    };
  }

  plantActivities(): void {
    const due = organizationDate(this.#now, 3);
    this.plant("Tasks", {
      Subject: "Send price sheet for Palm Court",
      Due_Date: due,
      Status: "Not Started",
      Priority: "High",
    });
    this.plant("Tasks", { Subject: "Collect token receipt", Due_Date: due, Status: "In Progress", Priority: "Normal" });
    this.plant("Events", {
      Event_Title: "Site visit: Skyline Terraces E-1502",
      Start_DateTime: organizationTime(this.#now + 2 * day),
      End_DateTime: organizationTime(this.#now + 2 * day + hour),
      Venue: "Skyline Terraces, gate 2",
    });
    this.plant("Calls", {
      Subject: "Follow-up on loan approval",
      Call_Type: "Outbound",
      Call_Start_Time: organizationTime(this.#now - day),
      Call_Duration: "06:20",
    });
  }
}

function leadValues(lead: (typeof seedLeads)[number], index: number): JsonObject {
  const [first, last, company, city, source, status, locality, budget] = lead;
  return {
    ...person(first, last),
    Company: company,
    City: city,
    Lead_Source: source,
    Lead_Status: status,
    Rating: ["Hot", "Warm", "Cold"][index % 3] ?? null,
    Preferred_Locality: locality,
    Budget: budget,
    Phone: phone(300 + index),
    Email_Opt_Out: false,
  };
}

/** The names and the invented mail address of a person. */
export function person(first: string, last: string): JsonObject {
  const names = { First_Name: first, Last_Name: last };
  const mailbox = `${first}.${last}`
    .normalize("NFD")
    .replace(/[^\w.]/g, "")
    .toLowerCase();
  return { ...names, ...fullName(names), Email: `${mailbox}@example.com` };
}

function phone(number: number): string {
  return `+91 80 5550 ${String(number).padStart(4, "0")}`;
}
