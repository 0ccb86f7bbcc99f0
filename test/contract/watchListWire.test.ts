import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { hour } from "../../src/base/clock.ts";
import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

const notify_url = "http://127.0.0.1:9/in";
const leads = { channel_id: "7", events: ["Leads.all"], notify_url };

describe("the list of channels on the wire", () => {
  const more = (count: number): object => ({ page: 1, per_page: 200, count, more_records: true });
  const last = (page: number, count: number): object => ({ page, per_page: 200, count, more_records: false });

  it("has pages of at most 200", async test => {
    const { zoho } = await setUp(test, {}, 230);
    assert.deepEqual((await list(zoho, "")).info, more(200));
    assert.deepEqual((await list(zoho, "?page=2")).info, last(2, 30));
    assert.deepEqual((await list(zoho, "?page=2&per_page=20")).info, {
      page: 2,
      per_page: 20,
      count: 20,
      more_records: true,
    });
    assert.equal((await zoho.call("GET", "actions/watch?page=3")).status, 204);
  });

  it("is the same first page whatever is asked for, where pages are ignored", async test => {
    const { zoho } = await setUp(test, { listPaging: "ignored" }, 230);
    const first = await list(zoho, "");
    assert.deepEqual(first.info, more(200));
    for (const query of ["?page=2", "?page=99&per_page=20", "?per_page=500"]) {
      assert.deepEqual(await list(zoho, query), first);
    }
  });

  it("has everything at once where that is switched", async test => {
    const { zoho } = await setUp(test, { listPaging: "everything" }, 230);
    for (const query of ["", "?page=2&per_page=20"]) {
      const { watch, info } = await list(zoho, query);
      assert.deepEqual([watch.length, info], [230, last(1, 230)]);
    }
  });

  it("says nothing of pages where that is switched", async test => {
    const { zoho } = await setUp(test, { listInfo: "null" }, 1);
    assert.equal((await list(zoho, "")).info, null);
    await zoho.call("POST", "/sandbox/behaviour", { listInfo: "missing" });
    assert.deepEqual(Object.keys((await zoho.call("GET", "actions/watch")).json ?? {}), ["watch"]);
  });

  it("refuses what cannot be a page or a channel, bare or in a list as it is switched", async test => {
    const { zoho } = await setUp(test);
    const queries = ["page=0", "per_page=201", "channel_id=abc"];
    const errors = await Promise.all(queries.map(async query => zoho.call("GET", `actions/watch?${query}`)));
    assert.deepEqual(
      errors.map(({ status, json }) => [status, at(json, "code"), at(json, "details", "param_name")]),
      [
        [400, "INVALID_DATA", "page"],
        [400, "INVALID_DATA", "per_page"],
        [400, "INVALID_DATA", "channel_id"],
      ],
    );
    await zoho.call("POST", "/sandbox/behaviour", { listErrorForm: "wrapped" });
    for (const [index, query] of queries.entries()) {
      const { status, json } = await zoho.call("GET", `actions/watch?${query}`);
      assert.deepEqual([status, json], [400, { watch: [errors[index]?.json] }]);
    }
  });

  it("leaves out channels whose time is over, shows them, or shows what is left of them", async test => {
    const { zoho, clock } = await setUp(test);
    await zoho.watch("POST", leads);
    clock.advance(hour);
    const again = await RawZoho.signIn(zoho.url);
    const shown = async (behaviour: object): Promise<unknown> => {
      await again.call("POST", "/sandbox/behaviour", behaviour);
      const { json } = await again.call("GET", "actions/watch");
      return [at(json, "watch", 0, "resource_name"), at(json, "watch", 0, "channel_expiry")];
    };
    assert.equal((await again.call("GET", "actions/watch")).status, 204);
    assert.deepEqual(await shown({ listExpiredChannels: true }), ["Leads", "2026-01-05T15:30:00+05:30"]);
    assert.deepEqual(await shown({ expiredChannelDetails: "null" }), [null, null]);
  });

  it("shows a condition on its own module only, with all ids and every leaf whole", async test => {
    const { zoho } = await setUp(test);
    const condition = {
      type: "field_selection",
      module: { api_name: "Leads" },
      field_selection: {
        group_operator: "or",
        group: [
          { field: { api_name: "Phone" } },
          { group_operator: "and", group: [{ field: { api_name: "City" } }, { field: { api_name: "Email" } }] },
        ],
      },
    };
    const events = ["Deals.all", "Leads.all"];
    assert.equal((await zoho.watch("POST", { ...leads, events, notification_condition: [condition] })).status, 201);
    const ids = await fieldIds(zoho, "Leads");
    const leaf = (api_name: string): object => ({
      field: { api_name, id: ids.get(api_name) },
      group_operator: null,
      group: null,
    });
    const { watch } = await list(zoho, "");
    assert.deepEqual(
      watch.map(item => [at(item, "resource_name"), at(item, "notification_condition")]),
      [
        ["Deals", null],
        [
          "Leads",
          [
            {
              type: "field_selection",
              module: { api_name: "Leads", id: "6756839000000002175" },
              field_selection: {
                group_operator: "or",
                group: [leaf("Phone"), { group_operator: "and", group: [leaf("City"), leaf("Email")] }],
              },
            },
          ],
        ],
      ],
    );
  });
});

async function setUp(
  test: TestContext,
  behaviour: SandboxOptions["behaviour"] = {},
  channels = 0,
): Promise<{ zoho: RawZoho; clock: FakeClock }> {
  const clock = new FakeClock();
  const { url } = await startSandbox(test, { clock, behaviour });
  const zoho = await RawZoho.signIn(url);
  const items = Array.from({ length: channels }, (_, index) => ({ ...leads, channel_id: String(index + 1) }));
  for (let start = 0; start < items.length; start += 50) {
    await zoho.call("POST", "actions/watch", { watch: items.slice(start, start + 50) });
  }
  return { zoho, clock };
}

async function list(zoho: RawZoho, query: string): Promise<{ watch: readonly unknown[]; info: unknown }> {
  const answer = await zoho.call("GET", `actions/watch${query}`);
  return { watch: itemsOf(answer, "watch"), info: at(answer.json, "info") };
}

async function fieldIds(zoho: RawZoho, module: string): Promise<ReadonlyMap<unknown, unknown>> {
  const fields = itemsOf(await zoho.call("GET", `settings/fields?module=${module}`), "fields");
  return new Map(fields.map(field => [at(field, "api_name"), at(field, "id")]));
}
