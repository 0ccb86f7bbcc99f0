import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { parseJson } from "../base/json.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { idSchema } from "./wire.ts";

/** A delivery of a Zoho subscription, decoded. Ids are the digits of 64-bit numbers. */
export interface Notification {
  /** In the words of subscribing: Zoho's deliveries say insert and update for create and edit. */
  readonly operation: "create" | "edit" | "delete";
  readonly module: string;
  readonly recordIds: readonly string[];
  /** One for each record of which Zoho tells what changed. */
  readonly changes: readonly RecordChange[];
  readonly channelId: string;
  readonly token?: string;
  /** Zoho's time of the change, in milliseconds since 1970. */
  readonly serverTime?: number;
  readonly queryParams: Readonly<Record<string, unknown>>;
}

export interface RecordChange {
  readonly recordId: string;
  readonly fields: readonly string[];
  /** The new values, where the subscription asks for them. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Why a body is no notification: of another form, or of this form but damaged (`message` is a sentence). */
export type NotificationProblem =
  { readonly kind: "not-notification" } | { readonly kind: "unreadable"; readonly message: string };

const operations = { insert: "create", create: "create", update: "edit", edit: "edit", delete: "delete" } as const;

const valuesSchema = v.record(v.string(), v.unknown());

const notificationSchema = v.object({
  operation: v.picklist(["insert", "create", "update", "edit", "delete"]),
  module: v.string(),
  channel_id: idSchema,
  ids: v.array(idSchema),
  token: v.optional(v.nullable(v.string())),
  server_time: v.fallback(
    v.optional(v.pipe(v.union([v.number(), v.pipe(v.string(), v.toNumber())]), v.finite())),
    undefined,
  ),
  query_params: v.fallback(v.optional(valuesSchema, {}), {}),
  affected_fields: v.fallback(v.optional(v.array(v.record(v.string(), v.array(v.string()))), []), []),
  affected_values: v.fallback(v.optional(v.array(v.object({ record_id: idSchema, values: valuesSchema })), []), []),
});
type Wire = v.InferOutput<typeof notificationSchema>;

/** The names that only a notification has together. */
const marks = ["operation", "channel_id", "ids"];

/** Reads the body of a delivery, whatever content type it came with. */
export function parseNotification(bodyText: string): Result<Notification, NotificationProblem> {
  const text = bodyText.trim();
  if (!text.startsWith("{")) return fail({ kind: "not-notification" });
  const json = parseJson(text);
  if (!json.ok) return unreadable(brokenSentence(json.error.position));
  if (!isMarked(json.value)) return fail({ kind: "not-notification" });
  const parsed = v.safeParse(notificationSchema, json.value);
  return parsed.success ? succeed(toNotification(parsed.output)) : unreadable(damageOf(parsed.issues));
}

function toNotification(wire: Wire): Notification {
  return {
    operation: operations[wire.operation],
    module: wire.module,
    recordIds: wire.ids,
    changes: collectChanges(wire),
    channelId: wire.channel_id,
    queryParams: wire.query_params,
    ...(typeof wire.token === "string" ? { token: wire.token } : {}),
    ...(wire.server_time === undefined ? {} : { serverTime: wire.server_time }),
  };
}

/** Brings names and values of the changed fields together per record, in the order in which they come. */
function collectChanges(wire: Wire): RecordChange[] {
  const changes = new Map<string, RecordChange>();
  for (const [recordId, fields] of wire.affected_fields.flatMap(fieldsOfRecord => Object.entries(fieldsOfRecord))) {
    const before = changes.get(recordId)?.fields ?? [];
    changes.set(recordId, { recordId, fields: [...new Set([...before, ...fields])] });
  }
  for (const { record_id: recordId, values } of wire.affected_values) {
    const change = changes.get(recordId) ?? { recordId, fields: Object.keys(values) };
    changes.set(recordId, { ...change, values: { ...change.values, ...values } });
  }
  return [...changes.values()];
}

function isMarked(value: unknown): boolean {
  return typeof value === "object" && value !== null && marks.every(mark => Object.hasOwn(value, mark));
}

function damageOf(issues: readonly v.BaseIssue<unknown>[]): string {
  const path = issues[0] === undefined ? undefined : v.getDotPath(issues[0]);
  return typeof path !== "string"
    ? l10n.t("The body looks like a Zoho notification, but a part is missing or of an unknown form.")
    : l10n.t("The body looks like a Zoho notification, but “{0}” is missing or of an unknown form.", path);
}

function brokenSentence(position: number | undefined): string {
  return position === undefined
    ? l10n.t("The body begins like JSON but is broken.")
    : l10n.t("The body begins like JSON but is broken at character {0}.", position + 1);
}

function unreadable(message: string): Result<never, NotificationProblem> {
  return fail({ kind: "unreadable", message });
}
