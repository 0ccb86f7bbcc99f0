import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { day } from "../../src/base/clock.ts";
import type { Result } from "../../src/base/result.ts";
import { writeCondition } from "../../src/core/subscriptions/condition.ts";
import { AxiosTransport } from "../../src/zoho/axiosTransport.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../src/zoho/httpTransport.ts";
import type { ZohoProblem } from "../../src/zoho/problem.ts";
import type { ZohoClient } from "../../src/zoho/zohoClient.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { at } from "../support/rawZoho.ts";
import { openClient } from "../support/sandboxClient.ts";
import { startSandbox } from "../support/testSandbox.ts";

type Method = "POST" | "PUT" | "PATCH" | "DELETE";

/** What one of Zoho's documents marks as required of a call to `/actions/watch`. */
interface Requirement {
  readonly method: Method;
  readonly members: readonly string[];
  readonly source: string;
}

/** `openapi` is v8.0/notifications/notifications.yaml of Zoho's repository crm-oas. */
const requirements: readonly Requirement[] = [
  {
    method: "POST",
    members: ["notify_url", "events"],
    source: "openapi, /actions/watch, post, requestBody, watch[], required",
  },
  {
    method: "POST",
    members: ["channel_id"],
    source: "openapi, /actions/watch, post, 207, MultiStatusResponse: MANDATORY_NOT_FOUND of $.watch[1].channel_id",
  },
  {
    method: "PUT",
    members: ["channel_id", "notify_url", "events"],
    source: "openapi, /actions/watch, put, requestBody, watch[], required",
  },
  {
    method: "PATCH",
    members: ["channel_id", "notify_url", "events"],
    source: "openapi, /actions/watch, patch, requestBody, required",
  },
];

/** The members of a `notification_condition`, by the same file: patch, requestBody, notification_condition[]. */
const conditionRequirements: readonly string[] = ["type", "module", "field_selection"];
/** The same, `field_selection` of a group; each leaf as GET shows it and MandatoryFieldOrGroupNotFound demands it. */
const groupRequirements: readonly string[] = ["group_operator", "group"];

/** `channel_ids` of DELETE: required in v8.0/notifications.json; at most so long in the newer file. */
const longestChannelIds = 512;
/** The same file, requestBody of post, put and patch: maxItems and maxLength. */
const most = { watch: 50, events: 50, notify_url: 255, channel_id: 64 } as const;

/** Carries requests to the sandbox, and keeps them. */
class RecordingTransport implements HttpTransport {
  readonly requests: HttpRequest[] = [];
  readonly #inner = new AxiosTransport();

  async send(request: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>> {
    this.requests.push(request);
    return this.#inner.send(request);
  }
}

interface Recording {
  readonly requests: readonly HttpRequest[];
  readonly client: ZohoClient;
  readonly clock: FakeClock;
}

async function open(test: TestContext): Promise<Recording> {
  const clock = new FakeClock();
  const { url } = await startSandbox(test, { clock });
  const transport = new RecordingTransport();
  return { requests: transport.requests, client: await openClient(url, clock, transport), clock };
}

/** Uses every method of the client that writes to the watch API, each with as little as its types allow. */
async function writeEverything({ client, clock }: Recording): Promise<void> {
  const channelId = "9223372036854775801";
  const notifyUrl = "https://hooks.example.com/in";
  const expiresAt = clock.now() + day;
  const events = ["Leads.edit", "Deals.edit"];
  const flags = { notifyOnRelatedAction: true, returnAffectedFieldValues: false };
  const notificationCondition = [
    writeCondition({
      module: "Leads",
      condition: {
        kind: "or",
        members: [
          { kind: "field", field: "Phone" },
          { kind: "field", field: "Email" },
        ],
      },
    }),
  ];
  const whole = { channelId, events, notifyUrl, expiresAt, ...flags };
  const change = { channelId, events, notifyUrl, expiresAt, token: undefined };
  await client.subscribe({ ...whole, notificationCondition });
  await client.subscribeMany([whole, { ...whole, channelId: "2" }]);
  await client.updateSubscription(whole);
  await client.renewSubscription(change);
  await client.renewMany([change, { ...change, notificationCondition }]);
  await client.removeEvents({ channelId, events: ["Deals.edit"], notifyUrl, token: undefined });
  await client.unsubscribe([channelId, "2"]);
}

function itemsOf({ body }: HttpRequest): readonly unknown[] {
  const items = at(JSON.parse(body ?? "{}"), "watch");
  assert.ok(Array.isArray(items), body);
  return items;
}

describe("what this project's client sends to the watch API", () => {
  it("has everything that Zoho's documents mark as required", async test => {
    const recording = await open(test);
    await writeEverything(recording);
    for (const { method, members, source } of requirements) {
      const sent = recording.requests.filter(request => request.method === method).flatMap(itemsOf);
      assert.ok(sent.length > 0, method);
      for (const item of sent) {
        for (const member of members) {
          assert.ok(at(item, member) !== undefined, `${method} lacks ${member}: ${source}`);
        }
      }
    }
  });

  it("has whole conditions", async test => {
    const recording = await open(test);
    await writeEverything(recording);
    const conditions = recording.requests
      .filter(({ body }) => body !== undefined)
      .flatMap(itemsOf)
      .map(item => at(item, "notification_condition", 0))
      .filter(condition => condition !== undefined);
    assert.equal(conditions.length, 2);
    for (const condition of conditions) {
      for (const member of conditionRequirements) assert.ok(at(condition, member) !== undefined, member);
      for (const member of groupRequirements) assert.ok(at(condition, "field_selection", member) !== undefined, member);
      assert.equal(at(condition, "module", "api_name"), "Leads");
      for (const [place, name] of ["Phone", "Email"].entries()) {
        assert.equal(at(condition, "field_selection", "group", place, "field", "api_name"), name);
      }
    }
  });

  it("names the channels to drop, within the length that the parameter may have, each once", async test => {
    const recording = await open(test);
    const ids = Array.from({ length: 120 }, (_, index) => String(9_223_372_036_854_775_000n + BigInt(index)));
    await recording.client.unsubscribe(ids);
    const sent = recording.requests
      .filter(({ method }) => method === "DELETE")
      .map(({ url }) => new URL(url).searchParams.get("channel_ids") ?? "");
    for (const parameter of sent) assert.ok(parameter.length <= longestChannelIds, String(parameter.length));
    assert.deepEqual(
      sent.flatMap(parameter => parameter.split(",")),
      ids,
    );
  });

  it("keeps the limits that the documents give", async test => {
    const recording = await open(test);
    await writeEverything(recording);
    for (const request of recording.requests.filter(({ body }) => body !== undefined)) {
      const items = itemsOf(request);
      assert.ok(items.length <= most.watch);
      for (const item of items) {
        const events = at(item, "events");
        assert.ok(Array.isArray(events) && events.length <= most.events);
        assert.ok(String(at(item, "notify_url")).length <= most.notify_url);
        assert.ok(String(at(item, "channel_id")).length <= most.channel_id);
      }
    }
  });
});
