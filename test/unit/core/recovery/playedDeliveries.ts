import type { DeliveredHistory } from "../../../../src/core/recovery/deliveredChanges.ts";
import type { EventFilter } from "../../../../src/core/filter/eventFilter.ts";
import type { StoredEvent } from "../../../../src/core/events/storedEvent.ts";
import { capturedPost, notificationBody } from "../../../support/eventBodies.ts";

/** A history of deliveries to one module of one channel, in order of arrival. */
export class PlayedDeliveries implements DeliveredHistory {
  readonly events: StoredEvent[] = [];
  /** What was asked for. */
  readonly filters: EventFilter[] = [];
  /** Where the pages that were read began. */
  readonly offsets: number[] = [];

  /** A delivery as Zoho sends it, received at once. */
  deliver(recordId: string, operation: string, at: number): void {
    this.add({ receivedAt: at, payload: capturedPost(deliveryBody(recordId, operation, at)) });
  }

  add(changes: { readonly receivedAt: number } & Partial<Extract<StoredEvent, { kind: "request" }>>): void {
    const id = this.events.length + 1;
    const entry = { id, storedAt: changes.receivedAt, source: "delivered", sequence: id } as const;
    this.events.push({ ...entry, kind: "request", payload: capturedPost(""), ...changes });
  }

  select(filter: EventFilter): { count: number; page(offset: number, limit: number): StoredEvent[] } {
    this.filters.push(filter);
    return {
      count: this.events.length,
      page: (offset, limit) => {
        this.offsets.push(offset);
        return this.events.slice(offset, offset + limit);
      },
    };
  }
}

export function deliveryBody(recordId: string, operation: string, at: number): string {
  return notificationBody({ ids: [recordId], operation, server_time: at });
}
