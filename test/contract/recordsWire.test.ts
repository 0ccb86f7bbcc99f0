import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day, minute } from "../../src/base/clock.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { RawZoho, at, itemsOf, textFields } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

describe("records on the wire", () => {
  it("answer a creation with Zoho's details, times in the organisation's offset", async test => {
    const { zoho } = await setUp(test);
    const answer = await zoho.call("POST", "Leads", {
      data: [{ Last_Name: "Stone", id: "1", Created_Time: "2001-01-01T00:00:00Z" }],
    });
    const actor = { name: "Asha Menon", id: "6756839000000554001" };
    const time = "2026-01-05T14:30:00+05:30";
    assert.equal(answer.status, 201);
    const [item] = itemsOf(answer, "data");
    assert.deepEqual(item, {
      code: "SUCCESS",
      details: {
        Modified_Time: time,
        Modified_By: actor,
        Created_Time: time,
        id: at(item, "details", "id"),
        Created_By: actor,
      },
      message: "record added",
      status: "success",
    });
    assert.match(String(at(item, "details", "id")), /^6756839\d{12}$/);
  });

  it("want their mandatory fields, known picklist values, and the types of their fields", async test => {
    const { zoho } = await setUp(test);
    const refusal = async (module: string, values: object): Promise<unknown[]> => {
      const answer = await zoho.call("POST", module, { data: [values] });
      const [item] = itemsOf(answer, "data");
      return [answer.status, at(item, "code"), at(item, "details", "api_name")];
    };
    assert.deepEqual(await refusal("Leads", { Company: "X" }), [400, "MANDATORY_NOT_FOUND", "Last_Name"]);
    assert.deepEqual(await refusal("Deals", { Deal_Name: "X", Stage: "Dreaming" }), [400, "INVALID_DATA", "Stage"]);
    assert.deepEqual(await refusal("Deals", { Deal_Name: "X", Stage: "Enquiry", Amount: "much" }), [
      400,
      "INVALID_DATA",
      "Amount",
    ]);
    assert.deepEqual(await refusal("Contacts", { Last_Name: "X", Account_Name: { id: "1" } }), [
      400,
      "INVALID_DATA",
      "Account_Name",
    ]);
    assert.deepEqual(await refusal("Leads", { Last_Name: "X".repeat(256) }), [400, "INVALID_DATA", "Last_Name"]);
  });

  it("lose a mandatory value by no update", async test => {
    const { zoho } = await setUp(test);
    const id = await zoho.create("Leads", { Last_Name: "Firm" });
    const answer = await zoho.call("PUT", `Leads/${id}`, { data: [{ Last_Name: null }] });
    assert.equal(at(itemsOf(answer, "data")[0], "code"), "MANDATORY_NOT_FOUND");
  });

  it("come in pages, sorted, with only the fields that were named", async test => {
    const { zoho, clock } = await setUp(test, false);
    for (const name of ["A", "B", "C"]) {
      clock.advance(1_000);
      await zoho.create("Leads", { Last_Name: name, Company: "X" });
    }
    const page = async (query: string): Promise<unknown[]> =>
      itemsOf(await zoho.call("GET", `Leads?fields=Last_Name&${query}`), "data").map(item => at(item, "Last_Name"));
    assert.deepEqual(await page("per_page=2"), ["C", "B"]);
    assert.deepEqual(await page("per_page=2&page=2"), ["A"]);
    assert.deepEqual(await page("sort_by=Modified_Time&sort_order=asc"), ["A", "B", "C"]);
    const answer = await zoho.call("GET", "Leads?fields=Last_Name&per_page=1");
    assert.deepEqual(Object.keys(textFields(itemsOf(answer, "data")[0])).toSorted(), ["Last_Name", "id"]);
    assert.equal(at(answer.json, "info", "more_records"), true);
    assert.equal((await zoho.call("GET", "Leads?fields=Last_Name&page=9")).status, 204);
  });

  it("answer If-Modified-Since with what changed since, or 304", async test => {
    const { zoho, clock } = await setUp(test);
    const old = await zoho.create("Leads", { Last_Name: "Old" });
    clock.advance(30 * minute);
    const since = { "If-Modified-Since": new Date(clock.now()).toISOString() };
    assert.equal((await zoho.call("GET", "Leads?fields=Last_Name", undefined, since)).status, 304);
    await zoho.call("PUT", `Leads/${old}`, { data: [{ City: "Pune" }] });
    const answer = await zoho.call("GET", "Leads?fields=Last_Name", undefined, since);
    assert.deepEqual(
      itemsOf(answer, "data").map(item => at(item, "id")),
      [old],
    );
    await zoho.call("DELETE", `Leads/${old}`);
    const deleted = await zoho.call("GET", "Leads/deleted?type=all", undefined, since);
    assert.deepEqual(
      itemsOf(deleted, "data").map(item => [at(item, "id"), at(item, "type")]),
      [[old, "recycle"]],
    );
  });

  it("want fields named from v3 on, at most fifty", async test => {
    const { zoho } = await setUp(test);
    const missing = await zoho.call("GET", "Leads");
    assert.deepEqual(
      [missing.status, at(missing.json, "code"), at(missing.json, "details", "param_name")],
      [400, "REQUIRED_PARAM_MISSING", "fields"],
    );
    assert.equal((await zoho.call("GET", "/crm/v2/Leads")).status, 200);
    const many = Array.from({ length: 51 }, (_, index) => `F${index}`).join(",");
    assert.equal((await zoho.call("GET", `Leads?fields=${many}`)).status, 400);
  });

  it("are inserted or updated by upsert, by their mail address", async test => {
    const { zoho } = await setUp(test);
    const upsert = async (values: object): Promise<unknown> =>
      itemsOf(await zoho.call("POST", "Leads/upsert", { data: [values] }), "data")[0];
    const first = await upsert({ Last_Name: "Twin", Email: "twin@example.com" });
    const second = await upsert({ Last_Name: "Twin", Email: "twin@example.com", City: "Goa" });
    assert.deepEqual([at(first, "action"), at(second, "action")], ["insert", "update"]);
    assert.equal(at(second, "details", "id"), at(first, "details", "id"));
  });

  it("do not exist in unknown modules, and have numbers as ids", async test => {
    const { zoho } = await setUp(test);
    assert.equal(at((await zoho.call("GET", "Unicorns?fields=Name")).json, "code"), "INVALID_MODULE");
    assert.equal(at((await zoho.call("GET", "Leads/abc")).json, "code"), "INVALID_DATA");
    assert.equal((await zoho.call("GET", "Leads/42")).status, 204);
  });

  it("are refused as a body that is no JSON", async test => {
    const { zoho } = await setUp(test);
    const answer = await zoho.call("POST", "Leads", '{"data":[');
    assert.deepEqual([answer.status, at(answer.json, "code")], [400, "INVALID_DATA"]);
  });

  it("are the same at every first start, with deals whose site visit is scheduled", async test => {
    const [one, other] = [await setUp(test), await setUp(test)];
    const deals = async (zoho: RawZoho): Promise<readonly unknown[]> =>
      itemsOf(await zoho.call("GET", "Deals?fields=Deal_Name,Stage,Created_Time"), "data");
    assert.deepEqual(await deals(one.zoho), await deals(other.zoho));
    assert.ok((await deals(one.zoho)).some(deal => at(deal, "Stage") === "Site Visit Scheduled"));
  });

  it("belong to an organisation of the type that was asked for, a sandbox unless it was", async test => {
    for (const organizationType of ["Production", "Sandbox", "Developer", undefined] as const) {
      const { url } = await startSandbox(test, { organizationType });
      const organization = await (await RawZoho.signIn(url)).call("GET", "org");
      assert.equal(at(organization.json, "org", 0, "type"), organizationType ?? "Sandbox");
    }
  });

  it("show the credits that remain once half of the day's are used, and are refused when none is left", async test => {
    const { zoho, clock } = await setUp(test);
    await zoho.call("POST", "/sandbox/behaviour", { creditsPerDay: 4 });
    const header = async (): Promise<string | null> =>
      (await zoho.call("GET", "org")).headers.get("X-API-CREDITS-REMAINING");
    assert.deepEqual([await header(), await header(), await header(), await header()], [null, "2", "1", "0"]);
    const refused = await zoho.call("GET", "org");
    assert.deepEqual([refused.status, at(refused.json, "code")], [429, "TOO_MANY_REQUESTS"]);
    clock.advance(day);
    const tomorrow = await RawZoho.signIn(zoho.url);
    assert.equal((await tomorrow.call("GET", "org")).status, 200);
  });
});

async function setUp(test: TestContext, seed = true): Promise<{ zoho: RawZoho; clock: FakeClock }> {
  const clock = new FakeClock();
  const { url } = await startSandbox(test, { clock, seed });
  return { zoho: await RawZoho.signIn(url), clock };
}
