import type { ForwardedEvent } from "../../../../src/core/forwarding/forwardedEvent.ts";

type Notification = NonNullable<ForwardedEvent["notification"]>;

/** An event to send; `undefined` for one that is no notification. */
export function aForwardedEvent(notification: Partial<Notification> | undefined, id = 1): ForwardedEvent {
  const request = { method: "POST", path: "", query: "", headers: [], body: new Uint8Array() };
  const place = { id, sequence: id, receivedAt: 0, request, lanes: [] };
  if (notification === undefined) return place;
  const defaults = {
    module: "Deals",
    operation: "edit",
    channelId: "7",
    recordIds: ["1"],
    verification: "verified",
  } as const;
  const lanes = notification.recordIds ?? defaults.recordIds;
  return { ...place, lanes, notification: { ...defaults, ...notification } };
}
