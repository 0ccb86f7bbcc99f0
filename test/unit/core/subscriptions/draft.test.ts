import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour } from "../../../../src/base/clock.ts";
import type { ChannelDetails } from "../../../../src/core/subscriptions/channelDetails.ts";
import { writeCondition } from "../../../../src/core/subscriptions/condition.ts";
import { type Chosen, eventNames, redraft } from "../../../../src/core/subscriptions/draft.ts";

const chosen: Chosen = { modules: ["Leads", "Deals"], operations: ["create", "edit"], expiresIn: day };
const condition = writeCondition({ module: "Deals", condition: { kind: "field", field: "Stage" } });

/** As drafted from what is chosen, and then set by hand: one event less, a condition, a token, a switch. */
const draft: ChannelDetails = {
  channelId: "1",
  events: ["Leads.create", "Deals.create", "Deals.edit"],
  notifyUrl: "https://elsewhere.example.com/",
  expiresAt: 7 * day,
  token: "typed",
  notifyOnRelatedAction: false,
  returnAffectedFieldValues: true,
  conditions: [condition],
};

describe("a new channel that is chosen otherwise after its options were set", () => {
  it("stays as it is where the same is chosen again, its end included", () => {
    assert.deepEqual(redraft(draft, chosen, { ...chosen }, hour), draft);
  });

  it("gains and loses the modules that are chosen, and keeps the rest", () => {
    const after = redraft(draft, chosen, { ...chosen, modules: ["Deals", "Tasks"] }, hour);
    assert.deepEqual(after, { ...draft, events: ["Deals.create", "Deals.edit", "Tasks.create", "Tasks.edit"] });
    const without = redraft(draft, chosen, { ...chosen, modules: ["Leads"] }, hour);
    assert.deepEqual([without.events, without.conditions], [["Leads.create"], []]);
  });

  it("gains and loses the operations that are chosen, and leaves no chosen module without any", () => {
    const more = redraft(draft, chosen, { ...chosen, operations: ["create", "edit", "delete"] }, hour);
    assert.deepEqual(more.events, ["Leads.create", "Deals.create", "Deals.edit", "Leads.delete", "Deals.delete"]);
    const other = redraft(draft, chosen, { ...chosen, operations: ["edit"] }, hour);
    assert.deepEqual(other.events, ["Deals.edit", "Leads.edit"]);
    assert.deepEqual(other.conditions, [condition]);
  });

  it("ends when it is chosen to, where that is another time", () => {
    assert.equal(redraft(draft, chosen, { ...chosen, expiresIn: hour }, day).expiresAt, day + hour);
  });

  it("is of every chosen module with every chosen operation at first", () => {
    assert.deepEqual(eventNames(["Leads"], ["delete", "create"]), ["Leads.create", "Leads.delete"]);
  });
});
