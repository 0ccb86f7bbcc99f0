/** What a delivery of Zoho CRM says, decoded. Ids are strings of digits: JavaScript's numbers would round them. */
export interface Notification {
  readonly channelId: string;
  readonly token: string | undefined;
  readonly module: string;
  readonly operation: "create" | "edit" | "delete";
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
const operations = new Map<unknown, Notification["operation"]>([
  ["insert", "create"],
  ["create", "create"],
  ["update", "edit"],
  ["edit", "edit"],
  ["delete", "delete"],
]);

/** Reads the body of a delivery, or throws {@link NotANotification}. */
export function parseNotification(text: string): Notification {
  const body = toValues(parseJson(text), "The body");
  const operation = operations.get(body["operation"]);
  if (operation === undefined) throw new NotANotification("“operation” is missing or unknown.");
  if (typeof body["module"] !== "string") throw new NotANotification("“module” is missing.");
  return {
    channelId: toId(body["channel_id"], "channel_id"),
    token: typeof body["token"] === "string" ? body["token"] : undefined,
    module: body["module"],
    operation,
    records: recordsOf(body),
    serverTime: toTime(body["server_time"]),
    queryParams: toValues(body["query_params"] ?? {}, "query_params"),
  };
}

/** Strings, which are left alone, and numbers, of which those that a double cannot hold become strings of their digits. */
const stringOrNumber = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses JSON as `JSON.parse` does, but for integers that a double would round: these come as strings of their digits. */
export function parseJson(text: string): unknown {
  const exact = text.replace(stringOrNumber, token =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
  try {
    return JSON.parse(exact);
  } catch (error) {
    throw new NotANotification("The body is no JSON.", { cause: error });
  }
}

function recordsOf(body: Values): RecordChange[] {
  const fields = new Map(
    listOf(body["affected_fields"]).flatMap(each => Object.entries(toValues(each, "affected_fields"))),
  );
  const values = new Map(
    listOf(body["affected_values"])
      .map(each => toValues(each, "affected_values"))
      .map(each => [toId(each["record_id"], "record_id"), toValues(each["values"], "values")]),
  );
  if (!Array.isArray(body["ids"])) throw new NotANotification("“ids” is missing.");
  return listOf(body["ids"]).map(id => {
    const recordId = toId(id, "ids");
    const changed = listOf(fields.get(recordId)).filter(name => typeof name === "string");
    return { recordId, changedFields: changed, values: values.get(recordId) };
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function toValues(value: unknown, name: string): Values {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new NotANotification(`“${name}” is no object.`);
}

function toId(value: unknown, name: string): string {
  const digits = typeof value === "number" ? String(value) : value;
  if (typeof digits === "string" && /^-?\d+$/.test(digits)) return digits;
  throw new NotANotification(`“${name}” has no id.`);
}

function toTime(value: unknown): number | undefined {
  const time = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof time === "number" && Number.isFinite(time) ? time : undefined;
}
