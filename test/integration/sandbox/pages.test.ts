import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { receiveNotifications } from "../../support/notificationReceiver.ts";
import { RawZoho, at, itemsOf } from "../../support/rawZoho.ts";
import { startSandbox } from "../../support/testSandbox.ts";

describe("the sandbox's pages for people", () => {
  it("list deals and leads, with a name for every control and nothing that runs", async test => {
    const { url } = await startSandbox(test);
    const response = await fetch(url);
    const page = await response.text();
    assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
    assert.match(page, /<html lang="en">[\s\S]*<h1>CRM sandbox<\/h1>/);
    assert.match(page, /aria-label="Stage of C-0807, Palm Court"/);
    assert.match(page, /aria-label="Delete Priya Nair"/);
    assert.doesNotMatch(page, /<script|https?:\/\/(?!127\.0\.0\.1)/);
  });

  it("create, edit and delete a lead and move a deal, and subscribers are told", async test => {
    const { zoho, url } = await signIn(test);
    const receiver = await receiveNotifications(test);
    await zoho.watch("POST", { channel_id: "1", events: ["Leads.all", "Deals.edit"], notify_url: receiver.url });
    const created = await submit(`${url}/ui/leads`, { Last_Name: "Forms", Company: "Paper & Co", Lead_Source: "" });
    assert.match(await created.text(), /<p role="status">Lead created\.<\/p>[\s\S]*Paper &amp; Co/);
    const id = String(at(itemsOf(await zoho.call("GET", "Leads?fields=Last_Name&per_page=1"), "data")[0], "id"));
    await submit(`${url}/ui/leads/${id}`, { Last_Name: "Forms", Company: "Paper & Co", City: "Goa" });
    await submit(`${url}/ui/leads/${id}/delete`, {});
    const [deal] = itemsOf(await zoho.call("GET", "Deals?fields=Stage&per_page=1"), "data");
    await submit(`${url}/ui/deals/${String(at(deal, "id"))}/stage`, { Stage: "Token Paid" });
    const posts = await receiver.first(4);
    const told = posts.map(({ json }) => [json["operation"], json["affected_fields"]]);
    assert.deepEqual(
      told.map(([operation]) => operation),
      ["insert", "update", "delete", "update"],
    );
    assert.deepEqual(told[1]?.[1], [{ [id]: ["City"] }]);
  });

  it("show text of records as text", async test => {
    const { zoho, url } = await signIn(test);
    const id = await zoho.create("Leads", { Last_Name: '<img src=x onerror="1">' });
    for (const path of ["/", `/ui/leads/${id}`, "/?notice=%3Cimg%3E"]) {
      assert.doesNotMatch(await (await fetch(url + path)).text(), /<img/);
    }
  });

  it("say what was refused and why", async test => {
    const { url } = await signIn(test);
    const page = await (await submit(`${url}/ui/leads`, { Last_Name: "", Company: "X" })).text();
    assert.match(page, /Not done: Last_Name was refused \(MANDATORY_NOT_FOUND\)\./);
    assert.equal((await fetch(`${url}/ui/leads/1`)).status, 404);
    assert.equal((await fetch(`${url}/nowhere`)).status, 404);
  });
});

async function signIn(test: TestContext): Promise<{ zoho: RawZoho; url: string }> {
  const { url } = await startSandbox(test);
  return { zoho: await RawZoho.signIn(url), url };
}

async function submit(url: string, fields: Record<string, string>): Promise<Response> {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields) });
  assert.equal(response.status, 200);
  return response;
}
