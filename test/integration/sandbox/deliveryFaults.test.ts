import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { minute, second } from "../../../src/base/clock.ts";
import type { Sandbox, SandboxOptions } from "../../../src/sandbox/sandbox.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { type NotificationReceiver, receiveNotifications } from "../../support/notificationReceiver.ts";
import { RawZoho, at, itemsOf } from "../../support/rawZoho.ts";
import { startSandbox } from "../../support/testSandbox.ts";

describe("faults of deliveries", () => {
  it("drop the next ones, or each so-manieth for good, and the list of deliveries says so", async test => {
    const { zoho, names } = await setUp(test);
    await fault(zoho, { kind: "drop-delivery", times: 2 });
    await createLeads(zoho, ["A", "B", "C"]);
    assert.deepEqual(await names(), ["C"]);
    await fault(zoho, { kind: "drop-delivery", every: 3, times: "always" });
    await createLeads(zoho, ["D", "E", "F", "G", "H", "I", "J"]);
    assert.deepEqual(await names(), ["C", "D", "E", "G", "H", "J"]);
    const deliveries = itemsOf(await zoho.call("GET", "/sandbox/deliveries"), "deliveries");
    assert.equal(at(deliveries[1], "summary"), "not sent: a fault dropped it");
  });

  it("send the same bytes again as often as asked", async test => {
    const { zoho, receiver, names } = await setUp(test);
    await fault(zoho, { kind: "duplicate-delivery", copies: 2 });
    await createLeads(zoho, ["A", "B"]);
    assert.deepEqual(await names(), ["A", "A", "A", "B"]);
    assert.equal(new Set(receiver.posts.slice(0, 3).map(({ text }) => text)).size, 1);
  });

  it("hold a delivery back until the sandbox's clock has passed so many milliseconds", async test => {
    const { zoho, sandbox, receiver, names } = await setUp(test, { clock: new FakeClock() });
    await fault(zoho, { kind: "delay-delivery", milliseconds: 5 * minute });
    await createLeads(zoho, ["Late"]);
    await passOn(zoho, 5 * minute - 1);
    assert.equal(receiver.posts.length, 0);
    const [late] = itemsOf(await zoho.call("GET", "/sandbox/deliveries"), "deliveries");
    assert.equal(at(late, "summary"), "under way");
    await passOn(zoho, 1);
    await sandbox.deliveriesSettled();
    assert.deepEqual(await names(), ["Late"]);
  });

  it("draw a delay between two bounds", async test => {
    const clock = new FakeClock();
    const { zoho, sandbox, receiver } = await setUp(test, { clock, random: () => 0.5 });
    await fault(zoho, { kind: "delay-delivery", milliseconds: 2 * second, up_to: 4 * second });
    await createLeads(zoho, ["Sometime"]);
    clock.advance(3 * second - 1);
    assert.equal(clock.pending, 1);
    clock.advance(1);
    await sandbox.deliveriesSettled();
    assert.equal(receiver.posts.length, 1);
  });

  it("let later deliveries overtake earlier ones, and keep none for ever", async test => {
    const { zoho, sandbox, names } = await setUp(test, { clock: new FakeClock() });
    await fault(zoho, { kind: "reorder-deliveries", count: 3, patience: 10 * second });
    await createLeads(zoho, ["A", "B", "C", "D"]);
    await passOn(zoho, 10 * second);
    await sandbox.deliveriesSettled();
    assert.deepEqual(await names(), ["C", "B", "A", "D"]);
  });

  it("strike only the channel, module and operation they name", async test => {
    const { zoho, names } = await setUp(test);
    await fault(zoho, { kind: "drop-delivery", module: "Deals", times: "always" });
    await fault(zoho, { kind: "drop-delivery", operation: "delete", times: "always" });
    await fault(zoho, { kind: "drop-delivery", channel_id: "8", times: "always" });
    const [id = ""] = await createLeads(zoho, ["Heard"]);
    await zoho.call("DELETE", `Leads/${id}`);
    await zoho.create("Deals", { Deal_Name: "Unheard", Stage: "Enquiry" });
    assert.deepEqual(await names(), ["Heard"]);
  });

  it("can wait from the start", async test => {
    const { zoho, names } = await setUp(test, { faults: [{ kind: "drop-delivery", every: 2, times: "always" }] });
    await createLeads(zoho, ["A", "B", "C", "D"]);
    assert.deepEqual(await names(), ["A", "C"]);
  });

  it("end when they are cleared", async test => {
    const { zoho, names } = await setUp(test);
    await fault(zoho, { kind: "drop-delivery", times: "always" });
    await zoho.call("DELETE", "/sandbox/faults");
    await createLeads(zoho, ["A"]);
    assert.deepEqual(await names(), ["A"]);
  });
});

