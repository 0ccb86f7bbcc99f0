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

/** A field of a module (`GET /settings/fields`). */
export interface FieldInfo {
  readonly id: string;
  readonly apiName: string;
  readonly label: string;
  readonly dataType: string;
}

/** The organisation that a sign-in belongs to (`GET /org`). */
export interface Organization {
  readonly id: string;
  readonly name: string;
  /** "Production", "Sandbox" or "Developer"; "Production" where Zoho does not say, so that writes are confirmed. */
  readonly type: string;
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
