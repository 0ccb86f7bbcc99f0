import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { hour, second } from "../../src/base/clock.ts";
import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { type NotificationReceiver, receiveNotifications } from "../support/notificationReceiver.ts";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

const channel_id = "1105420521999070702";
const token = "TOKEN_FOR_VERIFICATION";
const asha = { name: "Asha Menon", id: "6756839000000554001", email: "asha.menon@example.com" };

describe("deliveries on the wire", () => {
  it("tell of an insert, an update and a delete in exactly Zoho's shape", async test => {
    const { zoho, receiver } = await setUp(test);
    await subscribe(zoho, receiver, { return_affected_field_values: true });
    const id = await zoho.create("Leads", { Last_Name: "Reed", Company: "Reed Homes" });
    await zoho.call("PUT", `Leads/${id}`, { data: [{ Phone: "555-1111", Company: "Reed Homes" }] });
    await zoho.call("DELETE", `Leads?ids=${id}`);
    const posts = await receiver.first(3);
    const inserted = { Last_Name: "Reed", Company: "Reed Homes", Full_Name: "Reed" };
    const deleted = { Modified_By: asha, Record_Status__s: 0 };
    assert.deepEqual(withoutTime(posts[0]?.json), {
      ...expected(zoho, "insert", id, inserted),
      affected_fields: [],
    });
    assert.deepEqual(withoutTime(posts[1]?.json), expected(zoho, "update", id, { Phone: "555-1111" }));
    assert.deepEqual(withoutTime(posts[2]?.json), expected(zoho, "delete", id, deleted));
    for (const { method, url, headers, json } of posts) {
      assert.deepEqual([method, url], ["POST", "/in/a?team=sales&x=1"]);
      assert.equal(headers["content-type"], "application/json; charset=UTF-8");
      assert.ok(Number.isSafeInteger(json["server_time"]) && String(json["server_time"]).length === 13);
    }
  });

  it("carry affected values only when the channel asked for them", async test => {
    const { zoho, receiver } = await setUp(test);
    await subscribe(zoho, receiver);
    await zoho.create("Leads", { Last_Name: "Reed" });
    const [post] = await receiver.first(1);
    assert.equal("affected_values" in (post?.json ?? {}), false);
  });

  it("tell of several records of one call in one POST", async test => {
    const { zoho, receiver } = await setUp(test);
    await subscribe(zoho, receiver);
    const created = await zoho.call("POST", "Leads", {
      data: [{ Last_Name: "A" }, { Last_Name: "B" }, { Last_Name: "C" }],
    });
    const ids = itemsOf(created, "data").map(item => at(item, "details", "id"));
    await zoho.call("DELETE", `Leads?ids=${ids.join(",")}`);
    const [inserted, deleted] = await receiver.first(2);
    assert.deepEqual([inserted?.json["ids"], deleted?.json["ids"]], [ids, ids]);
  });

  it("go only to channels that subscribed to the module and the operation", async test => {
    const { zoho, receiver } = await setUp(test);
    await subscribe(zoho, receiver, { events: ["Leads.edit", "Deals.create"] });
    const id = await zoho.create("Leads", { Last_Name: "Quiet" });
    await zoho.create("Accounts", { Account_Name: "Quiet too" });
    await zoho.call("PUT", `Leads/${id}`, { data: [{ Phone: "1" }] });
    await zoho.create("Deals", { Deal_Name: "Loud", Stage: "Site Visit Scheduled" });
    const posts = await receiver.first(2);
    assert.deepEqual(
      posts.map(({ json }) => `${String(json["module"])} ${String(json["operation"])}`),
      ["Leads update", "Deals insert"],
    );
    assert.equal(receiver.posts.length, 2);
  });

  it("honour a condition on fields: either of two, or both", async test => {
    const { zoho, receiver } = await setUp(test);
    const group = [{ field: { api_name: "Phone" } }, { field: { api_name: "City" } }];
    const condition = (group_operator: string): object => ({
      notification_condition: [
        { type: "field_selection", module: { api_name: "Leads" }, field_selection: { group_operator, group } },
      ],
    });
    await subscribe(zoho, receiver, { channel_id: "1", events: ["Leads.edit"], ...condition("or") });
    await subscribe(zoho, receiver, { channel_id: "2", events: ["Leads.edit"], ...condition("and") });
    const id = await zoho.create("Leads", { Last_Name: "Picky" });
    for (const values of [{ Company: "C" }, { Phone: "1" }, { Phone: "2", City: "Pune" }]) {
      await zoho.call("PUT", `Leads/${id}`, { data: [values] });
    }
    await zoho.call("GET", "/sandbox/deliveries?settled=true");
    const told = receiver.posts.map(({ json }) => json["channel_id"]);
    assert.deepEqual(told.toSorted(), ["1", "1", "2"]);
  });

  it("honour groups within groups, and tell creations and deletions whatever the condition", async test => {
    const { zoho, receiver } = await setUp(test);
    const fields = ["Phone", "City", "Company"].map(api_name => ({ field: { api_name } }));
    const [phone, city, company] = fields;
    const inner = { group_operator: "or", group: [city, company] };
    const field_selection = { group_operator: "and", group: [phone, inner] };
    const condition = { type: "field_selection", module: { api_name: "Leads" }, field_selection };
    await subscribe(zoho, receiver, { notification_condition: [condition] });
    const id = await zoho.create("Leads", { Last_Name: "Nested" });
    const edits = [
      { Phone: "1" },
      { City: "Goa", Company: "C" },
      { Phone: "2", Company: "D" },
      { Phone: "3", City: "X" },
    ];
    for (const values of edits) await zoho.call("PUT", `Leads/${id}`, { data: [values] });
    await zoho.call("DELETE", `Leads/${id}`);
    await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.deepEqual(
      receiver.posts.map(({ json }) => at(json, "affected_fields", 0, id)),
      [undefined, ["Company", "Phone"], ["Phone", "City"], ["Modified_By", "Record_Status__s"]],
    );
  });

  it("say nothing of an edit that changed no value", async test => {
    const { zoho, receiver } = await setUp(test);
    await subscribe(zoho, receiver, { events: ["Leads.edit"] });
    const id = await zoho.create("Leads", { Last_Name: "Same", City: "Pune" });
    await zoho.call("PUT", `Leads/${id}`, { data: [{ City: "Pune" }] });
    await zoho.call("PUT", `Leads/${id}`, { data: [{ City: "Goa" }] });
    await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.equal(receiver.posts.length, 1);
  });

  it("tell of a record when one that points to it changes, unless the channel asked for its own changes only", async test => {
    const { zoho, receiver } = await setUp(test);
    const events = ["Accounts.edit"];
    await subscribe(zoho, receiver, { channel_id: "1", events });
    await subscribe(zoho, receiver, { channel_id: "2", events, notify_on_related_action: false });
    await subscribe(zoho, receiver, { channel_id: "3", events, notification_condition: [onlyWhenPhoneChanged] });
    const [old, other] = [await account(zoho, "Old"), await account(zoho, "New")];
    const contact = await zoho.create("Contacts", { Last_Name: "Moving", Account_Name: { id: old } });
    await zoho.call("PUT", `Contacts/${contact}`, { data: [{ Account_Name: { id: other } }] });
    await zoho.call("DELETE", `Contacts/${contact}`);
    await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.deepEqual(
      receiver.posts.map(({ json }) => [json["channel_id"], json["operation"], json["ids"]]),
      [
        ["1", "update", [old]],
        ["1", "update", [other, old]],
        ["1", "update", [other]],
      ],
    );
    assert.deepEqual(receiver.posts[0]?.json["affected_fields"], [{ [old]: [] }]);
  });

  it("tell nothing of related records when that is switched off", async test => {
    const { zoho, receiver } = await setUp(test, { behaviour: { relatedActions: "none" } });
    await subscribe(zoho, receiver, { events: ["Accounts.edit"] });
    await zoho.create("Contacts", { Last_Name: "Quiet", Account_Name: { id: await account(zoho, "Quiet") } });
    await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.equal(receiver.posts.length, 0);
  });

  it("have a null token on deletion when that is switched on", async test => {
    const { zoho, receiver } = await setUp(test, { behaviour: { tokenOnDelete: "null" } });
    await subscribe(zoho, receiver);
    const id = await zoho.create("Leads", { Last_Name: "Gone" });
    await zoho.call("DELETE", `Leads/${id}`);
    const posts = await receiver.first(2);
    assert.deepEqual(
      posts.map(({ json }) => json["token"]),
      [token, null],
    );
  });

  it("name the fields of a new record where that is switched", async test => {
    const { zoho, receiver } = await setUp(test, { behaviour: { insertAffectedFields: "names" } });
    await subscribe(zoho, receiver);
    const id = await zoho.create("Leads", { Last_Name: "Reed" });
    const [post] = await receiver.first(1);
    assert.deepEqual(post?.json["affected_fields"], [{ [id]: ["Last_Name", "Full_Name"] }]);
  });

  it("have the subscriptions' words, and no module, where that is switched", async test => {
    const behaviour = { operationWords: "create-edit-delete", deliveryModule: "null" } as const;
    const { zoho, receiver } = await setUp(test, { behaviour });
    await subscribe(zoho, receiver);
    const id = await zoho.create("Leads", { Last_Name: "Reed" });
    await zoho.call("PUT", `Leads/${id}`, { data: [{ Phone: "1" }] });
    await zoho.call("DELETE", `Leads/${id}`);
    assert.deepEqual(
      (await receiver.first(3)).map(({ json }) => [json["operation"], json["module"]]),
      [
        ["create", null],
        ["edit", null],
        ["delete", null],
      ],
    );
  });

  it("have a token of digits as a number where that is switched, and every other as text", async test => {
    const { zoho, receiver } = await setUp(test, { behaviour: { deliveryToken: "number" } });
    const tokens = ["20261129", "007", "9223372036854775807", "secret"];
    for (const [index, each] of tokens.entries()) {
      await subscribe(zoho, receiver, { channel_id: String(index + 1), token: each });
    }
    await zoho.create("Leads", { Last_Name: "Reed" });
    const told = (await receiver.first(4)).map(({ json }) => json["token"]);
    assert.deepEqual(new Set(told), new Set([20_261_129, "007", "9223372036854775807", "secret"]));
  });

  it("tell of one record twice with different fields where that is switched", async test => {
    const clock = new FakeClock();
    const behaviour = { deliveryBatchMilliseconds: 500 };
    const { zoho, receiver } = await setUp(test, { clock, behaviour });
    await subscribe(zoho, receiver, { events: ["Leads.edit"], return_affected_field_values: true });
    const id = await zoho.create("Leads", { Last_Name: "Reed" });
    const changeTwice = async (phone: string, city: string): Promise<void> => {
      for (const values of [{ Phone: phone }, { City: city }]) {
        await zoho.call("PUT", `Leads/${id}`, { data: [values] });
      }
      clock.advance(500);
    };
    await changeTwice("1", "Pune");
    await receiver.first(1);
    await zoho.call("POST", "/sandbox/behaviour", { changesOfOneRecord: "separate" });
    await changeTwice("2", "Goa");
    const [joined, separate] = await receiver.first(2);
    assert.deepEqual([joined?.json["ids"], joined?.json["affected_fields"]], [[id], [{ [id]: ["Phone", "City"] }]]);
    assert.deepEqual(
      [separate?.json["ids"], separate?.json["affected_fields"], separate?.json["affected_values"]],
      [
        [id, id],
        [{ [id]: ["Phone"] }, { [id]: ["City"] }],
        [
          { record_id: id, values: { Phone: "2" } },
          { record_id: id, values: { City: "Goa" } },
        ],
      ],
    );
  });

  it("name the version that subscribed where that is switched", async test => {
    const { zoho, receiver } = await setUp(test, { behaviour: { resourceUriVersion: "requested" } });
    const notify_url = `${receiver.url}/in`;
    await zoho.watch("POST", { channel_id, events: ["Leads.create"], notify_url }, 7);
    await zoho.create("Leads", { Last_Name: "Reed" });
    const [post] = await receiver.first(1);
    assert.equal(post?.json["resource_uri"], `${zoho.url}/crm/v7/Leads`);
  });

  it("are made again where that is switched, until they are taken or given up", async test => {
    const clock = new FakeClock();
    const { url } = await startSandbox(test, { clock, behaviour: { deliveryRetries: 2 } });
    const zoho = await RawZoho.signIn(url);
    const statuses = [503, 204, 500, 502, 504];
    const receiver = await receiveNotifications(test, response => response.writeHead(statuses.shift() ?? 200).end());
    await subscribe(zoho, receiver);
    const outcome = async (retries: number): Promise<unknown> => {
      await zoho.create("Leads", { Last_Name: "Again" });
      for (let done = 0; done < retries; done++) {
        while (clock.pending === 0) await zoho.call("GET", "/sandbox/deliveries");
        clock.advance(second);
      }
      const listed = await zoho.call("GET", "/sandbox/deliveries?settled=true");
      return at(listed.json, "deliveries", 0, "outcome", "status");
    };
    assert.deepEqual([await outcome(1), receiver.posts.length], [204, 2]);
    assert.deepEqual([await outcome(2), receiver.posts.length], [504, 5]);
  });

  it("are given up when the receiver takes longer than is switched", async test => {
    const { url } = await startSandbox(test, { behaviour: { deliveryTimeoutMilliseconds: 20 } });
    const zoho = await RawZoho.signIn(url);
    const receiver = await receiveNotifications(test, () => undefined);
    await subscribe(zoho, receiver);
    await zoho.create("Leads", { Last_Name: "Unanswered" });
    const listed = await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.match(String(at(listed.json, "deliveries", 0, "summary")), /no answer in time$/);
  });

  it("stop at the channel's expiry, and the list of deliveries says so", async test => {
    const { zoho, receiver } = await setUp(test);
    await subscribe(zoho, receiver);
    await zoho.call("POST", "/sandbox/clock", { advance_ms: hour });
    const again = await RawZoho.signIn(zoho.url);
    await again.create("Leads", { Last_Name: "Unheard" });
    const listed = await again.call("GET", "/sandbox/deliveries?settled=true");
    assert.match(String(at(listed.json, "deliveries", 0, "summary")), /^not sent: the channel expired at /);
    assert.equal(receiver.posts.length, 0);
  });

  it("are made once, whatever the receiver answers, and what it answered is listed", async test => {
    const { url } = await startSandbox(test);
    const zoho = await RawZoho.signIn(url);
    const receiver = await receiveNotifications(test, response => response.writeHead(503).end());
    await subscribe(zoho, receiver);
    const id = await zoho.create("Leads", { Last_Name: "Once" });
    const listed = await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.equal(receiver.posts.length, 1);
    const delivery = at(listed.json, "deliveries", 0);
    assert.deepEqual(
      [at(delivery, "ids"), at(delivery, "channelId"), at(delivery, "outcome", "status")],
      [[id], channel_id, 503],
    );
  });

  it("never leave this machine unless that is allowed", async test => {
    const { zoho } = await setUp(test);
    await zoho.watch("POST", { channel_id, events: ["Leads.all"], notify_url: "http://192.0.2.7/in" });
    await zoho.create("Leads", { Last_Name: "Homebound" });
    const listed = await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.match(String(at(listed.json, "deliveries", 0, "summary")), /^not sent: 192\.0\.2\.7 is not this machine/);
  });

  it("say that nobody listens when nobody does", async test => {
    const { zoho } = await setUp(test);
    await zoho.watch("POST", { channel_id, events: ["Leads.all"], notify_url: "http://127.0.0.1:1/in" });
    await zoho.create("Leads", { Last_Name: "Alone" });
    const listed = await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.match(String(at(listed.json, "deliveries", 0, "summary")), /nobody listens there$/);
  });
});