describe("deliveries in batches", () => {
  it("tell of the changes of some milliseconds together, and of each record once", async test => {
    const behaviour = { deliveryBatchMilliseconds: 500 };
    const { zoho, sandbox, receiver } = await setUp(test, { clock: new FakeClock(), behaviour });
    const ids = await createLeads(zoho, ["A", "B"]);
    await zoho.call("PUT", `Leads/${ids[0] ?? ""}`, { data: [{ Phone: "1" }] });
    await zoho.call("PUT", `Leads/${ids[0] ?? ""}`, { data: [{ City: "Pune" }] });
    assert.equal(receiver.posts.length, 0);
    await passOn(zoho, 500);
    await sandbox.deliveriesSettled();
    const told = receiver.posts.map(({ json }) => [json["operation"], json["ids"], json["affected_fields"]]);
    assert.deepEqual(
      told.map(([operation, batch]) => [operation, batch]),
      [
        ["insert", ids],
        ["update", [ids[0]]],
      ],
    );
    assert.deepEqual(told[1]?.[2], [{ [ids[0] ?? ""]: ["Phone", "City"] }]);
  });

  it("carry no more ids than one delivery may", async test => {
    const { zoho, receiver } = await setUp(test, { behaviour: { idsPerDelivery: 2 } });
    await zoho.call("POST", "Leads", { data: ["A", "B", "C"].map(Last_Name => ({ Last_Name })) });
    await zoho.call("GET", "/sandbox/deliveries?settled=true");
    assert.deepEqual(
      receiver.posts.map(({ json }) => [json["ids"]].flat().length),
      [2, 1],
    );
  });
});

interface Scene {
  readonly sandbox: Sandbox;
  readonly zoho: RawZoho;
  readonly receiver: NotificationReceiver;
  /** The last names that came, in order, once nothing is under way. */
  readonly names: () => Promise<unknown[]>;
}

async function setUp(test: TestContext, options: SandboxOptions = {}): Promise<Scene> {
  const sandbox = await startSandbox(test, options);
  const zoho = await RawZoho.signIn(sandbox.url);
  const receiver = await receiveNotifications(test);
  const channel = { events: ["Leads.all", "Deals.all"], notify_url: receiver.url, return_affected_field_values: true };
  await zoho.watch("POST", { channel_id: "7", ...channel });
  await zoho.watch("POST", { channel_id: "8", ...channel, events: ["Accounts.all"] });
  const names = async (): Promise<unknown[]> => {
    await sandbox.deliveriesSettled();
    return receiver.posts.map(({ json }) => at(json, "affected_values", 0, "values", "Last_Name"));
  };
  return { sandbox, zoho, receiver, names };
}

async function fault(zoho: RawZoho, body: object): Promise<void> {
  const answer = await zoho.call("POST", "/sandbox/faults", body);
  assert.equal(answer.status, 201, answer.text);
}

async function passOn(zoho: RawZoho, advance_ms: number): Promise<void> {
  await zoho.call("POST", "/sandbox/clock", { advance_ms });
}

async function createLeads(zoho: RawZoho, names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const Last_Name of names) ids.push(await zoho.create("Leads", { Last_Name }));
  return ids;
}
