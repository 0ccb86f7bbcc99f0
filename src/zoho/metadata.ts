import * as v from "valibot";
import { idSchema, optionalText } from "./wire.ts";

/** A module of the organisation (`GET /settings/modules`). */
export interface ModuleInfo {
  readonly id: string;
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

const flag = v.fallback(v.boolean(), false);

export const modulesSchema = v.pipe(
  v.object({
    modules: v.array(
      v.pipe(
        v.object({
          id: idSchema,
          api_name: v.string(),
          singular_label: optionalText,
          plural_label: optionalText,
          api_supported: flag,
          creatable: flag,
          editable: flag,
          deletable: flag,
          generated_type: optionalText,
        }),
        v.transform((module): ModuleInfo => ({
          id: module.id,
          apiName: module.api_name,
          singularLabel: module.singular_label ?? module.api_name,
          pluralLabel: module.plural_label ?? module.api_name,
          apiSupported: module.api_supported,
          creatable: module.creatable,
          editable: module.editable,
          deletable: module.deletable,
          generatedType: module.generated_type ?? "default",
        })),
      ),
    ),
  }),
  v.transform(body => body.modules),
);

const licenseSchema = v.fallback(v.optional(v.object({ paid_type: optionalText })), undefined);

export const organizationSchema = v.pipe(
  v.object({
    org: v.looseTuple([
      v.object({ id: idSchema, company_name: optionalText, type: optionalText, license_details: licenseSchema }),
    ]),
  }),
  v.transform(({ org: [first] }): Organization => ({
    id: first.id,
    name: first.company_name ?? `Organisation ${first.id}`,
    type: capitalized(first.type ?? "Production"),
    ...(first.license_details?.paid_type === undefined ? {} : { edition: first.license_details.paid_type }),
  })),
);

export const currentUserSchema = v.pipe(
  v.object({
    users: v.looseTuple([v.object({ id: idSchema, full_name: optionalText, email: optionalText })]),
  }),
  v.transform(({ users: [first] }): CurrentUser => ({
    id: first.id,
    name: first.full_name ?? first.email ?? `User ${first.id}`,
    email: first.email ?? "",
  })),
);

/** Versions of the API differ in the case of the organisation's type. */
function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}
