import type { RecordChange } from "../crm/records.ts";
import { userReference } from "../crm/users.ts";
import type { JsonObject } from "../state/json.ts";
import type { Channel } from "../watch/channel.ts";

export interface NotificationOptions {
  readonly serverTime: number;
  readonly baseUrl: string;
  readonly tokenOnDelete: "echo" | "null";
}

/**
 * The body of the POST that tells a channel of changes, all of one module and operation. `resource_uri` names version 2
 * whatever version subscribed, as live traffic does.
 */
export function notificationBody(
  channel: Channel,
  [first, ...rest]: readonly [RecordChange, ...RecordChange[]],
  options: NotificationOptions,
): JsonObject {
  const changes = [first, ...rest];
  const nullToken = first.operation === "delete" && options.tokenOnDelete === "null";
  return {
    server_time: options.serverTime,
    ...(channel.returnAffectedFieldValues ? { affected_values: changes.map(affectedValues) } : {}),
    query_params: Object.fromEntries(new URL(channel.notifyUrl).searchParams),
    module: first.module.apiName,
    resource_uri: `${options.baseUrl}/crm/v2/${first.module.apiName}`,
    ids: changes.map(({ recordId }) => recordId),
    affected_fields: changes.map(change => ({ [change.recordId]: Object.keys(toldValues(change)) })),
    operation: first.operation,
    channel_id: channel.channelId,
    token: nullToken ? null : channel.token,
  };
}

function affectedValues(change: RecordChange): JsonObject {
  return { record_id: change.recordId, values: toldValues(change) };
}

/** A deletion shows who deleted, and the status field that it changes. */
function toldValues({ operation, changed, actor }: RecordChange): JsonObject {
  return operation === "delete" ? { Modified_By: userReference(actor), Record_Status__s: 0 } : changed;
}
