import type { Subscription, UnreadableSubscription } from "./subscription.ts";

/** The rows of a list, apart from those that others contradict. */
export interface UnitedRows {
  /** Each (channel, module) once. */
  readonly subscriptions: readonly Subscription[];
  /** Each (channel, module) once, with the names of the members about which there is no agreement. */
  readonly contradictory: readonly UnreadableSubscription[];
}

/**
 * Takes together the rows of a list that are about the same (channel, module). Their events are united where nothing
 * else differs, and the list stood still: rows of different times would bring back what was taken away. Each change of a
 * channel sends one address and one token for all its modules, so rows that differ in these contradict each other too.
 */
export function uniteRows(rows: readonly Subscription[], stoodStill: boolean): UnitedRows {
  const faultsOf = new Map(
    [...groupsOf(rows, ({ channelId }) => channelId)].map(([id, some]) => [id, ofChannel(some)]),
  );
  const subscriptions: Subscription[] = [];
  const contradictory: UnreadableSubscription[] = [];
  for (const [first, ...others] of groupsOf(rows, ({ channelId, module }) => `${channelId} ${module}`).values()) {
    const { channelId, module } = first;
    const all = [first, ...others];
    const members = stoodStill ? lastingMembers : ([...lastingMembers, "events"] as const);
    const faults = new Set([...(faultsOf.get(channelId) ?? []), ...differing(all, members)]);
    if (faults.size > 0) contradictory.push({ channelId, module, faults: [...faults] });
    else subscriptions.push({ ...first, events: [...new Set(all.flatMap(({ events }) => events))] });
  }
  return { subscriptions, contradictory };
}

type Rows = readonly [Subscription, ...Subscription[]];

function groupsOf(rows: readonly Subscription[], keyOf: (row: Subscription) => string): ReadonlyMap<string, Rows> {
  const groups = new Map<string, [Subscription, ...Subscription[]]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** What a change would write over. A module without a token may be given that of the others. */
function ofChannel(rows: Rows): readonly string[] {
  const withToken = rows.filter(({ token }) => token !== undefined);
  return [...differing(rows, ["notifyUrl"]), ...differing(withToken, ["token"])];
}

/** Names of the API. */
const namesOfMembers = {
  expiresAt: "channel_expiry",
  notifyUrl: "notify_url",
  token: "token",
  notifyOnRelatedAction: "notify_on_related_action",
  returnAffectedFieldValues: "return_affected_field_values",
  notificationCondition: "notification_condition",
  events: "events",
} as const;
type Member = keyof typeof namesOfMembers;

const lastingMembers = [
  "expiresAt",
  "notifyUrl",
  "token",
  "notifyOnRelatedAction",
  "returnAffectedFieldValues",
  "notificationCondition",
] as const;

/** The names of the members in which rows differ. */
function differing(rows: readonly Subscription[], members: readonly Member[]): readonly string[] {
  const differs = (member: Member): boolean => new Set(rows.map(row => JSON.stringify(row[member]))).size > 1;
  return members.filter(differs).map(member => namesOfMembers[member]);
}
