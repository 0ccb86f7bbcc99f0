import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute } from "../../../src/base/clock.ts";
import type { Channel } from "../../../src/core/subscriptions/channel.ts";
import type { CreateRequest } from "../../../src/core/subscriptions/subscriptionService.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { Machine, type RenewalWindow } from "./renewalWindow.ts";

const watch = "/crm/v8/actions/watch";

/** Subscriptions that differ in all that a channel can have. */
const wanted: readonly CreateRequest[] = [
  {
    modules: [
      { module: "Leads", operations: ["create", "edit"] },
      { module: "Deals", operations: ["all"] },
    ],
    expiresInMs: 30 * day,
    notifyUrl: "http://127.0.0.1:9/in/one?from=crm",
    returnAffectedFieldValues: true,
    notifyOnRelatedAction: false,
  },
  {
    modules: [{ module: "Contacts", operations: ["edit"] }],
    expiresInMs: 30 * day,
    notifyUrl: "http://127.0.0.1:9/in/two",
    returnAffectedFieldValues: false,
    notifyOnRelatedAction: true,
    conditions: [
      {
        type: "field_selection",
        module: { api_name: "Contacts" },
        field_selection: {
          group_operator: "or",
          group: [{ field: { api_name: "Email" } }, { field: { api_name: "Phone" } }],
        },
      },
    ],
  },
  {
    modules: [{ module: "Accounts", operations: ["delete"] }],
    expiresInMs: 2 * day,
    notifyUrl: "http://127.0.0.1:9/in/three",
    returnAffectedFieldValues: true,
    notifyOnRelatedAction: true,
  },
];

function idOf(window: RenewalWindow): string {
  const [connection] = window.store.list();
  assert.ok(connection);
  return connection.id;
}

async function subscribe(window: RenewalWindow): Promise<void> {
  for (const request of wanted) valueOf(await window.service.create(idOf(window), request));
}

function channelsOf(window: RenewalWindow): readonly Channel[] {
  const state = window.service.stateOf(idOf(window));
  assert.ok(state.kind === "loaded", JSON.stringify(state));
  return state.channels;
}

/** All that a channel has but its end, as the server lists it now. */
async function everything(window: RenewalWindow): Promise<unknown> {
  const listed = valueOf(await window.clients.for(idOf(window)).listSubscriptions());
  return listed.map(({ expiresAt: _, ...rest }) => rest).sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

function keyOf({ channelId, module }: { readonly channelId: string; readonly module: string }): string {
  return `${channelId} ${module}`;
}

describe("automatic renewal against a sandbox", () => {
  it("keeps everything alive for a week with the editor open, and changes nothing else", async test => {
    const machine = await Machine.start(test);
    const window = await machine.open();
    await subscribe(window);
    const before = await everything(window);
    await machine.pass(7 * day);
    assert.deepEqual(await everything(window), before);
    assert.deepEqual(window.told, { asked: [], recreated: [], failed: [], lapses: [] });
    assert.ok(channelsOf(window).every(({ expiresAt }) => expiresAt - machine.clock.now() > 4 * day));
    const renewals = machine.transport.count(`PATCH ${watch}`);
    assert.ok(renewals >= 3 && renewals <= 15, `${renewals} renewals`);
  });
});
