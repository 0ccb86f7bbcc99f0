import * as v from "valibot";

/** Words of the API for subscribing; a delivery's insert and update are create and edit here. */
export const operations = ["create", "edit", "delete"] as const;
export type Operation = (typeof operations)[number];

/** The operation that a word of a delivery names, where it is one of those that can be subscribed to. */
export function toOperation(word: string | undefined): Operation | undefined {
  return operations.find(operation => operation === word);
}

/**
 * Whether an event came from the subscription it names: its token is the one we know for the channel (`verified`), is
 * another (`mismatch`), is missing or null (`absent`), or we know no token for that channel (`unknown`).
 */
export type Verification = "verified" | "mismatch" | "absent" | "unknown";

/** What an event is, as a row of the inspector says it. */
export const eventContentSchema = v.variant("kind", [
  v.object({
    kind: v.literal("notification"),
    /** An {@link Operation}, or another word as the delivery has it; undefined where it tells none. */
    operation: v.optional(v.string()),
    /** Undefined where the delivery names none, as for users. */
    module: v.optional(v.string()),
    /** The first hundred of its records. */
    recordIds: v.array(v.string()),
    /** How many more there are. */
    moreRecords: v.optional(v.number()),
    /** Names of the changed fields over all records of the event, without repetition: the first hundred. */
    changedFields: v.array(v.string()),
    moreFields: v.optional(v.number()),
    channelId: v.optional(v.string()),
    verification: v.picklist(["verified", "mismatch", "absent", "unknown"]),
    /** Names of members that are missing, or of a form that is not known. */
    unread: v.optional(v.array(v.string())),
  }),
  /** A request in no form of Zoho's notifications, such as a workflow webhook or a person's own curl. */
  v.object({
    kind: v.literal("other"),
    method: v.string(),
    path: v.string(),
    contentType: v.string(),
    /** In a few words what it brings, such as "Deals, 4 parameters" or "JSON". */
    summary: v.optional(v.string()),
    /** A test event of Diagnose: this editor, or another one, sent it to itself. */
    probe: v.optional(v.literal(true)),
  }),
  /** The body or the stored form could not be read; `problem` is a sentence. The raw bytes are still in the detail. */
  v.object({ kind: v.literal("unreadable"), problem: v.string() }),
  /** Not an event: a change of which no delivery told, found in the CRM itself. */
  v.object({
    kind: v.literal("recovered"),
    operation: v.picklist(operations),
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
export type EventContent = v.InferOutput<typeof eventContentSchema>;

/** How many records a notification is about, shown or not. */
export function recordCount({ recordIds, moreRecords = 0 }: EventContent & { kind: "notification" }): number {
  return recordIds.length + moreRecords;
}

/**
 * Where an entry comes from: Zoho through the relay (`delivered`), a workflow rule of Zoho's or any other request that
 * is no notification (`webhook`), the CRM itself (`recovered`), an edited event that was sent from here (`replayed`),
 * Diagnose or a fixture (`test`), a file (`imported`), or nowhere (`gap`).
 */
export const eventSources = ["delivered", "webhook", "recovered", "replayed", "test", "imported", "gap"] as const;
export type EventSource = (typeof eventSources)[number];

/**
 * What the local handler made of an event, by its last attempt. `held`: it came in while nobody was here, and waits for
 * a word; `waiting`: it is tried again; `answered` has a status; `failed`: no answer (refused, timed out, cut off), and
 * `problem` is a sentence; `stopped`: a person stopped it; `withheld`: a rule fits it, and its token proves too little.
 */
export const handlingSchema = v.object({
  state: v.picklist(["held", "queued", "sending", "waiting", "answered", "failed", "stopped", "withheld"]),
  /** HTTP status of the last answer. */
  status: v.optional(v.number()),
  /** From the first byte sent to the last byte of the answer, in milliseconds. */
  milliseconds: v.optional(v.number()),
  attempts: v.number(),
  problem: v.optional(v.string()),
});
export type Handling = v.InferOutput<typeof handlingSchema>;

/** One sending of an event to a local handler, and what came back. */
export const attemptSchema = v.object({
  id: v.number(),
  /** Who had it sent: a rule as the event came in, a person, a rule again after a passing failure, or a fixture. */
  origin: v.picklist(["rule", "replay", "retry", "fixture"]),
  target: v.string(),
  /** Milliseconds since 1970. */
  startedAt: v.number(),
  /** Undefined while it is under way. */
  milliseconds: v.optional(v.number()),
  /**
   * Undefined where there was no answer; then `problem` says why, if it is not under way. Of an answer it says what that
   * does which HTTP does not allow.
   */
  status: v.optional(v.number()),
  problem: v.optional(v.string()),
  answer: v.optional(
    v.object({
      headers: v.array(v.tuple([v.string(), v.string()])),
      /** The first part of a large one. */
      text: v.string(),
      bytes: v.number(),
    }),
  ),
});
export type Attempt = v.InferOutput<typeof attemptSchema>;

/**
 * One field of a record before and after an event. A value is JSON text, or undefined where nobody knows it.
 *
 * `basis` says how the value before is known: the event itself (a record that was created had none: `before` is
 * undefined), an earlier event of the record (`earlierId`), the record as it had been fetched before the event, or not at
 * all. `afterBasis` says the same of the value after: the event, the record as it was fetched (it was not modified in
 * between), or not at all. `now` is the value in the record as it was fetched, where it was.
 */
export const fieldChangeSchema = v.object({
  recordId: v.string(),
  field: v.string(),
  before: v.optional(v.string()),
  basis: v.picklist(["event", "earlier-event", "fetched", "none"]),
  earlierId: v.optional(v.number()),
  /** When the value before was told or fetched: milliseconds since 1970. */
  beforeAt: v.optional(v.number()),
  after: v.optional(v.string()),
  afterBasis: v.picklist(["event", "fetched", "none"]),
  now: v.optional(v.string()),
});
export type FieldChange = v.InferOutput<typeof fieldChangeSchema>;

/**
 * A request that is no notification, in its own form: how its body is written, and its parameters in the order in which
 * they were sent. `module` and `recordId` are there only where the request states them.
 */
export const webhookSchema = v.object({
  /** False where it is more likely a person's own tool or browser than a workflow rule. */
  plausible: v.boolean(),
  form: v.picklist(["none", "urlencoded", "multipart", "json", "xml", "html", "text", "binary"]),
  parameters: v.array(
    v.object({
      place: v.picklist(["query", "form"]),
      name: v.string(),
      /** The first part of a long one; empty for a file that is not text. */
      value: v.string(),
      /** Size of the whole value in bytes, where `value` is not all of it. */
      bytes: v.optional(v.number()),
      /** Of a file that was uploaded. */
      fileName: v.optional(v.string()),
      /** What the field says that its value is. */
      contentType: v.optional(v.string()),
    }),
  ),
  /** How many more parameters there were. */
  omitted: v.number(),
  /** Whether the form breaks the rules of its kind: the parameters are what could be read of it. */
  isFaulty: v.optional(v.literal(true)),
  module: v.optional(v.string()),
  recordId: v.optional(v.string()),
});
export type Webhook = v.InferOutput<typeof webhookSchema>;
