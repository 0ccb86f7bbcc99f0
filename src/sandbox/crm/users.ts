import { organizationId } from "../state/idSource.ts";
import type { JsonObject } from "../state/json.ts";

/** Somebody who works in the sandbox's organisation. */
export interface User {
  readonly id: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly full_name: string;
  readonly email: string;
  readonly role: string;
  readonly profile: Profile["name"];
  readonly mayDelete: boolean;
  /** Modules whose records they may neither see nor change. */
  readonly hiddenModules: readonly string[];
}

interface Profile {
  readonly name: "Administrator" | "Standard" | "Standard without delete" | "Standard without deals";
  readonly number: number;
  readonly mayDelete: boolean;
  readonly hiddenModules: readonly string[];
}

const administrator: Profile = { name: "Administrator", number: 26011, mayDelete: true, hiddenModules: [] };
const standard: Profile = { name: "Standard", number: 26014, mayDelete: true, hiddenModules: [] };
const withoutDelete: Profile = { ...standard, name: "Standard without delete", number: 26017, mayDelete: false };
const withoutDeals: Profile = { ...standard, name: "Standard without deals", number: 26020, hiddenModules: ["Deals"] };
const profiles = [administrator, standard, withoutDelete, withoutDeals];

/** The first is who signs in unless another is chosen. */
export const users: readonly [User, ...User[]] = [
  user(554001, "Asha", "Menon", "CEO", administrator),
  user(554002, "Daniel", "Okafor", "Sales Manager", withoutDelete),
  user(554003, "Mei", "Tanaka", "Sales Agent", standard),
  user(554004, "Lucía", "Ferrer", "Sales Agent", withoutDeals),
];

function user(number: number, first_name: string, last_name: string, role: string, profile: Profile): User {
  const email = `${first_name}.${last_name}@example.com`
    .normalize("NFD")
    .replace(/[^\w.@]/g, "")
    .toLowerCase();
  return {
    id: organizationId(number),
    first_name,
    last_name,
    full_name: `${first_name} ${last_name}`,
    email,
    role,
    profile: profile.name,
    mayDelete: profile.mayDelete,
    hiddenModules: profile.hiddenModules,
  };
}

/** The user with this id; the first where the id is unknown, so that a record always has somebody. */
export function userById(id: string): User {
  return users.find(candidate => candidate.id === id) ?? users[0];
}

/** How records refer to a user. */
export function userReference({ full_name, id, email }: User): JsonObject {
  return { name: full_name, id, email };
}

/** How `/users` shows a user. */
export function describeUser(shown: User): JsonObject {
  const index = users.indexOf(shown);
  return {
    id: shown.id,
    first_name: shown.first_name,
    last_name: shown.last_name,
    full_name: shown.full_name,
    email: shown.email,
    role: { name: shown.role, id: organizationId(26000 + index) },
    profile: { name: shown.profile, id: profileId(shown.profile) },
    status: "active",
    confirm: true,
    zuid: String(66_480_000 + index),
    time_zone: "Asia/Kolkata",
    locale: "en_GB",
    country_locale: "en_GB",
    language: "en_GB",
    date_format: "dd-MM-yyyy",
    time_format: "HH:mm",
    offset: 19_800_000,
    type__s: "Regular User",
  };
}

function profileId(name: User["profile"]): string {
  return organizationId(profiles.find(profile => profile.name === name)?.number ?? standard.number);
}
