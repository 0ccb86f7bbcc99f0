/** What the declarations of every organisation begin with. */
export const commonTypes = `declare const idOf: unique symbol;

/** A record's id as its digits, which a number could not hold. Ids of two modules cannot be taken for each other. */
export type RecordId<Module extends string = string> = string & { readonly [idOf]: Module };

/** The id of a notification channel as its digits, which a number could not hold. */
export type ChannelId = string & { readonly [idOf]: "actions/watch" };

/** Values that the metadata knows, and any other text: administrators add some, and old records keep theirs. */
export type Open<Known extends string> = Known | (string & Record<never, never>);

/** A day, such as "2026-03-31". */
export type DateText = string;

/** An instant with its offset, such as "2026-03-31T14:30:00+05:30". */
export type DateTimeText = string;

/** A record that a field refers to. */
export interface Reference<Module extends string = string> {
  readonly id: RecordId<Module>;
  readonly name?: string | null;
}

/** A user that a field refers to. */
export interface UserReference extends Reference<"users"> {
  readonly email?: string | null;
}

/** What is told of a record that was deleted. */
export interface DeletedFields {
  readonly Modified_By: UserReference;
  readonly Record_Status__s: number;
}

interface EventBase<Module extends string, Fields> {
  readonly module: Module;
  /** The operation in Zoho's own word, such as insert, update or restore; undefined where it tells none. */
  readonly operationWord: string | undefined;
  readonly recordId: RecordId<Module>;
  /** API names of the fields that changed. */
  readonly changedFields: readonly Open<keyof Fields & string>[];
  /** The new values of the fields that changed; undefined where the subscription does not ask for values. */
  readonly values: Readonly<Partial<Fields>> | undefined;
  readonly channelId: ChannelId;
  /** Zoho's time of the change, in milliseconds since 1970, where it tells. */
  readonly serverTime: number | undefined;
  /** What \`notify_url\` has behind its question mark. */
  readonly queryParams: Readonly<Record<string, unknown>>;
}

export interface CreateEvent<Module extends string, Fields> extends EventBase<Module, Fields> {
  readonly operation: "create";
}

export interface EditEvent<Module extends string, Fields> extends EventBase<Module, Fields> {
  readonly operation: "edit";
}

export interface DeleteEvent<Module extends string> extends EventBase<Module, DeletedFields> {
  readonly operation: "delete";
}

/** Zoho's word for the operation is none of those that are documented. */
export interface OtherEvent<Module extends string, Fields> extends EventBase<Module, Fields> {
  readonly operation: "other";
}

/** A change of one record of a module. */
export type RecordEvent<Module extends string, Fields> =
  CreateEvent<Module, Fields> | EditEvent<Module, Fields> | DeleteEvent<Module> | OtherEvent<Module, Fields>;

/** A change of which Zoho names no module, as it does of users. */
export interface ModulelessEvent extends Omit<EventBase<string, Readonly<Record<string, unknown>>>, "module"> {
  readonly module: undefined;
  readonly operation: "create" | "edit" | "delete" | "other";
}

/** The body of a delivery. One delivery can tell of several records. */
export interface Notification<Module extends string, Operation extends string, Fields> {
  readonly server_time: number;
  readonly module: Module;
  readonly operation: Operation;
  readonly ids: readonly RecordId<Module>[];
  readonly channel_id: ChannelId;
  /** What the subscription said, so that you know whose delivery it is. Zoho can leave it out of deletions. */
  readonly token: string | null;
  readonly resource_uri: string;
  readonly query_params: Readonly<Record<string, unknown>>;
  /** By the id of the record, the API names of the fields that changed. */
  readonly affected_fields: readonly Readonly<Record<string, readonly Open<keyof Fields & string>[]>>[];
  /** Where the subscription asks for them: the new values of the fields that changed. */
  readonly affected_values?: readonly {
    readonly record_id: RecordId<Module>;
    readonly values: Readonly<Partial<Fields>>;
  }[];
}

/** The body of a delivery about a module, whatever happened. */
export type ModuleNotification<Module extends string, Fields> =
  Notification<Module, "insert" | "update", Fields> | Notification<Module, "delete", DeletedFields>;
`;

/** The names that {@link commonTypes} and the unions at the end take. */
export const commonNames: readonly string[] = [
  ...commonTypes.matchAll(/^(?:export )?(?:declare )?(?:type|interface|const) (\w+)/gm),
]
  .flatMap(([, name]) => name ?? [])
  .concat("FieldsByModule", "ZohoEvent", "ZohoNotification");
