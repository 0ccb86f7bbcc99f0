/** What a delivery of Zoho CRM says, as far as it can be read. Ids are strings of digits: JavaScript's numbers would round them. */
export interface Notification {
  readonly channelId: string | undefined;
  readonly token: string | undefined;
  /** Undefined where Zoho names none, as for users. */
  readonly module: string | undefined;
  readonly operation: "create" | "edit" | "delete" | "other";
  /** The operation in Zoho's own word, such as insert, update or restore. */
  readonly operationWord: string | undefined;
  /** Each record once. */
  readonly records: readonly RecordChange[];
  /** Zoho's time of the change, in milliseconds since 1970. */
  readonly serverTime: number | undefined;
  readonly queryParams: Values;
  /**
   * Names of the members that are missing though every notification needs them, have a form that is not known, or bytes
   * that are not UTF-8.
   */
  readonly unread: readonly string[];
  /** Whether something that names a record is among what could not be read, so that `records` may lack some. */
  readonly omitsRecords: boolean;
}

export interface RecordChange {
  readonly recordId: string;
  readonly changedFields: readonly string[];
  readonly values: Values | undefined;
}

type Values = Readonly<Record<string, unknown>>;

/** The body is no notification; the message says why. */
export class NotANotification extends Error {}

/** Zoho's words in deliveries differ from those in subscriptions; versions of the API differ too. */
const operations = new Map<string, Notification["operation"]>([
  ["insert", "create"],
  ["create", "create"],
  ["update", "edit"],
  ["edit", "edit"],
  ["delete", "delete"],
]);

/** A body with any three of these names is a notification. */
const marks = ["server_time", "channel_id", "ids", "operation"];
const enoughMarks = 3;

/** The members that are read. */
const memberNames = [...marks, ...["module", "token", "query_params", "affected_fields", "affected_values"]];

/** What a decoder puts in the place of bytes that are not UTF-8. */
const replacement = "\uFFFD";

const endOfTimes = Date.UTC(2100, 0);

/** Zoho nests a handful of levels; what goes through thousands one by one runs out of stack. */
const deepest = 500;

/** Reads the body of a delivery, or throws {@link NotANotification}. A part of another form than expected is left out and named. */
export function parseNotification(text: string): Notification {
  // A leading byte order mark is blank here, too.
  const body = toValues(parseJson(text.trim()));
  if (body === undefined || marks.filter(mark => Object.hasOwn(body, mark)).length < enoughMarks) {
    throw new NotANotification(`The body is no object with ${enoughMarks} of ${marks.join(", ")}.`);
  }
  if (nestsTooDeeply(body)) throw new NotANotification(`The body nests more than ${deepest} levels deep.`);
  return new Reader(body, damagedMembers(text, body)).read();
}

/** Parses JSON as `JSON.parse` does, but for integers that a double would round: these come as strings of their digits. */
export function parseJson(text: string): unknown {
  // What is no JSON is refused before anything else is done with it.
  const value = parsed(text);
  return longInteger.test(text) ? JSON.parse(withQuotedLongIntegers(text)) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotANotification("The body is no JSON.", { cause: error });
  }
}

/** Finds every integer of more digits than a double holds, and more. */
const longInteger = /\d{16}/;

/**
 * The ends of strings, escapes and numbers. Anybody can send a body, so each is found without a look back: the time is in
 * proportion to the length of the text, whatever it says. (Node 20 has no source text in the reviver of `JSON.parse`.)
 */
const quoteEscapeOrNumber = /"|\\[^]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** What stands within strings is left alone. */
function withQuotedLongIntegers(json: string): string {
  let isInString = false;
  return json.replace(quoteEscapeOrNumber, token => {
    if (token === '"') isInString = !isInString;
    return !isInString && /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
  });
}

/** Members with characters that were lost before the body became text. */
function damagedMembers(text: string, members: Values): string[] {
  if (!text.includes(replacement)) return [];
  return memberNames.filter(name => JSON.stringify([members[name]]).includes(replacement));
}

