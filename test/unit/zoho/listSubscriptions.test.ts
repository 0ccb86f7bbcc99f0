import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Result, succeed } from "../../../src/base/result.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../../src/zoho/httpTransport.ts";
import type { ZohoProblem } from "../../../src/zoho/problem.ts";
import type { SubscriptionList } from "../../../src/zoho/subscription.ts";
import { HeardShapes, aClient } from "./aClient.ts";
import { ScriptedTransport, answer, errorOf, reply, valueOf } from "./scriptedTransport.ts";

type Item = Readonly<Record<string, unknown>>;

function item(channelId: string, module = "Leads", changes: Item = {}): Item {
  return {
    ...{ channel_id: channelId, resource_name: module, channel_expiry: "2026-01-06T14:30:00+05:30" },
    ...{ notify_url: "https://x.example.com", events: [`${module}.create`], token: null, fields: null },
    ...changes,
  };
}

/** The list of a server that has one page. */
async function listOf(body: unknown, options = {}): Promise<SubscriptionList> {
  const transport = new ScriptedTransport(reply(200, body), reply(204, ""));
  return valueOf(await aClient(transport).listSubscriptions(options));
}

/** Channels and modules, in order. */
function namesOf({ subscriptions }: SubscriptionList): string[] {
  return subscriptions.map(({ channelId, module }) => `${channelId} ${module}`);
}

/** A list of channels that others change between two pages. */
class PlayedList implements HttpTransport {
  items: Item[];
  readonly asked: string[] = [];
  readonly #changes: ((items: Item[]) => void)[];

  constructor(items: readonly Item[], ...changes: readonly ((items: Item[]) => void)[]) {
    this.items = [...items];
    this.#changes = [...changes];
  }

