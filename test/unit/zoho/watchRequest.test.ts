import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { renewBody } from "../../../src/zoho/watchRequest.ts";

function eventsSent(events: readonly string[]): unknown {
  const request = { channelId: "1", events, notifyUrl: "https://x.example.com", token: undefined, expiresAt: 0 };
  const body = JSON.parse(renewBody(request)) as { readonly watch: readonly [{ readonly events: unknown }] };
  return body.watch[0].events;
}

const everything = (module: string): string[] =>
  ["create", "edit", "delete"].map(operation => `${module}.${operation}`);

describe("the events of a request", () => {
  it("go by their names as long as Zoho takes so many", () => {
    const events = everything("Leads");
    assert.deepEqual(eventsSent(events), events);
  });

  it("are written as .all where everything is watched and the names are more than fifty", () => {
    const modules = Array.from({ length: 20 }, (_, index) => `Module_${index}`);
    const sent = eventsSent([...modules.flatMap(everything), "Leads.edit", "Deals.create", "Deals.edit"]);
    assert.deepEqual(sent, [...modules.map(module => `${module}.all`), "Leads.edit", "Deals.create", "Deals.edit"]);
  });
});
