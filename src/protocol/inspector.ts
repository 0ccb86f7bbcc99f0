import * as v from "valibot";
import {
  attemptSchema,
  eventContentSchema,
  eventSources,
  fieldChangeSchema,
  handlingSchema,
  webhookSchema,
} from "./event.ts";

/**
 * What the inspector page and its host say to each other. The host owns the events; the page is a projection of them
 * that can be closed or reloaded at any moment. Rows are addressed by their offset in the filtered list, oldest first.
 * A `generation` names one such list: when the filter or the past changes, the host sends a snapshot of a new one, and
 * answers about older ones are void.
 */

const eventRowSchema = v.object({
  /** Increases in order of arrival; kept for good. */
  id: v.number(),
  /** When the relay had it: milliseconds since 1970. */
  receivedAt: v.number(),
  /** Size of the body in bytes. */
  bytes: v.number(),
  content: eventContentSchema,
  source: v.optional(v.picklist(eventSources)),
  pinned: v.optional(v.literal(true)),
  handling: v.optional(handlingSchema),
});
export type EventRow = v.InferOutput<typeof eventRowSchema>;

/** What the editor can do about a problem that the page shows, each with a button of the page. */
const pageRemedies = [
  "retry",
  "reconnect-relay",
  "sign-in",
  "start-sandbox",
  "open-log",
  "get-address",
  "create-subscription",
  "configure-relay",
] as const;
export type PageRemedy = (typeof pageRemedies)[number];

/** A record as the CRM has it now, fetched because a person asked; `json` is its text with all digits of its ids. */
const fetchedRecordSchema = v.variant("kind", [
  v.object({ kind: v.literal("record"), recordId: v.string(), fetchedAt: v.number(), json: v.string() }),
  /** A sentence with what to do. */
  v.object({
    kind: v.literal("problem"),
    recordId: v.string(),
    problem: v.string(),
    remedy: v.optional(v.picklist(pageRemedies)),
  }),
]);
export type FetchedRecord = v.InferOutput<typeof fetchedRecordSchema>;

const eventDetailSchema = v.object({
  row: eventRowSchema,
  sequence: v.number(),
  /** Zoho's own time of the change (milliseconds since 1970), where the body tells. */
  serverTime: v.optional(v.number()),
  /** Why a notification is or is not verified, or what to make of the request: one sentence. */
  explanation: v.string(),
  /** What of it could not be read, in a sentence. */
  warning: v.optional(v.string()),
  request: v.object({
    method: v.string(),
    path: v.string(),
    query: v.string(),
    headers: v.array(v.tuple([v.string(), v.string()])),
  }),
  /**
   * The body without what it was encoded with: `text` where it is text, else `base64`. `truncated` when only the first
   * part of a large body is here.
   */
  body: v.object({
    text: v.optional(v.string()),
    base64: v.optional(v.string()),
    truncated: v.boolean(),
    /** Size of all of it in bytes, text in UTF-8, where what was sent has another: what `getBody` counts in. */
    bytes: v.optional(v.number()),
    /** How text is to be read; undefined for bytes. */
    form: v.optional(v.picklist(["json", "other"])),
    /** What was undone before it could be read, in full sentences: what was sent is something else then. */
    decoded: v.optional(v.string()),
  }),
  /** When this machine stored it: milliseconds since 1970. */
  storedAt: v.optional(v.number()),
  /** What it was sent to and what came of it, oldest first. */
  attempts: v.optional(v.array(attemptSchema)),
  changes: v.optional(v.array(fieldChangeSchema)),
  /** Name of the user who made the change, where the event tells. */
  actor: v.optional(v.string()),
  /** Of a request that is no notification. */
  webhook: v.optional(webhookSchema),
  /** The subscription that caused it, where a connection of this editor has it. */
  subscription: v.optional(v.object({ connection: v.string(), channelId: v.string(), label: v.string() })),
  /** Of an edited event that was sent from here: the event that it was made from. */
  parentId: v.optional(v.number()),
});
export type EventDetail = v.InferOutput<typeof eventDetailSchema>;

