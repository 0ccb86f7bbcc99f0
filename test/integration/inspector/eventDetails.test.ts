import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { silentLogger } from "../../../src/base/logger.ts";
import { EventHistory } from "../../../src/core/history/eventHistory.ts";
import { EventDetails } from "../../../src/core/inspector/eventDetails.ts";
import type { FieldChange } from "../../../src/protocol/event.ts";
import type { EventDetail } from "../../../src/protocol/inspector.ts";
import { capturedPost } from "../../support/eventBodies.ts";
import { type NotificationReceiver, receiveNotifications } from "../../support/notificationReceiver.ts";
import { RawZoho } from "../../support/rawZoho.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { control, signedIn } from "../zoho/editorWindow.ts";

/** A window with a subscription to Leads whose deliveries are stored as they come. */
class InspectedSandbox {
  readonly window: Awaited<ReturnType<typeof signedIn>>;
  readonly details: EventDetails;
  readonly history: EventHistory;
  readonly crm: RawZoho;
  readonly #receiver: NotificationReceiver;
  #stored = 0;

  private constructor(
    window: InspectedSandbox["window"],
    history: EventHistory,
    crm: RawZoho,
    receiver: NotificationReceiver,
  ) {
    this.window = window;
    this.history = history;
    this.crm = crm;
    this.#receiver = receiver;
    this.details = new EventDetails({
      ...{ history, tokens: window.tokenBook, clients: window.clients, clock: window.clock },
      directory: { connections: () => window.store.list(), stateOf: id => window.service.stateOf(id) },
    });
  }

  static async open(test: TestContext, returnAffectedFieldValues = true): Promise<InspectedSandbox> {
    const window = await signedIn(test);
    const { clock, sandbox, service, id } = window;
    const receiver = await receiveNotifications(test);
    const created = await service.create(id, {
      modules: [{ module: "Leads", operations: ["all"] }],
      expiresInMs: 3_600_000,
      notifyUrl: receiver.url,
      returnAffectedFieldValues,
      notifyOnRelatedAction: false,
    });
    assert.ok(created.ok);
    const file = join(temporaryFolder(test), "events.sqlite");
    const history = EventHistory.open(file, { clock, logger: silentLogger });
    test.after(() => history.close());
    return new InspectedSandbox(window, history, await RawZoho.signIn(sandbox.url), receiver);
  }

  /** Changes the lead, a minute later, and stores what is delivered: the id of that event. */
  async edit(leadId: string, values: object): Promise<number> {
    this.window.clock.advance(60_000);
    const answer = await this.crm.call("PUT", `Leads/${leadId}`, { data: [values] });
    assert.equal(answer.status, 200);
    return this.storeNext();
  }

  async create(values: object): Promise<{ readonly leadId: string; readonly eventId: number }> {
    const leadId = await this.crm.create("Leads", { Last_Name: "Holm", Company: "Example", ...values });
    return { leadId, eventId: await this.storeNext() };
  }

