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

/** Zoho nests a handful of levels; what goes through thousands one by one runs out of stack. */
const deepest = 500;

/** Reads the body of a delivery, or throws {@link NotANotification}. A part of another form than expected is left out. */
export function parseNotification(text: string): Notification {
  // A leading byte order mark is blank here, too.
  const body = toValues(parseJson(text.trim()));
  if (body === undefined || marks.filter(mark => Object.hasOwn(body, mark)).length < enoughMarks) {
    throw new NotANotification(`The body is no object with ${enoughMarks} of ${marks.join(", ")}.`);
  }
  if (nestsTooDeeply(body)) throw new NotANotification(`The body nests more than ${deepest} levels deep.`);
  const operationWord = toWord(body["operation"]);
  return {
    channelId: toId(body["channel_id"]),
    token: toToken(body["token"]),
    module: toWord(body["module"]),
    operation: operations.get(operationWord?.trim().toLowerCase() ?? "") ?? "other",
    operationWord,
    records: recordsOf(body),
    serverTime: toTime(body["server_time"]),
    queryParams: toValues(body["query_params"]) ?? {},
  };
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

/** The records that `ids` names; where it names none, those of which a change is told. */
function recordsOf(body: Values): RecordChange[] {
  const changes = changesOf(body);
  const ids = new Set(listed(body["ids"]).map(toId).filter(isThere));
  if (ids.size === 0) return [...changes.values()];
  return [...ids].map(recordId => changes.get(recordId) ?? { recordId, changedFields: [], values: undefined });
}

/** What is told of each record, brought together: one may stand in a delivery many times. */
function changesOf(body: Values): Map<string, RecordChange> {
  const fields = new Map<string, Set<string>>();
  const values = new Map<string, Map<string, unknown>>();
  for (const change of [...namedFields(body), ...changedValues(body)]) {
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
function namedFields(body: Values): RecordChange[] {
  const entries = listed(body["affected_fields"]).flatMap(each => Object.entries(toValues(each) ?? {}));
  return entries.flatMap(([key, names]) => {
    const recordId = toId(key);
    const changedFields = listed(names).map(toWord).filter(isThere);
    return recordId === undefined ? [] : [{ recordId, changedFields, values: undefined }];
  });
}

/** `[{"record_id": "…", "values": {"Phone": "555-1111"}}]` */
function changedValues(body: Values): RecordChange[] {
  return listed(body["affected_values"]).flatMap(each => {
    const item = toValues(each) ?? {};
    const recordId = toId(item["record_id"]);
    const values = item["values"] === null ? {} : toValues(item["values"]);
    if (recordId === undefined || values === undefined) return [];
    return [{ recordId, changedFields: Object.keys(values), values }];
  });
}

/** A value without a list around it is a list of one. */
function listed(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
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

function toId(value: unknown): string | undefined {
  const digits = typeof value === "number" ? String(value) : value;
  return typeof digits === "string" && /^-?\d+$/.test(digits) ? digits : undefined;
}

/** A number is its digits; what is neither text nor a number is the token of no channel, and not left out as null is. */
function toToken(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const isText = typeof value === "string" || (typeof value === "number" && Number.isSafeInteger(value));
  return isText ? String(value) : JSON.stringify(value);
}

function toTime(value: unknown): number | undefined {
  const time = typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof time === "number" && Number.isFinite(time) ? time : undefined;
}
