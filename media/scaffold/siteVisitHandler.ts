import { bookSiteVisit } from "./calendar.ts";
import { startWhenMain } from "./receiver/receiver.ts";
import type { ZohoEvent } from "./zoho-crm-events.d.ts";

/**
 * Your code. It is called once for each change of a record, after the token was verified. `event.module` and
 * `event.operation` tell which fields `event.values` can have. What it throws is answered as 500, and the change counts as
 * not handled: replay it once the code is fixed.
 *
 * A deal that moves to the stage “Site Visit Scheduled” gets an hour in the calendar.
 */
export async function handle(event: ZohoEvent): Promise<void> {
  if (event.module !== "Deals" || event.operation === "delete") return;
  if (event.values?.Stage !== "Site Visit Scheduled") return;
  const booking = await bookSiteVisit({ dealId: event.recordId, changedAt: event.serverTime ?? Date.now() });
  console.log(`Deal ${booking.dealId}: site visit at ${booking.start}`);
}

await startWhenMain(import.meta.url, handle);
