import type { Clock } from "../base/clock.ts";
import { type Disposable, toDisposable } from "../base/lifecycle.ts";
import type { Module } from "./crm/module.ts";
import type { CrmRecord } from "./crm/record.ts";
import type { Records } from "./crm/records.ts";
import { dealStages, leadSources, leadStatuses, requireModule } from "./crm/standardModules.ts";
import { type User, users } from "./crm/users.ts";
import { seedLeads } from "./seed/seedData.ts";
import { person } from "./seed/seedRecords.ts";
import type { JsonObject } from "./state/json.ts";

export interface ActivityContext {
  readonly records: Records;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
}

/** Lets the sandbox's users work: one believable change every `interval` milliseconds until disposed. */
export function startActivity(context: ActivityContext, interval: number): Disposable {
  const office = new Office(context);
  let timer: Disposable;
  const next = (): void => {
    timer = context.clock.after(interval, () => {
      office.work();
      next();
    });
  };
  next();
  return toDisposable(() => timer.dispose());
}

/** Leads beyond which the office deletes before it takes on new ones, so that a long demonstration stays readable. */
const mostLeads = 60;

class Office {
  readonly #records: Records;
  readonly #random: () => number;

  constructor({ records, random }: ActivityContext) {
    this.#records = records;
    this.#random = random;
  }

  /** One change: mostly moved deals and edited leads, sometimes a new lead, rarely a deletion. */
  work(): void {
    const dice = this.#random();
    if (dice < 0.4) this.#moveDeal();
    else if (dice < 0.7) this.#editLead();
    else if (dice < 0.93 && this.#records.list(requireModule("Leads")).length < mostLeads) this.#addLead();
    else this.#deleteLead();
  }

  #moveDeal(): void {
    const module = requireModule("Deals");
    const deal = this.#pick(this.#records.list(module));
    if (deal === undefined) return;
    const stage = dealStages.findIndex(name => name === deal.values["Stage"]);
    const next = dealStages[(stage + 1) % (dealStages.length - 1)] ?? dealStages[0];
    this.#update(module, deal, { Stage: next, Probability: Math.min(100, dealStages.indexOf(next) * 14) });
  }

  #editLead(): void {
    const module = requireModule("Leads");
    const lead = this.#pick(this.#records.list(module));
    if (lead === undefined) return;
    const edits: readonly JsonObject[] = [
      { Lead_Status: this.#other(leadStatuses, lead.values["Lead_Status"]) },
      { Rating: this.#other(["Hot", "Warm", "Cold"], lead.values["Rating"]) },
      { Budget: 6_000_000 + Math.floor(this.#random() * 400) * 100_000 },
      { Phone: `+91 80 5550 ${String(1000 + Math.floor(this.#random() * 9000))}` },
    ];
    this.#update(module, lead, this.#pick(edits) ?? {});
  }

  #addLead(): void {
    const [first = "Sam"] = this.#pick(seedLeads) ?? [];
    const other = this.#pick(seedLeads);
    const lead = {
      ...person(first, other?.[1] ?? "Rao"),
      Company: other?.[2] ?? "Rao & Co",
      City: other?.[3] ?? "Bengaluru",
      Lead_Source: this.#pick(leadSources) ?? "Website",
      Lead_Status: "Not Contacted",
    };
    this.#records.create(requireModule("Leads"), [lead], { actor: this.#somebody() });
  }

  #deleteLead(): void {
    const module = requireModule("Leads");
    const lead = this.#pick(this.#records.list(module));
    if (lead !== undefined) this.#records.delete(module, [lead.id], { actor: this.#somebody() });
  }

  #update(module: Module, { id }: CrmRecord, values: JsonObject): void {
    this.#records.update(module, [{ ...values, id }], { actor: this.#somebody() });
  }

  #somebody(): User {
    return this.#pick(users) ?? users[0];
  }

  #other(choices: readonly string[], current: unknown): string {
    return this.#pick(choices.filter(choice => choice !== current)) ?? "";
  }

  #pick<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)];
  }
}
