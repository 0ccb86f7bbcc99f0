import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { type NotificationReceiver, receiveNotifications } from "../../support/notificationReceiver.ts";
import { RawZoho, at, itemsOf } from "../../support/rawZoho.ts";
import { startSandbox } from "../../support/testSandbox.ts";

const parameters = [
  { in: "url", name: "id", value: "${Leads.Id}" },
  { in: "header", name: "X-Lead", value: "${!Leads.Last_Name}" },
  { in: "form", name: "name", value: "${Leads.Last_Name} of ${Leads.City}" },
  { in: "form", name: "owner", value: "${Leads.Owner}" },
];

describe("workflow webhooks", () => {
  it("call with each method, parameters in the address and in headers", async test => {
    const { zoho, receiver, settled } = await setUp(test);
    for (const method of ["POST", "GET", "PUT", "DELETE"]) {
      await rule(zoho, { module: "Leads", operations: ["create"], url: `${receiver.url}/in?x=1`, method, parameters });
    }
    const id = await zoho.create("Leads", { Last_Name: "Reed" });
    await settled();
    assert.deepEqual(receiver.posts.map(({ method }) => method).toSorted(), ["DELETE", "GET", "POST", "PUT"]);
    for (const { url, headers, text } of receiver.posts) {
      assert.deepEqual([url, headers["x-lead"], text], [`/in?x=1&id=${id}`, "Reed", ""]);
    }
  });

  it("send a form as multipart or urlencoded, which come apart again", async test => {
    const { zoho, receiver, settled } = await setUp(test);
    const form = { module: "Leads", url: receiver.url, parameters };
    await rule(zoho, { ...form, operations: ["create"], body: { type: "urlencoded" } });
    await rule(zoho, { ...form, operations: ["edit"], body: { type: "form-data" } });
    const id = await zoho.create("Leads", { Last_Name: "Größe & Söhne", City: "Pune" });
    await settled();
    await zoho.call("PUT", `Leads/${id}`, { data: [{ Phone: "1" }] });
    await settled();
    const [urlencoded, multipart] = await receiver.first(2);
    assert.deepEqual(
      [...new URLSearchParams(urlencoded?.text)],
      [
        ["name", "Größe & Söhne of Pune"],
        ["owner", "Asha Menon"],
      ],
    );
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(multipart?.headers["content-type"] ?? "")?.[1] ?? "";
    const part = (name: string, value: string): string =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const parts = part("name", "Größe & Söhne of Pune") + part("owner", "Asha Menon");
    assert.equal(multipart?.text, `${parts}--${boundary}--\r\n`);
  });

  it("send raw JSON, XML, text and HTML with the record's values in it", async test => {
    const { zoho, receiver, settled } = await setUp(test);
    const types = { json: "application/json", xml: "application/xml", text: "text/plain", html: "text/html" };
    for (const format of Object.keys(types)) {
      const body = { type: "raw", format, text: '{"name":"${Leads.Last_Name}","other":"${Deals.Stage}"}' };
      await rule(zoho, { module: "Leads", url: `${receiver.url}/${format}`, body });
    }
    await zoho.create("Leads", { Last_Name: "Reed" });
    await settled();
    assert.equal(receiver.posts.length, 4);
    for (const [format, type] of Object.entries(types)) {
      const post = receiver.posts.find(({ url }) => url === `/${format}`);
      assert.ok(post !== undefined, format);
      assert.equal(post.headers["content-type"], `${type};charset=UTF-8`);
      assert.equal(post.text, '{"name":"Reed","other":"${Deals.Stage}"}');
    }
  });

  it("fire for their module and operations, for chosen fields, and once for each record", async test => {
    const { zoho, receiver, settled } = await setUp(test);
    const body = { type: "raw", format: "text", text: "${Leads.Last_Name}" };
    await rule(zoho, { module: "Leads", operations: ["edit", "delete"], fields: ["City"], url: receiver.url, body });
    const created = await zoho.call("POST", "Leads", { data: [{ Last_Name: "A" }, { Last_Name: "B" }] });
    const ids = itemsOf(created, "data").map(item => at(item, "details", "id"));
    await zoho.call("PUT", "Leads", { data: ids.map(id => ({ id, Phone: "1" })) });
    await zoho.call("PUT", "Leads", { data: ids.map(id => ({ id, City: "Pune" })) });
    await zoho.create("Accounts", { Account_Name: "Other" });
    await zoho.call("DELETE", `Leads?ids=${ids.join(",")}`);
    await settled();
    assert.deepEqual(
      receiver.posts.map(({ text }) => text),
      ["A", "B", "A", "B"],
    );
  });

  it("are listed until they are removed, and what they sent is among the deliveries", async test => {
    const { zoho, receiver, settled } = await setUp(test);
    const first = await rule(zoho, { module: "Leads", url: receiver.url });
    const second = await rule(zoho, { module: "Leads", url: receiver.url });
    assert.equal((await zoho.call("DELETE", `/sandbox/webhooks/${first}`)).status, 204);
    assert.equal((await zoho.call("DELETE", `/sandbox/webhooks/${first}`)).status, 404);
    await zoho.create("Leads", { Last_Name: "Reed" });
    await settled();
    const [delivery] = itemsOf(await zoho.call("GET", "/sandbox/deliveries"), "deliveries");
    assert.deepEqual([at(delivery, "webhookId"), at(delivery, "outcome", "status")], [second, 200]);
    await zoho.call("DELETE", "/sandbox/webhooks");
    assert.deepEqual(itemsOf(await zoho.call("GET", "/sandbox/webhooks"), "webhooks"), []);
  });

  it("go to public hosts only when that is switched on, as subscriptions can be made to", async test => {
    const { zoho } = await setUp(test);
    const behaviour = { webhookHosts: "public", notifyUrls: "public-https" };
    await zoho.call("POST", "/sandbox/behaviour", behaviour);
    for (const host of [
      "localhost",
      "127.0.0.1",
      "10.1.2.3",
      "192.168.0.9",
      "[::1]",
      "[fd00::1]",
      "printer.local",
      "intranet",
    ]) {
      const refused = await zoho.call("POST", "/sandbox/webhooks", { module: "Leads", url: `https://${host}/in` });
      assert.match(String(at(refused.json, "error")), /is a private host/, host);
      const channel = { channel_id: "1", events: ["Leads.all"], notify_url: `https://${host}/in` };
      assert.equal((await zoho.watch("POST", channel)).status, 400, host);
    }
    await rule(zoho, { module: "Leads", url: "https://receiver.example.com/in" });
    const channel = { channel_id: "1", events: ["Leads.all"], notify_url: "https://receiver.example.com/in" };
    assert.equal((await zoho.watch("POST", channel)).status, 201);
    assert.equal((await zoho.watch("POST", { ...channel, notify_url: "http://receiver.example.com/" })).status, 400);
  });

  it("are refused for modules that do not exist and addresses that are none", async test => {
    const { zoho } = await setUp(test);
    for (const wrong of [
      { module: "Unicorns", url: "https://example.com" },
      { module: "Leads", url: "ftp://example.com" },
    ]) {
      assert.equal((await zoho.call("POST", "/sandbox/webhooks", wrong)).status, 400);
    }
  });
});

async function setUp(
  test: TestContext,
): Promise<{ zoho: RawZoho; receiver: NotificationReceiver; settled: () => Promise<void> }> {
  const sandbox = await startSandbox(test, { seed: false });
  const zoho = await RawZoho.signIn(sandbox.url);
  const receiver = await receiveNotifications(test);
  return { zoho, receiver, settled: async () => sandbox.deliveriesSettled() };
}

/** Sets a rule and gives its id. */
async function rule(zoho: RawZoho, body: object): Promise<string> {
  const answer = await zoho.call("POST", "/sandbox/webhooks", body);
  assert.equal(answer.status, 201, answer.text);
  return String(at(answer.json, "id"));
}
