import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day } from "../../../src/base/clock.ts";
import { type ChannelChange, applyChange } from "../../../src/core/subscriptions/channelChange.ts";
import { combine, readCondition, writeCondition } from "../../../src/core/subscriptions/condition.ts";
import { at } from "../../support/rawZoho.ts";
import { valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { signedIn } from "../zoho/editorWindow.ts";
import { RawWatch } from "./rawWatch.ts";

const channelId = "9007199254740995001";

/** Somebody's channel, a window, and a way to see what became of a change by a plain GET. */
async function setUp(test: TestContext, patchWithoutExpiry: "keep" | "one-hour") {
  const window = await signedIn(test, { behaviour: { patchWithoutExpiry } });
  const raw = await RawWatch.connect(window.sandbox);
  await raw.subscribe(channelId, window.clock.now());
  await window.service.refresh();
  const before = await raw.get(channelId);
  assert.equal(before.length, 2);
  const change = async (wanted: ChannelChange): Promise<Readonly<Record<string, unknown>>[]> => {
    const outcome = valueOf(await window.service.change(window.id, channelId, now => applyChange(now, wanted)));
    assert.deepEqual(outcome.warnings, []);
    return raw.get(channelId);
  };
  return { ...window, raw, before, change };
}

const condition = {
  type: "field_selection",
  module: { api_name: "Leads" },
  field_selection: { field: { api_name: "Phone" } },
};

/** The condition that a plain GET shows with each module, as this project writes it and without the ids that Zoho adds. */
function conditionsOf(items: readonly Readonly<Record<string, unknown>>[]): unknown[] {
  return items.map(item => {
    const shown = at(item, "notification_condition", 0);
    const read = readCondition(shown);
    return read === undefined ? shown : withoutIds(writeCondition(read));
  });
}

function withoutIds(condition: unknown): unknown {
  const text = JSON.stringify(condition, (name, value: unknown) => (name === "id" ? undefined : value));
  const parsed: unknown = JSON.parse(text);
  return parsed;
}

/** Each edit, and what a plain GET must say differently of both modules after it; all else must be as it was. */
const edits: readonly (readonly [name: string, change: ChannelChange, differs: Readonly<Record<string, unknown>>])[] = [
  ["address", { notifyUrl: "http://127.0.0.1:9/other" }, { notify_url: "http://127.0.0.1:9/other" }],
  ["token", { token: "another" }, { token: "another" }],
  ["token, to none", { token: null }, { token: null }],
  ["related records", { notifyOnRelatedAction: true }, { notify_on_related_action: true }],
  ["changed values", { returnAffectedFieldValues: false }, { return_affected_field_values: false }],
  ["condition, to none", { conditions: new Map([["Deals", undefined]]) }, { notification_condition: null }],
];

for (const patchWithoutExpiry of ["keep", "one-hour"] as const) {
  describe(`editing somebody's channel, where PATCH without expiry means "${patchWithoutExpiry}"`, () => {
    for (const [name, change, differs] of edits) {
      it(`changes the ${name}, and a plain GET says all else as before`, async test => {
        const world = await setUp(test, patchWithoutExpiry);
        assert.deepEqual(
          await world.change(change),
          world.before.map(item => ({ ...item, ...differs })),
        );
      });
    }

    it("adds a module and an operation, drops an operation, and drops a module with its condition", async test => {
      const { change, before } = await setUp(test, patchWithoutExpiry);
      const [deals, leads] = before;
      const eventsOf = (items: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
        items.map(each => each["events"]);
      const leadEvents = leads?.["events"];
      const added = await change({ addEvents: ["Contacts.edit", "Deals.create"] });
      assert.deepEqual(eventsOf(added), [
        ["Deals.create", "Deals.edit", "Deals.delete"],
        leadEvents,
        ["Contacts.edit"],
      ]);
      assert.deepEqual({ ...added[0], events: [] }, { ...deals, events: [] });
      const dropped = await change({ removeEvents: ["Deals.create", "Contacts.all"] });
      assert.deepEqual(dropped, before);
      const fewer = await change({ removeEvents: ["Deals.all"] });
      assert.deepEqual(fewer, [{ ...leads, notification_condition: null }]);
    });

    it("sets a condition beside that of another module, and changes that one", async test => {
      const { change, before } = await setUp(test, patchWithoutExpiry);
      const [kept] = conditionsOf(before);
      const set = await change({ conditions: new Map([["Leads", condition]]) });
      assert.deepEqual(conditionsOf(set), [kept, condition]);
      const read = readCondition(kept);
      const more = read && combine("and", [read.condition, { kind: "field", field: "Closing_Date" }]);
      assert.ok(more !== undefined);
      const wanted = writeCondition({ ...read, module: "Deals", condition: more });
      const changed = await change({ conditions: new Map([["Deals", wanted]]) });
      assert.deepEqual(conditionsOf(changed), [wanted, condition]);
    });
  });
}

describe("an edit", () => {
  it("is built from the channel as it is at the last moment", async test => {
    const { raw, change, before } = await setUp(test, "keep");
    const { channel_expiry, notify_url, token, notification_condition } = before[0] ?? {};
    const events = ["Deals.edit", "Deals.delete", "Leads.create", "Leads.edit", "Leads.delete", "Tasks.create"];
    // Somebody adds a module; the window's list has not been read since.
    const theirs = { channel_id: channelId, events, notify_url, token, channel_expiry, notification_condition };
    assert.equal((await raw.zoho.watch("PATCH", theirs)).status, 200);
    const after = await change({ removeEvents: ["Leads.all"] });
    assert.deepEqual(
      after.map(each => each["events"]),
      [["Deals.edit", "Deals.delete"], ["Tasks.create"]],
    );
  });

  it("of the expiry gets what Zoho grants, and says when that is less", async test => {
    const { service, id, clock, raw } = await setUp(test, "keep");
    const wanted = clock.now() + 5 * day;
    valueOf(await service.change(id, channelId, now => ({ ...now, expiresAt: wanted })));
    const [item] = await raw.get(channelId);
    assert.equal(Date.parse(String(item?.["channel_expiry"])), wanted);
    const tooLong = valueOf(await service.change(id, channelId, now => ({ ...now, expiresAt: wanted + 30 * day })));
    assert.ok(tooLong.warnings.some(({ code }) => code === "EXPIRY_SHORTENED"));
  });

  it("of the token lets late deliveries with the old one still verify, also in the next session", async test => {
    const { service, id, tokenBook } = await setUp(test, "keep");
    valueOf(await service.change(id, channelId, now => ({ ...now, token: "fresh" })));
    assert.equal(tokenBook.verify(channelId, "theirs"), "verified");
    assert.equal(tokenBook.verify(channelId, "fresh"), "verified");
    const request = { modules: [{ module: "Leads", operations: ["all"] as const }], expiresInMs: day };
    const flags = { notifyUrl: "http://127.0.0.1:9/x", returnAffectedFieldValues: true, notifyOnRelatedAction: false };
    const own = valueOf(await service.create(id, { ...request, ...flags, token: "first" }));
    valueOf(await service.change(id, own.channelId, now => ({ ...now, token: "second" })));
    assert.equal(tokenBook.verify(own.channelId, "first"), "verified");
  });

  it("that would leave nothing is refused, and so is one of a channel that is gone", async test => {
    const { service, id, raw, before } = await setUp(test, "keep");
    const nothing = await service.change(id, channelId, now => applyChange(now, { removeEvents: [...now.events] }));
    assert.ok(!nothing.ok && nothing.error.code === "NOTHING_LEFT");
    assert.deepEqual(await raw.get(channelId), before);
    const gone = await service.change(id, "42", now => now);
    assert.ok(!gone.ok && gone.error.code === "NOT_SUBSCRIBED");
  });
});
