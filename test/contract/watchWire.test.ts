import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { FakeClock } from "../support/fakeClock.ts";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";
import { day, hour, minute } from "../../src/base/clock.ts";
import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";

const channel_id = "1105420521999070702";
const notify_url = "http://127.0.0.1:9/in";
const leads = { channel_id, events: ["Leads.all"], notify_url };

describe("the watch API on the wire", () => {
  it("answers POST with one event per module, in the organisation's offset", async test => {
    const { zoho, clock } = await setUp(test);
    const channel_expiry = isoSeconds(clock.now() + 2 * hour, "Z");
    const { status, result } = await zoho.watch("POST", {
      ...leads,
      events: ["Leads.create", "Deals.all"],
      channel_expiry,
    });
    assert.equal(status, 201);
    assert.deepEqual(result, {
      code: "SUCCESS",
      details: {
        events: [
          expectedEvent(zoho, "Leads", "6756839000000002175", "2026-01-05T16:30:00+05:30"),
          expectedEvent(zoho, "Deals", "6756839000000002181", "2026-01-05T16:30:00+05:30"),
        ],
      },
      message: "Successfully subscribed for actions-watch of the given module",
      status: "success",
    });
  });

  it("gives a channel id back as a string with all digits, whether it came as string or number", async test => {
    const { zoho } = await setUp(test);
    for (const id of ["9007199254740993", "-9223372036854775808", "9223372036854775807"]) {
      const body = `{"watch":[{"channel_id":${id},"events":["Leads.all"],"notify_url":"${notify_url}"}]}`;
      const answer = await zoho.call("POST", "actions/watch", body);
      assert.ok(answer.text.includes(`"channel_id":"${id}"`), answer.text);
    }
  });

  it("describes a channel with every member, one item per module", async test => {
    const { zoho } = await setUp(test);
    await zoho.watch("POST", { ...leads, token: "secret", return_affected_field_values: true });
    const answer = await zoho.call("GET", "actions/watch");
    assert.deepEqual(answer.json, {
      watch: [
        {
          ...expectedEvent(zoho, "Leads", "6756839000000002175", "2026-01-05T15:30:00+05:30"),
          notify_url,
          events: ["Leads.create", "Leads.edit", "Leads.delete"],
          token: "secret",
          fields: null,
          notification_condition: null,
          notify_on_related_action: true,
          return_affected_field_values: true,
        },
      ],
      info: { page: 1, per_page: 200, count: 1, more_records: false },
    });
  });

  it("grants the expiry by version: a week from v4 on, a day before, one hour for nothing or too much", async test => {
    const { zoho, clock } = await setUp(test);
    const granted = async (version: number, asked: number | undefined): Promise<number> => {
      const expiry = asked === undefined ? {} : { channel_expiry: isoSeconds(clock.now() + asked, "+00:00") };
      const { result } = await zoho.watch("POST", { ...leads, ...expiry }, version);
      return Date.parse(String(at(result, "details", "events", 0, "channel_expiry"))) - clock.now();
    };
    assert.equal(await granted(8, 7 * day), 7 * day);
    assert.equal(await granted(4, 6 * day), 6 * day);
    assert.equal(await granted(8, 7 * day + minute), hour);
    assert.equal(await granted(3, day), day);
    assert.equal(await granted(3, 2 * day), hour);
    assert.equal(await granted(2, 2 * day), hour);
    assert.equal(await granted(8, undefined), hour);
  });

  it("grants the longest expiry of each version, and names version 2 in its addresses as live answers do", async test => {
    const { zoho, clock } = await setUp(test);
    for (const [version, longest] of [
      ["2", day],
      ["2.1", day],
      ["3", day],
      ["4", 7 * day],
      ["5", 7 * day],
      ["6", 7 * day],
      ["7", 7 * day],
      ["8", 7 * day],
    ] as const) {
      const item = { ...leads, channel_expiry: isoSeconds(clock.now() + longest, "Z") };
      const answer = await zoho.call("POST", `/crm/v${version}/actions/watch`, { watch: [item] });
      const event = at(itemsOf(answer, "watch")[0], "details", "events", 0);
      assert.equal(Date.parse(String(at(event, "channel_expiry"))), clock.now() + longest, version);
      assert.equal(at(event, "resource_uri"), `${zoho.url}/crm/v2/Leads`);
    }
  });

  it("names the version that was called in its addresses where that is switched, as the documents do", async test => {
    const { zoho } = await setUp(test, { behaviour: { resourceUriVersion: "requested" } });
    for (const version of ["2.1", "7", "8"]) {
      const answer = await zoho.call("POST", `/crm/v${version}/actions/watch`, { watch: [leads] });
      const event = at(itemsOf(answer, "watch")[0], "details", "events", 0);
      assert.equal(at(event, "resource_uri"), `${zoho.url}/crm/v${version}/Leads`);
    }
    const listed = itemsOf(await zoho.call("GET", "actions/watch"), "watch")[0];
    assert.equal(at(listed, "resource_uri"), `${zoho.url}/crm/v8/Leads`);
    const dropped = itemsOf(await zoho.call("DELETE", `actions/watch?channel_ids=${channel_id}`), "watch")[0];
    assert.equal(at(dropped, "details", "resource_uri"), `${zoho.url}/crm/v8/Leads`);
  });

  it("drops some events of a channel, and the channel with the last of them", async test => {
    const { zoho } = await setUp(test);
    await zoho.watch("POST", { ...leads, events: ["Leads.all", "Deals.edit"], token: "kept" });
    const drop = async (events: readonly string[]): Promise<unknown> =>
      (await zoho.watch("PATCH", { channel_id, events, notify_url, _delete_events: true })).result;
    const dropped = await drop(["Leads.edit"]);
    assert.equal(at(dropped, "message"), "Successfully removed the subscribe details");
    assert.deepEqual(at(dropped, "details"), {
      events: [withoutExpiry(expectedEvent(zoho, "Leads", "6756839000000002175", ""))],
    });
    const items = itemsOf(await zoho.call("GET", "actions/watch"), "watch");
    assert.deepEqual(
      items.map(item => [at(item, "events"), at(item, "token")]),
      [
        [["Leads.create", "Leads.delete"], "kept"],
        [["Deals.edit"], "kept"],
      ],
    );
    await drop(["Leads.all", "Deals.all"]);
    assert.equal((await zoho.call("GET", "actions/watch")).status, 204);
  });

  it("takes every module of the documents, and a custom one", async test => {
    const { zoho } = await setUp(test);
    const names = (
      "Leads Accounts Contacts Deals Campaigns Tasks Cases Events Calls Solutions Products Vendors Price_Books Quotes " +
      "Sales_Orders Purchase_Orders Invoices Appointments__s Services__s Site_Visits"
    ).split(" ");
    for (const name of names) {
      const { status } = await zoho.watch("POST", { ...leads, events: [`${name}.all`] });
      assert.equal(status, 201, name);
      const fields = itemsOf(await zoho.call("GET", `settings/fields?module=${name}`), "fields");
      assert.ok(fields.length > 7, name);
    }
  });

  it("refuses what an item lacks or has wrong, each with its own code and details", async test => {
    const { zoho, clock } = await setUp(test);
    const path = (name: string): object => ({ api_name: name, json_path: `$.watch[0].${name}` });
    const cases: readonly (readonly [item: object, code: string, details: object])[] = [
      [{ ...leads, channel_id: undefined }, "MANDATORY_NOT_FOUND", path("channel_id")],
      [{ ...leads, events: undefined }, "MANDATORY_NOT_FOUND", path("events")],
      [{ ...leads, notify_url: undefined }, "MANDATORY_NOT_FOUND", path("notify_url")],
      [
        { ...leads, channel_id: "9223372036854775808" },
        "INVALID_DATA",
        { ...path("channel_id"), expected_data_type: "long" },
      ],
      [{ ...leads, events: ["Unicorns.all"] }, "INVALID_DATA", { api_name: "events" }],
      [{ ...leads, events: ["Leads.merge"] }, "INVALID_DATA", { api_name: "events" }],
      [
        { ...leads, events: Array.from({ length: 51 }, () => "Leads.edit") },
        "INVALID_DATA",
        { ...path("events"), maximum_length: 50 },
      ],
      [{ ...leads, events: "Leads.all" }, "INVALID_DATA", { ...path("events"), expected_data_type: "jsonarray" }],
      [
        { ...leads, notify_url: "ftp://example.com" },
        "INVALID_DATA",
        { ...path("notify_url"), expected_data_type: "url" },
      ],
      [
        { ...leads, notify_url: `http://127.0.0.1/${"x".repeat(240)}` },
        "INVALID_DATA",
        { ...path("notify_url"), maximum_length: 255 },
      ],
      [{ ...leads, token: "x".repeat(51) }, "INVALID_DATA", { ...path("token"), maximum_length: 50 }],
      [
        { ...leads, channel_expiry: new Date(clock.now() + hour).toISOString() },
        "INVALID_DATA",
        { ...path("channel_expiry"), expected_data_type: "datetime" },
      ],
    ];
    for (const [item, code, details] of cases) {
      const { status, result } = await zoho.watch("POST", item);
      assert.deepEqual(
        [status, at(result, "code"), at(result, "details"), at(result, "status")],
        [400, code, details, "error"],
      );
    }
    assert.equal((await zoho.call("GET", "actions/watch")).status, 204);
  });

  it("answers mixed results with 207, or with 202 as older versions do", async test => {
    const { zoho } = await setUp(test);
    const watch = [leads, { ...leads, channel_id: "7", events: ["Unicorns.all"] }];
    assert.equal((await zoho.call("POST", "actions/watch", { watch })).status, 207);
    await zoho.call("POST", "/sandbox/behaviour", { mixedResultStatus: 202 });
    const answer = await zoho.call("POST", "actions/watch", { watch });
    assert.equal(answer.status, 202);
    assert.deepEqual(
      itemsOf(answer, "watch").map(item => at(item, "status")),
      ["success", "error"],
    );
  });

  it("takes at most fifty items", async test => {
    const { zoho } = await setUp(test);
    const items = (count: number): object => ({
      watch: Array.from({ length: count }, (_, index) => ({ ...leads, channel_id: String(index + 1) })),
    });
    assert.equal((await zoho.call("POST", "actions/watch", items(51))).status, 400);
    assert.equal((await zoho.call("GET", "actions/watch")).status, 204);
    assert.equal((await zoho.call("POST", "actions/watch", items(50))).status, 201);
  });

  it("demands id, address and events of PUT and PATCH too, of PATCH also where it removes events", async test => {
    const { zoho } = await setUp(test);
    await zoho.watch("POST", leads);
    for (const method of ["PUT", "PATCH"] as const) {
      for (const name of ["channel_id", "notify_url", "events"]) {
        for (const more of method === "PATCH" ? [{}, { _delete_events: true }] : [{}]) {
          const { status, result } = await zoho.watch(method, { ...leads, ...more, [name]: undefined });
          assert.deepEqual(
            [status, at(result, "code"), at(result, "details")],
            [400, "MANDATORY_NOT_FOUND", { api_name: name, json_path: `$.watch[0].${name}` }],
          );
        }
      }
    }
  });

  it("demands nothing of PATCH but the id where that is switched, as observed earlier", async test => {
    const { zoho } = await setUp(test, { behaviour: { patchRequires: "channel-id" } });
    await zoho.watch("POST", leads);
    assert.equal((await zoho.watch("PATCH", { channel_id })).status, 200);
    assert.equal((await zoho.watch("PATCH", { ...leads, channel_id: undefined })).status, 400);
    assert.equal((await zoho.watch("PATCH", { channel_id, events: ["Leads.edit"], _delete_events: true })).status, 200);
    const listed = itemsOf(await zoho.call("GET", "actions/watch"), "watch")[0];
    assert.deepEqual([at(listed, "events"), at(listed, "notify_url")], [["Leads.create", "Leads.delete"], notify_url]);
  });

  it("loses the token when PATCH does not send events and token again", async test => {
    const { zoho } = await setUp(test, { behaviour: { patchRequires: "channel-id" } });
    const token = async (): Promise<unknown> =>
      at(itemsOf(await zoho.call("GET", "actions/watch"), "watch")[0], "token");
    for (const patch of [{ channel_id }, { channel_id, token: "kept" }, leads]) {
      await zoho.watch("POST", { ...leads, token: "kept" });
      assert.equal((await zoho.watch("PATCH", patch)).status, 200);
      assert.equal(await token(), null);
    }
    await zoho.watch("POST", { ...leads, token: "kept" });
    await zoho.watch("PATCH", { ...leads, token: "kept" });
    assert.equal(await token(), "kept");
  });

  it("forgets an expired channel: PATCH and PUT say NOT_SUBSCRIBED, GET leaves it out, POST brings it back", async test => {
    const { zoho, clock } = await setUp(test);
    await zoho.watch("POST", { ...leads, channel_expiry: isoSeconds(clock.now() + 10 * minute, "Z") });
    clock.advance(10 * minute);
    const patched = await zoho.watch("PATCH", { ...leads, token: "t" });
    assert.equal(patched.status, 400);
    assert.equal(at(patched.result, "code"), "NOT_SUBSCRIBED");
    assert.equal(at(patched.result, "message"), "Not subscribed for actions-watch of the given channel");
    assert.equal((await zoho.watch("PUT", leads)).status, 400);
    assert.equal((await zoho.call("GET", "actions/watch")).status, 204);
    assert.equal((await zoho.watch("POST", leads)).status, 201);
  });

  it("answers DELETE with flat details for each channel and module, and NOT_SUBSCRIBED without any", async test => {
    const { zoho } = await setUp(test);
    await zoho.watch("POST", { ...leads, events: ["Leads.all", "Deals.edit"] });
    const answer = await zoho.call("DELETE", `actions/watch?channel_ids=${channel_id},5&`);
    assert.equal(answer.status, 207);
    const dropped = (module: string, resource_id: string): object => ({
      code: "SUCCESS",
      details: { resource_uri: `${zoho.url}/crm/v2/${module}`, resource_id, channel_id },
      message: "Successfully un-subscribed from actions-watch",
      status: "success",
    });
    assert.deepEqual(itemsOf(answer, "watch"), [
      dropped("Leads", "6756839000000002175"),
      dropped("Deals", "6756839000000002181"),
      {
        code: "NOT_SUBSCRIBED",
        details: {},
        message: "Not subscribed for actions-watch of the given channel",
        status: "error",
      },
    ]);
    const nameless = await zoho.call("DELETE", "actions/watch");
    assert.deepEqual(
      [nameless.status, at(nameless.json, "code"), at(nameless.json, "details", "param_name")],
      [400, "REQUIRED_PARAM_MISSING", "channel_ids"],
    );
  });

  it("names the channel that is not subscribed where that is switched, in PUT and PATCH too", async test => {
    const { zoho } = await setUp(test, { behaviour: { notSubscribedDetails: "channel-id" } });
    const answer = await zoho.call("DELETE", "actions/watch?channel_ids=5");
    assert.deepEqual([answer.status, at(answer.json, "watch", 0, "details")], [400, { channel_id: "5" }]);
    for (const method of ["PUT", "PATCH"] as const) {
      assert.deepEqual(at((await zoho.watch(method, leads)).result, "details"), { channel_id });
    }
  });

  it("takes a DELETE of 512 characters and no more", async test => {
    const { zoho } = await setUp(test, { behaviour: { unsubscribeUnknownChannel: "success" } });
    const ids = Array.from({ length: 26 }, (_, index) => String(9_223_372_036_854_775_700n + BigInt(index)));
    const fits = `${ids.slice(0, 25).join(",")},${"1".repeat(12)}`;
    assert.equal(fits.length, 512);
    const taken = await zoho.call("DELETE", `actions/watch?channel_ids=${fits}`);
    assert.deepEqual([taken.status, itemsOf(taken, "watch").length], [200, 26]);
    const refused = await zoho.call("DELETE", `actions/watch?channel_ids=${fits}1`);
    assert.deepEqual(
      [refused.status, at(refused.json, "code"), at(refused.json, "details")],
      [400, "INVALID_DATA", { param_name: "channel_ids", maximum_length: 512 }],
    );
  });

  it("answers each item that names the same channel, in their order", async test => {
    const { zoho } = await setUp(test);
    const twice = async (method: string, ...items: object[]): Promise<[number, unknown[]]> => {
      const answer = await zoho.call(method, "actions/watch", { watch: items });
      return [answer.status, itemsOf(answer, "watch").map(item => at(item, "code"))];
    };
    const deals = { ...leads, events: ["Deals.edit"] };
    assert.deepEqual(await twice("POST", leads, deals), [201, ["SUCCESS", "SUCCESS"]]);
    const listed = itemsOf(await zoho.call("GET", "actions/watch"), "watch");
    assert.deepEqual(
      listed.map(item => at(item, "resource_name")),
      ["Deals"],
    );
    const drop = { ...deals, _delete_events: true };
    assert.deepEqual(await twice("PATCH", drop, deals), [207, ["SUCCESS", "NOT_SUBSCRIBED"]]);
    await zoho.watch("POST", leads);
    const gone = await zoho.call("DELETE", `actions/watch?channel_ids=${channel_id},${channel_id}`);
    assert.deepEqual(
      itemsOf(gone, "watch").map(item => at(item, "code")),
      ["SUCCESS", "NOT_SUBSCRIBED"],
    );
  });

  it("answers the only item's error bare where that is switched, and that of several in a list", async test => {
    const { zoho } = await setUp(test, { behaviour: { itemErrorForm: "flat" } });
    const bad = { ...leads, events: ["Unicorns.all"] };
    for (const [method, path, body] of [
      ["POST", "actions/watch", { watch: [bad] }],
      ["PUT", "actions/watch", { watch: [bad] }],
      ["PATCH", "actions/watch", { watch: [bad] }],
      ["DELETE", "actions/watch?channel_ids=5", undefined],
    ] as const) {
      const { status, json } = await zoho.call(method, path, body);
      assert.deepEqual([status, at(json, "status"), at(json, "watch")], [400, "error", undefined], method);
    }
    assert.equal(itemsOf(await zoho.call("POST", "actions/watch", { watch: [bad, bad] }), "watch").length, 2);
    assert.equal((await zoho.watch("POST", leads)).status, 201);
  });

  it("shows users their own channels only", async test => {
    const { zoho } = await setUp(test);
    const other = await RawZoho.signIn(zoho.url, { user: "mei.tanaka@example.com" });
    await zoho.watch("POST", leads);
    assert.equal((await other.call("GET", "actions/watch")).status, 204);
    assert.equal((await other.watch("PATCH", { ...leads, token: "t" })).status, 400);
    assert.equal(
      at((await other.call("DELETE", `actions/watch?channel_ids=${channel_id}`)).json, "watch", 0, "code"),
      "NOT_SUBSCRIBED",
    );
    assert.equal((await zoho.call("GET", "actions/watch")).status, 200);
  });

  it("replaces or merges a channel that is posted again, as it is switched", async test => {
    const { zoho } = await setUp(test, { behaviour: { subscribeToExistingChannel: "merge" } });
    const modules = async (): Promise<unknown[]> =>
      itemsOf(await zoho.call("GET", "actions/watch"), "watch").map(item => at(item, "resource_name"));
    await zoho.watch("POST", leads);
    await zoho.watch("POST", { ...leads, events: ["Deals.edit"] });
    assert.deepEqual(await modules(), ["Leads", "Deals"]);
    await zoho.call("POST", "/sandbox/behaviour", { subscribeToExistingChannel: "replace" });
    await zoho.watch("POST", { ...leads, events: ["Deals.edit"] });
    assert.deepEqual(await modules(), ["Deals"]);
  });

  it("refuses a channel that is posted again where that is switched, but not one whose time is over", async test => {
    const { zoho, clock } = await setUp(test, { behaviour: { subscribeToExistingChannel: "refuse" } });
    assert.equal((await zoho.watch("POST", leads)).status, 201);
    const { status, result } = await zoho.watch("POST", { ...leads, events: ["Deals.edit"] });
    assert.deepEqual(
      [status, at(result, "code"), at(result, "details")],
      [400, "ALREADY_USED", { api_name: "channel_id", json_path: "$.watch[0].channel_id" }],
    );
    const listed = itemsOf(await zoho.call("GET", "actions/watch"), "watch");
    assert.deepEqual(
      listed.map(item => at(item, "resource_name")),
      ["Leads"],
    );
    clock.advance(hour);
    assert.equal((await (await RawZoho.signIn(zoho.url)).watch("POST", leads)).status, 201);
  });

  it("refuses calls without a token, with a wrong one, without the scope, and at wrong addresses", async test => {
    const { zoho } = await setUp(test);
    const anonymous = await fetch(`${zoho.url}/crm/v8/actions/watch`);
    assert.deepEqual([anonymous.status, at(await anonymous.json(), "code")], [401, "AUTHENTICATION_FAILURE"]);
    const wrong = await new RawZoho(zoho.url, "1000.wrong").call("GET", "actions/watch");
    assert.deepEqual([wrong.status, at(wrong.json, "code")], [401, "INVALID_TOKEN"]);
    const reader = await RawZoho.signIn(zoho.url, {
      scopes: ["ZohoCRM.notifications.READ", "ZohoCRM.modules.leads.READ"],
    });
    assert.equal((await reader.call("GET", "actions/watch")).status, 204);
    const refused = await reader.call("POST", "actions/watch", { watch: [leads] });
    assert.deepEqual([refused.status, at(refused.json, "code")], [401, "OAUTH_SCOPE_MISMATCH"]);
    assert.equal((await reader.call("GET", "Leads?fields=Last_Name")).status, 200);
    assert.equal(at((await reader.call("GET", "Deals?fields=Stage")).json, "code"), "OAUTH_SCOPE_MISMATCH");
    const nowhere = await zoho.call("GET", "/crm/v9/actions/watch");
    assert.deepEqual([nowhere.status, at(nowhere.json, "code")], [404, "INVALID_URL_PATTERN"]);
    assert.equal(at((await zoho.call("POST", "org")).json, "code"), "INVALID_REQUEST_METHOD");
  });
});

async function setUp(test: TestContext, options: SandboxOptions = {}): Promise<{ zoho: RawZoho; clock: FakeClock }> {
  const clock = new FakeClock();
  const { url } = await startSandbox(test, { clock, ...options });
  return { zoho: await RawZoho.signIn(url), clock };
}

function expectedEvent(zoho: RawZoho, module: string, id: string, channel_expiry: string): object {
  const resource_uri = `${zoho.url}/crm/v2/${module}`;
  return { channel_expiry, resource_uri, resource_id: id, resource_name: module, channel_id };
}

function withoutExpiry(event: object): object {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== "channel_expiry"));
}

function isoSeconds(instant: number, offset: "Z" | "+00:00"): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, offset);
}
