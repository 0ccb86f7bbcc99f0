import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute } from "../../../../src/base/clock.ts";
import { planChange } from "../../../../src/core/subscriptions/changePlan.ts";
import { type ChannelChange, applyChange, changeBetween } from "../../../../src/core/subscriptions/channelChange.ts";
import { type ChannelDetails, detailsOf } from "../../../../src/core/subscriptions/channelDetails.ts";
import { writeCondition } from "../../../../src/core/subscriptions/condition.ts";
import { differenceWords, differencesBetween } from "../../../../src/core/subscriptions/differences.ts";
import { aSubscription } from "./aSubscription.ts";

const condition = (module: string, name: string): unknown =>
  writeCondition({ module, condition: { kind: "field", field: name } });

const before: ChannelDetails = {
  channelId: "1105420521999070702",
  events: ["Leads.create", "Leads.edit", "Deals.edit"],
  notifyUrl: "https://hooks.example.com/crm",
  expiresAt: 3 * day,
  token: "secret",
  notifyOnRelatedAction: true,
  returnAffectedFieldValues: false,
  conditions: [condition("Deals", "Stage")],
};

function plan(change: ChannelChange, from = before) {
  return planChange(from, applyChange(from, change));
}

describe("the request that changes a channel", () => {
  it("is none where nothing changes, also where what is added is there already", () => {
    assert.deepEqual(plan({ addEvents: ["Leads.create"], token: "secret" }), { kind: "nothing" });
  });

  it("is a PATCH with events, token and expiry, whatever it changes, and with nothing else that stays", () => {
    const always = { channelId: before.channelId, notifyUrl: before.notifyUrl, token: "secret" };
    assert.deepEqual(plan({ expiresAt: 4 * day }), {
      kind: "patch",
      request: { ...always, events: before.events, expiresAt: 4 * day },
    });
    assert.deepEqual(plan({ notifyUrl: "https://other.example.com" }), {
      kind: "patch",
      request: { ...always, events: before.events, expiresAt: 3 * day, notifyUrl: "https://other.example.com" },
    });
    assert.deepEqual(plan({ addEvents: ["Contacts.all"], token: "new", returnAffectedFieldValues: true }), {
      kind: "patch",
      request: {
        channelId: before.channelId,
        notifyUrl: before.notifyUrl,
        token: "new",
        events: [...before.events, "Contacts.create", "Contacts.edit", "Contacts.delete"],
        expiresAt: 3 * day,
        returnAffectedFieldValues: true,
      },
    });
  });

  it("drops events with Zoho's own way of dropping them, token along", () => {
    assert.deepEqual(plan({ removeEvents: ["Leads.create"] }), {
      kind: "remove-events",
      request: {
        channelId: before.channelId,
        notifyUrl: before.notifyUrl,
        token: "secret",
        events: ["Leads.create"],
      },
    });
  });

  it("is a PUT with all that GET told, where something must go for certain", () => {
    const { conditions, ...all } = before;
    const both = plan({ removeEvents: ["Leads.create"], notifyOnRelatedAction: false });
    const events = ["Leads.edit", "Deals.edit"];
    assert.deepEqual(both, {
      kind: "put",
      request: { ...all, events, notifyOnRelatedAction: false, notificationCondition: conditions },
    });
    const { token: _, ...withoutToken } = all;
    assert.deepEqual(plan({ token: null }), {
      kind: "put",
      request: { ...withoutToken, notificationCondition: conditions },
    });
    assert.deepEqual(plan({ conditions: new Map([["Deals", undefined]]) }), { kind: "put", request: all });
  });

  it("takes the condition of a module along with the module's last event", () => {
    const { conditions: _, ...all } = before;
    const events = ["Leads.create", "Leads.edit"];
    assert.deepEqual(plan({ removeEvents: ["Deals.all"] }), { kind: "put", request: { ...all, events } });
  });

  it("patches a condition in where there was none, and puts where one is replaced", () => {
    const none = { ...before, conditions: [] };
    assert.equal(plan({ conditions: new Map([["Deals", condition("Deals", "Stage")]]) }, none).kind, "patch");
    assert.equal(plan({ conditions: new Map([["Deals", condition("Deals", "Amount")]]) }).kind, "put");
  });
});

describe("a change", () => {
  it("can be applied to what somebody else changed meanwhile, and leaves that alone", () => {
    const wanted = applyChange(before, { addEvents: ["Leads.delete"], token: "new" });
    const meanwhile = applyChange(before, { addEvents: ["Tasks.edit"], notifyUrl: "https://moved.example.com" });
    const result = applyChange(meanwhile, changeBetween(before, wanted));
    assert.deepEqual(result.events, [...before.events, "Tasks.edit", "Leads.delete"]);
    assert.deepEqual([result.notifyUrl, result.token], ["https://moved.example.com", "new"]);
  });

  it("is none of the address where the same addresses are in another order", () => {
    const one = { ...before, otherUrls: ["https://a.example.com", "https://b.example.com"] };
    assert.deepEqual(changeBetween(one, { ...one, otherUrls: one.otherUrls.toReversed() }), {});
    const other = { ...one, otherUrls: ["https://a.example.com", "https://c.example.com"] };
    assert.deepEqual(changeBetween(one, other), { notifyUrl: before.notifyUrl });
  });

  it("is said in words, module by module, without a token in them", () => {
    const after = applyChange(before, {
      ...{ addEvents: ["Tasks.edit"], removeEvents: ["Leads.create"], token: "other secret" },
      conditions: new Map([["Deals", undefined]]),
    });
    assert.deepEqual(differencesBetween(before, after).map(differenceWords), [
      "Events of Leads: create, edit → edit",
      "Events of Tasks: none → edit",
      "Condition of Deals: Stage → none",
      "Token: one → another",
    ]);
    assert.deepEqual(differencesBetween(before, { ...before, expiresAt: before.expiresAt + 1 }), []);
  });

  it("is said in words for all that a channel has", () => {
    const { token: _, ...plain } = { ...before, conditions: [{ type: "formula", module: { api_name: "Deals" } }] };
    const after = {
      ...{ ...before, notifyUrl: "https://other.example.com", expiresAt: before.expiresAt + minute + 1 },
      ...{ notifyOnRelatedAction: false, returnAffectedFieldValues: true },
    };
    assert.deepEqual(differencesBetween(plain, after).map(differenceWords), [
      "Condition of Deals: one that this editor does not know → Stage",
      "Events go to: https://hooks.example.com/crm → https://other.example.com",
      "Expires: 1970-01-04 00:00 UTC → 1970-01-04 00:01 UTC",
      "Token: none → another",
      "Related records: on → off",
      "Changed values: off → on",
    ]);
  });
});

describe("the details of a channel", () => {
  it("are those of its modules together, repeated conditions once, the latest expiry", () => {
    const shared = [condition("Leads", "Phone")];
    const leads = aSubscription({ events: ["Leads.all"], expiresAt: hour, notificationCondition: shared, token: "t" });
    const deals = aSubscription({
      ...{ module: "Deals", events: ["Deals.edit"], expiresAt: 2 * hour, notificationCondition: [...shared] },
    });
    assert.deepEqual(detailsOf([leads, deals]), {
      channelId: leads.channelId,
      events: ["Leads.create", "Leads.edit", "Leads.delete", "Deals.edit"],
      notifyUrl: leads.notifyUrl,
      expiresAt: 2 * hour,
      token: "t",
      notifyOnRelatedAction: false,
      returnAffectedFieldValues: true,
      conditions: shared,
    });
    assert.equal(detailsOf([]), undefined);
  });
});
