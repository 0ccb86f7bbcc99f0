import * as v from "valibot";
import { jsonObjectSchema } from "../crm/record.ts";

export const watchOperations = ["create", "edit", "delete"] as const;
export type WatchOperation = (typeof watchOperations)[number];

const subscriptionSchema = v.object({ module: v.string(), operations: v.array(v.picklist(watchOperations)) });

/** What a channel wants to hear of one module. */
export type ModuleSubscription = v.InferOutput<typeof subscriptionSchema>;

/** A channel: the subscriptions of one user under an id that the user chose. */
export const channelSchema = v.object({
  channelId: v.string(),
  userId: v.string(),
  notifyUrl: v.string(),
  token: v.nullable(v.string()),
  /** Milliseconds since 1970. */
  expiresAt: v.number(),
  subscriptions: v.array(subscriptionSchema),
  notifyOnRelatedAction: v.boolean(),
  returnAffectedFieldValues: v.boolean(),
  notificationCondition: v.nullable(v.array(jsonObjectSchema)),
  /** Version of the API that subscribed, such as 8 or 2.1; what was kept before versions were is of the newest. */
  version: v.optional(v.number(), 8),
});
export type Channel = v.InferOutput<typeof channelSchema>;

/** The names of the events, `.all` written out. */
export function eventNames({ module, operations }: ModuleSubscription): readonly string[] {
  return operations.map(operation => `${module}.${operation}`);
}

/** Both lists in one: every operation that either has. */
export function mergeSubscriptions(
  left: readonly ModuleSubscription[],
  right: readonly ModuleSubscription[],
): ModuleSubscription[] {
  const names = [...new Set([...left, ...right].map(({ module }) => module))];
  return names.map(module => {
    const wanted = [...left, ...right].filter(each => each.module === module).flatMap(({ operations }) => operations);
    return { module, operations: watchOperations.filter(operation => wanted.includes(operation)) };
  });
}

/** The first list without what the second names; modules of which nothing is left are gone. */
export function withoutSubscriptions(
  all: readonly ModuleSubscription[],
  dropped: readonly ModuleSubscription[],
): ModuleSubscription[] {
  const left = all.map(({ module, operations }) => {
    const gone = dropped.find(each => each.module === module)?.operations ?? [];
    return { module, operations: operations.filter(operation => !gone.includes(operation)) };
  });
  return left.filter(({ operations }) => operations.length > 0);
}
