import * as v from "valibot";
import { type Operation, operations } from "../../protocol/event.ts";
import type { Subscription } from "../../zoho/subscription.ts";

export const watchedModuleSchema = v.object({
  module: v.string(),
  operations: v.array(v.picklist(operations)),
  /** Only some edits are notified of, by a condition on fields, and which those were cannot be known afterwards. */
  hasCondition: v.boolean(),
});

/** What a channel watches of one module. */
export type WatchedModule = v.InferOutput<typeof watchedModuleSchema>;

/** What the subscriptions of a channel watch. */
export function watchedModules(subscriptions: readonly Subscription[]): WatchedModule[] {
  return subscriptions.map(({ module, events, notificationCondition }) => ({
    module,
    operations: operationsOf(events),
    hasCondition: notificationCondition !== undefined && notificationCondition !== null,
  }));
}

/** `Leads.all` is all three. */
function operationsOf(events: readonly string[]): Operation[] {
  const words = new Set(events.map(event => event.slice(event.lastIndexOf(".") + 1)));
  return operations.filter(operation => words.has("all") || words.has(operation));
}
