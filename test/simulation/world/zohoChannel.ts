/** What Zoho has of one module of a channel. */
export interface ZohoModule {
  readonly events: readonly string[];
  /** By Zoho's clock: milliseconds since 1970. */
  readonly expiresAt: number;
  readonly condition: unknown;
}

/** A channel as Zoho has it. Values are replaced, never changed, so that one can be kept to compare with. */
export interface ZohoChannel {
  readonly channelId: string;
  readonly notifyUrl: string;
  readonly token: string | null;
  readonly onRelatedAction: boolean;
  readonly affectedValues: boolean;
  readonly modules: ReadonlyMap<string, ZohoModule>;
}

/** What of a channel can be written, each with its value as text: `events Leads`, `condition Leads`, `address`, … */
export type Fields = ReadonlyMap<string, string>;

export function fieldsOf(channel: ZohoChannel | undefined): Fields {
  if (channel === undefined) return new Map();
  const fields = new Map([
    ["address", channel.notifyUrl],
    ["token", channel.token ?? "none"],
    ["related", String(channel.onRelatedAction)],
    ["affected", String(channel.affectedValues)],
  ]);
  for (const [module, { events, condition }] of channel.modules) {
    fields.set(`events ${module}`, events.toSorted().join(","));
    fields.set(`condition ${module}`, inOrder(condition));
  }
  return fields;
}

/** The names of the fields that differ. */
export function differingFields(one: Fields, other: Fields): readonly string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter(name => one.get(name) !== other.get(name));
}

/** The order of the members of an object says nothing. */
function inOrder(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => one.localeCompare(other)))
      : part,
  );
}
