import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day } from "../../src/base/clock.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { receiveNotifications } from "../support/notificationReceiver.ts";
import { RawZoho, at, itemsOf } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

describe("page tokens on the wire", () => {
  it("lead beyond the 2,000 records that can be had by number, each record once", async test => {
    const { zoho } = await setUp(test);
    await zoho.call("POST", "/sandbox/populate", { records: { Leads: 2_150 } });
    const list = "Leads?fields=Last_Name";
    assert.equal((await zoho.call("GET", `${list}&page=10`)).status, 200);
    const beyond = await zoho.call("GET", `${list}&page=11`);
    assert.deepEqual([beyond.status, at(beyond.json, "code")], [400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED"]);
    const seen = new Set<unknown>();
    let page = await zoho.call("GET", list);
    for (let pages = 0; pages < 20; pages++) {
      for (const item of itemsOf(page, "data")) seen.add(at(item, "id"));
      const token = at(page.json, "info", "next_page_token");
      if (typeof token !== "string") break;
      page = await zoho.call("GET", `${list}&page_token=${token}`);
    }
    assert.deepEqual([seen.size, at(page.json, "info", "page"), at(page.json, "info", "count")], [2_150, 11, 150]);
    assert.equal((await zoho.call("GET", "/crm/v2/Leads?page=11")).status, 200, "v2 pages by number to the end");
  });

  it("are good for a day, for the same question, and not beside a page number", async test => {
    const { zoho, clock } = await setUp(test);
    await zoho.call("POST", "/sandbox/populate", { records: { Leads: 3 } });
    const list = "Leads?fields=Last_Name&per_page=2";
    const first = await zoho.call("GET", list);
    const token = String(at(first.json, "info", "next_page_token"));
    assert.equal(at(first.json, "info", "page_token_expiry"), "2026-01-06T14:30:00+05:30");
    const code = async (zoho: RawZoho, query: string): Promise<unknown> =>
      at((await zoho.call("GET", query)).json, "code");
    assert.equal(await code(zoho, `${list}&page=2&page_token=${token}`), "AMBIGUITY_DURING_PROCESSING");
    assert.equal(await code(zoho, `Leads?fields=Company&per_page=2&page_token=${token}`), "TOKEN_BOUND_DATA_MISMATCH");
    assert.equal(await code(zoho, `${list}&page_token=nonsense`), "INVALID_DATA");
    clock.advance(day);
    assert.equal(await code(await RawZoho.signIn(zoho.url), `${list}&page_token=${token}`), "EXPIRED_VALUE");
  });
});

describe("search on the wire", () => {
  it("finds by criteria, joined and nested, with every operator", async test => {
    const { zoho } = await setUp(test);
    const account = await zoho.create("Accounts", { Account_Name: "Burns (B), Sons" });
    for (const [Last_Name, City, Date_of_Birth] of [
      ["Adams", "Pune", "1980-01-01"],
      ["Baker", "Goa", "1990-05-05"],
      ["Clark", "Pune", null],
    ]) {
      await zoho.create("Contacts", { Last_Name, Mailing_City: City, Date_of_Birth, Account_Name: { id: account } });
    }
    const found = async (criteria: string): Promise<unknown[]> => {
      const answer = await zoho.call("GET", `Contacts/search?criteria=${encodeURIComponent(criteria)}`);
      return answer.status === 204 ? [] : itemsOf(answer, "data").map(item => at(item, "Last_Name"));
    };
    assert.deepEqual(await found("(Last_Name:equals:adams)"), ["Adams"]);
    assert.deepEqual(await found("Last_Name:equals:Adams"), ["Adams"]);
    assert.deepEqual(await found("(Mailing_City:not_equal:Pune)"), ["Baker"]);
    assert.deepEqual(await found("(Last_Name:starts_with:B)or(Last_Name:starts_with:C)"), ["Clark", "Baker"]);
    assert.deepEqual(await found("((Mailing_City:equals:Pune)and((Last_Name:in:Clark,Baker)))"), ["Clark"]);
    assert.deepEqual(await found("(Date_of_Birth:between:1985-01-01,1995-01-01)"), ["Baker"]);
    assert.deepEqual(await found("(Date_of_Birth:less_than:1990-05-05)"), ["Adams"]);
    assert.deepEqual(await found("(Account_Name:equals:Burns \\(B\\), Sons)"), ["Clark", "Baker", "Adams"]);
    assert.deepEqual(await found("(Modified_Time:greater_equal:2026-01-05T14:30:00+05:30)"), [
      "Clark",
      "Baker",
      "Adams",
    ]);
    assert.deepEqual(await found("(Last_Name:equals:Nobody)"), []);
  });

  it("finds by mail address, phone and word, with the fields that were asked for", async test => {
    const { zoho } = await setUp(test);
    await zoho.create("Leads", { Last_Name: "Found", Email: "found@example.com", Phone: "+91 80 5550 0001" });
    await zoho.create("Leads", { Last_Name: "Other", Email: "other@example.com", Phone: "+91 80 5550 0002" });
    for (const query of ["email=FOUND@example.com", "phone=55500001", "word=oun"]) {
      const answer = await zoho.call("GET", `Leads/search?${query}&fields=Last_Name`);
      assert.deepEqual(
        itemsOf(answer, "data").map(item => [at(item, "Last_Name"), at(item, "Email")]),
        [["Found", undefined]],
      );
    }
  });

  it("refuses criteria that it cannot read, fields that do not exist, and tokens without the scope of search", async test => {
    const { zoho } = await setUp(test);
    for (const criteria of ["(Last_Name:equals:x", "(Last_Name:resembles:x)", "(Wings:equals:2)", "(Last_Name)"]) {
      const answer = await zoho.call("GET", `Leads/search?criteria=${encodeURIComponent(criteria)}`);
      assert.deepEqual([answer.status, at(answer.json, "code")], [400, "INVALID_QUERY"], criteria);
    }
    assert.equal(at((await zoho.call("GET", "Leads/search")).json, "code"), "REQUIRED_PARAM_MISSING");
    const reader = await RawZoho.signIn(zoho.url, { scopes: ["ZohoCRM.modules.ALL"] });
    assert.equal(at((await reader.call("GET", "Leads/search?word=x")).json, "code"), "OAUTH_SCOPE_MISMATCH");
  });
});

describe("mass update on the wire", () => {
  it("changes records by id at once, and one notification tells of all", async test => {
    const { zoho, receiver } = await setUp(test);
    const ids = [await zoho.create("Leads", { Last_Name: "A" }), await zoho.create("Leads", { Last_Name: "B" })];
    const body = { data: [{ City: "Pune" }], ids: [...ids, "42"], over_write: true };
    const answer = await zoho.call("POST", "Leads/actions/mass_update", body);
    assert.equal(answer.status, 207);
    assert.deepEqual(
      itemsOf(answer, "data").map(item => [at(item, "code"), at(item, "message")]),
      [
        ["SUCCESS", "record updated"],
        ["SUCCESS", "record updated"],
        ["INVALID_DATA", "the id given seems to be invalid"],
      ],
    );
    await zoho.call("GET", "/sandbox/deliveries?settled=true");
    const updates = receiver.posts.filter(({ json }) => json["operation"] === "update");
    assert.deepEqual(
      updates.map(({ json }) => json["ids"]),
      [ids],
    );
  });

  it("changes the records of a custom view as a job with a status", async test => {
    const { zoho } = await setUp(test);
    await zoho.call("POST", "/sandbox/populate", { records: { Leads: 7 } });
    const views = await zoho.call("GET", "settings/custom_views?module=Leads");
    const cvid = at(itemsOf(views, "custom_views")[0], "id");
    const started = await zoho.call("POST", "Leads/actions/mass_update", { data: [{ City: "Goa" }], cvid });
    const [job] = itemsOf(started, "data");
    assert.equal(at(job, "message"), "mass update scheduled successfully");
    const job_id = String(at(job, "details", "job_id"));
    const status = await zoho.call("GET", `Leads/actions/mass_update?job_id=${job_id}`);
    assert.deepEqual(itemsOf(status, "data"), [
      { Status: "COMPLETED", Failed_Count: 0, Updated_Count: 7, Not_Updated_Count: 0, Total_Count: 7 },
    ]);
  });

  it("refuses a request without records, with both kinds, with too many, or without its own scope", async test => {
    const { zoho } = await setUp(test);
    const code = async (body: object): Promise<unknown> =>
      at((await zoho.call("POST", "Leads/actions/mass_update", { data: [{ City: "X" }], ...body })).json, "code");
    assert.equal(await code({}), "MANDATORY_NOT_FOUND");
    assert.equal(await code({ ids: ["1"], cvid: "2" }), "AMBIGUITY_DURING_PROCESSING");
    assert.equal(await code({ ids: Array.from({ length: 501 }, (_, index) => String(index)) }), "INVALID_DATA");
    assert.equal(await code({ cvid: "2" }), "INVALID_DATA");
    const other = await RawZoho.signIn(zoho.url, { scopes: ["ZohoCRM.modules.ALL"] });
    const refused = await other.call("POST", "Leads/actions/mass_update", { data: [{ City: "X" }], ids: ["1"] });
    assert.equal(at(refused.json, "code"), "OAUTH_SCOPE_MISMATCH");
  });
});

describe("deleted and merged records on the wire", () => {
  it("are in the recycle bin for sixty days or until it is emptied, and permanently deleted then", async test => {
    const { zoho, clock } = await setUp(test);
    const [first, second] = [await deletedLead(zoho), await deletedLead(zoho)];
    const types = async (zoho: RawZoho, type: string): Promise<unknown[]> => {
      const answer = await zoho.call("GET", `Leads/deleted?type=${type}`);
      return answer.status === 204 ? [] : itemsOf(answer, "data").map(item => [at(item, "id"), at(item, "type")]);
    };
    assert.deepEqual(await types(zoho, "all"), [
      [second, "recycle"],
      [first, "recycle"],
    ]);
    assert.equal(at((await zoho.call("POST", "/sandbox/empty-recycle-bin", { module: "Leads" })).json, "purged"), 2);
    assert.deepEqual(await types(zoho, "recycle"), []);
    assert.equal((await types(zoho, "permanent")).length, 2);
    const third = await deletedLead(zoho);
    assert.deepEqual(await types(zoho, "recycle"), [[third, "recycle"]]);
    clock.advance(60 * day);
    assert.equal((await types(await RawZoho.signIn(zoho.url), "permanent")).length, 3);
  });

  it("are merged without a notification and without a trace among the deleted", async test => {
    const { zoho, receiver } = await setUp(test);
    const keep = await zoho.create("Leads", { Last_Name: "Stays" });
    const gone = await zoho.create("Leads", { Last_Name: "Goes", City: "Pune" });
    await receiver.first(2);
    const merged = await zoho.call("POST", "/sandbox/merge-records", { module: "Leads", keep, merge: [gone] });
    assert.equal(merged.status, 200);
    const kept = itemsOf(await zoho.call("GET", `Leads/${keep}`), "data")[0];
    assert.deepEqual([at(kept, "Last_Name"), at(kept, "City")], ["Stays", "Pune"]);
    assert.equal((await zoho.call("GET", `Leads/${gone}`)).status, 204);
    assert.equal((await zoho.call("GET", "Leads/deleted")).status, 204);
    await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.equal(receiver.posts.length, 2);
  });
});

async function deletedLead(zoho: RawZoho): Promise<string> {
  const id = await zoho.create("Leads", { Last_Name: "Gone" });
  await zoho.call("DELETE", `Leads/${id}`);
  return id;
}

async function setUp(test: TestContext) {
  const clock = new FakeClock();
  const { url } = await startSandbox(test, { clock, seed: false });
  const zoho = await RawZoho.signIn(url);
  const receiver = await receiveNotifications(test);
  const channel_expiry = new Date(clock.now() + day).toISOString().replace(".000Z", "Z");
  await zoho.watch("POST", { channel_id: "1", events: ["Leads.all"], notify_url: receiver.url, channel_expiry });
  return { clock, zoho, receiver };
}
