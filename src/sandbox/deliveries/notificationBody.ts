import type { SandboxBehaviour } from "../behaviour.ts";
import type { RecordChange } from "../crm/records.ts";
import { userReference } from "../crm/users.ts";
import type { JsonObject, JsonValue } from "../state/json.ts";
import type { Channel, WatchOperation } from "../watch/channel.ts";
import { resourceUri } from "../watch/resourceUri.ts";

export interface NotificationOptions {
  readonly serverTime: number;
  readonly baseUrl: string;
  readonly behaviour: SandboxBehaviour;
}

/** What subscriptions call the operations that deliveries name with words of their own. */
export const subscribedAs: Readonly<Record<RecordChange["operation"], WatchOperation>> = {
  insert: "create",
  update: "edit",
  delete: "delete",
};

/** The body of the POST that tells a channel of changes, all of one module and operation. */
export function notificationBody(
  channel: Channel,
  [first, ...rest]: readonly [RecordChange, ...RecordChange[]],
  { serverTime, baseUrl, behaviour }: NotificationOptions,
): JsonObject {
  const changes = [first, ...rest];
  const { operation, module } = first;
  const ownWords = behaviour.operationWords === "insert-update-delete";
  const isFieldless = operation === "insert" && behaviour.insertAffectedFields === "empty";
  return {
    server_time: serverTime,
    ...(channel.returnAffectedFieldValues ? { affected_values: changes.map(affectedValues) } : {}),
    query_params: Object.fromEntries(new URL(channel.notifyUrl).searchParams),
    module: behaviour.deliveryModule === "null" ? null : module.apiName,
    resource_uri: resourceUri(baseUrl, module.apiName, channel.version, behaviour),
    ids: changes.map(({ recordId }) => recordId),
    affected_fields: isFieldless ? [] : changes.map(affectedFields),
    operation: ownWords ? operation : subscribedAs[operation],
    channel_id: channel.channelId,
    token: sentToken(channel.token, operation, behaviour),
  };
}

function sentToken(
  token: string | null,
  operation: RecordChange["operation"],
  { tokenOnDelete, deliveryToken }: SandboxBehaviour,
): JsonValue {
  if (token === null || (operation === "delete" && tokenOnDelete === "null")) return null;
  const isNumber = /^[1-9]\d*$/.test(token) && Number.isSafeInteger(Number(token));
  return deliveryToken === "number" && isNumber ? Number(token) : token;
}

function affectedFields(change: RecordChange): JsonObject {
  return { [change.recordId]: Object.keys(toldValues(change)) };
}

function affectedValues(change: RecordChange): JsonObject {
  return { record_id: change.recordId, values: toldValues(change) };
}

/** A deletion shows who deleted, and the status field that it changes. */
function toldValues({ operation, changed, actor }: RecordChange): JsonObject {
  return operation === "delete" ? { Modified_By: userReference(actor), Record_Status__s: 0 } : changed;
}