/** Columns that the list can be sorted by; without a sort it is in order of arrival. */
export const sortSchema = v.object({
  column: v.picklist(["time", "operation", "module", "record", "source", "handler", "latency", "size"]),
  descending: v.boolean(),
});
export type Sort = v.InferOutput<typeof sortSchema>;

/** What the list shows and how: the filter as it was typed, what is wrong with it, and the filters that were kept. */
const querySchema = v.object({
  filter: v.string(),
  /** The list then shows what the last filter without a problem shows. Offsets are into `filter`. */
  problem: v.optional(v.object({ message: v.string(), from: v.number(), to: v.number() })),
  sort: v.optional(sortSchema),
  saved: v.array(v.object({ name: v.string(), filter: v.string() })),
});
export type Query = v.InferOutput<typeof querySchema>;

/**
 * Whether events are sent on to a local handler; `held` counts those that wait for a word, `behind` newer ones about the
 * same records, which are not sent before them.
 */
const forwardingStateSchema = v.object({
  kind: v.picklist(["off", "on", "paused"]),
  /** Where to, in the words of the rules. */
  targets: v.array(v.string()),
  held: v.number(),
  behind: v.number(),
});
export type ForwardingState = v.InferOutput<typeof forwardingStateSchema>;

/**
 * What a person does with events: each is a command of the editor, which gets the ids as `{ eventIds }`. The rows carry
 * the same ids in `data-vscode-context`, for the editor's own context menu (`webviewSection == 'zohoCrmEvent'`).
 */
export const eventActions = [
  "pin",
  "unpin",
  "delete",
  "openDocument",
  "compare",
  "compareWithPrevious",
  "replay",
  "editAndReplay",
  "replayUntilPasses",
  "stop",
  "copyAsCurl",
  "copyAsFetch",
  "copyAsHar",
  "saveFixture",
  "revealSubscription",
] as const;
export type EventAction = (typeof eventActions)[number];

/** Which events an action is about: named one by one, or runs of the list of a generation (both ends included). */
const eventSelectionSchema = v.union([
  v.object({ ids: v.array(v.number()) }),
  v.object({ generation: v.number(), ranges: v.array(v.tuple([v.number(), v.number()])) }),
]);
export type EventSelection = v.InferOutput<typeof eventSelectionSchema>;

/** How events are coming in, as words for the empty list and the live region. `problem` is a sentence with a remedy. */
const feedStateSchema = v.object({
  kind: v.picklist(["off", "connecting", "catching-up", "live", "reconnecting", "refused"]),
  problem: v.optional(v.string()),
  /** The local sandbox is connected: records can be changed from here. */
  sandbox: v.optional(v.literal(true)),
  /** What is missing before events can come: a CRM, an address that it reaches, a subscription. */
  missing: v.optional(v.picklist(["connection", "address", "subscription"])),
});
export type FeedState = v.InferOutput<typeof feedStateSchema>;