  readonly send = async ({ url }: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>> => {
    const query = new URL(url).searchParams;
    this.asked.push(query.toString());
    const [page, size] = [Number(query.get("page")), Number(query.get("per_page"))];
    const watch = this.items.slice((page - 1) * size, page * size);
    const info = { page, per_page: size, count: watch.length, more_records: page * size < this.items.length };
    this.#changes.shift()?.(this.items);
    return Promise.resolve(succeed(watch.length === 0 ? answer(204, "") : answer(200, { watch, info })));
  };
}

const condition = { type: "field_selection", module: { api_name: "Deals", id: "5" } };

const odd: readonly (readonly [changes: Item, fault: string])[] = [
  [{ resource_name: null }, "resource_name"],
  [{ resource_name: undefined }, "resource_name"],
  [{ resource_name: "" }, "resource_name"],
  [{ channel_expiry: null }, "channel_expiry"],
  [{ channel_expiry: undefined }, "channel_expiry"],
  [{ channel_expiry: "whenever" }, "channel_expiry"],
  [{ channel_expiry: "7" }, "channel_expiry"],
  [{ channel_expiry: 1_911_905_463_000 }, "channel_expiry"],
  [{ events: null }, "events"],
  [{ events: "Leads.all" }, "events"],
  [{ events: ["Leads.create", null] }, "events"],
  [{ events: ["Leads.create", 7] }, "events"],
  [{ channel_id: undefined }, "channel_id"],
  [{ channel_id: "99999999999999999999" }, "channel_id"],
  [{ channel_id: "9223372036854775808" }, "channel_id"],
  [{ channel_id: {} }, "channel_id"],
  [{ token: 7 }, "token"],
  [{ notify_url: null }, "notify_url"],
  [{ notify_on_related_action: "perhaps" }, "notify_on_related_action"],
  [{ notification_condition: condition }, "notification_condition"],
  [{ notification_condition: JSON.stringify([condition]) }, "notification_condition"],
  [{ notification_condition: "" }, "notification_condition"],
  [{ notification_condition: false }, "notification_condition"],
  [{ events: [] }, "events"],
  [{ events: ["create"] }, "events"],
  [{ events: ["Deals."] }, "events"],
  [{ events: [".create"] }, "events"],
  [{ events: ["Deals.create", ""] }, "events"],
  [{ fields: ["Phone"] }, "fields"],
  [{ fields: [] }, "fields"],
  [{ fields: {} }, "fields"],
  [{ fields: "Phone" }, "fields"],
];

describe("the list of channels", () => {
  for (const [changes, fault] of odd) {
    it(`shows an odd entry beside the others, with what can be told: ${JSON.stringify(changes)}, ${fault}`, async () => {
      const shapes = new HeardShapes();
      const strange = item("7", "Deals", changes);
      const watch = [item("1"), strange, item("2")];
      const client = aClient(new ScriptedTransport(reply(200, { watch }), reply(204, "")), { shapes });
      const list = valueOf(await client.listSubscriptions());
      assert.deepEqual(namesOf(list), ["1 Leads", "2 Leads"]);
      const told = { channelId: "7", module: "Deals", faults: [fault] };
      const { channelId: _id, ...nameless } = told;
      const { module: _module, ...channel } = told;
      const expected =
        fault === "channel_id"
          ? nameless
          : fault === "resource_name" && !("" === changes["resource_name"])
            ? channel
            : told;
      assert.deepEqual(list.unreadable, ["" === changes["resource_name"] ? { ...told, module: "" } : expected]);
      assert.deepEqual(shapes.heard, [["GET /actions/watch", JSON.parse(JSON.stringify(strange))]]);
      assert.equal(list.complete, true);
    });
  }

  it("keeps a condition that is a list as it is, and takes none for none", async () => {
    for (const [told, kept] of [
      [[condition], [condition]],
      [[{ type: "criteria", x: 1 }], [{ type: "criteria", x: 1 }]],
      [[], []],
      [null, undefined],
      [undefined, undefined],
    ] as const) {
      const watch = [item("7", "Deals", { notification_condition: told, fields: null }), item("8", "Deals")];
      const list = await listOf({ watch: watch.map(({ fields: _fields, ...each }) => each) });
      assert.deepEqual(list.subscriptions[0]?.notificationCondition, kept);
      assert.deepEqual((await listOf({ watch })).subscriptions[0]?.notificationCondition, kept);
    }
  });

  it("shows what is no entry at all as one that cannot be read", async () => {
    const list = await listOf({ watch: [null, "x", item("1")] });
    assert.deepEqual(list.unreadable, [{ faults: [] }, { faults: [] }]);
    assert.deepEqual(namesOf(list), ["1 Leads"]);
  });

  it("keeps ids to the digit: as text, as numbers, negative, to the ends of 64 bits", async () => {
    const ids = ["-5", "-9223372036854775808", "9223372036854775807", "1105420521999070702"];
    const text = JSON.stringify({ watch: ids.flatMap(id => [item(id), item(`#${id}`, "Deals")]) });
    const list = await listOf(text.replaceAll(/"#(-?\d+)"/g, "$1"));
    assert.deepEqual(
      namesOf(list),
      ids.flatMap(id => [`${id} Leads`, `${id} Deals`]),
    );
  });

  const shells: readonly (readonly [name: string, body: unknown, count: number])[] = [
    ["info null", { watch: [item("1")], info: null }, 1],
    ["no info", { watch: [item("1")] }, 1],
    ["info of an unknown form", { watch: [item("1")], info: [] }, 1],
    ["more_records as text", { watch: [item("1")], info: { more_records: "false" } }, 1],
    ["watch null", { watch: null, info: {} }, 0],
    ["no entries", { watch: [], info: {} }, 0],
    ["a byte order mark", `\uFEFF${JSON.stringify({ watch: [item("1")] })}`, 1],
    ["flags as text", { watch: [item("1", "Leads", { notify_on_related_action: "false" })] }, 1],
  ];
  for (const [name, body, count] of shells) {
    it(`is read from an answer with ${name}`, async () => {
      const list = await listOf(body);
      assert.deepEqual([list.subscriptions.length, list.unreadable, list.complete], [count, [], true]);
    });
  }

  it("is not believed where the answer is of another form, and then the observer hears of it", async () => {
    for (const body of [{}, [], { watch: {} }, "<html>", '{"watch":[{"co', "", null]) {
      const shapes = new HeardShapes();
      const client = aClient(new ScriptedTransport(reply(200, body)), { shapes });
      assert.equal(errorOf(await client.listSubscriptions()).code, "UNREADABLE_ANSWER", JSON.stringify(body));
      assert.equal(shapes.heard.length, 1);
    }
  });

  it("gives Zoho's own reason where that comes wrapped as a list", async () => {
    const error = {
      code: "INVALID_DATA",
      details: { api_name: "channel_id" },
      message: "invalid data",
      status: "error",
    };
    for (const status of [200, 400]) {
      const transport = new ScriptedTransport(reply(status, { watch: [error] }));
      const problem = errorOf(await aClient(transport).listSubscriptions());
      assert.equal(problem.code, "INVALID_DATA");
      assert.match(problem.message, /^Zoho does not accept the channel ID\./);
    }
  });

  it("has only what was asked for, though the server does not know how to choose", async () => {
    const strange = [item("2", "Leads", { events: null }), { events: null }];
    const watch = [item("1"), item("2"), item("2", "Deals"), ...strange];
    const list = await listOf({ watch }, { channelId: "2", module: "Deals" });
    assert.deepEqual(namesOf(list), ["2 Deals"]);
    assert.equal(list.unreadable.length, 1);
    assert.equal((await listOf({ watch }, { channelId: "2" })).unreadable.length, 2);
  });

  it("has each channel and module once, from pages that begin within the one before", async () => {
    const first = { watch: [item("1099", "Deals")], info: { per_page: 1, page: 1, count: 1, more_records: true } };
    const second = {
      watch: [item("1099", "Deals"), item("1099", "Leads")],
      info: { per_page: 2, page: 2, count: 2, more_records: false },
    };
    const transport = new ScriptedTransport(...[first, second, first, second].map(page => reply(200, page)));
    const list = valueOf(await aClient(transport).listSubscriptions());
    assert.deepEqual([namesOf(list), list.complete], [["1099 Deals", "1099 Leads"], true]);
  });

  it("has a row that is there twice once, with the events of both", async () => {
    const events = (...operations: readonly string[]): Item => ({ events: operations.map(each => `Leads.${each}`) });
    const watch = [
      item("1", "Leads", events("create", "edit")),
      item("2"),
      item("1", "Leads", events("edit", "delete")),
    ];
    const united = await listOf({ watch });
    assert.deepEqual([namesOf(united), united.unreadable], [["1 Leads", "2 Leads"], []]);
    assert.deepEqual(united.subscriptions[0]?.events, ["Leads.create", "Leads.edit", "Leads.delete"]);
    const same = await listOf({ watch: [item("1"), item("1")] });
    assert.deepEqual([namesOf(same), same.unreadable], [["1 Leads"], []]);
  });

  const contradictions: readonly Item[] = [
    { channel_expiry: "2026-01-07T14:30:00+05:30" },
    { token: "t" },
    { notify_url: "https://y.example.com" },
    { notify_on_related_action: false },
    { return_affected_field_values: true },
    { notification_condition: [condition] },
  ];
  for (const changes of contradictions) {
    const [fault] = Object.keys(changes);
    it(`shows as odd what is there twice and differs: ${fault}`, async () => {
      const list = await listOf({ watch: [item("1"), item("2"), item("1", "Leads", changes)] });
      assert.deepEqual(namesOf(list), ["2 Leads"]);
      assert.deepEqual(list.unreadable, [{ channelId: "1", module: "Leads", faults: [fault] }]);
    });
  }

  it("shows as odd all modules of a channel that have addresses or tokens of their own", async () => {
    const cases: readonly (readonly [fault: string, one: unknown, other: unknown])[] = [
      ["notify_url", "https://x.example.com", "https://y.example.com"],
      ["token", "t", "u"],
    ];
    for (const [fault, one, other] of cases) {
      const watch = [
        ...[item("1", "Leads", { [fault]: one }), item("2"), item("1", "Deals", { [fault]: other })],
        item("1", "Tasks", { [fault]: one }),
      ];
      const list = await listOf({ watch });
      assert.deepEqual(namesOf(list), ["2 Leads"]);
      assert.deepEqual(
        list.unreadable,
        ["Leads", "Deals", "Tasks"].map(module => ({ channelId: "1", module, faults: [fault] })),
      );
    }
  });

  it("takes no offence where modules of a channel differ in what a renewal leaves as it is, or lack the token", async () => {
    const changes = { token: "t", channel_expiry: "2026-01-07T14:30:00+05:30", notify_on_related_action: false };
    const list = await listOf({ watch: [item("1"), item("1", "Deals", changes)] });
    assert.deepEqual([namesOf(list), list.unreadable], [["1 Leads", "1 Deals"], []]);
  });

  it("does not unite what a moving list showed at different times", async () => {
    const first = { watch: [item("1")], info: { more_records: true } };
    const second = { watch: [item("1", "Leads", { events: ["Leads.edit"] })], info: { more_records: true } };
    const third = { watch: [item("2")], info: { more_records: true } };
    const pages = [first, second, third, third];
    const transport = new ScriptedTransport(...pages.map(page => reply(200, page)));
    const list = valueOf(await aClient(transport).listSubscriptions());
    assert.deepEqual([namesOf(list), list.complete], [["2 Leads"], false]);
    assert.deepEqual(list.unreadable, [{ channelId: "1", module: "Leads", faults: ["events"] }]);
  });

  it("passes no module over where another channel is deleted between two pages", async () => {
    const others = Array.from({ length: 199 }, (_, index) => item(String(1_000 + index)));
    const mine = ["Contacts", "Deals", "Leads"].map(module => item("77", module));
    const played = new PlayedList([...others, ...mine], items => items.shift());
    const list = valueOf(await aClient(played).listSubscriptions());
    assert.deepEqual(namesOf(list).slice(-3), ["77 Contacts", "77 Deals", "77 Leads"]);
    assert.deepEqual([list.subscriptions.length, list.complete], [201, true]);
    assert.deepEqual(played.asked.slice(0, 2), ["page=1&per_page=200", "page=2&per_page=199"]);
  });

  it("gives no half where a later page fails", async () => {
    const watch = Array.from({ length: 200 }, (_, index) => item(String(index)));
    const first = { watch, info: { more_records: true } };
    const transport = new ScriptedTransport(reply(200, first), reply(500, { code: "INTERNAL_ERROR" }));
    assert.equal(errorOf(await aClient(transport).listSubscriptions()).kind, "server");
  });

  it("is whole with a server that cuts pages to a size of its own and does not say whether there is more", async () => {
    const all = Array.from({ length: 120 }, (_, index) => item(String(1_000 + index)));
    for (const info of [null, undefined, { per_page: 50, count: 50 }]) {
      const transport: HttpTransport = {
        send: async ({ url }) => {
          const page = Number(new URL(url).searchParams.get("page"));
          const watch = all.slice((page - 1) * 50, page * 50);
          return Promise.resolve(succeed(watch.length === 0 ? answer(204, "") : answer(200, { watch, info })));
        },
      };
      const list = valueOf(await aClient(transport).listSubscriptions());
      assert.deepEqual([list.subscriptions.length, list.complete], [120, true]);
    }
  });

  it("does not follow an answer that always promises more", async () => {
    const endless = { watch: [item("1")], info: { more_records: true } };
    const transport = new ScriptedTransport(reply(200, endless), reply(200, endless));
    const list = valueOf(await aClient(transport).listSubscriptions());
    assert.deepEqual([namesOf(list), list.complete, list.cutAt], [["1 Leads"], false, 1]);
  });

  it("of 450 entries has all that stayed while two came and two went, or says that it is not complete", async () => {
    const place = fc.nat(449);
    const moves = fc.array(fc.constantFrom("add", "remove", "wait"), { minLength: 4, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(place, { minLength: 5, maxLength: 5 }),
        fc.array(place, { minLength: 12 }),
        moves,
        async (oddAt, places, steps) => {
          const all = Array.from({ length: 450 }, (_, at) =>
            item(String(at), "Leads", oddAt.includes(at) ? { channel_expiry: null } : {}),
          );
          const gone = new Set<Item>();
          let added = 0;
          const changes = steps.map((step, at) => (items: Item[]) => {
            const where = places[at] ?? 0;
            if (step === "add" && added < 2) items.splice(where, 0, item(String(9_000 + added++)));
            if (step === "remove" && gone.size < 2) items.splice(where, 1).forEach(removed => gone.add(removed));
          });
          const { subscriptions, unreadable, complete } = valueOf(
            await aClient(new PlayedList(all, ...changes)).listSubscriptions(),
          );
          const seen = [...subscriptions, ...unreadable].map(({ channelId }) => channelId);
          assert.equal(new Set(seen).size, seen.length);
          const missing = all.filter(each => !gone.has(each) && !seen.includes(String(each["channel_id"])));
          if (complete) assert.deepEqual(missing, []);
          assert.ok(unreadable.length <= 5);
        },
      ),
      { seed: 29, numRuns: 150 },
    );
  });
});
