import type { Notification } from "../../zoho/notification.ts";

/** So many records, and so many fields, of one event are kept by name. Zoho names a hundred or so. */
const mostNames = 1_000;

/** Longer names are cut, in characters. */
const longestName = 200;

/** The first of many names, each once, and how many there are beyond them. */
export interface BoundedNames {
  readonly names: readonly string[];
  readonly more: number;
}

/** What a notification is about, by name, however much whoever knows the address has put into it. */
export interface NotificationNames {
  readonly operation: string | undefined;
  readonly module: string | undefined;
  readonly channelId: string | undefined;
  readonly records: BoundedNames;
  readonly fields: BoundedNames;
}

/** What a notification is found by, and shown with: both go by this, so that they agree. */
export function notificationNames(notification: Notification): NotificationNames {
  const { operation, module, channelId, recordIds, moreRecords = 0, changes } = notification;
  return {
    operation: operation?.slice(0, longestName),
    module: module?.slice(0, longestName),
    channelId: channelId?.slice(0, longestName),
    records: boundedNames(recordIds, moreRecords),
    fields: boundedNames(
      changes.flatMap(change => change.fields),
      0,
    ),
  };
}

/** The first `most` of them only. */
export function firstOf({ names, more }: BoundedNames, most: number): BoundedNames {
  return { names: names.slice(0, most), more: more + Math.max(0, names.length - most) };
}

function boundedNames(all: readonly string[], more: number): BoundedNames {
  const each = new Set(all);
  const names = new Set<string>();
  for (const name of each) {
    names.add(name.slice(0, longestName));
    if (names.size === mostNames) break;
  }
  return { names: [...names], more: more + Math.max(0, each.size - names.size) };
}
