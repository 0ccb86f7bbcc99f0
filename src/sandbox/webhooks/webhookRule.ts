import * as v from "valibot";
import { watchOperations } from "../watch/channel.ts";

const parameterSchema = v.object({
  /** Where the request carries it: behind the address, among the headers, or as a field of a form. */
  in: v.picklist(["url", "header", "form"]),
  name: v.pipe(v.string(), v.minLength(1)),
  /** Text in which `${Leads.Last_Name}` stands for the record's value. */
  value: v.string(),
});

const bodySchema = v.variant("type", [
  v.object({ type: v.literal("none") }),
  /** Both carry the parameters that are `in` a form. */
  v.object({ type: v.literal("form-data") }),
  v.object({ type: v.literal("urlencoded") }),
  v.object({
    type: v.literal("raw"),
    format: v.picklist(["json", "xml", "text", "html"]),
    /** As parameters' values: the record's values are put in as they are, unescaped. */
    text: v.string(),
  }),
]);

/** What a workflow rule with a webhook is made of. */
export const webhookSchema = v.object({
  name: v.optional(v.string(), "Webhook"),
  module: v.string(),
  operations: v.optional(v.pipe(v.array(v.picklist(watchOperations)), v.minLength(1)), [...watchOperations]),
  /** Fires for an edit only when one of these changed; for any edit without it. */
  fields: v.optional(v.array(v.string())),
  url: v.pipe(v.string(), v.url(), v.regex(/^https?:/)),
  method: v.optional(v.picklist(["POST", "GET", "PUT", "DELETE"]), "POST"),
  parameters: v.optional(v.array(parameterSchema), []),
  body: v.optional(bodySchema, { type: "none" }),
});
export type WebhookDraft = v.InferOutput<typeof webhookSchema>;
export type WebhookParameter = v.InferOutput<typeof parameterSchema>;

export const webhookRuleSchema = v.object({ id: v.string(), ...webhookSchema.entries });

/** A workflow rule that calls an address when records change. */
export type WebhookRule = v.InferOutput<typeof webhookRuleSchema>;