const onlyWhenPhoneChanged = {
  type: "field_selection",
  module: { api_name: "Accounts" },
  field_selection: { field: { api_name: "Phone" } },
};

async function account(zoho: RawZoho, Account_Name: string): Promise<string> {
  return zoho.create("Accounts", { Account_Name });
}

async function setUp(
  test: TestContext,
  options: SandboxOptions = {},
): Promise<{ zoho: RawZoho; receiver: NotificationReceiver }> {
  const { url } = await startSandbox(test, options);
  return { zoho: await RawZoho.signIn(url), receiver: await receiveNotifications(test) };
}

async function subscribe(zoho: RawZoho, receiver: NotificationReceiver, more: object = {}): Promise<void> {
  const notify_url = `${receiver.url}/in/a?team=sales&x=1`;
  const { status, result } = await zoho.watch("POST", {
    channel_id,
    events: ["Leads.all"],
    notify_url,
    token,
    ...more,
  });
  assert.equal(status, 201, JSON.stringify(result));
}

function expected(zoho: RawZoho, operation: string, id: string, values: object): object {
  return {
    affected_values: [{ record_id: id, values }],
    query_params: { team: "sales", x: "1" },
    module: "Leads",
    resource_uri: `${zoho.url}/crm/v2/Leads`,
    ids: [id],
    affected_fields: [{ [id]: Object.keys(values) }],
    operation,
    channel_id,
    token,
  };
}

function withoutTime(json: object | undefined): object {
  return Object.fromEntries(Object.entries(json ?? {}).filter(([name]) => name !== "server_time"));
}
