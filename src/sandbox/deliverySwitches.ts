import * as v from "valibot";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** What is not known about the POSTs that tell of changes. */
export const deliverySwitches = {
  /** Which words the deliveries have for what happened: their own, or those of the subscriptions. */
  operationWords: v.optional(v.picklist(["insert-update-delete", "create-edit-delete"]), "insert-update-delete"),
  /** Whether the delivery of a new record names its fields; Zoho's sample has an empty list. */
  insertAffectedFields: v.optional(v.picklist(["empty", "names"]), "empty"),
  /** Whether deliveries name their module. */
  deliveryModule: v.optional(v.picklist(["name", "null"]), "name"),
  /** Whether a token of digits is sent as text or as a number. */
  deliveryToken: v.optional(v.picklist(["text", "number"]), "text"),
  /** Whether the delivery of a deletion carries the token; live traffic has shown null. */
  tokenOnDelete: v.optional(v.picklist(["echo", "null"]), "echo"),
  /** Whether several changes of one record in one delivery are told as one, or each with its own fields. */
  changesOfOneRecord: v.optional(v.picklist(["joined", "separate"]), "joined"),
  /**
   * What a change does to the records that the changed one points to: channels that leave `notify_on_related_action` on
   * hear of an edit of those.
   */
  relatedActions: v.optional(v.picklist(["edit-of-parent", "none"]), "edit-of-parent"),
  /** Content type of deliveries. */
  deliveryContentType: v.optional(v.string(), "application/json; charset=UTF-8"),
  /** Whether the deliveries of one channel wait for each other. */
  deliveryOrder: v.optional(v.picklist(["in-order", "unordered"]), "in-order"),
  /** How many ids one delivery carries at most. */
  idsPerDelivery: v.optional(positive, 100),
  /** For how long changes of one channel, module and operation are collected into one delivery; 0 for not at all. */
  deliveryBatchMilliseconds: v.optional(count, 0),
  /** How long a receiver has to answer. */
  deliveryTimeoutMilliseconds: v.optional(positive, 10_000),
  /** How often a delivery is sent again that was not answered with 2xx, a second after each failure. */
  deliveryRetries: v.optional(count, 0),
} as const;
