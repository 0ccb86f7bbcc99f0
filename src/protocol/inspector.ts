import * as v from "valibot";

/**
 * What the inspector page and its host say to each other. The host owns the events; the page is a projection of them
 * that can be closed or reloaded at any moment. Rows are addressed by their offset in the filtered list, oldest first.
 * A `generation` names one such list: when the filter or the past changes, the host sends a snapshot of a new one, and
 * answers about older ones are void.
 */

/** Words of the API for subscribing; a delivery's insert and update are create and edit here. */
export type Operation = "create" | "edit" | "delete";

/**
 * Whether an event came from the subscription it names: its token is the one we know for the channel (`verified`), is
 * another (`mismatch`), is missing or null (`absent`), or we know no token for that channel (`unknown`).
 */
export type Verification = "verified" | "mismatch" | "absent" | "unknown";

export const rowContentSchema = v.variant("kind", [
  v.object({
    kind: v.literal("notification"),
    operation: v.picklist(["create", "edit", "delete"]),
    module: v.string(),
    recordIds: v.array(v.string()),
    /** Names of the changed fields over all records of the event, without repetition. */
    changedFields: v.array(v.string()),
    channelId: v.string(),
    verification: v.picklist(["verified", "mismatch", "absent", "unknown"]),
  }),
  /** A request in no form of Zoho's notifications, such as a workflow webhook or a person's own curl. */
  v.object({
    kind: v.literal("other"),
    method: v.string(),
    path: v.string(),
    contentType: v.string(),
    /** A test event of Diagnose: this editor, or another one, sent it to itself. */
    probe: v.optional(v.literal(true)),
  }),
  /** The body or the stored form could not be read; `problem` is a sentence. The raw bytes are still in the detail. */
  v.object({ kind: v.literal("unreadable"), problem: v.string() }),
  /** Not an event: a change of which no delivery told, found in the CRM itself. */
  v.object({
    kind: v.literal("recovered"),
    operation: v.picklist(["create", "edit", "delete"]),
    module: v.string(),
    recordId: v.string(),
    channelId: v.string(),
    /** The CRM's time of the change: milliseconds since 1970. */
    changedAt: v.number(),
    /** Name of the user who made it. */
    changedBy: v.optional(v.string()),
    /** What people called a record that is gone. */
    name: v.optional(v.string()),
    /** Of a deletion: whether the record had been created within the time that was missed. */
    origin: v.optional(v.picklist(["within", "before", "unknown"])),
  }),
  /** Not an event: the relay said that `count` events before the next row are gone. */
  v.object({ kind: v.literal("gap"), count: v.number(), reason: v.picklist(["retention", "reset"]) }),
]);
export type RowContent = v.InferOutput<typeof rowContentSchema>;

export const eventRowSchema = v.object({
  /** Increases in order of arrival; kept for good. */
  id: v.number(),
  /** When the relay had it: milliseconds since 1970. */
  receivedAt: v.number(),
  /** Size of the body in bytes. */
  bytes: v.number(),
  content: rowContentSchema,
});
export type EventRow = v.InferOutput<typeof eventRowSchema>;

export const eventDetailSchema = v.object({
  row: eventRowSchema,
  sequence: v.number(),
  /** Zoho's own time of the change (milliseconds since 1970), where the body tells. */
  serverTime: v.optional(v.number()),
  /** Why a notification is or is not verified, or what to make of the request: one sentence. */
  explanation: v.string(),
  request: v.object({
    method: v.string(),
    path: v.string(),
    query: v.string(),
    headers: v.array(v.tuple([v.string(), v.string()])),
  }),
  /** `text` where the bytes are UTF-8, else `base64`. `truncated` when only the first part of a large body is here. */
  body: v.object({
    text: v.optional(v.string()),
    base64: v.optional(v.string()),
    truncated: v.boolean(),
  }),
});
export type EventDetail = v.InferOutput<typeof eventDetailSchema>;

/** Shows only the events of one Zoho channel, and of one module of it where given. */
export const inspectorFilterSchema = v.object({ channelId: v.string(), module: v.optional(v.string()) });
export type InspectorFilter = v.InferOutput<typeof inspectorFilterSchema>;

/** How events are coming in, as words for the empty list and the live region. `problem` is a sentence with a remedy. */
export const feedStateSchema = v.object({
  kind: v.picklist(["off", "connecting", "catching-up", "live", "reconnecting", "refused"]),
  problem: v.optional(v.string()),
  /** The local sandbox is connected: records can be changed from here. */
  sandbox: v.optional(v.literal(true)),
});
export type FeedState = v.InferOutput<typeof feedStateSchema>;

export const hostMessageSchema = v.variant("type", [
  /** The list anew: `rows` are those from `offset` on (the newest page). */
  v.object({
    type: v.literal("snapshot"),
    generation: v.number(),
    total: v.number(),
    offset: v.number(),
    rows: v.array(eventRowSchema),
    filter: v.optional(inspectorFilterSchema),
    feed: feedStateSchema,
  }),
  /** New events at the end of the list; `total` counts them in. */
  v.object({
    type: v.literal("appended"),
    generation: v.number(),
    total: v.number(),
    rows: v.array(eventRowSchema),
  }),
  v.object({ type: v.literal("feed"), feed: feedStateSchema }),
  /** Select this event and bring it into view. */
  v.object({ type: v.literal("reveal"), id: v.number(), offset: v.number() }),
  v.object({
    type: v.literal("page"),
    request: v.number(),
    generation: v.number(),
    offset: v.number(),
    rows: v.array(eventRowSchema),
  }),
  /** The answer to `getDetail`; no `detail` when the event is no longer kept. */
  v.object({ type: v.literal("detail"), request: v.number(), detail: v.optional(eventDetailSchema) }),
]);
export type HostMessage = v.InferOutput<typeof hostMessageSchema>;

/** `getPage` and `getDetail` are answered by `page` and `detail` with the same `request`; the others by nothing. */
export const pageMessageSchema = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  v.object({
    type: v.literal("getPage"),
    request: v.number(),
    generation: v.number(),
    offset: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    limit: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(500)),
  }),
  v.object({ type: v.literal("getDetail"), request: v.number(), id: v.number() }),
  v.object({ type: v.literal("clearFilter") }),
  /** Open the event as a read-only document of the editor. */
  v.object({ type: v.literal("openDocument"), id: v.number() }),
  v.object({ type: v.literal("copy"), text: v.string() }),
  /** Have some records of the local sandbox changed, so that there is something to see. */
  v.object({ type: v.literal("changeSandboxRecords") }),
]);
export type PageMessage = v.InferOutput<typeof pageMessageSchema>;
