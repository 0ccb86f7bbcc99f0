import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { EventHistory } from "../../src/core/history/eventHistory.ts";
import { capturedPost } from "./eventBodies.ts";

const modules = ["Leads", "Deals", "Contacts", "Accounts", "Tasks", "Site_Visits", "Calls", "Products"];
const operations = ["insert", "update", "update", "update", "delete"];
const fields = ["Stage", "Amount", "Phone", "City", "Owner", "Email", "Closing_Date", "Description"];
const streets = ["Wharf Lane", "Harbour Street", "Castle Road", "Mill Hill", "Queen's Parade", "Station Approach"];

/** The channels that deliveries name, and the token that all of them were given. */
export const deliveredChannels = Array.from({ length: 20 }, (_, number) =>
  String(1_105_420_521_999_070_000n + BigInt(number)),
);
export const deliveredToken = "token-of-the-benchmark";

const storedAtOnce = 1_000;
const day = 24 * 60 * 60 * 1_000;

/** Writes so many events of a week into the history file, through the history itself. One in a hundred names Wharf 7. */
export function seedHistory(file: string, count: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const history = EventHistory.open(file, { clock: systemClock, logger: silentLogger, maxEvents: 2 * count });
  try {
    const sink = history.sinkFor("https://relay.example.com", "bench");
    const begin = Date.now() - 7 * day;
    for (let first = 1; first <= count; first += storedAtOnce) {
      const length = Math.min(storedAtOnce, count - first + 1);
      const events = Array.from({ length }, (_, index) => {
        const sequence = first + index;
        return {
          sequence,
          receivedAt: begin + Math.floor((sequence / count) * 6.9 * day),
          payload: capturedPost(deliveryBody(sequence)),
        };
      });
      sink.store(events);
    }
  } finally {
    history.close();
  }
}

/** A delivery like Zoho's, of about a kilobyte; no two say the same. */
export function deliveryBody(number: number, module = pick(modules, number)): string {
  const recordId = String(3_652_397_000_000_000_000n + BigInt(number));
  const changed = [pick(fields, number), pick(fields, number * 7 + 3)];
  const values = Object.fromEntries(changed.map(field => [field, `${field} ${number} of ${pick(streets, number)}`]));
  const note = number % 100 === 0 ? "wharfseven" : `note ${number % 977}`;
  return JSON.stringify({
    server_time: 1_750_000_000_000 + number,
    affected_values: [{ record_id: recordId, values: { ...values, Description: `${note}. ${filler(number)}` } }],
    query_params: {},
    module,
    resource_uri: `https://www.zohoapis.example/crm/v8/${module}`,
    ids: [recordId],
    affected_fields: [{ [recordId]: changed }],
    operation: pick(operations, number),
    channel_id: pick(deliveredChannels, number),
    token: deliveredToken,
  });
}

function filler(number: number): string {
  return Array.from({ length: 8 }, (_, at) => `${pick(streets, number + at)} ${(number * (at + 3)) % 911}`).join(", ");
}

function pick(list: readonly string[], at: number): string {
  return list[at % list.length] ?? "";
}
