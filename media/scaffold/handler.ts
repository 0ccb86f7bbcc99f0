import { startWhenMain } from "./receiver/receiver.ts";
import type { ZohoEvent } from "./zoho-crm-events.d.ts";

/**
 * Your code. It is called once for each change of a record, after the token was verified. `event.module` and
 * `event.operation` tell which fields `event.values` can have. What it throws is answered as 500, and the change counts as
 * not handled: replay it once the code is fixed.
 */
export async function handle(event: ZohoEvent): Promise<void> {
  console.log(`${event.module ?? "no module"} ${event.recordId}: ${event.operation} ${event.changedFields.join(", ")}`);
  await Promise.resolve();
}

await startWhenMain(import.meta.url, handle);
