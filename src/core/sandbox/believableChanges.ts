import * as l10n from "@vscode/l10n";
import { type Clock, sleep } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import type { Connection } from "../connections/connection.ts";
import type { SandboxRecords } from "./sandboxRecords.ts";

export interface BelievableChangesOptions {
  readonly records: Pick<SandboxRecords, "fields" | "list" | "create" | "update" | "delete">;
  readonly connection: Connection;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly signal?: AbortSignal;
  /** Told what happens next, and how many changes there are. */
  readonly onProgress?: (words: string, total: number) => void;
}

/** Between two changes, in milliseconds: each can be seen to arrive. */
const pace = 700;

const people = [
  ["Noor", "Haddad", "Haddad Interiors"],
  ["Tomás", "Rivera", "Rivera & Hijos"],
  ["Ingrid", "Solberg", "Solberg Arkitekter"],
  ["Kwame", "Mensah", "Mensah Estates"],
] as const;

/** The one lead whose story is told; its id once it exists. */
interface Story {
  readonly person: (typeof people)[number];
  lead: string | undefined;
}

interface Change {
  readonly words: string;
  readonly make: (story: Story) => Promise<Result<unknown, Problem>>;
}

/**
 * A minute of an office: a lead comes in, is called and rated, a deal moves on, and another lead turns out to be junk
 * and is deleted. Each is one call of the API; gives how many were made. Ends early, and well, when the signal aborts.
 */
export async function makeBelievableChanges(options: BelievableChangesOptions): Promise<Result<number, Problem>> {
  const { clock, random, signal, onProgress } = options;
  const story: Story = { person: people[Math.floor(random() * people.length)] ?? people[0], lead: undefined };
  const changes = changesOf(options);
  for (const [made, { words, make }] of changes.entries()) {
    if (made > 0) await sleep(clock, pace, signal);
    if (signal?.aborted === true) return succeed(made);
    onProgress?.(words, changes.length);
    const outcome = await make(story);
    if (!outcome.ok) return outcome;
  }
  return succeed(changes.length);
}

function changesOf(options: BelievableChangesOptions): readonly Change[] {
  const { records, connection } = options;
  const updateLead = async ({ lead = "" }: Story, values: Record<string, string>): Promise<Result<string, Problem>> =>
    records.update(connection, "Leads", lead, values);
  return [
    { words: l10n.t("A lead comes in"), make: async story => createLead(options, story) },
    { words: l10n.t("It is called"), make: async story => updateLead(story, { Lead_Status: "Contacted" }) },
    {
      words: l10n.t("It is rated"),
      make: async story => updateLead(story, { Rating: "Hot", Phone: "+44 20 7946 0018" }),
    },
    { words: l10n.t("A deal moves on"), make: async () => moveDeal(options) },
    { words: l10n.t("A junk lead comes in"), make: async story => createLead(options, story, "Test Submission") },
    { words: l10n.t("It is deleted"), make: async story => records.delete(connection, "Leads", story.lead ?? "") },
  ];
}

async function createLead(
  { records, connection }: BelievableChangesOptions,
  story: Story,
  lastName?: string,
): Promise<Result<string, Problem>> {
  const [firstName, familyName, company] = story.person;
  const created = await records.create(connection, "Leads", {
    First_Name: firstName,
    Last_Name: lastName ?? familyName,
    Company: company,
    Lead_Status: "Not Contacted",
    Lead_Source: "Website",
  });
  if (created.ok) story.lead = created.value;
  return created;
}

/** Moves some deal to the next stage; makes one where there is none. */
async function moveDeal({ records, connection, random }: BelievableChangesOptions): Promise<Result<unknown, Problem>> {
  const [fields, deals] = await Promise.all([
    records.fields(connection, "Deals"),
    records.list(connection, "Deals", ["Stage"]),
  ]);
  if (!fields.ok) return fields;
  if (!deals.ok) return deals;
  const stages = fields.value.find(({ apiName }) => apiName === "Stage")?.choices ?? [];
  const deal = deals.value[Math.floor(random() * deals.value.length)];
  if (deal === undefined) {
    return records.create(connection, "Deals", { Deal_Name: "Garden flat", Stage: stages[0] ?? "Enquiry" });
  }
  const at = stages.findIndex(stage => stage === deal.values["Stage"]);
  return records.update(connection, "Deals", deal.id, { Stage: stages[(at + 1) % stages.length] ?? "Enquiry" });
}
