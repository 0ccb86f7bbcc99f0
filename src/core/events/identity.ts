import type { Notification } from "../../zoho/notification.ts";

/**
 * What tells one change of a record from another, for each record of a notification in its order; undefined where the
 * notification has no time of the change. Zoho gives an event no id, and two changes of one record can have the same time
 * and differ in the fields alone. In the form of the generated handler (media/scaffold/receiver).
 */
export function changeIdentities(notification: Notification): (string | undefined)[] {
  const { channelId, module = null, operation = null, serverTime, recordIds, changes } = notification;
  if (serverTime === undefined) return recordIds.map(() => undefined);
  const fieldsOf = new Map(changes.map(({ recordId, fields }) => [recordId, fields.toSorted()]));
  return recordIds.map(recordId =>
    JSON.stringify([channelId, module, operation, recordId, serverTime, ...(fieldsOf.get(recordId) ?? [])]),
  );
}
