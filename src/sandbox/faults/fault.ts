import * as v from "valibot";

const wholeFromOne = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000));

const howOften = {
  /** How many calls or deliveries it strikes. */
  times: v.optional(v.union([wholeFromOne, v.literal("always")]), 1),
  /** Strikes only each so-manieth of those that fit. */
  every: v.optional(wholeFromOne, 1),
};

const whichCalls = {
  /** Calls whose path begins so, or with one of these. */
  path: v.optional(v.union([v.string(), v.array(v.string())]), "/crm/"),
  /** Calls of this method only. */
  method: v.optional(v.string()),
  ...howOften,
};

const whichDeliveries = {
  /** Deliveries of this channel only; workflow webhooks have none. */
  channel_id: v.optional(v.string()),
  /** Deliveries about this module only. */
  module: v.optional(v.string()),
  /** Deliveries of this operation only, in the words of notifications. */
  operation: v.optional(v.picklist(["insert", "update", "delete"])),
  ...howOften,
};

const brokenStatuses = [401, 403, 404, 429, 500, 502, 503, 504] as const;
export type BrokenStatus = (typeof brokenStatuses)[number];

/** What shall go wrong with calls. */
const callFaultSchemas = [
  v.object({ kind: v.literal("status"), status: v.picklist(brokenStatuses), ...whichCalls }),
  /** Answers as usual, but so many milliseconds later. */
  v.object({ kind: v.literal("slow"), milliseconds, ...whichCalls }),
  /** Status 200, said to be JSON, which it is not. */
  v.object({ kind: v.literal("garbage"), ...whichCalls }),
  /** Closes the connection without an answer. */
  v.object({ kind: v.literal("hang-up"), ...whichCalls }),
  /** Refuses a token call the way Zoho's accounts server does. */
  v.object({
    kind: v.literal("oauth-error"),
    error: v.optional(
      v.picklist([
        "invalid_code",
        "invalid_client",
        "invalid_client_secret",
        "access_denied",
        "general_error",
        "Access Denied",
      ]),
      "invalid_code",
    ),
    ...whichCalls,
    path: v.optional(v.string(), "/oauth/v2/token"),
  }),
] as const;

/** What shall go wrong with what the sandbox sends. */
const deliveryFaultSchemas = [
  /** Never sent; the list of deliveries says so. */
  v.object({ kind: v.literal("drop-delivery"), ...whichDeliveries }),
  /** Sent again, byte for byte, `copies` times more. */
  v.object({ kind: v.literal("duplicate-delivery"), copies: v.optional(wholeFromOne, 1), ...whichDeliveries }),
  /**
   * Sent later by the sandbox's clock: by `milliseconds`, or by chance between that and `up_to`. Later deliveries of the
   * channel wait for it, unless their order is switched to unordered.
   */
  v.object({ kind: v.literal("delay-delivery"), milliseconds, up_to: v.optional(milliseconds), ...whichDeliveries }),
  /** Held back until there are `count`, or until `patience` milliseconds are over; then sent last first. */
  v.object({
    kind: v.literal("reorder-deliveries"),
    count: v.optional(v.pipe(wholeFromOne, v.minValue(2), v.maxValue(1000)), 2),
    patience: v.optional(milliseconds, 2_000),
    ...whichDeliveries,
    times: v.optional(howOften.times, "always"),
  }),
] as const;

export const faultSchema = v.variant("kind", [...callFaultSchemas, ...deliveryFaultSchemas]);

/** Something that shall go wrong, how often and with what. */
export type Fault = v.InferOutput<typeof faultSchema>;
export type CallFault = v.InferOutput<(typeof callFaultSchemas)[number]>;
export type DeliveryFault = v.InferOutput<(typeof deliveryFaultSchemas)[number]>;

export function isDeliveryFault(fault: Fault): fault is DeliveryFault {
  return "copies" in fault || fault.kind === "drop-delivery" || "patience" in fault || fault.kind === "delay-delivery";
}