export const hostMessageSchema = v.variant("type", [
  /** The list anew: `rows` are those from `offset` on (the newest page). */
  v.object({
    type: v.literal("snapshot"),
    generation: v.number(),
    total: v.number(),
    /** Of a list that shows only some: how many events there are in all. */
    kept: v.optional(v.number()),
    offset: v.number(),
    rows: v.array(eventRowSchema),
    query: querySchema,
    feed: feedStateSchema,
    forwarding: v.optional(forwardingStateSchema),
  }),
  /** New events at the end of the list; `total` counts them in. */
  v.object({
    type: v.literal("appended"),
    generation: v.number(),
    total: v.number(),
    kept: v.optional(v.number()),
    rows: v.array(eventRowSchema),
  }),
  /** Rows that are in the list and say something else now: pinned, or handled. Offsets as in `page`. */
  v.object({
    type: v.literal("updated"),
    generation: v.number(),
    rows: v.array(v.object({ offset: v.number(), row: eventRowSchema })),
  }),
  v.object({ type: v.literal("query"), query: querySchema }),
  v.object({ type: v.literal("feed"), feed: feedStateSchema }),
  v.object({ type: v.literal("forwarding"), forwarding: forwardingStateSchema }),
  /** Select this event and bring it into view. */
  v.object({ type: v.literal("reveal"), id: v.number(), offset: v.number() }),
  /** Put the keyboard into the filter. */
  v.object({ type: v.literal("focusFilter") }),
  v.object({
    type: v.literal("page"),
    request: v.number(),
    generation: v.number(),
    offset: v.number(),
    rows: v.array(eventRowSchema),
  }),
  /** The answer to `getDetail`; no `detail` when the event is no longer kept. */
  v.object({ type: v.literal("detail"), request: v.number(), detail: v.optional(eventDetailSchema) }),
  /**
   * The answer to `getBody`: the bytes from `from` up to, not including, `next`, of the body as the detail has it, or as
   * it was sent and then as Base64; a slice of text never ends within a character. Without `text` and `base64` the event
   * is gone.
   */
  v.object({
    type: v.literal("body"),
    request: v.number(),
    from: v.number(),
    next: v.number(),
    text: v.optional(v.string()),
    base64: v.optional(v.string()),
  }),
  /** The answer to `complete`: what may replace the filter's text between two offsets, best first. */
  v.object({
    type: v.literal("completions"),
    request: v.number(),
    from: v.number(),
    to: v.number(),
    options: v.array(v.string()),
  }),
  /** The answer to `fetchRecord`, and what changed as far as can be told with it. */
  v.object({
    type: v.literal("record"),
    request: v.number(),
    record: fetchedRecordSchema,
    changes: v.array(fieldChangeSchema),
  }),
]);
export type HostMessage = v.InferOutput<typeof hostMessageSchema>;

/**
 * `getPage`, `getDetail`, `getBody`, `complete` and `fetchRecord` are answered by `page`, `detail`, `body`, `completions`
 * and `record` with the same `request`; the others by nothing.
 */
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
  /**
   * A slice of a body of which the detail has the first part only, or of the one that was sent. Offset in bytes; the host
   * chooses how much comes.
   */
  v.object({
    type: v.literal("getBody"),
    request: v.number(),
    id: v.number(),
    from: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    as: v.picklist(["plain", "sent"]),
  }),
  /** Save the value of a parameter of the event's form, by its place among all parameters, in a file. */
  v.object({
    type: v.literal("saveParameter"),
    id: v.number(),
    index: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  }),
  v.object({ type: v.literal("setFilter"), text: v.pipe(v.string(), v.maxLength(2_000)) }),
  v.object({ type: v.literal("setSort"), sort: v.optional(sortSchema) }),
  v.object({ type: v.literal("complete"), request: v.number(), text: v.string(), cursor: v.number() }),
  /** Answered to this page with `query`: another window may have kept or forgotten filters. */
  v.object({ type: v.literal("getQuery") }),
  /** Keep the filter under a name that the editor asks for, or forget the one of this name. */
  v.object({ type: v.literal("saveFilter"), filter: v.string() }),
  v.object({ type: v.literal("forgetFilter"), name: v.string() }),
  v.object({ type: v.literal("fetchRecord"), request: v.number(), id: v.number(), recordId: v.string() }),
  /** Answered to every page with `reveal`, unless the event is gone. */
  v.object({ type: v.literal("revealEvent"), id: v.number() }),
  /** Carry out the remedy of a problem that the page shows. */
  v.object({ type: v.literal("remedy"), remedy: v.picklist(pageRemedies) }),
  v.object({ type: v.literal("act"), action: v.picklist(eventActions), selection: eventSelectionSchema }),
  /** Which events are chosen now, for commands of the palette and of keys. */
  v.object({ type: v.literal("selected"), selection: eventSelectionSchema }),
  /** What to do with the events that wait for a word. */
  v.object({ type: v.literal("held"), what: v.picklist(["send", "discard"]) }),
  /** Open the event as a read-only document of the editor. */
  v.object({ type: v.literal("openDocument"), id: v.number() }),
  v.object({ type: v.literal("copy"), text: v.string() }),
  /** Have some records of the local sandbox changed, so that there is something to see. */
  v.object({ type: v.literal("changeSandboxRecords") }),
]);
export type PageMessage = v.InferOutput<typeof pageMessageSchema>;