function nestsTooDeeply(value: unknown): boolean {
  let level = [value].filter(isObject);
  for (let depth = 0; depth < deepest && level.length > 0; depth++) {
    level = level.flatMap(each => Object.values(each).filter(isObject));
  }
  return level.length > 0;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Reads the members of one notification, and takes note of those that it cannot read. Null says nothing, and is read. */
class Reader {
  readonly #members: Values;
  readonly #unread: Set<string>;

  constructor(members: Values, damaged: readonly string[]) {
    this.#members = members;
    this.#unread = new Set(damaged);
  }

  read(): Notification {
    const records = this.#records();
    const operationWord = this.#required("operation", toWord);
    return {
      channelId: this.#required("channel_id", toId),
      token: this.#token(),
      module: this.#one("module", toWord),
      operation: operations.get(operationWord?.trim().toLowerCase() ?? "") ?? "other",
      operationWord,
      records,
      serverTime: this.#one("server_time", toTime),
      queryParams: this.#queryParams(),
      unread: [...this.#unread],
      omitsRecords: this.#omitsRecords(records),
    };
  }

  #one<T>(name: string, read: (value: unknown) => T | undefined): T | undefined {
    const value = this.#members[name];
    return value === undefined || value === null ? undefined : this.#orNote(name, read(value));
  }

  #required<T>(name: string, read: (value: unknown) => T | undefined): T | undefined {
    return this.#orNote(name, read(this.#members[name]));
  }

  #items<T>(name: string, read: (value: unknown) => T | undefined): T[] {
    return listed(this.#members[name])
      .map(item => this.#orNote(name, read(item)))
      .filter(isThere);
  }

  #orNote<T>(name: string, value: T | undefined): T | undefined {
    if (value === undefined) this.#unread.add(name);
    return value;
  }

  /** What is neither text nor a number is the token of no channel, and not left out as null is. */
  #token(): string | undefined {
    const { token } = this.#members;
    if (token === undefined || token === null) return undefined;
    if (typeof token === "string" || (typeof token === "number" && Number.isSafeInteger(token))) return String(token);
    this.#unread.add("token");
    return JSON.stringify(token);
  }

  /** An empty list is how some languages write an object without members. */
  #queryParams(): Values {
    const value = this.#members["query_params"];
    if (Array.isArray(value) && value.length === 0) return {};
    return this.#one("query_params", toValues) ?? {};
  }

  /** The records that `ids` names; where it names none, those of which a change is told. */
  #records(): RecordChange[] {
    const changes = this.#changes();
    const { ids } = this.#members;
    if (ids === undefined || ids === null) this.#unread.add("ids");
    const named = new Set(this.#items("ids", toId));
    if (named.size === 0) return [...changes.values()];
    return [...named].map(recordId => changes.get(recordId) ?? { recordId, changedFields: [], values: undefined });
  }

  /** Of `ids` an entry, or of what stands in its place anything. */
  #omitsRecords(records: readonly RecordChange[]): boolean {
    const ids = listed(this.#members["ids"]);
    if (ids.some(id => toId(id) === undefined)) return true;
    const namedElsewhere = records.length > 0 && ids.length === 0;
    return namedElsewhere && ["affected_fields", "affected_values"].some(name => this.#unread.has(name));
  }

  /** What is told of each record, brought together: one may stand in a delivery many times. */
  #changes(): Map<string, RecordChange> {
    const fields = new Map<string, Set<string>>();
    const values = new Map<string, Map<string, unknown>>();
    for (const change of [...this.#namedFields(), ...this.#changedValues()]) {
      const { recordId, changedFields } = change;
      const known = fields.get(recordId) ?? new Set();
      fields.set(recordId, known);
      for (const name of changedFields) known.add(name);
      if (change.values === undefined) continue;
      const told = values.get(recordId) ?? new Map<string, unknown>();
      values.set(recordId, told);
      for (const [name, value] of Object.entries(change.values)) told.set(name, value);
    }
    const changes = [...fields].map(([recordId, names]): [string, RecordChange] => {
      const told = values.get(recordId);
      return [recordId, { recordId, changedFields: [...names], values: told && Object.fromEntries(told) }];
    });
    return new Map(changes);
  }

  /** `[{"<record id>": ["Phone"]}]` */
  #namedFields(): RecordChange[] {
    const name = "affected_fields";
    const entries = this.#items(name, toValues).flatMap(Object.entries<unknown>);
    return entries.flatMap(([key, names]) => {
      const recordId = this.#orNote(name, toId(key));
      if (recordId === undefined) return [];
      const changedFields = listed(names).map(field => this.#orNote(name, toWord(field)));
      return [{ recordId, changedFields: changedFields.filter(isThere), values: undefined }];
    });
  }

  /** `[{"record_id": "…", "values": {"Phone": "555-1111"}}]` */
  #changedValues(): RecordChange[] {
    const name = "affected_values";
    return this.#items(name, toValues).flatMap(item => {
      const recordId = this.#orNote(name, toId(item["record_id"]));
      const values = item["values"] === null ? {} : this.#orNote(name, toValues(item["values"]));
      if (recordId === undefined || values === undefined) return [];
      return [{ recordId, changedFields: Object.keys(values), values }];
    });
  }
}

/** A value without a list around it is a list of one. */
function listed(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.filter(item => item !== null) : [value];
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function toValues(value: unknown): Values | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function toWord(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** {@link parseJson} has kept the digits of numbers that a double cannot hold. */
function toId(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === "string" && /^-?\d+$/.test(value) ? value : undefined;
}

/** Before 1970 and from 2100 on nothing in a CRM has changed, and far beyond that there are no dates. */
function toTime(value: unknown): number | undefined {
  const time = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof time === "number" && time >= 0 && time < endOfTimes ? time : undefined;
}
