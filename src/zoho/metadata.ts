import * as v from "valibot";
import { present } from "./present.ts";
import { listOf } from "./readItems.ts";
import { idSchema, looseText, optionalPart, plainFlag } from "./wire.ts";

/** A module of the organisation (`GET /settings/modules`). */
export interface ModuleInfo {
  /** Some modules have none. */
  readonly id?: string;
  readonly apiName: string;
  readonly singularLabel: string;
  readonly pluralLabel: string;
  readonly apiSupported: boolean;
  readonly creatable: boolean;
  readonly editable: boolean;
  readonly deletable: boolean;
  /** Zoho's `generated_type`: "default", "custom", "linking", "subform"… */
  readonly generatedType: string;
}

/** The organisation that a sign-in belongs to (`GET /org`). */
export interface Organization {
  readonly id: string;
  readonly name: string;
  /** "Production", "Sandbox" or "Developer"; "Production" where Zoho does not say, so that writes are confirmed. */
  readonly type: string;
  /** Such as "enterprise", where Zoho tells what is paid for. */
  readonly edition?: string;
}

/** The person who signed in (`GET /users?type=CurrentUser`). */
export interface CurrentUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Zoho's metadata has no flag for what can be subscribed to; this is the nearest that it tells. */
export function isWatchable(module: ModuleInfo): boolean {
  return module.apiSupported && (module.creatable || module.editable || module.deletable);
}

const moduleSchema = v.pipe(
  v.object({
    id: optionalPart(idSchema),
    api_name: v.pipe(v.string(), v.nonEmpty()),
    singular_label: looseText,
    plural_label: looseText,
    api_supported: plainFlag,
    creatable: plainFlag,
    editable: plainFlag,
    deletable: plainFlag,
    generated_type: looseText,
  }),
  v.transform((module): ModuleInfo => ({
    apiName: module.api_name,
    singularLabel: module.singular_label ?? module.api_name,
    pluralLabel: module.plural_label ?? module.api_name,
    apiSupported: module.api_supported,
    creatable: module.creatable,
    editable: module.editable,
    deletable: module.deletable,
    generatedType: module.generated_type ?? "default",
    ...present("id", module.id),
  })),
);

/** The modules of an answer. */
export const modulesSchema = listOf("modules", moduleSchema);

const organizationSchema = v.pipe(
  v.object({
    id: idSchema,
    company_name: looseText,
    type: looseText,
    license_details: optionalPart(v.object({ paid_type: looseText })),
  }),
  v.transform((organization): Organization => ({
    id: organization.id,
    name: organization.company_name ?? `Organisation ${organization.id}`,
    type: capitalized(organization.type ?? "Production"),
    ...present("edition", organization.license_details?.paid_type),
  })),
);

/** The organisations of an answer: there is one. */
export const organizationsSchema = listOf("org", organizationSchema);

const userSchema = v.pipe(
  v.object({ id: idSchema, full_name: looseText, email: looseText }),
  v.transform((user): CurrentUser => ({
    id: user.id,
    name: user.full_name ?? user.email ?? `User ${user.id}`,
    email: user.email ?? "",
  })),
);

/** The users of an answer. */
export const usersSchema = listOf("users", userSchema);

/** Versions of the API differ in the case of the organisation's type. */
function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}