  async storeNext(): Promise<number> {
    const posts = await this.#receiver.first(++this.#stored);
    const { text = "" } = posts.at(-1) ?? {};
    const receivedAt = this.window.clock.now() + 100;
    this.history
      .sinkFor("https://relay.example.com", "channel")
      .store([{ sequence: this.#stored, receivedAt, payload: capturedPost(text) }]);
    return this.history.count();
  }

  detail(id: number): EventDetail {
    const detail = this.details.of(id);
    assert.ok(detail);
    return detail;
  }
}

function changeOf(changes: readonly FieldChange[] | undefined, field: string): FieldChange {
  const change = changes?.find(each => each.field === field);
  assert.ok(change, `no change of ${field}`);
  return change;
}

describe("all that is known of an event", () => {
  it("is told of one without a module, too: whose it is and what changed, but not where its records are", async test => {
    const inspected = await InspectedSandbox.open(test);
    const { eventId } = await inspected.create({});
    const { channelId = "" } = inspected.detail(eventId).subscription ?? {};
    for (const index of [0, 1]) {
      const values = '[{"record_id":"7","values":{"Phone":"x"}}]';
      const body = `{"server_time":${index},"ids":["7"],"operation":"restore","channel_id":"${channelId}","affected_values":${values}}`;
      const sequence = 100 + index;
      inspected.history
        .sinkFor("https://relay.example.com", "channel")
        .store([{ sequence, receivedAt: sequence, payload: capturedPost(body) }]);
    }
    const last = inspected.history.count();
    const detail = inspected.detail(last);
    assert.equal(detail.subscription?.channelId, channelId);
    assert.deepEqual(
      [changeOf(detail.changes, "Phone").basis, changeOf(detail.changes, "Phone").before],
      ["earlier-event", '"x"'],
    );
    const { record } = await inspected.details.fetchRecord(last, "7");
    assert.match(record.kind === "problem" ? record.problem : "", /^The event names no module, /);
  });

  it("has its subscription, who did it, and each field before and after", async test => {
    const inspected = await InspectedSandbox.open(test);
    const { leadId, eventId } = await inspected.create({ Phone: "555-0001" });
    const first = await inspected.edit(leadId, { Phone: "555-0002" });
    const second = await inspected.edit(leadId, { Phone: "555-0003" });

    const created = inspected.detail(eventId);
    assert.equal(created.row.content.kind === "notification" && created.row.content.verification, "verified");
    assert.equal(changeOf(created.changes, "Phone").basis, "event");
    assert.match(created.subscription?.label ?? "", /^Leads · /);
    assert.equal(created.subscription?.connection, inspected.window.id);

    const change = changeOf(inspected.detail(second).changes, "Phone");
    assert.deepEqual([change.before, change.basis, change.earlierId], ['"555-0002"', "earlier-event", first]);
    assert.deepEqual([change.after, change.afterBasis], ['"555-0003"', "event"]);
  });

  it("names who deleted a record, as Zoho tells with deletions", async test => {
    const inspected = await InspectedSandbox.open(test);
    const { leadId } = await inspected.create({});
    await inspected.crm.call("DELETE", `Leads/${leadId}`);
    const { actor, changes } = inspected.detail(await inspected.storeNext());
    assert.equal(actor, inspected.window.connection.user.name);
    assert.equal(changeOf(changes, "Record_Status__s").after, "0");
  });

  it("is told of a request that is no notification by its own form", async test => {
    const inspected = await InspectedSandbox.open(test);
    const headers = [["Content-Type", "application/x-www-form-urlencoded"]] as const;
    const payload = capturedPost("module=Leads&id=6756839000000575405", { headers });
    inspected.history.sinkFor("r", "c").store([{ sequence: 1, receivedAt: 5, payload }]);
    const { webhook, explanation, changes } = inspected.detail(1);
    assert.deepEqual(
      [webhook?.form, webhook?.module, webhook?.recordId],
      ["urlencoded", "Leads", "6756839000000575405"],
    );
    assert.match(explanation, /workflow webhook/);
    assert.equal(changes, undefined);
  });

  it("comes with its body in slices where that is large", async test => {
    const inspected = await InspectedSandbox.open(test);
    const body = "é".repeat(1_500_000);
    inspected.history.sinkFor("r", "c").store([{ sequence: 1, receivedAt: 5, payload: capturedPost(body) }]);
    const parts: string[] = [];
    for (let at = 0; at < 3_000_000;) {
      const slice = inspected.details.bodySlice(1, at, "plain");
      assert.ok(slice?.text !== undefined);
      parts.push(slice.text);
      at = slice.next;
    }
    assert.equal(parts.join(""), body);
    assert.equal(inspected.details.bodySlice(99, 0, "sent"), undefined);
  });
});

describe("a record that is fetched because a person asked", () => {
  it("comes with every digit, and says what it is now", async test => {
    const inspected = await InspectedSandbox.open(test);
    const { leadId } = await inspected.create({});
    const event = await inspected.edit(leadId, { Phone: "555-0002" });
    await inspected.edit(leadId, { Phone: "555-0003" });
    const { record, changes } = await inspected.details.fetchRecord(event, leadId);
    assert.ok(record.kind === "record");
    assert.match(record.json, new RegExp(`"id":\\s*"${leadId}"`));
    assert.match(record.json, /"Phone":\s*"555-0003"/);
    const change = changeOf(changes, "Phone");
    assert.deepEqual([change.after, change.now], ['"555-0002"', '"555-0003"']);
  });

  it("tells what Zoho did not send: the new values where nothing changed since, later the old ones", async test => {
    const inspected = await InspectedSandbox.open(test, false);
    const { leadId } = await inspected.create({});
    const first = await inspected.edit(leadId, { Phone: "555-0002" });
    assert.equal(changeOf(inspected.detail(first).changes, "Phone").afterBasis, "none");
    inspected.window.clock.advance(5_000);
    await inspected.details.fetchRecord(first, leadId);
    const known = changeOf(inspected.detail(first).changes, "Phone");
    assert.deepEqual([known.after, known.afterBasis], ['"555-0002"', "fetched"]);

    const second = await inspected.edit(leadId, { Phone: "555-0003" });
    const change = changeOf(inspected.detail(second).changes, "Phone");
    assert.deepEqual([change.before, change.basis, change.afterBasis], ['"555-0002"', "fetched", "none"]);
  });

  it("is never fetched by itself", async test => {
    const inspected = await InspectedSandbox.open(test);
    const { eventId } = await inspected.create({});
    await control(inspected.window.sandbox, "faults", { kind: "status", status: 500 });
    inspected.detail(eventId);
    const answer = await inspected.crm.call("GET", "org");
    assert.equal(answer.status, 500, "the fault was still to come: nobody had called");
  });

  it("says in a sentence why it does not come, with what to do", async test => {
    const inspected = await InspectedSandbox.open(test);
    const { leadId, eventId } = await inspected.create({});
    const fetch = async (): Promise<readonly [string, string | undefined]> => {
      const { record } = await inspected.details.fetchRecord(eventId, leadId);
      assert.ok(record.kind === "problem");
      return [record.problem, record.remedy];
    };
    await control(inspected.window.sandbox, "faults", { kind: "status", status: 429 });
    assert.deepEqual(await fetch(), ["Zoho takes no more requests for now. Try again in a minute.", "retry"]);
    await control(inspected.window.sandbox, "faults", { kind: "status", status: 403 });
    assert.match((await fetch())[0], /not allowed/);
    await inspected.crm.call("DELETE", `Leads/${leadId}`);
    assert.match((await fetch())[0], /no record with this ID any more/);
    await inspected.window.store.remove(inspected.window.id);
    assert.deepEqual((await fetch())[1], "sign-in");
    inspected.history.clear();
    assert.match((await fetch())[0], /no longer kept/);
  });
});
