import { organizationId } from "../state/idSource.ts";
import type { JsonObject } from "../state/json.ts";
import { type Field, type FieldDraft, field, systemFields } from "./fields.ts";
import type { User } from "./users.ts";

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

/** A module by what is its own: ids and system fields are added. */
export interface ModuleDraft {
  readonly number: number;
  readonly apiName: string;
  readonly singular: string;
  readonly plural?: string;
  readonly nameField: string;
  readonly fields: readonly FieldDraft[];
  readonly watchable?: false;
  readonly custom?: true;
}

export function defineModule(draft: ModuleDraft): Module {
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

/** A module with a name, a description, and little else. */
export function plainModule(number: number, apiName: string, singular: string, nameField: string): ModuleDraft {
  return {
    number,
    apiName,
    singular,
    nameField,
    fields: [field(nameField, "text", { mandatory: true }), field("Description", "textarea")],
  };
}

export function fieldNamed(module: Module, apiName: string): Field | undefined {
  return module.fields.find(candidate => candidate.apiName === apiName);
}

/** How `/settings/modules` shows a module to a user. */
export function describeModule(shown: Module, index: number, user: User): JsonObject {
  const visible = !user.hiddenModules.includes(shown.apiName);
  return {
    id: shown.id,
    api_name: shown.apiName,
    module_name: shown.apiName,
    singular_label: shown.singular,
    plural_label: shown.plural,
    generated_type: shown.custom ? "custom" : "default",
    api_supported: true,
    creatable: visible,
    editable: visible,
    deletable: visible && user.mayDelete,
    viewable: visible,
    convertable: shown.apiName === "Leads",
    quick_create: true,
    visible,
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
